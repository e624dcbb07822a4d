import DictationTypes
import Testing

@testable import Configuration

@Suite struct ConfigurationFileTests {
  @Test func anEmptyFileMeansTheDefaults() throws {
    #expect(try ConfigurationFile("").configuration == Configuration())
    #expect(try ConfigurationFile(commentedDefaults()).configuration == Configuration())
  }

  @Test func valuesAreRead() throws {
    let file = try ConfigurationFile(
      """
      [audio]
      device = "hw:1"
      [[engine]]
      name = "cloud"
      url = "https://example.org/v1"
      key = { file = "~/key" }
      timeout = "2m"
      [[engine]]
      name = "local"
      [output]
      method = "clipboard"
      command = "wl-copy && notify-send 'it is there'"
      [history]
      keep_audio = "24h"
      """)
    let configuration = file.configuration
    #expect(configuration.device == "hw:1")
    #expect(configuration.engines.map(\.name) == ["cloud", "local"])
    #expect(configuration.engines[0].key == .file("~/key"))
    #expect(configuration.engines[0].timeout == 120)
    #expect(!configuration.engines[0].isManaged)
    #expect(configuration.engines[1].isManaged)
    #expect(configuration.outputMethod == .clipboard)
    #expect(configuration.outputCommand == "wl-copy && notify-send 'it is there'")
    #expect(configuration.keepAudio == 86_400)
    #expect(file.warnings.isEmpty)
  }

  @Test(arguments: [
    ("[audio]\ndevice = 5\n", 2, 10, "text in quotes"),
    ("[output]\n\nmethod = \"shout\"\n", 3, 10, "none of auto"),
    ("[output]\ncommand = \" \"\n", 2, 11, "write a command that takes the text, or off"),
    ("[output]\ncommand = [\"wtype\", \"-\"]\n", 2, 11, "text in quotes"),
    ("[audio\n", 1, 7, ""),
    ("[[engine]]\ntimeout = \"soon\"\n", 2, 11, "no time"),
    ("[[engine]]\ntimeout = \"9223372036854775807s\"\n", 2, 11, "out of range"),
    ("[[engine]]\ntimeout = \"0\"\n", 2, 11, "out of range"),
    ("[[engine]]\nmanaged = \"yes\"\n", 2, 11, "true or false"),
    ("[[engine]]\nurl = \"ftp://x\"\n", 2, 7, "no address"),
    ("[audio]\ndevice = \"\"\n", 2, 10, "empty"),
    ("[[engine]]\nurl = []\n", 2, 7, "in [ ]"),
    ("[[engine]]\nurl = [5]\n", 2, 7, "in [ ]"),
    ("[[engine]]\nurl = [\"http://a/v1\", \"b\"]\n", 2, 7, "no address"),
    ("[[engine]]\nurl = [\"http://a/v1\", \"http://a/v1\"]\n", 2, 7, "twice"),
    ("[[engine]]\nhedge = \"5ms\"\n", 2, 9, "out of range: from 50ms"),
    ("[[engine]]\nhedge = \"never\"\n", 2, 9, "no time"),
    ("[[engine]]\nspeculate = \"maybe\"\n", 2, 13, "none of auto, on, off"),
    ("[[engine]]\nupload = \"mp3\"\n", 2, 10, "none of auto, wav, flac"),
    ("[[engine]]\nmax_upload = \"big\"\n", 2, 14, "no size"),
    ("[audio]\nvad = \"2\"\n", 2, 7, "number without quotes"),
    ("[audio]\nvad = 4\n", 2, 7, "out of range: from 0 to 3"),
    ("[audio]\nauto_stop = \"2\"\n", 2, 13, "no time"),
    ("[audio]\nauto_stop = \"100ms\"\n", 2, 13, "out of range: from 500ms"),
  ])
  func mistakesHaveAPlace(text: String, line: Int, column: Int, part: String) {
    let problem = #expect(throws: ConfigurationProblem.self) { try ConfigurationFile(text) }
    #expect(problem?.line == line)
    #expect(problem?.column == column)
    #expect(problem?.message.contains(part) == true || part.isEmpty)
  }

  @Test func unknownKeysAreWarnedAbout() throws {
    let warnings = try ConfigurationFile("[audio]\ncolour = \"blue\"\n[made.up]\nx = [1, 2]\n").warnings
    #expect(warnings.map(\.line).contains(2))
    #expect(warnings.contains { $0.message.contains("audio.colour") })
    #expect(warnings.contains { $0.message.contains("made.up.x") })
  }

