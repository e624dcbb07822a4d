import DictationTypes
import Foundation
import Library
import TestSupport
import Testing

/// A user of thoth whose library holds what a test has put into it.
struct ExportRig {
  let sandbox: Sandbox
  /// The user's folder for files that are made.
  let folder: String

  init() throws {
    sandbox = try Sandbox()
    folder = sandbox.file("home")
    // What was said on a day of the calendar gets older with each.
    try sandbox.writeSettings("[history]\nkeep_audio = \"3650d\"\n")
  }

  /// The path of a file that is to be made.
  func file(_ name: String) -> String { "\(folder)/\(name)" }

  /// Puts an item into the library, said `minute` minutes after the first one. Its id.
  @discardableResult
  func add(
    _ samples: [Int16], _ text: String = "all is well", minute: Int = 0, rate: Int = 16_000,
    channels: Int = 1,
    change: (inout Item) -> Void = { _ in }
  ) async throws -> String {
    // No daemon runs yet, or it opens the library anew: it is the file that counts.
    let library = Library(folder: sandbox.file("data/thoth"))
    let time = Self.start + UInt64(minute) * 60_000
    var seed = SplitMix(seed: UInt64(minute))
    let milliseconds = samples.count / channels * 1000 / rate
    var item = Item(
      id: JobID(unixMilliseconds: time, using: &seed), createdAt: time, state: .completed,
      result: DictationResult(
        text: text, transcript: Transcript(text: text, engine: "local", model: "base"),
        durationMs: milliseconds, timingsMs: Timings()))
    change(&item)
    try await library.save(item, durably: false)
    if !samples.isEmpty {
      let path = sandbox.file("\(item.id).wav")
      try WaveFile.write(samples, rate: rate, channels: channels, to: path)
      _ = try await library.storeAudio(of: item.id, wav: path)
      try FileManager.default.removeItem(atPath: path)
    }
    await library.close()
    return item.id.description
  }

  /// 2026-11-21 00:00 UTC.
  static let start: UInt64 = 1_795_219_200_000

  /// `seconds` of noise at 16 kHz, half as loud as it can be or less: the same for the same seed.
  static func noise(_ seconds: Double, seed: Int, amplitude: Int = 16_000, rate: Int = 16_000) -> [Int16] {
    var noise = SplitMix(seed: UInt64(seed))
    return (0..<Int(seconds * Double(rate))).map { _ in
      Int16(Int(noise.next() >> 33) % (2 * amplitude + 1) - amplitude)
    }
  }

  /// Starts an export that takes long, and waits until its file is being written.
  func startLong(_ path: String) async throws -> RunningProcess {
    let item = try await add(Self.noise(600, seed: 1), minute: 9)
    let events = try sandbox.follow()
    let ids = [String](repeating: item, count: 200)
    let export = try RunningProcess(
      Sandbox.program("thoth"), ["export", "-o", path, "--wait"] + ids, environment: sandbox.environment)
    try #require(events.waitForOutput("\"phase\":\"encode\""), "\(export.errors)")
    return export
  }

  /// The file that holds the audio of `item`.
  func blob(of item: String) throws -> String {
    let shown = try sandbox.thoth("history", "show", item, "--json").output
    let fields = try JSONSerialization.jsonObject(with: Data(shown.utf8)) as? [String: Any]
    return try #require(fields?["path"] as? String)
  }

  /// Overwrites the middle of the file, and leaves its length.
  func damage(_ path: String) throws {
    let file = try #require(FileHandle(forUpdatingAtPath: path))
    let size = try file.seekToEnd()
    try file.seek(toOffset: size / 2)
    try file.write(contentsOf: Data(repeating: 0x5a, count: 4000))
    try file.close()
  }

  /// The samples of the file at `path`, interleaved, as ffmpeg decodes them.
  func decoded(_ path: String) throws -> [Int16] {
    let raw = sandbox.file("decoded.raw")
    let result = try run(
      "ffmpeg", ["-v", "error", "-y", "-i", path, "-f", "s16le", "-c:a", "pcm_s16le", raw])
    guard result.code == 0, result.errors.isEmpty, let data = FileManager.default.contents(atPath: raw) else {
      throw CocoaError(.fileReadCorruptFile, userInfo: ["ffmpeg": result.errors])
    }
    return data.withUnsafeBytes { Array($0.bindMemory(to: Int16.self)) }
  }

  /// What ffprobe says of the file at `path`.
  func probed(_ path: String) throws -> [String: Any] {
    let result = try run(
      "ffprobe", ["-v", "error", "-show_format", "-show_streams", "-show_chapters", "-of", "json", path])
    return try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any] ?? [:]
  }

  /// The names in the user's folder, those that are not seen too.
  var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: folder).sorted()) ?? [] }

  /// Writes a file of cues; its path.
  func cues(_ text: String) throws -> String {
    let path = sandbox.file("cues.txt")
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    return path
  }

  /// What is in the library: every row, and the checksum of every audio file. Empty when there is none.
  func libraryContents() throws -> String {
    let script = """
      import hashlib, pathlib, sqlite3, sys
      folder = pathlib.Path(sys.argv[1])
      if not (folder / "library.db").exists():
          sys.exit()
      database = sqlite3.connect(folder / "library.db", timeout=30)
      for table in ("items", "blobs"):
          for row in database.execute(f"SELECT * FROM {table} ORDER BY number"):
              print(row)
      for path in sorted(folder.glob("blobs/*/*.flac")):
          print(path.relative_to(folder), hashlib.sha256(path.read_bytes()).hexdigest())
      """
    let told = try run("/usr/bin/python3", ["-c", script, sandbox.file("data/thoth")])
    guard told.code == 0 else { throw CocoaError(.fileReadCorruptFile, userInfo: ["python": told.errors]) }
    return told.output
  }

  /// The `export` events among the lines of `output`.
  static func notices(_ output: String) -> [[String: Any]] {
    output.split(separator: "\n")
      .compactMap { try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] }
      .filter { $0["type"] as? String == "export" }
  }
}
