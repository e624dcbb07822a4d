import Configuration
import DictationTypes
import Foundation
import Library
import Linux
import TestSupport
import Testing

@testable import Pipeline

/// A library that refuses never costs a text.
@Suite(.serialized) struct StorageTests {
  private func dictate(_ bench: Bench) async throws -> (JobID, Outcome?) {
    let job = try await bench.record()
    _ = try await bench.pipeline.stop(method: nil, bench.client)
    return (job, await bench.pipeline.outcome(of: job))
  }

  @Test func whatALibraryRefusesIsOutputAndStoredLater() async throws {
    let bench = try await Bench(engine: .answering("precious"), started: false)
    // A file where the folder of the library should be.
    try bench.folder.write("in the way", to: "data")
    await bench.pipeline.start()
    let errors = Lock<[DictationError]>([])
    let follower = bench.hub.follow(levels: false) { record in
      if case .error(let error) = record.event { errors.withLock { $0.append(error) } }
    }
    defer { bench.hub.unfollow(follower) }
    let (job, outcome) = try await dictate(bench)
    #expect(outcome?.state == .completed)
    #expect(bench.sink.texts == ["precious"])
    #expect(errors.withLock { $0.contains { $0.kind == .storage } })
    #expect(try await bench.pipeline.last().result?.text == "precious")
    #expect(await eventually { await bench.storage.waitingCount() == 1 })
    #expect(await bench.storage.problem != nil)
    try FileManager.default.removeItem(atPath: bench.folder.file("data"))
    await bench.storage.settle()
    #expect(await bench.storage.waitingCount() == 0)
    let item = try await bench.stored(job)
    #expect(item?.result?.text == "precious" && item?.audio != nil)
  }

  @Test func anotherProcessThatHoldsTheLibraryDelaysNoText() async throws {
    let bench = try await Bench(engine: .answering("precious"))
    _ = try await dictate(bench)
    let script = """
      import sqlite3, sys
      db = sqlite3.connect(sys.argv[1]); db.execute("BEGIN IMMEDIATE"); print("held", flush=True); sys.stdin.read()
      """
    let holder = try RunningProcess("/usr/bin/python3", ["-c", script, bench.folder.file("data/library.db")])
    #expect(holder.waitForOutput("held"))
    let (job, outcome) = try await dictate(bench)
    #expect(outcome?.state == .completed)
    #expect(bench.sink.texts.count == 2)
    holder.closeInput()
    holder.wait()
    await bench.storage.settle()
    #expect(try await bench.stored(job)?.result?.text == "precious")
  }

  @Test(arguments: [("0s", true), ("7d", false)])
  func audioIsKeptAsTheSettingsSay(keep: String, isGone: Bool) async throws {
    let bench = try await Bench(engine: .answering("text"), settings: "[history]\nkeep_audio = \"\(keep)\"\n")
    let (job, _) = try await dictate(bench)
    let item = try #require(try await bench.stored(job))
    #expect((item.audio == nil) == isGone)
  }

  @Test func aFailedRecordingIsKeptWhateverTheSettingsSay() async throws {
    let bench = try await Bench(
      engine: .custom { (_) async throws(DictationError) -> String in
        throw DictationError(.server, "it failed")
      },
      settings: "[history]\nkeep_audio = \"0s\"\n")
    let (job, outcome) = try await dictate(bench)
    #expect(outcome?.state == .failed)
    #expect(try await bench.stored(job)?.audio != nil)
  }

  /// `status` complains as long as there is a cause, and no longer.
  @Test func aProblemIsOverWhenAllIsStored() async throws {
    let bench = try await Bench(engine: .answering("text"))
    try bench.folder.write("in the way", to: "data/blobs/incoming")
    let (job, _) = try await dictate(bench)
    #expect(await eventually { await bench.storage.problem != nil })
    try FileManager.default.removeItem(atPath: bench.folder.file("data/blobs/incoming"))
    await bench.storage.settle()
    #expect(try await bench.stored(job)?.audio != nil)
    #expect(await bench.storage.problem == nil)
  }

  /// What is stored while others wait is newer than what waits.
  @Test func anOlderVersionNeverReplacesANewerOne() async throws {
    let bench = try await Bench(engine: .answering("text"), started: false)
    try FileManager.default.createDirectory(
      atPath: bench.storage.spool.folder, withIntermediateDirectories: true)
    let items = (0..<200).map { index in
      var generator = SystemRandomNumberGenerator()
      let id = JobID(unixMilliseconds: UInt64(index), using: &generator)
      return Item(id: id, createdAt: UInt64(index), state: .failed)
    }
    for item in items { try bench.storage.spool.keep(item) }
    var newer = try #require(items.last)
    newer.state = .completed
    let settling = Task { await bench.storage.settle() }
    #expect(
      await eventually { () async in
        let first = try? await bench.storage.library.items(
          idPrefix: items[0].id.description, includingDeleted: true)
        return first?.isEmpty == false
      })
    #expect(await bench.storage.keep(newer, durably: false) == nil)
    await settling.value
    let stored = try await bench.storage.library.items(
      idPrefix: newer.id.description, includingDeleted: true)
    #expect(stored.map(\.state) == [.completed])
    #expect(await bench.storage.waitingCount() == 0)
  }

  @Test func oldAudioGoesOnceADay() async throws {
    let bench = try await Bench(engine: .answering("text"), maintenanceInterval: .milliseconds(50))
    let (job, _) = try await dictate(bench)
    #expect(try await bench.stored(job)?.audio != nil)
    var item = try #require(try await bench.stored(job))
    item.createdAt -= 8 * 86_400_000
    try await bench.storage.library.save(item, durably: false)
    #expect(await eventually { (try? await bench.stored(job))??.audio == nil })
  }

  @Test func aShorterTimeIsInForceAtOnce() async throws {
    let bench = try await Bench(engine: .answering("text"))
    let (job, _) = try await dictate(bench)
    #expect(try await bench.stored(job)?.audio != nil)
    try bench.configuration.set("history.keep_audio", to: "0s")
    await bench.pipeline.settingsChanged()
    #expect(await eventually { (try? await bench.stored(job))??.audio == nil })
  }

  /// Where no disk takes it, a recording does not go on for ever: it ends, is told, and becomes text.
  @Test func aRecordingEndsWhenTooMuchOfItIsInMemory() async throws {
    let bench = try await Bench(
      engine: .answering("precious"), spool: Spool(folder: "/dev/null/spool", memoryLimit: 32_000))
    let errors = Lock<[String]>([])
    let follower = bench.hub.follow(levels: false) { record in
      if case .error(let error) = record.event { errors.withLock { $0.append(error.message) } }
    }
    defer { bench.hub.unfollow(follower) }
    let job = try await bench.record()
    // Nobody stops it.
    #expect(await bench.pipeline.outcome(of: job)?.state == .completed)
    #expect(bench.sink.texts == ["precious"])
    let told = errors.withLock { $0 }
    #expect(told.contains { $0.contains("The recording goes on in memory") })
    #expect(told.filter { $0.contains("It ends here, and is transcribed") }.count == 1, "\(told)")
    let item = await eventually { () async in (try? await bench.stored(job))?.audio != nil }
    #expect(item)
    #expect(try await bench.stored(job)?.audio?.frames ?? 0 > 32_000)
  }
}
