import AudioFiles
import DictationTypes
import Foundation
import Linux
import Synchronization
import TestSupport
import Testing

@testable import AudioSegmentation

@Suite struct SpoolFileTests {
  private func append(_ samples: [Int16], to spool: SpoolFile) {
    samples.withUnsafeBufferPointer { spool.append($0) }
  }

  /// Whether the file of `spool` holds all of it, or will in a moment.
  private func isWritten(_ spool: SpoolFile) async -> Bool {
    await eventually { () async in
      FileManager.default.contents(atPath: spool.path).map(Array.init) == spool.wav()
    }
  }

  @Test func theFileIsWholeAfterEveryAppend() async throws {
    let folder = try TemporaryFolder()
    let spool = SpoolFile(path: folder.file("folder/a.wav"))
    for count in [0, 1, 160, 4096, 100_000] {
      append((0..<count).map { Int16($0 % 1000) }, to: spool)
      #expect(await isWritten(spool))
      let bytes = spool.wav()
      #expect(bytes.count == 44 + 2 * spool.frames)
      #expect(bytes[40..<44].reversed().reduce(0) { $0 << 8 | Int($1) } == 2 * spool.frames)
    }
    #expect(spool.trouble == nil)
    let attributes = try FileManager.default.attributesOfItem(atPath: spool.path)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    let script = "import sys, wave; print(wave.open(sys.argv[1]).getparams()[:4])"
    let told = try run("/usr/bin/python3", ["-c", script, spool.path])
    #expect(told.output == "(1, 2, 16000, \(spool.frames))\n", "\(told.errors)")
  }

  @Test func aFileThatSomebodyRemovedIsStillHeard() async throws {
    let folder = try TemporaryFolder()
    let spool = SpoolFile(path: folder.file("a.wav"))
    append([1, 2, 3], to: spool)
    #expect(await isWritten(spool))
    try FileManager.default.removeItem(atPath: spool.path)
    append([4], to: spool)
    spool.finish()
    #expect(spool.wav().dropFirst(44) == [1, 0, 2, 0, 3, 0, 4, 0])
    #expect(spool.trouble == nil)
  }

  /// A process whose files may not grow: what the disk refuses is in memory, and all of it is in the WAV bytes.
  @Test func aDiskThatRefusesCostsNoAudio() async throws {
    await #expect(processExitsWith: .success) {
      signal(SIGXFSZ, SIG_IGN)
      let folder = try TemporaryFolder()
      let spool = SpoolFile(path: folder.file("a.wav"))
      var limit = rlimit(rlim_cur: 10_000, rlim_max: 10_000)
      setrlimit(__rlimit_resource_t(UInt32(RLIMIT_FSIZE.rawValue)), &limit)
      let samples = (0..<20_000).map { Int16(truncatingIfNeeded: $0) }
      for start in stride(from: 0, to: samples.count, by: 500) {
        samples[start..<(start + 500)].withUnsafeBufferPointer { spool.append($0) }
      }
      spool.finish()
      precondition(spool.trouble == .refused(EFBIG))
      precondition(spool.wav() == wavFile(samples))
    }
  }

  @Test func aFileThatCannotBeMadeIsKeptInMemory() async {
    let spool = SpoolFile(path: "/dev/null/a.wav")
    #expect(await eventually { () async in spool.trouble == .refused(ENOTDIR) })
    append([1, 2, 3], to: spool)
    #expect(spool.wav() == wavFile([1, 2, 3]))
    spool.finish()
    #expect(spool.trouble == .refused(ENOTDIR))
  }

  @Test func tooMuchInMemoryIsTold() {
    let spool = SpoolFile(path: "/dev/null/a.wav", memoryLimit: 100)
    append(Array(repeating: 1, count: 100), to: spool)
    #expect(spool.trouble != .full)
    append([1], to: spool)
    #expect(spool.trouble == .full)
    // What still comes until the microphone has stopped is not lost.
    #expect(spool.frames == 101)
  }

  /// What could not be written is written as soon as the disk takes it again, in its place.
  @Test func aDiskThatTakesItAgainGetsAll() async throws {
    await #expect(processExitsWith: .success) {
      signal(SIGXFSZ, SIG_IGN)
      let folder = try TemporaryFolder()
      let spool = SpoolFile(path: folder.file("a.wav"))
      let limits = __rlimit_resource_t(UInt32(RLIMIT_FSIZE.rawValue))
      var limit = rlimit(rlim_cur: 10_000, rlim_max: rlim_t.max)
      setrlimit(limits, &limit)
      let samples = (0..<80_000).map { Int16(truncatingIfNeeded: $0) }
      samples[..<40_000].withUnsafeBufferPointer { spool.append($0) }
      let isRefused = await eventually { () async in spool.trouble == .refused(EFBIG) }
      precondition(isRefused)
      limit.rlim_cur = rlim_t.max
      setrlimit(limits, &limit)
      samples[40_000...].withUnsafeBufferPointer { spool.append($0) }
      // By itself, not only at the end.
      let isMended = await eventually { () async in spool.trouble == nil }
      precondition(isMended)
      spool.finish()
      precondition(FileManager.default.contents(atPath: spool.path).map(Array.init) == wavFile(samples))
    }
  }

  /// The disk has lost what it had taken: it is written once more.
  @Test func whatASyncLostIsWrittenAgain() throws {
    let shared = SpoolShared()
    shared.content.withLock { content in
      content.bytes = wavFile(Array(repeating: 1, count: 100))
      (content.written, content.synced) = (200, 60)
    }
    // fdatasync(2) refuses a device without a disk. The descriptor is closed with `shared`.
    shared.descriptor.store(open("/dev/null", O_WRONLY | O_CLOEXEC), ordering: .relaxed)
    SpoolSync(shared.descriptor.load(ordering: .relaxed), path: "", shared).finish()
    #expect(shared.content.withLock { $0.written } == 60)
    #expect(shared.content.withLock { $0.syncRefusal } == EINVAL)
  }

  @Test(.enabled(if: FreezableDisk.isAllowed, "freezing a disk takes root's rights and loop devices"))
  func aDiskThatHangsHoldsUpNobody() async throws {
    let disk = try FreezableDisk()
    let spool = SpoolFile(path: "\(disk.path)/a.wav")
    append(Array(repeating: 1, count: 100), to: spool)
    #expect(await isWritten(spool))
    try disk.freeze()
    append(Array(repeating: 2, count: 100), to: spool)
    let late = SpoolFile(path: "\(disk.path)/b.wav")
    append([3], to: late)
    #expect(await eventually { () async in spool.trouble == .silent && late.trouble == .silent })
    #expect(spool.wav() == wavFile(Array(repeating: 1, count: 100) + Array(repeating: 2, count: 100)))
    disk.thaw()
    #expect(await isWritten(spool))
    #expect(await isWritten(late))
    #expect(await eventually { () async in spool.trouble == nil && late.trouble == nil })
  }
}

