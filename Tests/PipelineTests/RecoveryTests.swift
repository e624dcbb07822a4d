import DictationTypes
import Foundation
import Library
import Linux
import TestSupport
import Testing

@testable import Pipeline

/// What an earlier daemon left, and what is transcribed again.
@Suite(.serialized) struct RecoveryTests {
  @Test func aRecordingThatNobodyEndedIsTakenUp() async throws {
    let bench = try await Bench(engine: .answering("from before"), started: false)
    let left = try bench.leave()
    await bench.pipeline.start()
    #expect(await bench.pipeline.recovered == [left])
    let item = try await bench.stored(left)
    #expect(item?.result?.text == "from before" && item?.isRecovered == true)
    #expect(item?.audio != nil)
    #expect(bench.sink.texts.isEmpty)
    #expect(try await bench.pipeline.last().id == left)
    #expect(await bench.storage.leftovers().isEmpty)
    // Nothing was recorded, and nothing says so.
    #expect(!bench.states(of: left).contains(.recording))
  }

  /// No rule is to end the daemon; if one does all the same, not again and again.
  @Test(arguments: [(false, "Hello, there."), (true, "Hello ,there.")])
  func whatADaemonHasDiedOfIsTakenAsItWasHeard(wasTried: Bool, text: String) async throws {
    let bench = try await Bench(engine: .answering("Hello ,there."), started: false)
    let left = try bench.leave()
    var item = Item(id: left, createdAt: left.unixMilliseconds, state: .transcribing)
    item.isRecovered = wasTried
    #expect(await bench.storage.keep(item, durably: false) == nil)
    await bench.pipeline.start()
    #expect(try await bench.stored(left)?.result?.text == text)
  }

  @Test func aRecordingWithNothingInItIsForgotten() async throws {
    let bench = try await Bench(engine: .answering("invented"), started: false)
    let left = try bench.leave()
    truncate(bench.storage.spool.audioPath(left), 44)
    await bench.pipeline.start()
    #expect(await bench.pipeline.recovered.isEmpty)
    #expect(!FileManager.default.fileExists(atPath: bench.storage.spool.audioPath(left)))
  }

  /// Killed while it was being output: the text is there, and is neither asked for nor output again.
  @Test func aTextThatWasBeingOutputIsKept() async throws {
    let bench = try await Bench(engine: .answering("again"), started: false)
    let left = try bench.leave()
    var item = Item(id: left, createdAt: left.unixMilliseconds, state: .outputting)
    item.result = DictationResult(
      text: "said", transcript: Transcript(text: "said", engine: "test", model: "none"), durationMs: 1,
      timingsMs: Timings())
    #expect(await bench.storage.keep(item, durably: false) == nil)
    await bench.pipeline.start()
    let stored = try await bench.stored(left)
    #expect(stored?.result?.text == "said" && stored?.state == .completed && stored?.isRecovered == true)
    #expect(stored?.error?.message.contains("while it was being output") == true)
    #expect(bench.engines.calls == 0)
    #expect(bench.sink.texts.isEmpty)
  }

