internal import CAV
import Glibc
import Linux

/// What libav writes to: a descriptor, and never a name.
final class MediaOutput {
  /// The bytes that are written at a time.
  private static let block: Int32 = 65_536

  private let descriptor: Int32
  private(set) var context: UnsafeMutablePointer<AVIOContext>?
  /// The error number of what the disk refused; 0: nothing.
  private(set) var failure: Int32 = 0

  /// Output to `descriptor`, which stays the caller's: a file that can be sought in.
  init(_ descriptor: Int32) {
    self.descriptor = descriptor
    context = avio_alloc_context(
      av_malloc(Int(Self.block))?.assumingMemoryBound(to: UInt8.self), Self.block, 1,
      Unmanaged.passUnretained(self).toOpaque(), nil,
      { output, bytes, count in MediaOutput.of(output).write(bytes, count) },
      { output, offset, whence in MediaOutput.of(output).seek(offset, whence) })
  }

  deinit {
    if let context { av_free(context.pointee.buffer) }
    avio_context_free(&context)
  }

  private static func of(_ output: UnsafeMutableRawPointer?) -> MediaOutput {
    Unmanaged<MediaOutput>.fromOpaque(output!).takeUnretainedValue()
  }

  private func write(_ bytes: UnsafeMutablePointer<UInt8>?, _ count: Int32) -> Int32 {
    guard writeAll(descriptor, UnsafeRawBufferPointer(start: bytes, count: Int(count))) else {
      if failure == 0 { failure = errno }
      return av_error_input_output
    }
    return count
  }

  private func seek(_ offset: Int64, _ whence: Int32) -> Int64 {
    guard whence & Int32(AVSEEK_SIZE) == 0 else { return Int64(av_error_input_output) }
    let place = lseek(descriptor, off_t(offset), whence & ~Int32(AVSEEK_FORCE))
    return place < 0 ? Int64(av_error_input_output) : Int64(place)
  }
}
