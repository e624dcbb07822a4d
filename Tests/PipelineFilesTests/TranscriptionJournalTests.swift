import DictationTypes
import Foundation
import TestSupport
import Testing

@testable import Pipeline

/// What an interrupted run has left.
@Suite struct TranscriptionJournalTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func journal(_ identity: String = "a", _ request: String = "b") throws -> TranscriptionJournal {
    try #require(TranscriptionJournal(identity, request: request, in: folder.file("journals")))
  }

  private func entry(_ number: Int) -> TranscriptionJournal.Entry {
    var transcript = Transcript(
      text: "text \(number)\n\u{1}\"", language: "en", engine: "local", model: "base")
    transcript.words = [TimedWord("text", start: 0, end: 300)]
    return TranscriptionJournal.Entry(
      begin: 1000 * number, end: 1000 * number + 900, pauseBefore: number, transcript: transcript)
  }

  private var path: String {
    get throws {
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.file("journals"))
      return folder.file("journals/\(try #require(names.first))")
    }
  }

  @Test func whatWasNotedIsReadAgain() throws {
    let journal = try journal()
    #expect(!journal.exists && journal.read().segments.isEmpty)
    for number in [2, 0, 1] { journal.note(entry(number)) }
    #expect(journal.exists)
    var read = journal.read()
    #expect(read.ending == nil && read.segments.count == 3)
    #expect(read.segments[1000..<1900]?.transcript == entry(1).transcript)
    let id = newJobID()
    journal.note(TranscriptionJournal.Ending(durationMs: 5, warnings: ["w"], item: id))
    read = journal.read()
    #expect(read.ending?.item == id && read.ending?.warnings == ["w"] && read.segments.count == 3)
    journal.remove()
    #expect(!journal.exists)
  }

  /// A run that is begun anew by mistake costs nothing.
  @Test func whatWasThereBeforeIsReadToo() throws {
    let journal = try journal()
    journal.note(entry(0))
    #expect(journal.isUnfinished)
    journal.restart()
    #expect(journal.exists && journal.read().segments.count == 1)
    journal.note(entry(1))
    #expect(journal.read().segments.count == 2)
    // Also by a second one.
    journal.restart()
    journal.note(entry(2))
    #expect(journal.read().segments.count == 3)
    journal.note(TranscriptionJournal.Ending(durationMs: 5, warnings: [], item: nil))
    #expect(!journal.isUnfinished)
    journal.remove()
    #expect(!journal.exists && !journal.isUnfinished)
  }

  @Test func anotherFileOrQuestionHasAnotherJournal() throws {
    try journal().note(entry(0))
    #expect(try !journal("x").exists && !journal("a", "x").exists && journal().exists)
  }

  /// A crash may cut off the last line, wherever that is; all before it are read, and so is what is noted later.
  @Test func aLineThatIsCutOffCostsItselfAlone() throws {
    let journal = try journal()
    journal.note(entry(0))
    let before = try #require(FileManager.default.contents(atPath: path))
    journal.note(entry(1))
    let whole = try #require(FileManager.default.contents(atPath: path))
    for length in stride(from: before.count, to: whole.count - 1, by: 7) {
      try whole.prefix(length).write(to: URL(fileURLWithPath: path))
      #expect(journal.read().segments.count == 1)
      journal.note(entry(2))
      #expect(Set(journal.read().segments.keys) == [0..<900, 2000..<2900])
    }
  }

  @Test func whatNobodyGoesOnWithIsRemoved() throws {
    let journal = try journal()
    journal.note(entry(0))
    TranscriptionJournal.removeOld(in: folder.file("journals"))
    #expect(journal.exists)
    let old = Date(timeIntervalSinceNow: -Double(TranscriptionJournal.life) - 60)
    try FileManager.default.setAttributes([.modificationDate: old], ofItemAtPath: path)
    TranscriptionJournal.removeOld(in: folder.file("journals"))
    #expect(!journal.exists)
  }
}
