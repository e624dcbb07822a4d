import Testing

@testable import CommandLine

@Suite struct ParserTests {
  @Test(arguments: [
    (["record"], ControlRequest(command: "record")),
    (
      ["record", "--device", "hw:1", "--output=stdout", "--follow"],
      ControlRequest(command: "record", options: ["device": "hw:1", "output": "stdout", "follow": ""])
    ),
    (
      ["engine", "install", "--model", "tiny.en"],
      ControlRequest(command: "engine install", options: ["model": "tiny.en"])
    ),
    (["record", "--auto-stop"], ControlRequest(command: "record", options: ["auto-stop": "2s"])),
    (
      ["toggle", "--auto-stop=500ms"], ControlRequest(command: "toggle", options: ["auto-stop": "500ms"])
    ),
    (
      ["history", "--tag", "a=1", "--limit", "2", "--limit=3", "--tag=b=2"],
      ControlRequest(command: "history", options: ["tag": "a=1\nb=2", "limit": "3"])
    ),
    (
      ["history", "tag", "01a1", "a=b c"],
      ControlRequest(command: "history tag", arguments: ["01a1", "a=b c"])
    ),
    (["config", "set", "a.b", "-"], ControlRequest(command: "config set", arguments: ["a.b", "-"])),
    (
      ["config", "set", "a.b", "--", "--help"],
      ControlRequest(command: "config set", arguments: ["a.b", "--help"])
    ),
  ])
  func commandLinesAreRead(words: [String], request: ControlRequest) throws {
    #expect(try parse(words) == .request(request))
  }

  @Test(arguments: [
    ([], "no command"), (["sing"], "no command \"sing\""), (["record", "now"], "too much"),
    (["record", "--sing"], "no option --sing"), (["record", "--device"], "needs a value"),
    (["record", "--output", "moon"], "is one of"), (["engine"], "a command is missing"),
    (["engine", "sing"], "no command \"sing\""), (["config", "get"], "KEY is missing"),
    (["record", "--follow=yes"], "takes no value"), (["record", "--auto-stop", "2s"], "too much"),
    (["record", "--auto-stop="], "needs a value"),
  ])
  func mistakesAreOneSentenceWithTheWayOut(words: [String], part: String) {
    let error = #expect(throws: UsageError.self) { try parse(words) }
    #expect(error?.description.contains(part) == true)
    #expect(error?.description.contains("--help") == true || part == "is one of" || part == "takes no value")
  }

  @Test func everyCommandHasHelpWithAnExample() throws {
    func check(_ commands: [Command], path: [String]) throws {
      for command in commands {
        let words = path + [command.name]
        guard case .print(let text) = try parse(words + ["--help"]) else {
          Issue.record("\(words) prints no help")
          continue
        }
        #expect(text.contains("Usage: thoth \(words.joined(separator: " "))"))
        #expect(text.contains(command.example) && !command.example.isEmpty)
        for option in command.options { #expect(text.contains("--\(option.name)")) }
        try check(command.subcommands, path: words)
      }
    }
    try check(commandTable, path: [])
    for command in commandTable { #expect(overallHelp().contains("  \(command.name)")) }
  }

  @Test(arguments: ["plain", "tab\tnew\nline\\slash", "\u{301}combining", "a=b=c", "", "CR\r\nLF"])
  func requestsSurviveTheWire(text: String) {
    let request = ControlRequest(
      command: "config set", options: ["device": text], arguments: [text], environment: ["THOTH_X": text])
    #expect(request.line.unicodeScalars.filter { $0 == "\n" }.count == 1)
    #expect(ControlRequest(line: String(request.line.dropLast())) == request)
  }

  @Test(arguments: [
    ("config get", [], false), ("config get", ["a"], true), ("config get", ["a", "b"], false),
    ("config", [], false), ("", [], false), ("record", [], true), ("cancel", [], true),
    ("record now", [], false),
  ])
  func requestsOfOtherVersionsAreChecked(command: String, arguments: [String], isRight: Bool) {
    #expect(isWellFormed(ControlRequest(command: command, arguments: arguments)) == isRight)
  }

  @Test func repliesSurviveTheWire() {
    let lines = ControlReply.output("one\r\ntwo\n").lines.unicodeScalars.split(separator: "\n").map {
      Substring($0)
    }
    #expect(lines.map { ControlReply(line: $0) } == [.output("one\r"), .output("two"), .output("")])
    #expect(ControlReply(line: "=130") == .exit(130))
    #expect(ControlReply(line: "?") == nil)
    #expect(ControlRequest(line: "GET / HTTP/1.1") == nil)
  }
}
