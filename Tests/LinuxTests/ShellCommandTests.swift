import Glibc
import Linux
import TestSupport
import Testing

/// Commands that read, do not read, complain, and never end.
@Suite struct ShellCommandTests {
  private let folder: TemporaryFolder
  private let long = [UInt8](repeating: 0x61, count: 1_000_000)

  init() throws {
    folder = try TemporaryFolder()
    signal(SIGPIPE, SIG_IGN)
  }

  /// `limit`: in milliseconds; what ends by itself has ten minutes.
  private func shell(
    _ line: String, _ input: [UInt8], limit: Int = 600_000, cancellation: WakeEvent = WakeEvent()
  ) -> (end: ShellCommand.End, complaint: String)? {
    let environment = ["PATH": "/usr/bin:/bin", "OUT": folder.file("out")]
    let run = ShellCommand.run(
      line, input: input, environment: environment, within: limit, cancellation: cancellation)
    return run.map { ($0.end, String(decoding: $0.complaint, as: UTF8.self)) }
  }

  @Test func itReadsItsInputToTheEnd() throws {
    let run = try #require(shell("cat >\"$OUT\"", long))
    #expect(run.end == .ended(code: 0, tookAll: true) && run.complaint == "")
    #expect(folder.read("out")?.utf8.count == long.count)
  }

  @Test func whatIsNotReadIsTold() throws {
    let run = try #require(shell("head -c 10 >\"$OUT\"", long))
    #expect(run.end == .ended(code: 0, tookAll: false))
    #expect(folder.read("out") == "aaaaaaaaaa")
  }

  @Test(
    arguments: [
      ("exit 3", 3, ""), ("echo one >&2; echo two >&2; exit 1", 1, "one"),
      ("no-such-program", 127, "not found"), ("kill -9 $$", 137, ""),
      ("yes | head -c 1000000 >&2; exit 2", 2, "y"), ("exec <&-; echo closed >&2; exit 4", 4, "closed"),
      ("'", 2, ""),
    ] as [(String, Int32, String)])
  func failuresAreTold(line: String, code: Int32, complaint: String) throws {
    let run = try #require(shell(line, Array("text".utf8)))
    guard case .ended(code, _) = run.end else { throw Unexpected(description: "\(run)") }
    #expect(complaint == "" || run.complaint.hasSuffix(complaint), "\(run)")
  }

  @Test(arguments: ["sleep 1000", "exec <&-; sleep 1000", "cat >/dev/null; sleep 1000"])
  func whatNeverEndsIsEnded(line: String) throws {
    let run = try #require(shell("echo $$ >\"$OUT\"; sleep 1000 & \(line)", long, limit: 2_000))
    #expect(run.end == .late)
    // The shell, and what it has started, are one group. On a busy machine it may not have got that far.
    guard let process = folder.read("out").flatMap({ Int32($0.dropLast()) }) else { return }
    #expect(eventually { kill(-process, 0) != 0 })
  }

  @Test func itIsEndedWhenItIsNotWantedAnyMore() throws {
    let cancellation = WakeEvent()
    cancellation.signal()
    let run = try #require(shell("sleep 1000", long, cancellation: cancellation))
    #expect(run.end == .cancelled)
  }

  /// As wl-copy does, which stays to hand the text out; it keeps its standard error.
  @Test func whatItLeavesInTheBackgroundIsNotWaitedFor() throws {
    let run = try #require(shell("cat >/dev/null; sleep 1000 & echo $! >\"$OUT\"", [0x61]))
    #expect(run.end == .ended(code: 0, tookAll: true))
    let process = try #require(folder.read("out").flatMap { Int32($0.dropLast()) })
    #expect(kill(process, SIGKILL) == 0)
  }

  private struct Unexpected: Error, CustomStringConvertible { let description: String }
}
