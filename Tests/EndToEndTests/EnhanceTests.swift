import Foundation
import TestSupport
import Testing

/// Texts that a language model edits, from the command line.
@Suite struct EnhanceTests {
  private let configuration: ALSAConfiguration
  private let sandbox: Sandbox
  private let folder: TemporaryFolder
  private let server: FaultServer

  init() throws {
    configuration = try ALSAConfiguration()
    _ = try FaultMicrophone(
      .init { settings in
        settings.file = recording("cmd_goforward.wav")
        settings.speed = 8
        settings.isPatient = true
      }, named: "default", in: configuration)
    server = try FaultServer()
    folder = try TemporaryFolder()
    sandbox = try Sandbox(configuration.environment)
    try configure("edit")
  }

  private func configure(_ mode: String, _ more: String = "") throws {
    try sandbox.writeSettings(
      """
      [enhance]
      url = "\(server.url(mode))"
      model = "small"
      \(more)
      [[engine]]
      url = "\(server.url("ok"))"
      """)
  }

  private func dictated(_ options: String...) throws -> (code: Int32, output: String, errors: String) {
    let begun = try run(Sandbox.program("thoth"), ["record"] + options, environment: sandbox.environment)
    guard begun.code == 0 else { return begun }
    #expect(sandbox.waitForAudio(of: String(begun.output.dropLast()), seconds: 2))
    return try sandbox.thoth("stop", "--output", "stdout")
  }

  /// `thoth enhance` with `text` on its standard input.
  private func enhance(_ text: String, _ options: String...) throws -> (
    code: Int32, output: String, errors: String
  ) {
    try run(Sandbox.program("thoth"), ["enhance"] + options, environment: sandbox.environment, input: text)
  }

