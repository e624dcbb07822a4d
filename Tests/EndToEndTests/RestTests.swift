import Foundation
import TestSupport
import Testing

/// The daemon at rest, and when it is asked too much.
@Suite(.serialized) struct RestTests {
  private let configuration: ALSAConfiguration
  private let sandbox: Sandbox
  private let server: FaultServer

  init() throws {
    configuration = try ALSAConfiguration()
    _ = try FaultMicrophone(
      .init { settings in
        settings.file = recording("cmd_goforward.wav")
        settings.speed = 4
      }, named: "default", in: configuration)
    sandbox = try Sandbox(configuration.environment)
    server = try FaultServer()
    try sandbox.writeSettings("[[engine]]\nurl = \"\(server.url("ok"))\"\n[output]\nmethod = \"none\"\n")
  }

  /// How often the threads of a process were switched: what does not wake up keeps its numbers.
  private func switches(_ process: Int32) throws -> [String: String] {
    let threads = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/task")
    let counts = threads.map { thread in
      (try? String(contentsOfFile: "/proc/\(process)/task/\(thread)/status", encoding: .utf8))?
        .split(separator: "\n").filter { $0.contains("ctxt_switches") }.joined()
    }
    return Dictionary(uniqueKeysWithValues: zip(threads, counts.map { $0 ?? "" }))
  }

