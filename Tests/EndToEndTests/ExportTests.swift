import Foundation
import TestSupport
import Testing

/// `thoth export`, from a library to files that ffmpeg decodes.
@Suite struct ExportTests {
  private let rig: ExportRig
  private var sandbox: Sandbox { rig.sandbox }

  init() throws { rig = try ExportRig() }

  @Test func nothingToExportIsTold() async throws {
    let path = rig.file("none.wav")
    let empty = try sandbox.thoth("export", "-o", path, "--search", "word")
    #expect(empty.code == 3 && empty.errors.contains("nothing matched"), "\(empty)")
    let unsaid = try sandbox.thoth("export", "-o", path)
    #expect(unsaid.code == 2 && unsaid.errors.contains("nothing says what to export"), "\(unsaid)")
    let text = try await rig.add([], "only a text")
    let mute = try sandbox.thoth("export", "-o", path, text)
    #expect(mute.code == 3 && mute.errors.contains("of 1 item the audio was not kept"), "\(mute)")
    #expect(rig.names.isEmpty)
  }

  /// Bit for bit, also where the samples are as loud as they can be.
  @Test(arguments: ["wav", "flac"]) func aSingleClipIsExact(_ ending: String) async throws {
    let samples = ExportRig.noise(3, seed: 1, amplitude: 32_767) + [-32_768, 32_767]
    let item = try await rig.add(samples)
    let path = rig.file("one.\(ending)")
    let told = try sandbox.thoth("export", "-o", path, String(item.prefix(13)), "--wait")
    #expect(told.code == 0 && told.output == "\(path)\n", "\(told)")
    #expect(try rig.decoded(path) == samples)
    #expect(rig.names == ["one.\(ending)"])
  }

  @Test(arguments: ["m4a", "opus", "ogg"]) func lossyFilesAreAsLong(_ ending: String) async throws {
    let item = try await rig.add(ExportRig.noise(3, seed: 1))
    let path = rig.file("one.\(ending)")
    #expect(try sandbox.thoth("export", "-o", path, item, "--wait").code == 0)
    let format = try #require(try rig.probed(path)["format"] as? [String: Any])
    let seconds = try #require((format["duration"] as? String).flatMap(Double.init))
    // The pre-skip of Opus counts in the length of an Ogg file.
    #expect(abs(seconds - 3) < 0.01, "\(format)")
    // AAC is decoded in whole frames of 1,024.
    let stream = try #require((try rig.probed(path)["streams"] as? [[String: Any]])?.first)
    let rate = try #require((stream["sample_rate"] as? String).flatMap(Int.init))
    let decoded = try rig.decoded(path)
    #expect((3 * rate..<3 * rate + 1024).contains(decoded.count), "\(decoded.count) at \(rate)")
  }

