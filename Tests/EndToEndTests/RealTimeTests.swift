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
    let followers = try (0..<2).map { _ in try sandbox.follow("--levels") }
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

  /// A process that may exceed no limit but those in `except`, and limits that anybody may set.
  struct Limits: Sendable {
    var priority: Int?
    var memlockKiB = 8_192
    var except: Set<String> = []
    let says: [String]

    /// The words before a command. Root is a user like others, once it has lost what makes it exceed limits.
    var command: [String] {
      let limits = priority.map { ["--rtprio=\($0)"] } ?? []
      let lost = Set(["sys_nice", "ipc_lock"]).subtracting(except).map { "-\($0)" }.joined(separator: ",")
      return ["prlimit", "--memlock=\(memlockKiB << 10)"] + limits
        + (geteuid() == 0 ? ["setpriv", "--bounding-set", lost, "--inh-caps", lost] : [])
    }

    var isPossible: Bool {
      get throws {
        try (except.isEmpty || geteuid() == 0) && run(command[0], command.dropFirst() + ["true"]).code == 0
      }
    }
  }

  /// What `thoth doctor` says where the system allows something, in part or not at all; the microphone works in each.
  @Test(arguments: [
    Limits(
      priority: 0, memlockKiB: 64,
      says: ["real time: not permitted (RLIMIT_RTPRIO is 0)", "- rtprio 10", "(RLIMIT_MEMLOCK is 64 KiB)"]),
    Limits(priority: 0, says: ["real time: not permitted", "; memory locked\n"]),
    Limits(
      memlockKiB: 1_024, except: ["sys_nice"],
      says: ["real time: priority 10, 5", "KiB locked in memory", "- memlock"]),
    Limits(priority: 5, says: ["real time: priority 5, memory locked\n"]),
  ])
  func doctorSaysWhatTheLimitsAllow(_ limits: Limits) throws {
    // Nobody can raise a hard limit without the right to.
    guard try limits.isPossible else { return print("not possible here: \(limits.command)") }
    let (configuration, sandbox) = try userWithMicrophone()
    let doctor = try run(
      limits.command[0], limits.command.dropFirst() + [Sandbox.program("thoth"), "doctor"],
      environment: sandbox.environment)
    for text in limits.says + ["ok   microphone: "] {
      #expect(doctor.output.contains(text), "\(doctor.output)")
    }
    withExtendedLifetime(configuration) {}
  }

  /// As root everything is allowed: the kernel says so too, and nothing stays locked after the recording.
  @Test(.enabled(if: geteuid() == 0)) func theThreadHasWhatDoctorSays() throws {
    let (configuration, sandbox) = try userWithMicrophone()
    #expect(try sandbox.thoth("doctor").output.contains("ok   real time: priority 10, memory locked\n"))
    #expect(try sandbox.thoth("record", "--output", "none").code == 0)
    let daemon = try #require(sandbox.daemon)
    #expect(try lockedKiB(daemon) >= 1_024 + 512)
    let tasks = "/proc/\(daemon)/task"
    let thread = try FileManager.default.contentsOfDirectory(atPath: tasks).first {
      try String(contentsOfFile: "\(tasks)/\($0)/comm", encoding: .utf8) == "thoth-capture\n"
    }
    let statistics = try String(contentsOfFile: "\(tasks)/\(#require(thread))/stat", encoding: .utf8)
    // proc(5): fields 40 and 41, the 38th and 39th after the name.
    let fields = statistics.split(separator: ")").last!.split(separator: " ")
    #expect(fields[37] == "10")
    #expect(fields[38] == "\(SCHED_FIFO)")
    #expect(try sandbox.thoth("cancel").code == 0)
    #expect(try eventually { try lockedKiB(daemon) == 0 })
    withExtendedLifetime(configuration) {}
  }

  /// A daemon that was stopped for longer than the device's buffer lasts: the event tells what the counter in the
  /// recording shows to be missing, and the recording goes on.
  @Test func whatAnOverrunLosesIsTold() throws {
    let (configuration, sandbox) = try userWithMicrophone()
    let events = try sandbox.follow()
    let job = String(try sandbox.thoth("record", "--output", "none").output.dropLast())
    #expect(sandbox.waitForAudio(of: job, seconds: 0.5))
    #expect(events.waitForOutput("recording"))
    let daemon = try #require(sandbox.daemon)
    kill(daemon, SIGSTOP)
    usleep(1_500_000)
    kill(daemon, SIGCONT)
    #expect(events.waitForOutput("\"what\":\"overrun\""))
    let before = try #require(sandbox.audio(of: job)).count
    #expect(eventually { sandbox.audio(of: job)?.count ?? 0 > before + 16_000 })
    let told = try #require(events.output.firstMatch(of: /"lost_frames":(\d+),"lost_ms":(\d+)/))
    let lost = try #require(Int(told.1))
    #expect(Int(told.2) == Int((Double(lost) / 16).rounded()))
    let samples = try #require(sandbox.audio(of: job)).dropFirst(44).withUnsafeBytes {
      [Int16]($0.bindMemory(to: Int16.self))
    }
    let gaps = samples.indices.dropLast().filter { samples[$0 + 1] != samples[$0] &+ 1 }
    #expect(gaps.count == 1)
    let missing = Int(UInt16(bitPattern: samples[gaps[0] + 1] &- samples[gaps[0]])) - 1
    #expect(missing > 16_000)
    // A period, and what passes between a clock's reading and the start of the device on a busy computer.
    #expect(abs(lost - missing) <= 160 + 320, "told \(lost), missing \(missing)")
    print("overrun: told \(lost) frames, missing \(missing)")
    #expect(try sandbox.thoth("cancel").code == 0)
    withExtendedLifetime(configuration) {}
  }

  private func userWithMicrophone() throws -> (ALSAConfiguration, Sandbox) {
    let configuration = try ALSAConfiguration()
    _ = try FaultMicrophone(named: "default", in: configuration)
    return (configuration, try Sandbox(configuration.environment))
  }

  private func lockedKiB(_ process: Int32) throws -> Int {
    let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
    return try #require(status.firstMatch(of: /VmLck:\s*(\d+)/).flatMap { Int($0.1) })
  }
}

/// Sanitizers bring an allocator and locks of their own.
private let hasNoSanitizer = dlsym(nil, "__tsan_init") == nil && dlsym(nil, "__asan_init") == nil
