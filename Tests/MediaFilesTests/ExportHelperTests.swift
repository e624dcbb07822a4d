import Foundation
import TestSupport
import Testing

/// `thoth-media export` on its own: what it may have, and what it leaves.
@Suite struct ExportHelperTests {
  let workshop: Workshop
  let program = Sandbox.program("thoth-media")

  init() throws { workshop = try Workshop() }

  /// The job of a file at `path` in which `count` clips are heard at the same time.
  private func job(_ count: Int, _ path: String, skipsDamaged: Bool = false) throws -> String {
    let source = try workshop.make("clip.flac", ["-t", "1", "-ac", "1", "-ar", "16000"])
    let clip: [String: Any] = [
      "item": "0", "title": "",
      "asset": ["path": source, "sample_rate": 16_000, "channels": 1, "frames": 16_000],
      "offset": 0, "start": 0, "length": 16_000, "gain_db": -60.0, "is_muted": false,
    ]
    let plan: [String: Any] = [
      "format": ["sample_rate": 16_000, "channels": 1], "frames": 16_000,
      "clips": [[String: Any]](repeating: clip, count: count),
    ]
    let job: [String: Any] = [
      "plan": plan, "type": "wav", "path": path, "temporary": path + ".part", "normalizes": false,
      "skips_damaged": skipsDamaged, "replaces": false, "mode": 0o600, "tags": [String: String](),
    ]
    let line = try JSONSerialization.data(withJSONObject: job, options: .withoutEscapingSlashes)
    return String(decoding: line, as: UTF8.self) + "\n"
  }

  /// Makes it, with what a `limit` of the shell allows. The pipe stays open: its end would end it.
  private func make(_ job: String, _ limit: String = "true") throws -> (code: Int32, errors: String) {
    let helper = try RunningProcess("bash", ["-c", "\(limit); exec \"$0\" export", program])
    helper.send(job)
    return (helper.wait(), helper.errors)
  }

  @Test func itHasALimit() throws {
    let helper = try RunningProcess(program, ["export"])
    // Under a sanitizer, which needs more, there is no such limit.
    let limits = isSanitized ? "Max address space +unlimited" : "Max address space +4294967296 +4294967296 "
    #expect(
      try eventually {
        try String(contentsOfFile: "/proc/\(helper.id)/limits", encoding: .utf8).contains(try Regex(limits))
      })
  }

  @Test func manyClipsAtAMomentFit() throws {
    let path = workshop.folder.file("many.wav")
    let made = try make(try job(1000, path))
    #expect(made.code == 0, "\(made)")
    #expect(listed() == ["clip.flac", "many.wav"])
  }

  /// Where it runs out, that is told as what it is, and nothing is left.
  @Test(.enabled(if: !isSanitized), arguments: [false, true])
  func moreThanFitAreRefused(skipsDamaged: Bool) throws {
    let path = workshop.folder.file("many.wav")
    for megabytes in [500, 600, 700] {
      let refused = try make(try job(3000, path, skipsDamaged: skipsDamaged), "ulimit -v \(megabytes * 1024)")
      #expect(
        refused.code == 1 && refused.errors.contains("more memory than an export may have"), "\(refused)")
      #expect(listed() == ["clip.flac"])
    }
  }

  /// Nothing is wrong with the audio that cannot be opened any more.
  @Test(arguments: [false, true]) func moreThanCanBeOpenAreRefused(skipsDamaged: Bool) throws {
    let path = workshop.folder.file("many.wav")
    let refused = try make(try job(200, path, skipsDamaged: skipsDamaged), "ulimit -n 100")
    #expect(refused.code == 1 && refused.errors.contains("more open files than"), "\(refused)")
    #expect(listed() == ["clip.flac"])
  }

  /// The daemon's end, at any moment.
  @Test func itLeavesNothingWhenNobodyWantsTheFile() throws {
    let path = workshop.folder.file("out.wav")
    let job = try job(500, path)
    for _ in 0..<10 {
      let code = try run(program, ["export"], input: job).code
      // It may have been faster than its end.
      let isMade = code == 0
      #expect(isMade || code == 130, "\(code)")
      #expect(listed() == (isMade ? ["clip.flac", "out.wav"] : ["clip.flac"]))
      if isMade { try FileManager.default.removeItem(atPath: path) }
    }
  }

  /// Its end comes on standard input.
  @Test func itGoesOnWhenNobodyListens() throws {
    let path = workshop.folder.file("out.wav")
    let line = "exec 3<&0; \"$0\" export <&3 | true; exit ${PIPESTATUS[0]}"
    let helper = try RunningProcess("bash", ["-c", line, program])
    helper.send(try job(500, path))
    #expect(helper.wait() == 0, "\(helper.errors)")
    #expect(listed() == ["clip.flac", "out.wav"])
  }

  private func listed() -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: workshop.folder.path)) ?? []).sorted()
  }
}

private let isSanitized = ["__asan_init", "__tsan_init"].contains { (name: String) in dlsym(nil, name) != nil
}
