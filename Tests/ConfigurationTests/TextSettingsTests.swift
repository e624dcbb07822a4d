import DictationTypes
import TestSupport
import Testing

@testable import Configuration

@Suite struct TextSettingsTests {
  static let file = """
    [filter]
    fillers = false
    numbers = true
    spelling = "british"
    collapse_ellipses = true
    voice_commands = false
    [enhance]
    enabled = true
    url = "unix:/run/model.sock"
    model = "small"
    prompt = "make-casual"
    budget = "1500ms"
    key = { env = "MODEL_KEY" }
    [[voice_command]]
    say = "next point"
    text = "\\n- "
    [[voice_command]]
    say = "nächster Punkt"
    text = "\\n- "
    language = "de"
    [[profile]]
    match = "Slack"
    enhance = "make-casual"
    """

  @Test func sectionsAreRead() throws {
    let file = try ConfigurationFile(Self.file)
    #expect(file.warnings.isEmpty)
    let settings = file.configuration
    #expect(!settings.filter.fillers && settings.filter.numbers && settings.filter.collapsesEllipses)
    #expect(settings.filter.spelling == .british && settings.filter.punctuation)
    #expect(settings.enhancement.isEnabled && settings.enhancement.budget == 1500)
    #expect(settings.enhancement.key == .environment("MODEL_KEY"))
    #expect(settings.filter.ownCommands[0] == SpokenCommand(say: "next point", text: "\n- "))
    #expect(settings.filter.ownCommands[1].language == "de")
    #expect(settings.profiles[0].enhance == "make-casual")
  }

  @Test(arguments: [
    ("[filter]\nspelling = \"scottish\"", "\"scottish\" is none of as-heard, british, australian, american"),
    ("[enhance]\nurl = \"ollama\"", "\"ollama\" is no address"),
    ("[enhance]\nbudget = \"5ms\"", "out of range"),
    ("[[voice_command]]\nsay = \"x\"", "needs say and text"),
    ("[voice_command]\nsay = \"x\"", nil),
    (
      "[[voice_command]]\nsay = \"x\"\ntext = \"1\"\n[[voice_command]]\nsay = \"x\"\ntext = \"2\"",
      "two voice_commands say \"x\""
    ),
  ])
  func mistakesAreTold(_ text: String, _ message: String?) throws {
    guard let message else {
      #expect(try ConfigurationFile(text).warnings.first?.message.contains("[[voice_command]]") == true)
      return
    }
    let problem = #expect(throws: ConfigurationProblem.self) { try ConfigurationFile(text) }
    #expect(problem?.message.contains(message) == true)
  }

  @Test func theKeyIsOneTable() throws {
    let text = "[enhance]\nkey = { env = \"A\" }\n"
    let changed = try configurationText(text, setting: "enhance.key.file", to: "/key")
    #expect(changed == "[enhance]\nkey = { file = \"/key\" }\n")
    #expect(try ConfigurationFile(changed).configuration.enhancement.key == .file("/key"))
  }

  @Test func theCommentedFileIsRightWhenItsMarksAreRemoved() throws {
    let lines = commentedDefaults().split(separator: "\n").filter { line in
      ["# budget", "# fillers", "# spelling"].contains { line.hasPrefix($0) }
    }
    #expect(lines.contains { $0.hasPrefix("# budget = \"4000ms\"") })
    #expect(lines.contains { $0.hasPrefix("# fillers = true") })
    #expect(lines.contains { $0.hasPrefix("# spelling = \"as-heard\"") })
  }

  @Test func aVariableOverrides() throws {
    let settings = try Configuration().overridden(by: [
      "THOTH_ENHANCE_MODEL": "m", "THOTH_FILTER_FILLERS": "false",
    ])
    #expect(settings.enhancement.model == "m" && !settings.filter.fillers)
  }
}