  @Test func sectionsThatCannotWorkAreRefused() {
    #expect(throws: ConfigurationProblem.self) { try ConfigurationFile("[[engine]]\n[[engine]]\n") }
    #expect(throws: ConfigurationProblem.self) {
      try ConfigurationFile("[[engine]]\nurl = \"http://127.0.0.1:1/v1\"\nmanaged = true\n")
    }
  }

  @Test func thothdStartsOneEngineOnly() throws {
    let problem = #expect(throws: ConfigurationProblem.self) {
      try ConfigurationFile("[[engine]]\n[[engine]]\nname = \"b\"\nurl = \"unix:b.sock\"\n")
    }
    #expect(problem?.message.contains("both managed") == true)
    let file = "[[engine]]\n[[engine]]\nname = \"b\"\nurl = \"unix:b.sock\"\nmanaged = false\n"
    #expect(try ConfigurationFile(file).configuration.engines.map(\.isManaged) == [true, false])
  }

  @Test(arguments: [
    "[\"unix:a b.sock\", \"http://127.0.0.1:1/v1\"]", "\"unix:a b.sock http://127.0.0.1:1/v1\"",
    "[\n  \"unix:a b.sock\", # one\n  \"http://127.0.0.1:1/v1\",\n]",
  ])
  func severalAddressesShareTheLoad(value: String) throws {
    let configuration = try ConfigurationFile("[[engine]]\nurl = \(value)\nmodel = \"m\"\n").configuration
    #expect(configuration.engines[0].urls == ["unix:a b.sock", "http://127.0.0.1:1/v1"])
    #expect(!configuration.engines[0].isManaged)
    #expect(try configuration.value(of: "engine.url") == "unix:a b.sock http://127.0.0.1:1/v1")
    let text = try configuration.overridden(by: ["THOTH_ENGINE_URL": "http://x/v1 http://y/v1"])
    #expect(text.engines[0].urls == ["http://x/v1", "http://y/v1"])
  }

  @Test(arguments: [
    ("unix:engine.sock", true), ("http://localhost:8080/v1", true), ("http://127.8.9.1/v1", true),
    ("https://[::1]:8000/v1", true), ("http://LOCALHOST/v1", true), ("http://0.0.0.0:8000/v1", true),
    ("http://192.168.0.2/v1", false),
    ("https://api.openai.com/v1", false), ("http://localhost.example.org/v1", false),
    ("http://127.0.0.1.example.org/v1", false), ("unix:a http://example.org/v1", false),
    ("http://user@127.0.0.1/v1", true), ("http://127.0.0.1@example.org/v1", false),
  ])
  func whatIsOnThisMachineCostsNothing(url: String, isHere: Bool) throws {
    let engine = try ConfigurationFile("[[engine]]\nurl = \"\(url)\"\n").configuration.engines[0]
    #expect(engine.isOnThisMachine == isHere)
    #expect(engine.speculates == isHere)
    #expect(engine.maxUpload == (isHere ? nil : 25_000_000))
    let told = try ConfigurationFile("[[engine]]\nurl = \"\(url)\"\nspeculate = \"on\"\n").configuration
    #expect(told.engines[0].speculates)
    let never = try ConfigurationFile("[[engine]]\nurl = \"\(url)\"\nspeculate = \"off\"\n").configuration
    #expect(!never.engines[0].speculates)
  }

  @Test func variablesOverrideTheFile() throws {
    let configuration = try ConfigurationFile("[audio]\ndevice = \"hw:1\"\n").configuration
      .overridden(by: ["THOTH_AUDIO_DEVICE": "pulse", "THOTH_ENGINE_IDLE_UNLOAD": "1m", "OTHER": "x"])
    #expect(configuration.device == "pulse")
    #expect(configuration.engines[0].idleUnload == 60)
    let problem = #expect(throws: ConfigurationProblem.self) {
      try Configuration().overridden(by: ["THOTH_OUTPUT_METHOD": "shout"])
    }
    #expect(problem?.message.contains("THOTH_OUTPUT_METHOD") == true)
  }
}

@Suite struct ConfigurationEditorTests {
  @Test(arguments: [
    ("", "audio.device", "pulse", "[audio]\ndevice = \"pulse\"\n"),
    ("# mine\n[audio] # here\n", "audio.device", "hw:1", "# mine\n[audio] # here\ndevice = \"hw:1\"\n"),
    (
      "[audio]\ndevice = \"a\" # why\n[output]\n", "audio.device", "é\"\\",
      "[audio]\ndevice = \"é\\\"\\\\\" # why\n[output]\n"
    ),
    ("", "audio.vad", "3", "[audio]\nvad = 3\n"),
    ("[audio]\n", "output.method", "type", "[audio]\n\n[output]\nmethod = \"type\"\n"),
    ("", "engine.timeout", "5s", "[[engine]]\ntimeout = \"5s\"\n"),
    (
      "[[engine]]\nname = \"a\"\n[[engine]]\nname = \"b\"\nurl = \"http://b/v1\"\nmodel = \"m\"\n",
      "engine.b.model",
      "n", "[[engine]]\nname = \"a\"\n[[engine]]\nname = \"b\"\nurl = \"http://b/v1\"\nmodel = \"n\"\n"
    ),
    (
      "[[engine]]\nkey = { env = \"A\" } # k\n", "engine.local.key.file", "/k",
      "[[engine]]\nkey = { file = \"/k\" } # k\n"
    ),
    ("[[engine]]\n", "engine.managed", "false", "[[engine]]\nmanaged = false\n"),
    (
      "[[engine]]\nurl = [\"http://a/v1\", \"http://b/v1\"] # both\n", "engine.url",
      "http://c/v1 http://d/v1",
      "[[engine]]\nurl = \"http://c/v1 http://d/v1\" # both\n"
    ),
    ("[[engine]]\n", "engine.hedge", "800ms", "[[engine]]\nhedge = \"800ms\"\n"),
    ("[[engine]]\n", "engine.max_upload", "100MB", "[[engine]]\nmax_upload = \"100MB\"\n"),
  ])
  func oneSettingChangesAndNothingElse(text: String, key: String, value: String, expected: String) throws {
    #expect(try configurationText(text, setting: key, to: value) == expected)
    #expect(try ConfigurationFile(expected).configuration.value(of: key) != nil)
  }

  @Test(arguments: [("audio.colour", "x"), ("output.method", "shout"), ("engine.other.url", "http://x")])
  func whatCannotBeSetIsRefused(key: String, value: String) {
    #expect(throws: ConfigurationProblem.self) { try configurationText("", setting: key, to: value) }
  }
}
