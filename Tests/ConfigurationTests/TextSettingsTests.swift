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
    [[voice_command]]
    say = "next point"
    text = "\\n- "
    [[voice_command]]
    say = "nächster Punkt"
    text = "\\n- "
    language = "de"
    """

  @Test func sectionsAreRead() throws {
    let file = try ConfigurationFile(Self.file)
    #expect(file.warnings.isEmpty)
    let settings = file.configuration
    #expect(!settings.filter.fillers && settings.filter.numbers && settings.filter.collapsesEllipses)
    #expect(settings.filter.spelling == .british && settings.filter.punctuation)
    #expect(settings.filter.ownCommands[0] == SpokenCommand(say: "next point", text: "\n- "))
    #expect(settings.filter.ownCommands[1].language == "de")
  }

  @Test(arguments: [
    ("[filter]\nspelling = \"scottish\"", "\"scottish\" is none of as-heard, british, australian, american"),
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

  @Test func theCommentedFileIsRightWhenItsMarksAreRemoved() throws {
    let lines = commentedDefaults().split(separator: "\n").filter { line in
      ["# fillers", "# spelling"].contains { line.hasPrefix($0) }
    }
    #expect(lines.contains { $0.hasPrefix("# fillers = true") })
    #expect(lines.contains { $0.hasPrefix("# spelling = \"as-heard\"") })
  }

  @Test func aVariableOverrides() throws {
    let settings = try Configuration().overridden(by: ["THOTH_FILTER_FILLERS": "false"])
    #expect(!settings.filter.fillers)
  }
}
