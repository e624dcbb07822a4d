import DictationTypes
import Linux
import TestSupport

@testable import Library

/// A library in a folder of its own.
struct TestLibrary {
  let folder: TemporaryFolder
  let library: Library

  init(vfs: String? = nil) throws {
    folder = try TemporaryFolder()
    library = Library(folder: folder.file("data"), vfs: vfs)
  }

  var databasePath: String { folder.file("data/library.db") }

  /// Stores an item that holds `text`, said at `time`.
  @discardableResult
  func add(_ text: String, at time: UInt64 = 1_000_000, _ change: (inout Item) -> Void = { _ in })
    async throws
    -> Item
  {
    var item = makeItem(text, at: time)
    change(&item)
    try await library.save(item, durably: false)
    return item
  }

  /// Stores audio with an item: a tone of its own for each `seed`. The item as stored.
  @discardableResult
  func addAudio(seed: Int, to item: Item) async throws -> AudioFile {
    let path = folder.file("\(item.id).wav")
    try WaveFile.write(samples(seed: seed), rate: 16_000, to: path)
    return try await library.storeAudio(of: item.id, wav: path)
  }

  /// The item as it is stored.
  func stored(_ id: JobID) async throws -> Item? {
    try await library.items(idPrefix: id.description, includingDeleted: true).first
  }

  /// The texts that a query finds, in its order.
  func texts(_ query: ItemQuery) async throws -> [String] {
    try await library.search(query).map { $0.result?.text ?? "" }
  }
}

/// An item whose every field is filled.
func makeItem(_ text: String, at time: UInt64 = 1_000_000) -> Item {
  var generator = SystemRandomNumberGenerator()
  let transcript = Transcript(text: "um \(text)", language: "en", engine: "local", model: "base")
  var timings = Timings()
  timings.stopToText = 231.5
  var result = DictationResult(text: text, transcript: transcript, durationMs: 2500, timingsMs: timings)
  result.output = OutputReport(method: .type, windowClass: "xterm", chars: text.unicodeScalars.count)
  return Item(
    id: JobID(unixMilliseconds: time, using: &generator), createdAt: time, state: .completed, result: result,
    error: DictationError(.output, "the window is gone", retryable: true), device: "pulse", isRecovered: false
  )
}

/// Half a second of noise at 16 kHz, the same for the same seed (a linear congruential generator, Knuth's MMIX).
func samples(seed: Int, count: Int = 8000) -> [Int16] {
  var state = UInt64(seed) &+ 1
  return (0..<count).map { _ in
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int16(truncatingIfNeeded: state >> 48)
  }
}

/// The library's failure of `body`; nil when there is none.
func failure(_ body: () async throws -> Void) async throws -> DictationError? {
  do {
    try await body()
    return nil
  } catch let error as DictationError {
    return error
  }
}
