import DictationTypes
import Foundation
import Linux
import MediaFiles
import TestSupport

/// Makes media files with ffmpeg, and has them decoded by ffmpeg and by the helper.
final class Workshop: Sendable {
  let folder: TemporaryFolder
  static let speech = rig("../Fixtures/audio/cmd_goforward.wav")

  init() throws { folder = try TemporaryFolder() }

  /// Makes `name` from the recording `source` with options of ffmpeg; its path.
  @discardableResult
  func make(_ name: String, _ options: [String], from source: String = speech) throws -> String {
    try ffmpeg(["-i", source] + options + [folder.file(name)])
    return folder.file(name)
  }

  func ffmpeg(_ arguments: [String]) throws {
    let done = try run("ffmpeg", ["-nostdin", "-v", "error", "-y"] + arguments)
    guard done.code == 0 else { throw Failure("ffmpeg \(arguments): \(done.errors)") }
  }

  /// What ffmpeg makes of an audio track; `piped`: of what comes through a pipe.
  func reference(
    _ path: String, track: Int = 0, format: AudioFormat? = .speech, piped: Bool = false
  ) throws -> [Int16] {
    let kind = format.map { ["-ac", "\($0.channels)", "-ar", "\($0.sampleRate)"] } ?? []
    let output = folder.file("\(UUID()).raw")
    let options = ["-map", "0:a:\(track)", "-f", "s16le"] + kind + [output]
    if piped {
      let words = ["ffmpeg", "-v", "error", "-i", "-"] + options
      let done = try run("bash", ["-c", "cat \"$0\" | \"$@\"", path] + words)
      guard done.code == 0 else { throw Failure("ffmpeg \(path): \(done.errors)") }
    } else {
      try ffmpeg(["-i", path] + options)
    }
    return samples(try Data(contentsOf: URL(fileURLWithPath: output)))
  }

  /// What the helper makes of a file, or of a pipe.
  func decode(_ path: String, _ options: [String] = [], piped: Bool = false) throws
    -> Decoded
  {
    let output = folder.file("\(UUID()).out")
    let line =
      piped ? "cat \"$0\" | \"$1\" decode \"${@:3}\" >\"$2\"" : "\"$1\" decode \"${@:3}\" >\"$2\" <\"$0\""
    let done = try run(
      "bash", ["-c", line, path, Sandbox.program("thoth-media"), output] + options,
      environment: ProcessInfo.processInfo.environment.merging(["TMPDIR": folder.path]) { $1 })
    let data = try Data(contentsOf: URL(fileURLWithPath: output))
    try FileManager.default.removeItem(atPath: output)
    let end = data.firstIndex(of: UInt8(ascii: "\n"))
    return Decoded(
      code: done.code, header: try end.map { try JSONDecoder().decode(Header.self, from: data[..<$0]) },
      samples: end.map { samples(data[($0 + 1)...]) } ?? [],
      messages: try done.errors.split(separator: "\n").map {
        try JSONDecoder().decode(Message.self, from: Data($0.utf8))
      })
  }

  /// All samples of a file from a reader in this process.
  func read(_ path: String, as format: AudioFormat?) throws -> (samples: [Float], format: AudioFormat) {
    try withReader(path, as: format) { reader in
      var samples: [Float] = []
      while case let block = try reader.read(5000), !block.isEmpty { samples += block }
      return (samples, reader.format)
    }
  }

  /// A pipe that gives `bytes` and ends: the end to read from, the caller's to close.
  func pipe(giving bytes: [UInt8]) throws -> Int32 {
    guard let pipe = Linux.Pipe() else { throw Failure("no pipe: \(systemError())") }
    Thread.detachNewThread {
      _ = writeAll(pipe.writing, bytes)
      close(pipe.writing)
    }
    return pipe.reading
  }

  func bytes(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: path))) }

  func withReader<Result>(
    _ path: String, as format: AudioFormat?, _ body: (AudioReader) throws -> Result
  ) throws -> Result {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    defer { close(descriptor) }
    return try body(AudioReader(descriptor, as: format, scratchFolder: folder.path))
  }
}

/// What keeps a test from its work.
struct Failure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

/// What the helper has written.
struct Decoded {
  let code: Int32
  let header: Header?
  let samples: [Int16]
  let messages: [Message]

  var failure: String? { messages.last?.message }
  var warnings: [String] { messages.compactMap(\.warning) }
}

/// The helper's first line.
struct Header: Decodable {
  struct Track: Decodable {
    let codec: String
    let sample_rate: Int
    let channels: Int
    let language: String?
    let title: String?
    let is_default: Bool
  }
  let container: String
  let duration_ms: Int?
  let tags: [String: String]
  let track: Int
  let tracks: [Track]
}

/// A line of its standard error.
struct Message: Decodable {
  let kind: String?
  let message: String?
  let warning: String?
}

/// 16-bit little-endian samples.
func samples(_ data: Data) -> [Int16] {
  stride(from: data.startIndex, to: data.endIndex - 1, by: 2).map { index in
    Int16(bitPattern: UInt16(data[index]) | UInt16(data[index + 1]) << 8)
  }
}

/// The largest difference of two samples at the same place.
func largestDifference(_ a: [Int16], _ b: [Int16]) -> Int {
  zip(a, b).map { abs(Int($0) - Int($1)) }.max() ?? 0
}

/// How loud the tone of `hertz` is in `samples` at 16 kHz, by the Goertzel algorithm: a sine of full scale is 1.
func loudness(of hertz: Double, in samples: [Int16]) -> Double {
  let turn = 2 * Double.pi * hertz / 16_000
  var (real, imaginary) = (0.0, 0.0)
  for (index, sample) in samples.enumerated() {
    real += Double(sample) / 32_768 * cos(turn * Double(index))
    imaginary += Double(sample) / 32_768 * sin(turn * Double(index))
  }
  return 2 * (real * real + imaginary * imaginary).squareRoot() / Double(max(1, samples.count))
}
