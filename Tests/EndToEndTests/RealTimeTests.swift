import Foundation
import TestSupport
import Testing

/// What the daemon's capture thread does while it captures: nothing that may make it wait.
@Suite struct RealTimeTests {
  /// The counting itself: a program that does each kind of act a known number of times, before, within and after.
  @Test(.enabled(if: hasNoSanitizer)) func whatIsCountedIsWhatHappens() throws {
    let configuration = try ALSAConfiguration()
    let watch = try CaptureWatch()
    #expect(try watch.runKnown(device: "null") == 0)
    let report = try #require(watch.reports.first)
    #expect(report.reads == 3)
    #expect(report.frames == 480)
    let counted = [
      "allocations": 4, "frees": 3, "maps": 2, "locks": 3, "waits": 2, "writes": 2, "prints": 2, "polls": 1,
      "wakes": 1,
    ]
    #expect(report.own == counted)
    // alsa-lib takes a lock of its own in each read.
    #expect(report.alsa["locks"] == 2)
    withExtendedLifetime(configuration) {}
  }

  /// A minute of sound at twenty times its pace, with readers of events and levels, while the engine transcribes what
  /// was said before.
  @Test(.enabled(if: hasNoSanitizer)) func theCaptureThreadDoesNothingThatMayWait() throws {
    let configuration = try ALSAConfiguration()
    for (name, file) in [("minute", nil), ("before", recording("utt_jfk.wav"))] {
      _ = try FaultMicrophone(
        .init {
          $0.speed = 20
          $0.isPatient = true
          $0.file = file
        }, named: name, in: configuration)
    }
    let watch = try CaptureWatch()
    let sandbox = try Sandbox(
      configuration.environment.merging(watch.environment) { $1 }, hasEngine: true)
    #expect(try sandbox.thoth("engine", "start").code == 0)
    let followers = try (0..<2).map { _ in try sandbox.start("events", "--levels") }
    let before = try sandbox.thoth("record", "--device", "before", "--output", "none").output.dropLast()
    #expect(sandbox.waitForAudio(of: String(before), seconds: 11))
    #expect(try sandbox.thoth("stop").code == 0)
    let minute = try sandbox.thoth("record", "--device", "minute", "--output", "none").output.dropLast()
    #expect(sandbox.waitForAudio(of: String(minute), seconds: 60))
    #expect(try sandbox.thoth("cancel").code == 0)
    #expect(try eventually { try watch.reports.count == 2 })
    for report in try watch.reports {
      #expect(report.isClean, "\(report.own) \(report.offences.joined(separator: "\n"))")
      #expect(report.own["wakes"]! >= report.reads - 2)
      print("capture thread: \(report.reads) reads, own \(report.own), in alsa-lib \(report.alsa)")
    }
    #expect(try watch.reports.last!.frames >= 60 * 16_000)
    for follower in followers { #expect(follower.output.contains("rms_db")) }
  }
}

/// Sanitizers bring an allocator and locks of their own.
private let hasNoSanitizer = dlsym(nil, "__tsan_init") == nil && dlsym(nil, "__asan_init") == nil