@Suite struct OrphanFileTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A file of `frames` sevens, as a daemon leaves it that is gone.
  private func leave(frames: Int) async throws -> String {
    let path = folder.file("a.wav")
    let spool = SpoolFile(path: path)
    Array(repeating: 7, count: frames).withUnsafeBufferPointer { spool.append($0) }
    spool.finish()
    return path
  }

  /// Why the file at `path` is not taken.
  private func problem(_ path: String) -> OrphanProblem? {
    do throws(OrphanProblem) {
      _ = try OrphanFile(path)
      return nil
    } catch { return error }
  }

  @Test func itIsTakenByOneAtATime() async throws {
    let path = folder.file("a.wav")
    do {
      let spool = SpoolFile(path: path)
      #expect(await eventually { () async in FileManager.default.fileExists(atPath: path) })
      #expect(await eventually { () async in problem(path) == .inUse })
      spool.finish()
      #expect(problem(path) == .inUse)
    }
    #expect(await eventually { () async in problem(path) == nil })
    let first = try OrphanFile(path)
    #expect(problem(path) == .inUse)
    #expect(first.frames == 0)
  }

  /// As a kill in the middle of a write leaves it: more audio than the header knows, and half a sample.
  @Test func aFileThatWasCutIsMended() async throws {
    let path = try await leave(frames: 1000)
    let handle = try #require(FileHandle(forWritingAtPath: path))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data(count: 201))
    #expect(await eventually { () async in problem(path) == nil })
    let file = try OrphanFile(path)
    #expect(file.frames == 1100)
    // Read alone, it is right before it is mended.
    #expect(file.wav() == wavFile(Array(repeating: 7, count: 1000) + Array(repeating: 0, count: 100)))
    #expect(file.mend())
    let bytes = try #require(FileManager.default.contents(atPath: path))
    #expect(bytes[40..<44].reversed().reduce(0) { $0 << 8 | Int($1) } == 2200)
  }

  @Test(arguments: [0, 5, 43, 44, 45]) func whatHasNoFramesSaysSo(size: Int) throws {
    let path = folder.file("a.wav")
    try Data(count: size).write(to: URL(fileURLWithPath: path))
    #expect(try OrphanFile(path).frames == 0)
  }

  @Test func aHeaderThatAPowerCutLeftEmptyIsMended() throws {
    let path = folder.file("a.wav")
    try Data(count: 44 + 20).write(to: URL(fileURLWithPath: path))
    let file = try OrphanFile(path)
    #expect(file.mend() && file.wav() == wavFile(Array(repeating: 0, count: 10)))
    #expect(FileManager.default.contents(atPath: path).map(Array.init) == file.wav())
  }

  @Test func whatIsNotOursIsLeftAlone() throws {
    var stereo = wavFile(Array(repeating: 1, count: 100))
    stereo.replaceSubrange(22..<28, with: [2, 0, 0x80, 0xbb, 0, 0])
    let path = folder.file("stereo.wav")
    try Data(stereo).write(to: URL(fileURLWithPath: path))
    #expect(problem(path) == .foreign("no WAV file of 16 kHz, mono, 16 bit"))
    #expect(FileManager.default.contents(atPath: path).map(Array.init) == stereo)
    let pipe = folder.file("pipe.wav")
    #expect(mkfifo(pipe, 0o600) == 0)
    #expect(problem(pipe) == .foreign("no file"))
    let link = folder.file("link.wav")
    #expect(symlink(path, link) == 0)
    #expect(problem(link) == .foreign("a link"))
    #expect(problem(folder.file("none.wav")) == .unreadable(ENOENT))
  }
}
