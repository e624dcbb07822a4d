import CFLAC
import DictationTypes
import Glibc
import Linux

/// Writes a FLAC file (RFC 9639). What the encoder made is decoded again beside it and compared.
final class FLACEncoder {
  /// The reference encoder's default: higher levels save little on speech.
  private static let level: UInt32 = 5

  private let path: String
  private let format: AudioFormat
  private let descriptor: Int32
  private let encoder: UnsafeMutablePointer<FLAC__StreamEncoder>
  private var refusal: Int32 = 0

  /// Makes the file at `path`, which only its owner can read, or empties it, for about `frames` frames.
  init(_ path: String, format: AudioFormat, frames: Int) throws(DictationError) {
    self.path = path
    self.format = format
    guard let encoder = FLAC__stream_encoder_new() else {
      throw DictationError(.internalError, "there is no memory for the FLAC encoder")
    }
    self.encoder = encoder
    descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw fileError(path, "made") }
    FLAC__stream_encoder_set_verify(encoder, 1)
    FLAC__stream_encoder_set_compression_level(encoder, Self.level)
    FLAC__stream_encoder_set_channels(encoder, UInt32(format.channels))
    FLAC__stream_encoder_set_bits_per_sample(encoder, 16)
    FLAC__stream_encoder_set_sample_rate(encoder, UInt32(format.sampleRate))
    FLAC__stream_encoder_set_total_samples_estimate(encoder, UInt64(frames))
    // The streamable subset has no place for every rate.
    FLAC__stream_encoder_set_streamable_subset(encoder, 0)
    let client = Unmanaged.passUnretained(self).toOpaque()
    let status = FLAC__stream_encoder_init_stream(
      encoder, { _, bytes, count, _, _, client in writeBlock(bytes, count, client) },
      { _, offset, client in seekBlock(offset, client) },
      { _, offset, client in tellBlock(offset, client) }, nil, client)
    guard status == FLAC__STREAM_ENCODER_INIT_STATUS_OK else { throw failure() }
  }

  deinit {
    FLAC__stream_encoder_delete(encoder)
    if descriptor >= 0 { close(descriptor) }
  }

  /// Adds interleaved samples.
  func append(_ samples: [Int16]) throws(DictationError) {
    let wide = samples.map { FLAC__int32($0) }
    let frames = UInt32(samples.count / format.channels)
    guard FLAC__stream_encoder_process_interleaved(encoder, wide, frames) != 0 else { throw failure() }
  }

  /// Writes the rest and the header, and syncs the file.
  func finish() throws(DictationError) {
    guard FLAC__stream_encoder_finish(encoder) != 0 else { throw failure() }
    guard fsync(descriptor) == 0 else { throw fileError(path, "written") }
  }

  fileprivate func write(_ bytes: UnsafeRawBufferPointer) -> Bool {
    if writeAll(descriptor, bytes) { return true }
    refusal = errno
    return false
  }

  fileprivate func seek(_ offset: UInt64) -> Bool { lseek(descriptor, off_t(offset), SEEK_SET) >= 0 }

  fileprivate var offset: UInt64 { UInt64(lseek(descriptor, 0, SEEK_CUR)) }

  private func failure() -> DictationError {
    if refusal != 0 { return fileError(path, "written", code: refusal) }
    let reason = FLAC__stream_encoder_get_resolved_state_string(encoder).map { String(cString: $0) } ?? "?"
    return DictationError(.internalError, "the FLAC encoder failed on \(path): \(reason)")
  }
}

// The client data of libFLAC's callbacks is the encoder, which is alive as long as they are called.

private func writeBlock(
  _ bytes: UnsafePointer<FLAC__byte>?, _ count: Int, _ client: UnsafeMutableRawPointer?
) -> FLAC__StreamEncoderWriteStatus {
  let isWritten = encoder(client).write(UnsafeRawBufferPointer(start: bytes, count: count))
  return isWritten ? FLAC__STREAM_ENCODER_WRITE_STATUS_OK : FLAC__STREAM_ENCODER_WRITE_STATUS_FATAL_ERROR
}

private func seekBlock(_ offset: UInt64, _ client: UnsafeMutableRawPointer?) -> FLAC__StreamEncoderSeekStatus
{
  encoder(client).seek(offset)
    ? FLAC__STREAM_ENCODER_SEEK_STATUS_OK : FLAC__STREAM_ENCODER_SEEK_STATUS_ERROR
}

private func tellBlock(
  _ offset: UnsafeMutablePointer<UInt64>?, _ client: UnsafeMutableRawPointer?
) -> FLAC__StreamEncoderTellStatus {
  offset?.pointee = encoder(client).offset
  return FLAC__STREAM_ENCODER_TELL_STATUS_OK
}

private func encoder(_ client: UnsafeMutableRawPointer?) -> FLACEncoder {
  Unmanaged<FLACEncoder>.fromOpaque(client!).takeUnretainedValue()
}
