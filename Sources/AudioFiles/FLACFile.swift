internal import CFLAC
public import DictationTypes
import Glibc
import Linux

/// Reads the frames of a FLAC file of 16-bit samples one piece after the other.
public final class FLACFile {
  /// The layout of its samples.
  public let format: AudioFormat
  /// How many frames its header says that it has.
  public let frames: Int
  private let path: String
  private let decoder: UnsafeMutablePointer<FLAC__StreamDecoder>
  private let sink = FLACSink()
  private var isOver = false

  /// Opens the file at `path`.
  ///
  /// - Throws: kind `missingAsset` when there is none, `storage` when it cannot be read or is damaged.
  public init(_ path: String) throws(DictationError) {
    guard access(path, R_OK) == 0 else {
      if errno != ENOENT { throw fileError(path, "read") }
      throw DictationError(
        .missingAsset, "the audio \(path) is gone: `thoth doctor --verify` lists what is missing")
    }
    guard let decoder = FLAC__stream_decoder_new() else {
      throw DictationError(.internalError, "there is no memory for the FLAC decoder")
    }
    FLAC__stream_decoder_set_md5_checking(decoder, 1)
    let status = FLAC__stream_decoder_init_file(
      decoder, path, { _, frame, channels, client in take(frame, channels, client) },
      { _, metadata, client in takeHeader(metadata, client) },
      { _, _, client in FLACSink.of(client).isDamaged = true }, Unmanaged.passUnretained(sink).toOpaque())
    let isRead =
      status == FLAC__STREAM_DECODER_INIT_STATUS_OK
      && FLAC__stream_decoder_process_until_end_of_metadata(decoder) != 0
    (self.path, self.decoder, format, frames) = (path, decoder, sink.format, sink.frames)
    guard isRead, !sink.isDamaged, format.sampleRate > 0 else { throw damage() }
  }

  deinit { FLAC__stream_decoder_delete(decoder) }

  /// The next samples, interleaved, whole frames, at least one and about `count`; none at the end, where what was read is
  /// compared with the file's MD5.
  ///
  /// - Throws: kind `storage` when it is damaged.
  public func read(_ count: Int) throws(DictationError) -> [Int16] {
    while !isOver, sink.samples.count < count,
      FLAC__stream_decoder_get_state(decoder) != FLAC__STREAM_DECODER_END_OF_STREAM
    {
      guard FLAC__stream_decoder_process_single(decoder) != 0, !sink.isDamaged else { throw damage() }
    }
    if !isOver, sink.samples.isEmpty {
      isOver = true
      guard FLAC__stream_decoder_finish(decoder) != 0 else { throw damage() }
    }
    defer { sink.samples = [] }
    return sink.samples
  }

  /// Writes it as a WAV file into `descriptor`. False with errno when that refuses.
  ///
  /// - Throws: kind `storage` when it is damaged, `format` when it is not mono at 16 kHz.
  public func writeWAV(to descriptor: Int32) throws(DictationError) -> Bool {
    guard format == .speech else { throw DictationError(.format, "\(path) is not mono at 16 kHz") }
    guard writeAll(descriptor, WAVHeader.bytes(frames: frames)) else { return false }
    while case let samples = try read(1 << 20), !samples.isEmpty {
      guard samples.withUnsafeBytes({ writeAll(descriptor, $0) }) else { return false }
    }
    return true
  }

  private func damage() -> DictationError {
    DictationError(.storage, "the audio \(path) is damaged: `thoth doctor --verify` lists what else is")
  }
}

/// What libFLAC's callbacks bring, on the thread that decodes.
private final class FLACSink {
  var format = AudioFormat(sampleRate: 0, channels: 1)
  var frames = 0
  var samples: [Int16] = []
  var isDamaged = false

  static func of(_ client: UnsafeMutableRawPointer?) -> FLACSink {
    Unmanaged<FLACSink>.fromOpaque(client!).takeUnretainedValue()
  }
}

private func take(
  _ frame: UnsafePointer<FLAC__Frame>?, _ channels: UnsafePointer<UnsafePointer<FLAC__int32>?>?,
  _ client: UnsafeMutableRawPointer?
) -> FLAC__StreamDecoderWriteStatus {
  let sink = FLACSink.of(client)
  guard let header = frame?.pointee.header, let channels, header.bits_per_sample == 16 else {
    sink.isDamaged = true
    return FLAC__STREAM_DECODER_WRITE_STATUS_ABORT
  }
  for index in 0..<Int(header.blocksize) {
    for channel in 0..<Int(header.channels) {
      sink.samples.append(Int16(truncatingIfNeeded: channels[channel]![index]))
    }
  }
  return FLAC__STREAM_DECODER_WRITE_STATUS_CONTINUE
}

private func takeHeader(_ metadata: UnsafePointer<FLAC__StreamMetadata>?, _ client: UnsafeMutableRawPointer?)
{
  guard let metadata, metadata.pointee.type == FLAC__METADATA_TYPE_STREAMINFO else { return }
  let info = metadata.pointee.data.stream_info
  let sink = FLACSink.of(client)
  sink.format = AudioFormat(sampleRate: Int(info.sample_rate), channels: Int(info.channels))
  sink.frames = Int(info.total_samples)
}