  @Test func clipsFollowEachOther() async throws {
    let (first, second) = (ExportRig.noise(1, seed: 1), ExportRig.noise(0.5, seed: 2))
    let earlier = try await rig.add(first, "first words", minute: 1)
    let later = try await rig.add(second, "second words", minute: 2)
    // What is found comes in the order of time, IDs in their own.
    let found = rig.file("found.wav")
    #expect(
      try sandbox.thoth("export", "-o", found, "--search", "words", "--gap", "250ms", "--wait").code == 0)
    #expect(try rig.decoded(found) == first + [Int16](repeating: 0, count: 4000) + second)
    let named = rig.file("named.flac")
    #expect(try sandbox.thoth("export", "-o", named, later, earlier, later, "--wait").code == 0)
    #expect(try rig.decoded(named) == second + first + second)
  }

  @Test func gapsAreSilence() async throws {
    let (first, second) = (ExportRig.noise(3, seed: 1), ExportRig.noise(8, seed: 2))
    let items = [try await rig.add(first, minute: 1), try await rig.add(second, minute: 2)]
    let cues = try rig.cues("# speech\n0 \(items[0])\n\n0:05 \(items[1]) 2-7s  # five of it\n")
    let path = rig.file("gaps.wav")
    #expect(try sandbox.thoth("export", "-o", path, "--cues", cues, "--wait").code == 0)
    let decoded = try rig.decoded(path)
    #expect(decoded.count == 160_000)
    #expect(decoded[48_000..<80_000].allSatisfy { $0 == 0 })
    #expect(Array(decoded[..<48_000]) == first)
    #expect(Array(decoded[80_000...]) == Array(second[32_000..<112_000]))
  }

  /// Parts from the middle of long recordings are found without decoding all before them.
  @Test func partsOfLongRecordingsAreExact() async throws {
    let samples = ExportRig.noise(900, seed: 5)
    let item = try await rig.add(samples)
    let cues = try rig.cues("0 \(item) 10:00.125-10:01\n1 \(item) 250ms-1\n2 \(item) 14:59.5-\n")
    let path = rig.file("parts.flac")
    #expect(try sandbox.thoth("export", "-o", path, "--cues", cues, "--wait").code == 0)
    let silence = [Int16](repeating: 0, count: 2000)
    let parts = [9_602_000..<9_616_000, 4000..<16_000, 14_392_000..<14_400_000].map { Array(samples[$0]) }
    #expect(try rig.decoded(path) == parts[0] + silence + parts[1] + silence + silence + parts[2])
  }

  @Test func lanesAreMixed() async throws {
    let samples = (1...3).map { ExportRig.noise(2, seed: $0, amplitude: 6000) }
    var items: [String] = []
    for (index, samples) in samples.enumerated() { items.append(try await rig.add(samples, minute: index)) }
    let cues = try rig.cues(
      "0 \(items[0]) speech\n1 \(items[1]) dictation -6.0206dB\n2 \(items[2]) speech\n0 \(items[2]) mute\n")
    let path = rig.file("lanes.wav")
    let told = try sandbox.thoth("export", "-o", path, "--cues", cues, "--wait")
    #expect(told.code == 0, "\(told)")
    let decoded = try rig.decoded(path)
    #expect(decoded.count == 64_000)
    for index in decoded.indices {
      var sum = 0.0
      if index < 32_000 { sum += Double(samples[0][index]) }
      if (16_000..<48_000).contains(index) { sum += Double(samples[1][index - 16_000]) / 2 }
      if index >= 32_000 { sum += Double(samples[2][index - 32_000]) }
      guard abs(Double(decoded[index]) - sum) <= 1 else {
        Issue.record("sample \(index) is \(decoded[index]) and not \(sum)")
        break
      }
    }
  }

  /// Three clips as loud as can be at the same time.
  @Test func overlappingClipsAreMixedWithoutClipping() async throws {
    var items: [String] = []
    for number in 1...3 {
      items.append(try await rig.add(ExportRig.noise(2, seed: number, amplitude: 32_000), minute: number))
    }
    let path = rig.file("over.wav")
    let cues = try rig.cues(items.enumerated().map { "\(Double($0) / 2) \($1)\n" }.joined())
    let plan = try sandbox.thoth("export", "-o", path, "--cues", cues, "--dry-run")
    #expect(plan.output.contains("clips lie over each other: mixed"), "\(plan)")
    #expect(try sandbox.thoth("export", "-o", path, "--cues", cues, "--wait").code == 0)
    let decoded = try rig.decoded(path)
    #expect(decoded.count == 48_000)
    let peak = decoded.map { abs(Int($0)) }.max() ?? 0
    // -1 dBFS
    #expect(peak <= 29_205 && peak > 28_000, "\(peak)")
  }

  @Test func clipsOfOtherRatesAndPlacesAreMixed() async throws {
    let tone = (0..<48_000).map { Int16(8000 * sin(2 * .pi * 440 * Double($0) / 48_000)) }
    let high = try await rig.add(tone, minute: 1, rate: 48_000)
    let low = try await rig.add((0..<16_000).map { tone[3 * $0] }, minute: 2)
    let path = rig.file("stereo.wav")
    let cues = try rig.cues("0 \(high) pan=-1\n1 \(low) pan=1\n")
    #expect(try sandbox.thoth("export", "-o", path, "--cues", cues, "--wait").code == 0)
    let stream = try #require((try rig.probed(path)["streams"] as? [[String: Any]])?.first)
    #expect(stream["sample_rate"] as? String == "48000" && stream["channels"] as? Int == 2)
    let decoded = try rig.decoded(path)
    #expect(decoded.count == 192_000)
    #expect((0..<48_000).allSatisfy { decoded[2 * $0] == tone[$0] && decoded[2 * $0 + 1] == 0 })
    // Away from its ends the resampled tone is the tone.
    #expect(
      (49_000..<95_000).allSatisfy {
        decoded[2 * $0] == 0 && abs(Int(decoded[2 * $0 + 1]) - Int(tone[$0 - 48_000])) < 80
      })
  }

  @Test func progressIsTold() async throws {
    let item = try await rig.add(ExportRig.noise(600, seed: 1))
    let events = try sandbox.follow()
    let path = rig.file("long.m4a")
    let job = try sandbox.thoth("export", "-o", path, item)
    #expect(job.code == 0 && job.output.count == 37, "\(job)")
    #expect(events.waitForOutput("\"what\":\"done\""))
    let notices = ExportRig.notices(events.output)
    let progress = notices.compactMap { $0["progress"] as? Double }
    #expect(progress.first == 0 && progress.last == 1 && progress == progress.sorted(), "\(progress)")
    #expect(notices.first?["what"] as? String == "started" && notices.first?["phase"] as? String == "plan")
    #expect(notices.allSatisfy { $0["job"] as? String == String(job.output.dropLast()) })
    let done = try #require(notices.last)
    #expect(done["path"] as? String == path && done["duration_ms"] as? Int == 600_000)
    let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
    #expect(done["bytes"] as? Int == size)
    let times = notices.filter { $0["what"] as? String == "progress" }.compactMap { $0["ts"] as? String }
    // At most ten in a second: no eleven lie within one.
    let seconds = times.compactMap {
      try? Date(
        $0,
        strategy: .iso8601.year().month().day().timeZone(separator: .omitted).time(
          includingFractionalSeconds: true))
    }
    for index in seconds.indices.dropFirst(11) {
      #expect(seconds[index].timeIntervalSince(seconds[index - 11]) > 0.99)
    }
  }

  @Test func anExportIsCancelled() async throws {
    let item = try await rig.add(ExportRig.noise(600, seed: 1))
    let ids = [String](repeating: item, count: 200)
    let events = try sandbox.follow()
    let path = rig.file("long.m4a")
    let running = try RunningProcess(
      Sandbox.program("thoth"), ["export", "-o", path, "--wait"] + ids, environment: sandbox.environment)
    #expect(events.waitForOutput("\"phase\":\"encode\""))
    let waiting = try sandbox.thoth("export", "-o", rig.file("next.wav"), item)
    let status = try sandbox.thoth("status").output
    #expect(
      status.contains("exporting \(path)") && status.contains("exporting \(rig.file("next.wav"))"),
      "\(status)")
    let job = try #require(ExportRig.notices(events.output).first?["job"] as? String)
    #expect(try sandbox.thoth("cancel", String(job.prefix(13))).code == 0)
    #expect(running.wait() == 130 && running.errors.contains("cancelled"))
    #expect(events.waitForOutput("\"what\":\"done\""))
    #expect(rig.names == ["next.wav"])
    #expect(try sandbox.thoth("cancel", String(waiting.output.dropLast())).code == 3)
    // Ctrl-C in a terminal.
    let interrupted = try RunningProcess(
      Sandbox.program("thoth"), ["export", "-o", path, "--wait"] + ids, environment: sandbox.environment)
    #expect(eventually { rig.names.contains { $0.hasSuffix(".part") } })
    interrupted.kill(SIGINT)
    #expect(interrupted.wait() == 130)
    // It has ended when the command has.
    #expect(rig.names == ["next.wav"])
    #expect(try sandbox.thoth("status").output.contains("exporting") == false)
  }
}
