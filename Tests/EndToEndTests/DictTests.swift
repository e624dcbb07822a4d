import Foundation
import TestSupport
import Testing

/// The user's own words from the command line.
@Suite struct DictTests {
  private let configuration: ALSAConfiguration
  private let sandbox: Sandbox
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
    sandbox = try Sandbox(configuration.environment)
    try sandbox.writeSettings("[[engine]]\nurl = \"\(server.url("ok"))\"\n")
  }

  private func dictated() throws -> String {
    let job = String(try sandbox.thoth("record").output.dropLast())
    #expect(sandbox.waitForAudio(of: job, seconds: 2))
    return try sandbox.thoth("stop", "--output", "stdout").output
  }

  @Test func aDictationHasTheUsersWords() throws {
    #expect(try dictated() == "all is well\n")
    #expect(try sandbox.thoth("dict", "add", "all is", "Everything is").code == 0)
    #expect(
      try sandbox.thoth("dict", "term", "Welle", "--alias", "well, wall", "--policy", "alias").code == 0)
    #expect(try dictated() == "Everything is Welle\n")
    let listed = try sandbox.thoth("dict", "list").output
    #expect(listed == "all is → Everything is\nWelle  (alias, also well, wall)\n")
    #expect(try sandbox.thoth("dict", "rm", "Welle").code == 0)
    #expect(try dictated() == "Everything is well\n")
    #expect(try sandbox.thoth("config", "set", "filter.dictionary", "false").code == 0)
    #expect(try dictated() == "all is well\n")
  }

  @Test func itGoesOutAndComesBackAsCSV() throws {
    #expect(try sandbox.thoth("dict", "add", "a, b", "c", "--case").code == 0)
    #expect(try sandbox.thoth("dict", "term", "Zoë").code == 0)
    let text = try sandbox.thoth("dict", "export").output
    #expect(text == "kind,name,text,options\nreplace,\"a, b\",c,case\nterm,Zoë,,conservative\n")
    let file = configuration.file("words.csv")
    #expect(try sandbox.thoth("dict", "export", "-o", file).output == "\(file)\n")
    #expect(try sandbox.thoth("dict", "export", "-o", file).code == 2)
    #expect(try sandbox.thoth("dict", "rm", "Zoë", "a, b").code == 0)
    #expect(try sandbox.thoth("dict", "list").errors.contains("the dictionary is empty"))
    #expect(try sandbox.thoth("dict", "import", file).output == "read: 1 replacement, 1 term\n")
    #expect(try sandbox.thoth("dict", "export").output == text)
    let json = try sandbox.thoth("dict", "list", "--json").output
    #expect(json.contains("\"matches_case\":true") && json.contains("\"policy\":\"conservative\""), "\(json)")
  }

  @Test(arguments: [
    (["dict", "add", "a", "a"], "would be replaced by itself"), (["dict", "add", " ", "a"], "is empty"),
    (["dict", "rm", "nothing"], "there is no \"nothing\" in the dictionary"),
    (["dict", "import", "/nowhere.csv"], "cannot be read"), (["dict", "term", "…"], "has no letter"),
    (["dict", "term", "a", "--policy", "loud"], "loud"), (["dict", "add", "a"], "TO"), (["dict"], "dict"),
  ])
  func whatIsWrongIsToldInASentence(_ words: [String], _ message: String) throws {
    let answer = try run(Sandbox.program("thoth"), words, environment: sandbox.environment)
    #expect(answer.code == 2 && answer.errors.contains(message), "\(answer)")
  }
}