  @Test func aRecoveredRecordingHoldsNobodyUpAndIsTriedAgain() async throws {
    let gate = Gate()
    let bench = try await Bench(
      engine: .custom { (number) async throws(DictationError) -> String in
        guard number == 1 else { return "live" }
        await gate.wait()
        throw DictationError(.rateLimit, "not now", retryable: true)
      }, started: false)
    let left = try bench.leave()
    await bench.pipeline.start()
    #expect(await eventually { () async in bench.engines.calls == 1 })
    #expect(try await bench.storage.items(idPrefix: left.description).map(\.state) == [.transcribing])
    let job = try await bench.record()
    _ = try await bench.pipeline.stop(method: nil, bench.client)
    #expect(await bench.pipeline.outcome(of: job)?.text == "live")
    gate.open()
    #expect(await eventually { await bench.pipeline.outcome(of: left)?.state == .failed })
    // Nothing is at work, and it is no end: it waits.
    #expect(
      await eventually {
        let item = (try? await bench.storage.items(idPrefix: left.description))?.first
        return item?.state == .idle && item?.error?.message.contains("not now") == true
      })
    #expect(await eventually { await bench.storage.leftovers().map(\.job) == [left] })
  }

  /// A recording that is taken up while another one runs is the newest job, but not the one to stop or cancel.
  @Test func stopMeansTheRecordingAndNotWhatIsTakenUp() async throws {
    let gate = Gate()
    let bench = try await Bench(
      engine: .custom { number in
        if number == 1 { await gate.wait() }
        return "text"
      }, started: false)
    let left = [try bench.leave(), try bench.leave()]
    await bench.pipeline.start()
    #expect(await eventually { () async in bench.engines.calls == 1 })
    let job = try await bench.record()
    gate.open()
    #expect(await eventually { await bench.pipeline.outcome(of: left[1])?.state == .completed })
    #expect(try await bench.pipeline.stop(method: nil, bench.client) == job)
    #expect(await bench.pipeline.outcome(of: job)?.state == .completed)
  }

  @Test func aFailedDictationIsDoneAgain() async throws {
    let bench = try await Bench(
      engine: .custom { (number) async throws(DictationError) -> String in
        if number % 2 == 1 { throw DictationError(.server, "it failed") }
        return "text \(number)"
      })
    let job = try await bench.record()
    _ = try await bench.pipeline.stop(method: nil, bench.client)
    let outcome = await bench.pipeline.outcome(of: job)
    #expect(outcome?.error?.message.contains("history redo \(job.short)") == true)
    var item = try #require(try await bench.stored(job))
    #expect(item.state == .failed && item.audio != nil)
    #expect(try await bench.pipeline.redo(item, RecordOptions(), bench.client).text == "text 2")
    item = try #require(try await bench.stored(job))
    #expect(item.state == .completed && item.result?.text == "text 2" && item.error == nil)
    // An attempt that fails does not cost the text that was there.
    #expect(try await bench.pipeline.redo(item, RecordOptions(), bench.client).state == .failed)
    #expect(try await bench.stored(job)?.result?.text == "text 2")
    #expect(bench.sink.texts.isEmpty)
  }

  /// Somebody exports it while it is transcribed: a kill at that moment costs nothing.
  @Test func anExportLeavesTheRecordingWhereItIs() async throws {
    let gate = Gate()
    let bench = try await Bench(
      engine: .custom { _ in
        await gate.wait()
        return "text"
      }, started: false)
    let left = try bench.leave()
    await bench.pipeline.start()
    #expect(await eventually { () async in bench.engines.calls == 1 })
    let item = try #require(try await bench.storage.items(idPrefix: left.description).first)
    #expect(try await bench.flac(of: item).starts(with: Array("fLaC".utf8)))
    #expect(FileManager.default.fileExists(atPath: bench.storage.spool.audioPath(left)))
    #expect(try await bench.storage.items(idPrefix: left.description).first?.audio == nil)
    gate.open()
    let stored = try #require(try await bench.stored(left))
    #expect(try await bench.flac(of: stored).starts(with: Array("fLaC".utf8)))
  }

  /// Its audio is in the library, and no job of its has ended.
  @Test func whatIsInTheLibraryWithoutAnEndIsTakenUp() async throws {
    let bench = try await Bench(engine: .answering("from the library"), started: false)
    let left = newJobID()
    let item = Item(
      id: left, createdAt: left.unixMilliseconds, state: .transcribing, device: "the microphone",
      isRecovered: true)
    try await bench.storage.library.save(item, durably: false)
    _ = try await bench.storage.library.storeAudio(of: left, wav: recording("cmd_goforward.wav"))
    await bench.pipeline.start()
    #expect(await bench.pipeline.recovered == [left])
    let stored = try await bench.stored(left)
    #expect(stored?.result?.text == "from the library" && stored?.state == .completed)
    #expect(stored?.device == "the microphone" && stored?.audio != nil)
  }

  @Test func whatWasRemovedIsNotTakenUp() async throws {
    let bench = try await Bench(engine: .answering("unwanted"), started: false)
    let left = try bench.leave()
    let item = Item(id: left, createdAt: left.unixMilliseconds, state: .idle, isRecovered: true)
    try await bench.storage.library.save(item, durably: false)
    try await bench.storage.library.remove([left])
    await bench.pipeline.start()
    #expect(await bench.pipeline.recovered.isEmpty)
    // It goes with its item.
    #expect(!FileManager.default.fileExists(atPath: bench.storage.spool.audioPath(left)))
    #expect(try await bench.storage.items(idPrefix: left.description).first?.audio != nil)
    #expect(bench.engines.calls == 0)
  }

  /// What cannot be written any more can be read: its words are not thrown away.
  @Test(.enabled(if: SmallDisk.isAllowed, "mounting a small disk takes root's rights"))
  func aRecordingThatCannotBeWrittenIsTakenUp() async throws {
    let disk = try SmallDisk(kilobytes: 4000)
    let bench = try await Bench(
      engine: .answering("from before"), started: false, spool: Spool(folder: disk.path))
    let left = try bench.leave()
    // The kill came between the samples and the header.
    let whole = try #require(FileManager.default.contents(atPath: recording("cmd_goforward.wav")))
    var bytes = whole
    bytes.replaceSubrange(40..<44, with: [0, 0, 0, 0])
    try bytes.write(to: URL(fileURLWithPath: bench.storage.spool.audioPath(left)))
    try disk.setReadOnly(true)
    await bench.pipeline.start()
    #expect(await bench.pipeline.recovered == [left])
    let frames = (whole.count - 44) / 2
    #expect(
      await eventually { () async in
        let item = try? await bench.storage.library.items(idPrefix: left.description, includingDeleted: true)
          .first
        return item?.result?.text == "from before" && item?.audio?.frames == frames
      })
    #expect(FileManager.default.fileExists(atPath: bench.storage.spool.audioPath(left)))
  }

  /// Whatever lies in the spool: the daemon starts, and takes from it only what is ours.
  @Test func whatIsOddInTheSpoolIsLeftAlone() async throws {
    let bench = try await Bench(engine: .answering("from before"), started: false)
    let left = try bench.leave()
    let (pipe, stereo, damaged) = (newJobID(), newJobID(), newJobID())
    let spool = bench.storage.spool
    #expect(mkfifo(spool.audioPath(pipe), 0o600) == 0)
    #expect(mkfifo("\(spool.folder)/\(pipe).json", 0o600) == 0)
    var bytes = try #require(FileManager.default.contents(atPath: recording("cmd_goforward.wav")))
    bytes.replaceSubrange(22..<28, with: [2, 0, 0x80, 0xbb, 0, 0])
    try bytes.write(to: URL(fileURLWithPath: spool.audioPath(stereo)))
    try bench.folder.write("{\"id\":", to: "spool/\(damaged).json")
    try bench.folder.write("words", to: "spool/\(damaged).json.\(getpid()).1.new")
    try bench.folder.write("words", to: "spool/\(damaged).json.1.1.new")
    await bench.pipeline.start()
    #expect(await bench.pipeline.recovered == [left])
    #expect(try await bench.stored(left)?.result?.text == "from before")
    #expect(FileManager.default.contents(atPath: spool.audioPath(stereo)) == bytes)
    #expect(await bench.storage.waitingCount() == 0)
    let names = try FileManager.default.contentsOfDirectory(atPath: spool.folder)
    #expect(
      Set(names) == [
        "\(pipe).wav", "\(pipe).json", "\(stereo).wav", "\(damaged).json.broken",
        // It is being written by a process that lives.
        "\(damaged).json.1.1.new",
      ])
  }

  /// Two daemons on one spool: what one of them transcribes, live or taken up, is not taken up by the other.
  @Test func anotherDaemonLeavesAloneWhatIsTranscribed() async throws {
    let gate = Gate()
    let first = try await Bench(
      engine: .custom { _ in
        await gate.wait()
        return "once"
      }, started: false)
    let left = try first.leave()
    await first.pipeline.start()
    let job = try await first.record()
    _ = try await first.pipeline.stop(method: nil, first.client)
    #expect(await eventually { () async in first.engines.calls == 2 })
    let second = try await Bench(engine: .answering("twice"), in: first.folder)
    #expect(await second.pipeline.recovered.isEmpty)
    gate.open()
    #expect(try await first.stored(job)?.result?.text == "once")
    #expect(try await first.stored(left)?.result?.text == "once")
    #expect(second.engines.calls == 0)
  }
}

extension Bench {
  /// The audio of `item` as it is exported.
  fileprivate func flac(of item: Item) async throws -> [UInt8] {
    let write = try await storage.writer(of: item, isFLAC: true)
    let file = try #require(MemoryFile([]))
    #expect(try write(file.descriptor))
    return try #require(readFile(file.path))
  }
}
