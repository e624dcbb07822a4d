internal import CFLAC
public import DictationTypes
import Glibc
import Linux

/// Makes FLAC (RFC 9639): a file, or its bytes in memory.
public final class FLACEncoder {
  /// The reference encoder's default: higher levels save little on speech.
  private static let level: UInt32 = 5

  private let format: AudioFormat
  private let encoder: UnsafeMutablePointer<FLAC__StreamEncoder>
  private let output: any FLACOutput

  /// Makes the file at `path`, which only its owner can read, or empties it, for about `frames` frames. What the
  /// encoder makes is decoded again beside it and compared.
  ///
  /// - Throws: kind `storage` when the disk refuses.
  public convenience init(_ path: String, format: AudioFormat, frames: Int) throws(DictationError) {
    try self.init(try FLACFileOutput(path), format: format, frames: frames, isVerified: true)
  }

  /// Makes bytes in memory, for about `frames` frames; `bytes` has them after `finish`.
  ///
  /// - Throws: kind `internal` without memory.
  public convenience init(format: AudioFormat, frames: Int) throws(DictationError) {
    try self.init(FLACMemoryOutput(), format: format, frames: frames, isVerified: false)
  }

  private init(
    _ output: any FLACOutput, format: AudioFormat, frames: Int, isVerified: Bool
  ) throws(DictationError) {
    self.format = format
    self.output = output
    guard let encoder = FLAC__stream_encoder_new() else {
      throw DictationError(.internalError, "there is no memory for the FLAC encoder")
    }
    self.encoder = encoder
    FLAC__stream_encoder_set_verify(encoder, isVerified ? 1 : 0)
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

  deinit { FLAC__stream_encoder_delete(encoder) }

  /// Adds interleaved samples.
  ///
  /// - Throws: kind `storage` when the disk refuses, `internal` when the encoder fails.
  public func append(_ samples: [Int16]) throws(DictationError) {
    let wide = samples.map { FLAC__int32($0) }
    let frames = UInt32(samples.count / format.channels)
    guard FLAC__stream_encoder_process_interleaved(encoder, wide, frames) != 0 else { throw failure() }
  }

  /// Writes the rest and the header; a file is synced.
  ///
  /// - Throws: as `append`.
  public func finish() throws(DictationError) {
    guard FLAC__stream_encoder_finish(encoder) != 0 else { throw failure() }
    if let error = output.finish() { throw error }
  }

  /// What was made in memory.
  public var bytes: [UInt8] { (output as? FLACMemoryOutput)?.bytes ?? [] }

  fileprivate func write(_ bytes: UnsafeRawBufferPointer) -> Bool { output.write(bytes) }

  fileprivate var offset: UInt64 {
    get { UInt64(output.offset) }
    set { output.offset = Int(newValue) }
  }

  private func failure() -> DictationError {
    if let refusal = output.refusal { return refusal }
    let reason = FLAC__stream_encoder_get_resolved_state_string(encoder).map { String(cString: $0) } ?? "?"
    return DictationError(.internalError, "the FLAC encoder failed: \(reason)")
  }
}

/// The FLAC file of mono `samples` at 16 kHz, as its bytes.
///
/// Measured on read speech: 10 s take 2.7 ms of processor time, and become 52 % of the WAV file.
public func flacFile(_ samples: [Int16]) throws(DictationError) -> [UInt8] {
  let encoder = try FLACEncoder(format: .speech, frames: samples.count)
  try encoder.append(samples)
  try encoder.finish()
  return encoder.bytes
}

/// Where an encoder writes to, and goes back to for the header.
private protocol FLACOutput: AnyObject {
  /// Where the next byte goes.
  var offset: Int { get set }
  /// Why it takes no more.
  var refusal: DictationError? { get }
  func write(_ bytes: UnsafeRawBufferPointer) -> Bool
  func finish() -> DictationError?
}

private final class FLACMemoryOutput: FLACOutput {
  var bytes: [UInt8] = []
  var offset = 0
  let refusal: DictationError? = nil

  func write(_ new: UnsafeRawBufferPointer) -> Bool {
    let end = min(bytes.count, offset + new.count)
    bytes.replaceSubrange(offset..<end, with: new)
    offset += new.count
    return true
  }

  func finish() -> DictationError? { nil }
}

private final class FLACFileOutput: FLACOutput {
  private let path: String
  private let descriptor: Int32
  private(set) var refusal: DictationError?

  init(_ path: String) throws(DictationError) {
    self.path = path
    descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw fileError(path, "made") }
  }

  deinit { close(descriptor) }

  var offset: Int {
    get { Int(lseek(descriptor, 0, SEEK_CUR)) }
    set { if lseek(descriptor, off_t(newValue), SEEK_SET) < 0 { refusal = fileError(path, "written") } }
  }

  func write(_ bytes: UnsafeRawBufferPointer) -> Bool {
    if writeAll(descriptor, bytes) { return true }
    refusal = fileError(path, "written")
    return false
  }

  func finish() -> DictationError? { fsync(descriptor) == 0 ? nil : fileError(path, "written") }
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
  let encoder = encoder(client)
  encoder.offset = offset
  return encoder.offset == offset
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
