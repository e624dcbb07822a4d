internal import CFLAC
public import DictationTypes
import Glibc

/// Reads FLAC files of 16-bit samples.
public enum FLACDecoder {
  /// The layout and the interleaved samples of the file at `path`. Their MD5 is compared with the file's.
  ///
  /// - Throws: kind `missingAsset` when there is no file, `storage` when it is damaged.
  public static func decode(_ path: String) throws(DictationError) -> (format: AudioFormat, samples: [Int16])
  {
    let sink = try run(path, isWhole: true, FLAC__stream_decoder_process_until_end_of_stream)
    return (sink.format, sink.samples)
  }

  /// The layout and the number of frames, from the file's header.
  public static func header(_ path: String) throws(DictationError) -> (format: AudioFormat, frames: Int) {
    let sink = try run(path, isWhole: false, FLAC__stream_decoder_process_until_end_of_metadata)
    return (sink.format, sink.frames)
  }

  private static func run(
    _ path: String, isWhole: Bool, _ process: (UnsafeMutablePointer<FLAC__StreamDecoder>?) -> FLAC__bool
  ) throws(DictationError) -> FLACSink {
    guard access(path, R_OK) == 0 else {
      if errno != ENOENT { throw fileError(path, "read") }
      throw DictationError(
        .missingAsset, "the audio \(path) is gone: `thoth doctor --verify` lists what is missing")
    }
    guard let decoder = FLAC__stream_decoder_new() else {
      throw DictationError(.internalError, "there is no memory for the FLAC decoder")
    }
    defer { FLAC__stream_decoder_delete(decoder) }
    FLAC__stream_decoder_set_md5_checking(decoder, isWhole ? 1 : 0)
    let sink = FLACSink()
    let isDecoded = withExtendedLifetime(sink) {
      let status = FLAC__stream_decoder_init_file(
        decoder, path, { _, frame, channels, client in take(frame, channels, client) },
        { _, metadata, client in takeHeader(metadata, client) },
        { _, _, client in FLACSink.of(client).isDamaged = true }, Unmanaged.passUnretained(sink).toOpaque())
      return status == FLAC__STREAM_DECODER_INIT_STATUS_OK && process(decoder) != 0
        && FLAC__stream_decoder_finish(decoder) != 0
    }
    guard isDecoded, !sink.isDamaged, sink.format.sampleRate > 0 else {
      throw DictationError(
        .storage, "the audio \(path) is damaged: `thoth doctor --verify` lists what else is")
    }
    return sink
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
  sink.samples.reserveCapacity(min(sink.frames * sink.format.channels, 1 << 28))
}
