import DictationTypes
import Testing

@testable import AudioExport

@Suite struct PlanTests {
  /// Items of ten seconds.
  private func placement(
    _ offset: Double? = nil, rate: Int = 16_000, channels: Int = 1,
    _ change: (inout Placement) -> Void = { _ in }
  ) -> Placement {
    var placement = Placement(
      ClipCue("item", at: offset), item: "item", title: "",
      asset: Asset(path: "/a", sampleRate: rate, channels: channels, frames: 10 * rate))
    change(&placement)
    return placement
  }

  private func plan(_ placements: [Placement], gap: Double = 0, type: AudioFileType = .wav) throws
    -> ExportPlan
  {
    try ExportPlan.make(placements, gap: gap, type: type)
  }

  @Test func theRateIsTheHighestThatTheFileTakes() throws {
    let placements = [placement(), placement(rate: 44_100)]
    #expect(try plan(placements).format == AudioFormat(sampleRate: 44_100, channels: 1))
    #expect(try plan(placements, type: .opus).format.sampleRate == 48_000)
    #expect(try plan([placement()], type: .opus).format.sampleRate == 16_000)
    #expect(try plan([placement(rate: 192_000)], type: .m4a).format.sampleRate == 96_000)
    #expect(try plan(placements).clips.map(\.length) == [441_000, 441_000])
  }

  /// A damaged row of the library is told, and ends nothing.
  @Test(arguments: [
    (281_474_976_710_000, 48_000, 1), (Int.max, 1, 1), (1, Int.max, 1), (1, 0, 1), (-1, 16_000, 1),
    (1, 16_000, 0), (1, 16_000, Int.max),
  ])
  func nonsenseIsRefused(frames: Int, rate: Int, channels: Int) {
    let damaged = placement { placement in
      placement.asset = Asset(path: "/a", sampleRate: rate, channels: channels, frames: frames)
      placement.cue.end = 5
    }
    let error = #expect(throws: PlanError.self) { try plan([placement(), damaged], gap: 3600) }
    #expect(error?.problems.count == 1 && error?.description.contains("tells nonsense") == true)
  }

  @Test func itIsMonoUnlessAClipHasASide() throws {
    #expect(try plan([placement { $0.cue.pan = 0 }]).format.channels == 1)
    #expect(try plan([placement { $0.cue.pan = 0.1 }]).format.channels == 2)
    #expect(try plan([placement(), placement(channels: 2)]).format.channels == 2)
    #expect(try plan([placement(channels: 6)]).format.channels == 2)
  }

  @Test func clipsWithoutAPlaceFollowEachOther() throws {
    let plan = try plan([placement(), placement { $0.isMissing = true }, placement()], gap: 0.5)
    #expect(plan.clips.map(\.offset) == [0, 168_000])
    #expect(plan.frames == 328_000 && plan.gaps == [160_000..<168_000] && plan.overlaps.isEmpty)
    #expect(!plan.needsLimiter)
  }

  @Test func gapsAndOverlapsAreFound() throws {
    let plan = try plan([
      placement(20), placement(1), placement(5), placement(8) { $0.cue.end = 1 },
      placement(25) { $0.cue.isMuted = true },
    ])
    #expect(plan.gaps == [0..<16_000, 240_000..<320_000])
    #expect(plan.overlaps == [80_000..<176_000])
    #expect(plan.frames == 35 * 16_000)
    #expect(plan.needsLimiter)
  }

  @Test func whatIsMissingLeavesItsPlaceSilent() throws {
    let plan = try plan([placement(0), placement(10) { $0.isMissing = true }])
    #expect(plan.clips.count == 1 && plan.frames == 320_000 && plan.gaps == [160_000..<320_000])
  }

  @Test(arguments: [
    (1.0, 11.0, "ends at 11.000 s"), (10, nil, "begins at 10.000 s"), (12, 13, "ends at 13.000 s"),
  ]) func clipsLongerThanTheirAudioAreRefused(_ start: Double, _ end: Double?, _ sentence: String) {
    let error = #expect(throws: PlanError.self) {
      try plan([placement { ($0.cue.start, $0.cue.end) = (start, end) }])
    }
    #expect(error?.description.contains(sentence) == true, "\(error!)")
  }

  @Test func clipsOfOneLaneDoNotLieOverEachOther() throws {
    func inLane(_ offset: Double, _ lane: String?) -> Placement { placement(offset) { $0.cue.lane = lane } }
    #expect(throws: PlanError.self) { try plan([inLane(0, "a"), inLane(9.9, "a")]) }
    _ = try plan([inLane(0, "a"), inLane(10, "a"), inLane(5, "b"), inLane(6, nil), inLane(7, nil)])
  }

  @Test func allMistakesAreToldInTheOrderOfTheirLines() throws {
    func inLine(_ line: Int, _ offset: Double, _ change: (inout Placement) -> Void = { _ in }) -> Placement {
      placement(offset) { placement in
        (placement.cue.line, placement.cue.lane) = (line, "a")
        change(&placement)
      }
    }
    let nonsense = inLine(2, 90) { $0.asset.sampleRate = 0 }
    let long = inLine(5, 50) { $0.cue.end = 11 }
    let error = #expect(throws: PlanError.self) {
      try ExportPlan.make(
        [inLine(6, 0), inLine(3, 9), nonsense, inLine(1, 30), long, inLine(7, 35) { $0.isMissing = true }],
        gap: 0, type: .wav, mistakes: [PlanProblem(line: 4, "there is no item 0000")])
    }
    let told = try #require(error?.problems)
    #expect(told.map(\.line) == [2, 3, 4, 5, 7], "\(told)")
    #expect(
      told[0].sentence.contains("nonsense") && told[1].sentence.hasPrefix("lane a: ")
        && told[2].sentence == "there is no item 0000" && told[3].sentence.contains("ends at 11.000 s")
        && told[4].sentence.hasPrefix("lane a: "), "\(told)")
  }

  @Test(arguments: [0, -1]) func nonsenseOfTheLibraryIsRefused(_ rate: Int) {
    #expect(throws: PlanError.self) { try plan([placement { $0.asset.sampleRate = rate }]) }
    #expect(throws: PlanError.self) { try plan([placement { $0.asset.frames = .max }]) }
  }
}
