import Foundation
import Linux
import TestSupport
import Testing

@Suite struct HelperTests {
  let workshop: Workshop
  let program = Sandbox.program("thoth-media")

  init() throws { workshop = try Workshop() }

  @Test func itTakesWhatOthersLeaveAndNotMuch() throws {
    let helper = try RunningProcess(program, ["decode"])
    helper.send("RIFF")
    // It has set its limits when it waits for the pipe.
    #expect(eventually { (try? status(helper.id, "Seccomp")) == "2" })
    #expect(try status(helper.id, "NoNewPrivs") == "1")
    let limits = try String(contentsOfFile: "/proc/\(helper.id)/limits", encoding: .utf8)
    #expect(limits.contains(try Regex("Max core file size +0 +0 ")))
    #expect(limits.contains(try Regex("Max open files +16 +16 ")))
    // Under a sanitizer, which needs more, there is no such limit.
    if !limits.contains(try Regex("Max address space +unlimited")) {
      #expect(limits.contains(try Regex("Max address space +1073741824 +1073741824 ")))
    }
    #expect(getpriority(__priority_which_t(PRIO_PROCESS.rawValue), id_t(helper.id)) >= 10)
    #expect(sched_getscheduler(helper.id) == 5)  // SCHED_IDLE of sched(7)
    helper.closeInput()
    #expect(helper.wait() == 1)
  }

  @Test func itStartsNoProgramAndOpensNoSocket() async {
    await #expect(processExitsWith: .success) {
      limitReach()
      let connection = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      let isRefused = connection < 0 && errno == EPERM
      let words = [strdup("/bin/true"), nil]
      execv("/bin/true", words)
      exit(isRefused && errno == EPERM ? 0 : 1)
    }
  }

  @Test func workThatDoesNotComeBackIsEnded() async {
    await #expect(processExitsWith: .signal(SIGPROF)) {
      endAfterProcessorTime(seconds: 1)
      while true { sched_yield() }
    }
  }

  @Test func itEndsQuietlyWhenNobodyListens() throws {
    let path = try workshop.make("long.flac", ["-af", "aloop=loop=-1:size=44000", "-t", "600"])
    let done = try run(
      "bash", ["-c", "\"$0\" decode <\"$1\" | head -c 1000 >/dev/null; echo ${PIPESTATUS[0]}", program, path])
    #expect(["0\n", "141\n"].contains(done.output))
    #expect(done.errors == "")
  }

  @Test func itEndsWithItsParent() throws {
    #expect(try run(program, ["decode", "--parent", "1"]).code == 1)
    // The shell is its parent, tells its id and is killed; the pipe stays open.
    let shell = try RunningProcess(
      "bash", ["-c", "exec 3<&0; \"$0\" decode --parent $$ <&3 & echo $!; wait", program])
    #expect(shell.waitForOutput("\n"))
    let helper = try #require(Int32(shell.output.dropLast()))
    #expect(eventually { (try? status(helper, "Seccomp")) == "2" })
    shell.kill(SIGKILL)
    #expect(eventually { (try? status(helper, "State"))?.hasPrefix("Z") ?? true })
  }

  @Test func aCrashAndAnExhaustedLimitEndIt() throws {
    // Swift's own handler, and a sanitizer's, would have the signal forgotten: it was sent from outside.
    let environment = ProcessInfo.processInfo.environment.merging([
      "SWIFT_BACKTRACE": "enable=no", "ASAN_OPTIONS": "handle_segv=0",
    ]) { $1 }
    let crashed = try RunningProcess(program, ["decode"], environment: environment)
    #expect(eventually { (try? status(crashed.id, "Seccomp")) == "2" })
    crashed.kill(SIGSEGV)
    #expect(crashed.wait() == 128 + SIGSEGV)

    let path = try workshop.make("a.m4a", ["-c:a", "aac"])
    for megabytes in [100, 203, 204, 205, 206, 207, 240] {
      let line = "ulimit -v \(megabytes * 1024); \"$0\" decode <\"$1\" >/dev/null"
      let code = try run("bash", ["-c", line, program, path], environment: environment).code
      // A process that hangs is killed by those who wait.
      #expect(code != 128 + SIGKILL, "\(megabytes) MB")
      #expect(code != 0 || megabytes > 100, "\(megabytes) MB")
    }
  }

  @Test func whatItCannotWriteIsAFailure() throws {
    let done = try run("bash", ["-c", "\"$0\" decode <\"$1\" >/dev/full", program, Workshop.speech])
    #expect(done.code == 1)
    #expect(done.errors.contains("\"storage\""))
    #expect(done.errors.contains("No space left on device"))
  }

  /// A line of /proc/…/status.
  private func status(_ process: Int32, _ name: String) throws -> String? {
    try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8).split(separator: "\n")
      .first { $0.hasPrefix("\(name):") }?.split(separator: "\t").last.map(String.init)
  }
}
