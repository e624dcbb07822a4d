internal import CAV
import DictationTypes
import Glibc
import Linux

/// What libav reads from: a descriptor, and never a name. What a file says of other files or addresses leads nowhere.
final class MediaInput {
  /// The bytes that libav asks for at a time.
  private static let block: Int32 = 32_768
  /// An MP4 file has its type in the first box (ISO/IEC 14496-12 §4.3).
  private static let headSize = 12

  private let descriptor: Int32
  private let isOwned: Bool
  /// What was read to see what it is, and has not been asked for.
  private var head: [UInt8] = []
  private let isSeekable: Bool
  private(set) var context: UnsafeMutablePointer<AVIOContext>?

  /// Input from `descriptor`, which stays the caller's.
  ///
  /// The index of an MP4 file may be at its end. One that comes through a pipe is first kept whole in a file without a name
  /// in `scratchFolder`; everything else is read as it comes.
  init(_ descriptor: Int32, scratchFolder: String) throws(DictationError) {
    if lseek(descriptor, 0, SEEK_CUR) >= 0 {
      (self.descriptor, isOwned, isSeekable) = (descriptor, false, true)
    } else {
      var head = [UInt8](repeating: 0, count: Self.headSize)
      let count = head.withUnsafeMutableBytes { readFully(descriptor, $0, upTo: $0.count) }
      head.removeLast(Self.headSize - max(0, count))
      if head.dropFirst(4).prefix(4).elementsEqual("ftyp".utf8) {
        self.descriptor = try Self.copy(descriptor, after: head, into: scratchFolder)
        (isOwned, isSeekable) = (true, true)
      } else {
        (self.descriptor, isOwned, isSeekable) = (descriptor, false, false)
        self.head = head
      }
    }
    context = avio_alloc_context(
      av_malloc(Int(Self.block))?.assumingMemoryBound(to: UInt8.self), Self.block, 0,
      Unmanaged.passUnretained(self).toOpaque(),
      { input, buffer, size in MediaInput.of(input).read(buffer, size) },
      nil, { input, offset, whence in MediaInput.of(input).seek(offset, whence) })
    context?.pointee.seekable = isSeekable ? Int32(AVIO_SEEKABLE_NORMAL) : 0
  }

  deinit {
    if let context { av_free(context.pointee.buffer) }
    avio_context_free(&context)
    if isOwned { close(descriptor) }
  }

  private static func of(_ input: UnsafeMutableRawPointer?) -> MediaInput {
    Unmanaged<MediaInput>.fromOpaque(input!).takeUnretainedValue()
  }

  private func read(_ buffer: UnsafeMutablePointer<UInt8>?, _ size: Int32) -> Int32 {
    if !head.isEmpty {
      let count = min(head.count, Int(size))
      for index in 0..<count { buffer?[index] = head[index] }
      head.removeFirst(count)
      return Int32(count)
    }
    while true {
      let count = Glibc.read(descriptor, buffer, Int(size))
      if count < 0 && errno == EINTR { continue }
      return count < 0 ? av_error_input_output : count == 0 ? av_error_end_of_file : Int32(count)
    }
  }

  private func seek(_ offset: Int64, _ whence: Int32) -> Int64 {
    guard isSeekable else { return Int64(av_error_input_output) }
    if whence & Int32(AVSEEK_SIZE) != 0 {
      var found = stat()
      return fstat(descriptor, &found) == 0 ? Int64(found.st_size) : Int64(av_error_input_output)
    }
    let place = lseek(descriptor, off_t(offset), whence & ~Int32(AVSEEK_FORCE))
    return place < 0 ? Int64(av_error_input_output) : Int64(place)
  }

  /// All that comes from `pipe` behind `head`, as a file without a name.
  private static func copy(_ pipe: Int32, after head: [UInt8], into folder: String) throws(DictationError)
    -> Int32
  {
    var template = Array((folder + "/media.XXXXXX").utf8CString)
    let file = mkstemp(&template)
    guard file >= 0 else {
      throw DictationError(.storage, "\(folder) takes no file: \(systemError())", retryable: true)
    }
    unlink(template)
    var chunk = head
    var count = head.count
    var isWritten = true
    while count > 0, isWritten {
      isWritten = chunk.withUnsafeBytes { writeAll(file, UnsafeRawBufferPointer(rebasing: $0[..<count])) }
      if chunk.count < 1 << 16 { chunk = [UInt8](repeating: 0, count: 1 << 16) }
      count = chunk.withUnsafeMutableBytes { readFully(pipe, $0, upTo: $0.count) }
    }
    guard isWritten, count == 0, lseek(file, 0, SEEK_SET) == 0 else {
      let reason = systemError()
      close(file)
      throw DictationError(
        .storage, "what comes through the pipe cannot be kept in \(folder): \(reason)", retryable: true)
    }
    return file
  }
}
