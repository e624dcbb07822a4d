import DictationTypes
import FoundationEssentials
import Glibc
import Linux

/// What a media file says of itself, as `thoth-media decode` tells it.
struct MediaHeader: Sendable, Decodable {
  /// How long it says that it is, in milliseconds; nil: it does not.
  var durationMs: Int?
  /// What it is labelled with; nil: no tags at all.
  var tags: [String: String]?

  /// When it was recorded, in milliseconds since 1970, as phones and recorders write it into `creation_time`; nil: it does
  /// not say, or what a device does whose clock was never set.
  var recordedAt: UInt64? {
    guard let text = tags?["creation_time"]?.prefix(19),
      let date = try? Date(text.replacing(" ", with: "T") + "Z", strategy: .iso8601),
      date.timeIntervalSince1970 > Self.firstRecorders
    else { return nil }
    return UInt64(date.timeIntervalSince1970 * 1000)
  }

  /// 1990-01-01, in seconds since 1970: clocks that were never set begin in 1904, 1970 or 1980.
  private static let firstRecorders = 631_152_000.0
}

/// The helper that decodes a file: a process of its own, so that whatever a file does to a codec, and whatever memory that
/// takes, is not the daemon's affair. One thread reads it; any may kill it.
final class MediaProcess: Sendable {
  private let process: ChildProcess
  private let samples: Int32
  private let messages: MemoryFile
  private let stall: Int32
  private let isKilled = Lock(false)

  /// Starts to decode what `descriptor` gives, which stays the caller's; `track` counts the audio tracks from 0.
  ///
  /// - Parameters:
  ///   - stall: how long nothing may come until it is given up, in milliseconds; -1: as long as it takes, for what is just
  ///     being made.
  ///   - program: the helper.
  /// - Throws: kind `config` where the helper is missing.
  init(
    _ descriptor: Int32, track: Int?, scratchFolder: String, stall: Int32,
    program: String = executableFolder() + "/thoth-media"
  ) throws(DictationError) {
    guard let pipe = Pipe(), let messages = MemoryFile([]) else {
      throw DictationError(.internalError, "no decoder can be started: \(systemError())", retryable: true)
    }
    var environment = currentEnvironment()
    environment["TMPDIR"] = scratchFolder
    let process = ChildProcess(
      program, ["decode", "--parent", String(getpid())] + (track.map { ["--track", String($0)] } ?? []),
      environment: environment,
      descriptors: [0: descriptor, 1: pipe.writing, 2: messages.descriptor])
    let code = errno
    close(pipe.writing)
    guard let process else {
      close(pipe.reading)
      throw helperIsMissing("\(program) cannot be started: \(systemError(code))")
    }
    (self.process, samples, self.messages, self.stall) = (process, pipe.reading, messages, stall)
  }

  deinit { close(samples) }

  /// What the file says of itself. It comes before the samples.
  ///
  /// - Throws: kind `format` when this is nothing to hear, `config` where libraries of the helper are missing, `format` too
  ///   when nothing comes.
  func header() throws(DictationError) -> MediaHeader {
    var line: [UInt8] = []
    var byte: UInt8 = 0
    repeat {
      try awaitBytes()
      guard line.count < 1 << 20 else {
        process.kill()
        throw DictationError(.format, "what it says of itself has no end: the file is damaged")
      }
      guard Glibc.read(samples, &byte, 1) == 1 else {
        _ = try finish()
        throw DictationError(.internalError, "its decoder told nothing")
      }
      line.append(byte)
    } while byte != UInt8(ascii: "\n")
    guard let header = try? wireDecoder().decode(MediaHeader.self, from: Data(line)) else {
      throw DictationError(.internalError, "its decoder is of another version: install thoth again")
    }
    return header
  }

  /// The next samples, mono at 16 kHz, at most `count`; none at the end.
  ///
  /// - Throws: kind `format` when nothing comes.
  func read(_ count: Int) throws(DictationError) -> [Int16] {
    try awaitBytes()
    return [Int16](unsafeUninitializedCapacity: count) { buffer, filled in
      filled = max(0, readFully(samples, UnsafeMutableRawBufferPointer(buffer), upTo: 2 * count)) / 2
    }
  }

  /// Waits for its end, once, after the last samples; what it warns of.
  ///
  /// - Throws: what it failed of; `cancelled` when it was killed from here.
  func finish() throws(DictationError) -> [String] {
    let code = process.wait()
    if isKilled.withLock({ $0 }) { throw DictationError(.cancelled, "cancelled") }
    let said = HelperMessages(messages)
    if code == 0 { return said.warnings }
    throw said.failure(code)
      ?? DictationError(.format, "its decoder was ended by \(ending(code)): the file is damaged")
  }

  /// Ends it now.
  func kill() {
    isKilled.withLock { $0 = true }
    process.kill()
  }

  private func awaitBytes() throws(DictationError) {
    guard waitForBytes(samples, milliseconds: stall) else {
      process.kill()
      throw DictationError(
        .format, "its decoder gave nothing for \(stall / 1000) s: the file is damaged, or its disk hangs")
    }
  }

  /// Whether the helper can be used, in a sentence: it has to see that there is nothing in an empty file.
  ///
  /// - Throws: kind `config` where it or its libraries are missing.
  static func examine() async throws(DictationError) -> String {
    try await onThread("media") { () throws(DictationError) in
      let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
      defer { close(descriptor) }
      do throws(DictationError) {
        _ = try MediaProcess(descriptor, track: nil, scratchFolder: "/tmp", stall: 60_000).header()
      } catch {
        guard error.kind == .format else { throw error }
      }
      return "thoth-media reads and makes them"
    }
  }
}
