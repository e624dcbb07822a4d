import DictationTypes
import Foundation
import TestSupport
import Testing

@testable import AudioSegmentation

@Suite struct SpoolFileTests {
  private func append(_ samples: [Int16], to spool: SpoolFile) {
    samples.withUnsafeBufferPointer { spool.append($0) }
  }

  @Test func theFileIsWholeAfterEveryAppend() throws {
    let folder = try TemporaryFolder()
    let spool = SpoolFile(path: folder.file("a.wav"))
    for count in [0, 1, 160, 4096] {
      append((0..<count).map { Int16($0 % 1000) }, to: spool)
      let bytes = try #require(FileManager.default.contents(atPath: folder.file("a.wav")))
      #expect(Array(bytes) == spool.wav())
      #expect(bytes.count == 44 + 2 * spool.frames)
      #expect(bytes[40..<44].reversed().reduce(0) { $0 << 8 | Int($1) } == 2 * spool.frames)
    }
    let attributes = try FileManager.default.attributesOfItem(atPath: folder.file("a.wav"))
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    let script = "import sys, wave; print(wave.open(sys.argv[1]).getparams()[:4])"
    let told = try run("/usr/bin/python3", ["-c", script, folder.file("a.wav")])
    #expect(told.output == "(1, 2, 16000, \(spool.frames))\n", "\(told.errors)")
  }

  @Test func aFileThatWasCutIsMended() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("a.wav")
    do {
      let spool = SpoolFile(path: path)
      append(Array(repeating: 7, count: 1000), to: spool)
    }
    // As a kill in the middle of a write leaves it: more audio than the header knows, and half a sample.
    let handle = try #require(FileHandle(forWritingAtPath: path))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data(count: 201))
    #expect(SpoolFile.repair(path) == 1100)
    let bytes = try #require(FileManager.default.contents(atPath: path))
    #expect(bytes[40..<44].reversed().reduce(0) { $0 << 8 | Int($1) } == 2200)
    try Data("short".utf8).write(to: URL(fileURLWithPath: path))
    #expect(SpoolFile.repair(path) == nil)
    #expect(SpoolFile.repair(folder.file("none.wav")) == nil)
  }

  @Test func aFileThatSomebodyRemovedIsStillHeard() throws {
    let folder = try TemporaryFolder()
    let spool = SpoolFile(path: folder.file("a.wav"))
    append([1, 2, 3], to: spool)
    #expect(SpoolFile.isInUse(folder.file("a.wav")))
    try FileManager.default.removeItem(atPath: folder.file("a.wav"))
    append([4], to: spool)
    #expect(spool.wav().dropFirst(44) == [1, 0, 2, 0, 3, 0, 4, 0])
    #expect(spool.failure == nil)
  }

  @Test func aRecordingThatEndedIsNotInUse() throws {
    let folder = try TemporaryFolder()
    do { _ = SpoolFile(path: folder.file("a.wav")) }
    #expect(!SpoolFile.isInUse(folder.file("a.wav")))
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
      precondition(spool.failure?.kind == .storage)
      let wav = spool.wav()
      precondition(wav.count == 44 + 40_000)
      precondition(
        wav.dropFirst(44).elementsEqual(samples.flatMap { withUnsafeBytes(of: $0.littleEndian, Array.init) }))
    }
  }

  @Test func aFileThatCannotBeMadeIsKeptInMemory() {
    let spool = SpoolFile(path: "/nonexistent/a.wav")
    #expect(spool.failure?.kind == .storage)
    append([1, 2, 3], to: spool)
    #expect(spool.wav().dropFirst(44) == [1, 0, 2, 0, 3, 0])
    spool.finish()
    #expect(spool.failure != nil)
  }

  @Test func aMemoryThatIsFullTooIsToldAndEndsTheRecording() {
    let spool = SpoolFile(path: "/nonexistent/a.wav", memoryLimit: 100)
    append(Array(repeating: 1, count: 100), to: spool)
    #expect(!spool.isFull)
    let first = spool.failure
    append([1], to: spool)
    #expect(spool.isFull && spool.failure != first)
    #expect(spool.wav().count == 44 + 200)
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
      for start in stride(from: 0, to: samples.count, by: 500) {
        if start == 40_000 {
          precondition(spool.failure != nil)
          limit.rlim_cur = rlim_t.max
          setrlimit(limits, &limit)
        }
        samples[start..<(start + 500)].withUnsafeBufferPointer { spool.append($0) }
      }
      precondition(spool.failure == nil)
      spool.finish()
      let bytes = FileManager.default.contents(atPath: folder.file("a.wav")) ?? Data()
      precondition(Array(bytes) == spool.wav())
      precondition(
        bytes.dropFirst(44).elementsEqual(
          samples.flatMap { withUnsafeBytes(of: $0.littleEndian, Array.init) }))
    }
  }
}

@Suite struct SpeechDetectorTests {
  private func hear(_ name: String, gain: Double = 1) throws -> SpeechDetector {
    let wav = try #require(FileManager.default.contents(atPath: recording(name)))
    let samples = wav.dropFirst(44).withUnsafeBytes {
      $0.bindMemory(to: Int16.self).map { Int16(Double($0) * gain) }
    }
    var detector = SpeechDetector()
    samples.withUnsafeBufferPointer { detector.add($0) }
    return detector
  }

  @Test(arguments: ["utt_jfk.wav", "utt_austen0880.wav", "cmd_goforward.wav"])
  func speechIsHeardLoudAndQuiet(name: String) throws {
    #expect(try hear(name).hasHeardSpeech)
    #expect(try hear(name, gain: 0.1).hasHeardSpeech)
    #expect(try hear(name, gain: 0.01).hasHeardSpeech)
  }

  @Test func silenceAndTheHissOfAMicrophoneAreNot() throws {
    #expect(try !hear("utt_jfk.wav", gain: 0).hasHeardSpeech)
    var generator = SystemRandomNumberGenerator()
    var detector = SpeechDetector()
    // White noise at about -60 dBFS.
    let hiss = (0..<160_000).map { _ in Int16.random(in: -56...56, using: &generator) }
    hiss.withUnsafeBufferPointer { detector.add($0) }
    #expect(!detector.hasHeardSpeech && !detector.isSpeaking)
  }

  @Test func aPauseEndsTheSpeech() throws {
    var detector = try hear("utt_jfk.wav")
    let pause = [Int16](repeating: 0, count: SpeechDetector.frameLength * (SpeechDetector.framesToEnd + 1))
    pause.withUnsafeBufferPointer { detector.add($0) }
    #expect(!detector.isSpeaking)
    #expect(detector.hasHeardSpeech)
  }
}