  /// A daemon that has settled sleeps, and nothing wakes it: two looks find the same.
  private func expectSleep() throws {
    // The thread sanitizer has a thread of its own, which wakes up ten times a second.
    guard dlsym(nil, "__tsan_init") == nil else { return }
    let daemon = try #require(sandbox.daemon)
    #expect(
      try eventually {
        let before = try switches(daemon)
        usleep(2_500_000)
        return try switches(daemon) == before
      })
  }

  @Test func anIdleDaemonNeverWakesUp() throws {
    #expect(try sandbox.thoth("status").code == 0)
    try expectSleep()
    let job = try sandbox.thoth("record").output.dropLast()
    #expect(sandbox.waitForAudio(of: String(job), seconds: 2.5))
    #expect(try sandbox.thoth("stop", "--wait").code == 0)
    try expectSleep()
  }

  /// Connects `count` times and asks nothing; then answers "N" for each "?": how many were told why not.
  private func crowd(_ count: Int) throws -> RunningProcess {
    let script = """
      import resource, select, socket, sys
      hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
      resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
      clients = []
      for _ in range(int(sys.argv[2])):
          client = socket.socket(socket.AF_UNIX)
          client.setblocking(False)
          try:
              client.connect(sys.argv[1])
          except BlockingIOError:
              client.setblocking(True)
              client.connect(sys.argv[1])
          clients.append(client)
      print("connected", flush=True)
      told = [b""] * len(clients)
      for line in sys.stdin:
          poll = select.poll()
          for client in clients:
              poll.register(client, select.POLLIN)
          ready = {number for number, _ in poll.poll(0)}
          told = [text or (client.recv(4096) if client.fileno() in ready else b"") for text, client in zip(told, clients)]
          print("told", sum(text.endswith(b"=3\\n") for text in told), flush=True)
      """
    return try RunningProcess(
      "/usr/bin/python3", ["-c", script, sandbox.file("run/thoth/control.sock"), "\(count)"])
  }

  @Test func aThousandClientsThatAskNothingAreLimited() throws {
    #expect(try sandbox.thoth("status").code == 0)
    let crowd = try crowd(1000)
    #expect(crowd.waitForOutput("connected"))
    #expect(
      eventually {
        crowd.send("?\n")
        return crowd.output.contains("told 744\n")
      }, "\(crowd.output) \(crowd.errors)")
    let refused = try sandbox.thoth("status")
    #expect(refused.code == 3)
    #expect(refused.errors == "thoth: 256 commands are connected already: end some of them\n")
    try expectSleep()
    crowd.closeInput()
    crowd.wait()
    #expect(eventually { (try? sandbox.thoth("status").code) == 0 })
  }

  @Test func aDaemonWithFewDescriptorsSleepsWhenTheyAreGone() throws {
    let daemon = try RunningProcess(
      "/bin/sh", ["-c", "ulimit -n 34; exec '\(Sandbox.program("thothd"))'"], environment: sandbox.environment
    )
    #expect(eventually { FileManager.default.fileExists(atPath: sandbox.file("run/thoth/control.sock")) })
    #expect(sandbox.daemon == daemon.id)
    // No more than the socket keeps waiting: whoever connects then would hang.
    let crowd = try crowd(60)
    #expect(crowd.waitForOutput("connected"))
    let before = try ticks(daemon.id)
    sleep(2)
    // One that spins takes all of the 200.
    #expect(try ticks(daemon.id) - before < 20)
    crowd.closeInput()
    crowd.wait()
    #expect(eventually { (try? sandbox.thoth("status").code) == 0 })
    #expect(daemon.isRunning)
    daemon.end()
  }

  /// The time on a processor, in hundredths of a second.
  private func ticks(_ process: Int32) throws -> Int {
    let fields = try String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8).split(separator: " ")
    return try #require(Int(fields[13])) + #require(Int(fields[14]))
  }

  @Test func theLogHasTimesAndIsCut() throws {
    let log = sandbox.file("state/thoth/thothd.log")
    let filling = Data(repeating: UInt8(ascii: "x"), count: 1_100_000)
    try FileManager.default.createDirectory(
      atPath: sandbox.file("state/thoth"), withIntermediateDirectories: true)
    try filling.write(to: URL(fileURLWithPath: log))
    #expect(try sandbox.thoth("status").code == 0)
    #expect(FileManager.default.contents(atPath: log + ".1") == filling)
    #expect(sandbox.log.isEmpty)

    try FileManager.default.removeItem(atPath: log + ".1")
    let appending = try #require(FileHandle(forWritingAtPath: log))
    try appending.write(contentsOf: filling)
    try sandbox.writeSettings("[audio\n")
    #expect(eventually { FileManager.default.fileExists(atPath: log + ".1") })
    #expect(eventually { sandbox.log.isEmpty })
    try sandbox.writeSettings("[output\n")
    #expect(eventually { sandbox.log.contains("\n") })
    let line = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z thothd: .*config\.toml: .*\n/
    #expect(sandbox.log.wholeMatch(of: line) != nil, "\(sandbox.log)")
    #expect(FileManager.default.contents(atPath: log + ".1")?.count ?? 0 > filling.count)
  }

  @Test func aLateReaderLearnsWhatIsGoingOn() throws {
    let idle = try sandbox.follow()
    #expect(idle.output.contains("\"from\":\"idle\",\"state\":\"idle\""))
    #expect(!idle.output.contains("\"seq\"") && !idle.output.contains("\"job\""))
    let job = String(try sandbox.thoth("record").output.dropLast())
    let late = try sandbox.follow()
    #expect(
      late.output.contains(
        "\"device\":\"default\",\"from\":\"recording\",\"job\":\"\(job)\",\"state\":\"recording\""))
    #expect(!late.output.contains("\"seq\""))
    #expect(try sandbox.thoth("cancel").code == 0)
    #expect(late.waitForOutput("\"seq\":2,\"state\":\"cancelled\""), "\(late.output)")
  }

  @Test(arguments: ["status", "config show", "help"]) func anAnswerThatCannotBeWritten(command: String) throws
  {
    let answer = try run(
      "/bin/sh", ["-c", "'\(Sandbox.program("thoth"))' \(command) >/dev/full"],
      environment: sandbox.environment)
    #expect(answer.code == 1)
    #expect(answer.errors == "thoth: the answer cannot be written: No space left on device\n")
  }

  /// It is killed while it is stopped: it has the connection and the request, and has not looked at them.
  @Test(arguments: ["status", "record"]) func aDaemonThatEndedBeforeItBeganIsReplaced(command: String) throws
  {
    #expect(try sandbox.thoth("status").code == 0)
    let first = try #require(sandbox.daemon)
    kill(first, SIGSTOP)
    #expect(try eventually { try threads(first).allSatisfy { $0.contains(") T ") } })
    let client = try sandbox.start(command)
    #expect(eventually { waitsForAnswer(client.id) })
    kill(first, SIGKILL)
    #expect(client.wait() == 0, "\(client.errors)")
    #expect(sandbox.daemon != first)
  }

  @Test func whatWasBegunIsNotRepeated() throws {
    try sandbox.writeSettings(
      "[[engine]]\nurl = \"\(server.url("never"))\"\nspeculate = \"off\"\n[output]\nmethod = \"none\"\n")
    let job = try sandbox.thoth("record").output.dropLast()
    #expect(sandbox.waitForAudio(of: String(job), seconds: 2.5))
    let client = try sandbox.start("stop", "--wait")
    #expect(server.waitFor("never"))
    kill(try #require(sandbox.daemon), SIGKILL)
    #expect(client.wait() == 8)
    #expect(client.errors.contains("before it answered"))
  }

  /// Whether a process is in read(2), which is call 0: a client that has asked.
  private func waitsForAnswer(_ process: Int32) -> Bool {
    (try? String(contentsOfFile: "/proc/\(process)/syscall", encoding: .utf8))?.hasPrefix("0 ") == true
  }

  /// What the kernel tells of each thread of a process.
  private func threads(_ process: Int32) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/task").map {
      try String(contentsOfFile: "/proc/\(process)/task/\($0)/stat", encoding: .utf8)
    }
  }
}
