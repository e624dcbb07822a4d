internal import CAV
import DictationTypes
import Glibc
import Linux

/// What libav reads from: a descriptor, and never a name. What a file says of other files or addresses leads nowhere.
final class MediaInput {
  /// The bytes that libav asks for at a time.
  private static let block: Int32 = 32_768

  /// Whether it can be read from anywhere: it is a file, and no pipe.
  let isSeekable: Bool
  /// Why it could not be read further; nil: it could.
  private(set) var failure: String?
  private(set) var context: UnsafeMutablePointer<AVIOContext>?

  private let descriptor: Int32
  private let isOwned: Bool
  /// What was read of a pipe to see what it is, and has not been asked for.
  private var head: [UInt8]
  /// Where a file is read next. Others may move the place that the descriptor has.
  private var place: Int64 = 0

  /// Input from `descriptor`, which stays the caller's.
  ///
  /// An MP4 file through a pipe whose index comes behind the sound is first kept whole in a file without a name in
  /// `scratchFolder`; everything else is read as it comes.
  ///
  /// - Throws: kind `format` for what is empty or a folder, `storage` when it cannot be read, or not be kept.
  init(_ descriptor: Int32, scratchFolder: String) throws(DictationError) {
    var found = stat()
    guard fstat(descriptor, &found) == 0 else { throw Self.unreadable(systemError()) }
    let kind = found.st_mode & S_IFMT
    guard kind != S_IFDIR else { throw DictationError(.format, "this is a folder and not a file") }
    if kind == S_IFREG || kind == S_IFBLK {
      (self.descriptor, isOwned, isSeekable, head) = (descriptor, false, true, [])
      var byte: UInt8 = 0
      let count = pread(descriptor, &byte, 1, 0)
      guard count >= 0 else { throw Self.unreadable(systemError()) }
      guard count > 0 else { throw DictationError(.format, "the file is empty") }
    } else {
      var pipe = PipeHead(descriptor)
      let needsSeeking = pipe.isMP4WithIndexAtEnd()
      if let failure = pipe.failure { throw Self.unreadable(failure) }
      guard !pipe.bytes.isEmpty else { throw DictationError(.format, "nothing came through the pipe") }
      if needsSeeking {
        self.descriptor = try keep(descriptor, after: pipe.bytes, in: scratchFolder)
        (isOwned, isSeekable, head) = (true, true, [])
      } else {
        (self.descriptor, isOwned, isSeekable, head) = (descriptor, false, false, pipe.bytes)
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

  /// How long a WAV file says that it is, in milliseconds; nil: it is none, or does not say.
  var toldMs: Int? { isSeekable ? lengthTold(inWAV: descriptor) : nil }

  /// Goes to the first byte; only where `isSeekable`.
  func rewind() { _ = avio_seek(context, 0, SEEK_SET) }

  private static func of(_ input: UnsafeMutableRawPointer?) -> MediaInput {
    Unmanaged<MediaInput>.fromOpaque(input!).takeUnretainedValue()
  }

  static func unreadable(_ reason: String) -> DictationError {
    DictationError(.storage, "it cannot be read: \(reason)")
  }

  private func read(_ buffer: UnsafeMutablePointer<UInt8>?, _ size: Int32) -> Int32 {
    if !head.isEmpty {
      let count = min(head.count, Int(size))
      head.withUnsafeBytes {
        UnsafeMutableRawPointer(buffer!).copyMemory(from: $0.baseAddress!, byteCount: count)
      }
      head.removeFirst(count)
      return Int32(count)
    }
    let count =
      isSeekable
      ? pread(descriptor, buffer, Int(size), off_t(place)) : readSome(descriptor, buffer, Int(size))
    guard count >= 0 else {
      failure = systemError()
      return av_error_input_output
    }
    place += Int64(count)
    return count == 0 ? av_error_end_of_file : Int32(count)
  }

  private func seek(_ offset: Int64, _ whence: Int32) -> Int64 {
    guard isSeekable else { return Int64(av_error_input_output) }
    let size = lseek(descriptor, 0, SEEK_END)
    let sought: Int64
    switch whence & ~Int32(AVSEEK_FORCE) {
    case Int32(AVSEEK_SIZE): return Int64(size)
    case SEEK_SET: sought = offset
    case SEEK_CUR: sought = place &+ offset
    case SEEK_END: sought = Int64(size) &+ offset
    default: return Int64(av_error_input_output)
    }
    guard sought >= 0 else { return Int64(av_error_input_output) }
    place = sought
    return place
  }
}

/// The beginning of what comes through a pipe.
private struct PipeHead {
  private static let mostBytes = 1 << 20
  /// What an MP4 or QuickTime file may begin with (ISO/IEC 14496-12 §4.3, QuickTime File Format, "Overview").
  private static let firstBoxes: Set<String> = ["ftyp", "moov", "mdat", "wide", "free", "skip", "pnot"]

  private let descriptor: Int32
  private(set) var bytes: [UInt8] = []
  /// Why it could not be read; nil: it could.
  private(set) var failure: String?

  init(_ descriptor: Int32) { self.descriptor = descriptor }

  /// Whether this is an MP4 file with the sound (`mdat`) before the index (`moov`), without which it cannot be understood.
  /// No more is read than what tells.
  mutating func isMP4WithIndexAtEnd() -> Bool {
    var offset = 0
    while read(upTo: offset + 8) {
      let size = bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
      let name = String(decoding: bytes[offset + 4..<offset + 8], as: UTF8.self)
      if offset == 0, !Self.firstBoxes.contains(name) { return false }
      if name == "moov" || name == "moof" { return false }
      offset += size
      // A size of 0 or 1 says that it is to the end, or more than 4 GB.
      if name == "mdat" || size < 8 || offset > Self.mostBytes { return true }
    }
    return false
  }

  private mutating func read(upTo count: Int) -> Bool {
    while bytes.count < count, failure == nil {
      var chunk = [UInt8](repeating: 0, count: count - bytes.count)
      let more = chunk.withUnsafeMutableBytes { readSome(descriptor, $0.baseAddress, $0.count) }
      if more < 0 { failure = systemError() }
      guard more > 0 else { return false }
      bytes += chunk[..<more]
    }
    return failure == nil
  }
}

/// read(2), which waits also where the descriptor does not. -1 with errno.
private func readSome(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer?, _ size: Int) -> Int {
  while true {
    let count = Glibc.read(descriptor, buffer, size)
    if count < 0 && errno == EINTR { continue }
    if count < 0 && errno == EAGAIN && waitForBytes(descriptor, milliseconds: -1) { continue }
    return count
  }
}

/// All that comes from `pipe` behind `head`, as a file without a name: a descriptor.
private func keep(_ pipe: Int32, after head: [UInt8], in folder: String) throws(DictationError) -> Int32 {
  var template = Array((folder + "/media.XXXXXX").utf8CString)
  let file = mkstemp(&template)
  guard file >= 0 else {
    throw DictationError(.storage, "\(folder) takes no file: \(systemError())", retryable: true)
  }
  unlink(template)
  var chunk = [UInt8](repeating: 0, count: 1 << 16)
  var isKept = writeAll(file, head)
  while isKept {
    let count = chunk.withUnsafeMutableBytes { readSome(pipe, $0.baseAddress, $0.count) }
    if count == 0 { return file }
    isKept =
      count > 0 && chunk.withUnsafeBytes { writeAll(file, UnsafeRawBufferPointer(rebasing: $0[..<count])) }
  }
  let reason = systemError()
  close(file)
  throw DictationError(
    .storage, "what comes through the pipe cannot be kept in \(folder): \(reason)", retryable: true)
}