  @Test func aDictationIsEditedIfAsked() throws {
    let events = try sandbox.follow()
    #expect(try dictated().output == "all is well\n")
    #expect(try dictated("--enhance", "fix-grammar").output == "All is well.\n")
    #expect(events.waitForOutput("\"filtered_text\":\"all is well\""))
    #expect(try sandbox.thoth("config", "set", "enhance.enabled", "true").code == 0)
    #expect(try dictated().output == "All is well.\n")
    #expect(try dictated("--no-enhance").output == "all is well\n")
    #expect(
      try sandbox.thoth("history", "--format", "json").output.contains("\"filtered_text\":\"all is well\""))
  }

  @Test func whatIsRejectedOrLateIsTold() throws {
    let events = try sandbox.follow()
    try configure("say-Paris.")
    #expect(try dictated("--enhance", "fix-grammar").output == "all is well\n")
    #expect(events.waitForOutput("\"what\":\"rejected\""), "\(events.output)")
    try configure("later", "budget = \"100ms\"")
    #expect(try dictated("--enhance", "fix-grammar").output == "all is well\n")
    try server.release()
    #expect(events.waitForOutput("\"what\":\"ready\""), "\(events.output)")
    #expect(try sandbox.thoth("last").output == "All is well.\n")
  }

  @Test func anyTextIsEdited() throws {
    #expect(try enhance("hello there\n") == (0, "Hello there.\n", ""))
    #expect(try enhance("one\n\ntwo\n", "-", "--prompt", "simplify") == (0, "One\n\ntwo.\n", ""))
    let file = try folder.write("from a file\n", to: "text.txt")
    #expect(try sandbox.thoth("enhance", file).output == "From a file.\n")
    let program = Sandbox.program("thoth")
    let piped = try run(
      "bash", ["-c", "\(program) enhance <(echo from a pipe)"], environment: sandbox.environment)
    #expect(piped.output == "From a pipe.\n")
    let told = try enhance("hello there", "--json").output
    #expect(told == "{\"enhanced\":true,\"text\":\"Hello there.\"}\n")
  }

  @Test func whatIsNotEditedIsPrintedAsItWas() throws {
    try configure("say-Paris.")
    let rejected = try enhance("what is the capital of france\n")
    #expect(rejected.code == 5 && rejected.output == "what is the capital of france\n")
    #expect(
      rejected.errors.hasPrefix("thoth: the language model's answer was not taken: "), "\(rejected.errors)")
    // What was asked for is asked, however often the server has failed.
    try configure("500")
    for _ in 0..<3 { #expect(try enhance("hello there\n").errors.contains("failed (500)")) }
    try configure("401")
    let refused = try enhance("hello there\n")
    #expect(refused.code == 5 && refused.output == "hello there\n")
    #expect(refused.errors.contains("refused the key (401)") && refused.errors.contains("enhance.key.file"))
  }

  @Test func whatCannotBeDoneIsSaid() throws {
    let cases: [([String], Int32, String)] = [
      (
        ["enhance", "--prompt", "nosuch"], 2,
        "there is no prompt \"nosuch\": `thoth enhance --list` names them"
      ),
      (["enhance", "nosuch.txt"], 2, "nosuch.txt cannot be read: No such file"),
      (["enhance", "--show", "nosuch"], 2, "there is no prompt \"nosuch\""),
      (["record", "--enhance", "nosuch"], 2, "there is no prompt \"nosuch\""),
      (
        ["record", "--enhance", "simplify", "--no-enhance"], 2,
        "--enhance and --no-enhance exclude each other"
      ),
    ]
    for (arguments, code, message) in cases {
      let end = try run(Sandbox.program("thoth"), arguments, environment: sandbox.environment)
      #expect(end.code == code && end.errors.contains(message), "\(arguments): \(end)")
    }
    #expect(try sandbox.thoth("config", "set", "enhance.prompt", "nosuch").code == 0)
    let check = try sandbox.thoth("config", "check")
    #expect(check.code == 6 && check.errors.contains("there is no prompt \"nosuch\""))
    #expect(try sandbox.thoth("doctor").output.contains("language model: there is no prompt \"nosuch\""))
    let negative = try sandbox.thoth("config", "set", "enhance.budget", "-1s")
    #expect(negative.code == 6 && !negative.errors.contains("no option"), "\(negative.errors)")
    #expect(try sandbox.thoth("config", "set", "enhance.prompt", "simplify").code == 0)
    #expect(
      try sandbox.thoth("doctor").output.contains("language model: small is asked at \(server.url("edit"))"))
    #expect(
      try enhance("\n \n").errors == "thoth: there is no text: name a file, or give it on standard input\n")
    let long = try enhance(String(repeating: "a", count: 400_001))
    #expect(long.code == 2 && long.errors == "thoth: standard input has more than 400 kB: split it\n")
    try sandbox.writeSettings("")
    let missing = try enhance("hello")
    #expect(missing.code == 6 && missing.errors.contains("`thoth config set enhance.model NAME` names it"))
  }

  @Test func promptsAreListedShownAndWritten() throws {
    let listed = try sandbox.thoth("enhance", "--list").output
    #expect(listed.contains("fix-grammar        Put grammar") && listed.split(separator: "\n").count == 8)
    let shown = try sandbox.thoth("enhance", "--show", "fix-grammar").output
    let prompts = URL(
      fileURLWithPath: try sandbox.thoth("config", "path").output.trimmingCharacters(in: .newlines)
    )
    .deletingLastPathComponent().appendingPathComponent("prompts")
    try FileManager.default.createDirectory(at: prompts, withIntermediateDirectories: true)
    try Data(shown.replacing("Put grammar", with: "Set grammar").utf8)
      .write(to: prompts.appendingPathComponent("mine.md"))
    try Data("nothing".utf8).write(to: prompts.appendingPathComponent("bad.md"))
    #expect(try enhance("hello", "--prompt", "mine").output == "Hello.\n")
    #expect(server.chats(1)[0].contains("Set grammar, spelling"))
    let all = try sandbox.thoth("enhance", "--list", "--json").output
    #expect(try run("mkfifo", [prompts.appendingPathComponent("pipe.md").path]).code == 0)
    #expect(
      try sandbox.thoth("enhance", "--list").output.contains("pipe.md cannot be read: Invalid argument"))
    #expect(all.contains("\"name\":\"mine\"") && all.contains("bad.md, line 1: write {text}"))
  }

  @Test func theKeyIsToldToNobodyElse() throws {
    let file = try folder.write("sk-secret-4711\n", to: "key")
    chmod(file, 0o600)
    try configure("edit", "key = { file = \"\(file)\" }")
    let events = try sandbox.follow()
    #expect(try dictated("--enhance", "fix-grammar").output == "All is well.\n")
    #expect(server.chats(1)[0].contains("Bearer sk-secret-4711"))
    #expect(events.waitForOutput("\"type\":\"result\""))
    #expect(!events.output.contains("4711") && !sandbox.log.contains("4711"))
    #expect(!(try sandbox.thoth("config", "show").output.contains("4711")))
  }

  @Test func aDictionaryComesFromStandardInput() throws {
    let text = "post gress,PostgreSQL\n"
    let program = Sandbox.program("thoth")
    let end = try run(program, ["dict", "import", "-"], environment: sandbox.environment, input: text)
    #expect(end.output == "read: 1 replacement, 0 terms\n")
    let broken = try run(
      program, ["dict", "import", "-"], environment: sandbox.environment, input: "a,b,c,d,e\n")
    #expect(broken.code == 2 && broken.errors.hasPrefix("thoth: standard input, "), "\(broken.errors)")
  }
}
