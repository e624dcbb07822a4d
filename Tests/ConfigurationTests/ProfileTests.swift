import DictationTypes
import Testing

@testable import Configuration

@Suite struct ProfileTests {
  static let file = """
    [output]
    target = "hold"
    append = "none"
    restore_clipboard = false
    [[engine]]
    name = "local"
    [[engine]]
    name = "german"
    url = "http://127.0.0.1:9/v1"
    [[profile]]
    match = "XTerm|*Terminal*"
    newline = "enter"
    paste_keys = "Shift+Ctrl+V"
    [[profile]]
    name = "letters"
    match = "libreoffice-writer"
    method = "paste"
    append = "space"
    language = "de"
    engine = "german"
    """

  @Test func sectionsAreRead() throws {
    let file = try ConfigurationFile(Self.file)
    #expect(file.warnings.isEmpty)
    let settings = file.configuration
    #expect(settings.target == .hold && settings.append == .none && !settings.restoresClipboard)
    #expect(settings.profiles.map(\.label) == ["XTerm|*Terminal*", "letters"])
    #expect(settings.profiles[0].newline == .enter)
    #expect(settings.profiles[0].pasteKeys?.description == "ctrl+shift+v")
    #expect(settings.profiles[0].method == nil && settings.profiles[0].engine == nil)
    #expect(settings.profiles[1].method == .paste && settings.profiles[1].append == .space)
    #expect(settings.profiles[1].language == "de" && settings.profiles[1].engine == "german")
  }

  @Test(
    arguments: [
      ("XTerm", 0), ("xterm", 0), ("Gnome-terminal-server", 0), ("libreoffice-writer", 1),
      ("LibreOffice-Writer", 1),
      ("xterm2", nil), ("Gedit", nil), (nil, nil),
    ] as [(String?, Int?)])
  func theFirstThatMatchesCounts(windowClass: String?, index: Int?) throws {
    let profiles = try ConfigurationFile(Self.file).configuration.profiles
    #expect(profiles.first(for: windowClass) == index.map { profiles[$0] })
  }

  @Test(
    arguments: [
      ("*", "anything", true), ("*", nil, true), ("a*c", "abbbc", true), ("a*c", "abbb", false),
      ("a**", "a", true),
      ("*a*b*", "xaxbx", true), ("*a*b*", "xbxax", false), ("", "", false), ("|x", "x", true),
    ] as [(String, String?, Bool)])
  func starsStandForAnything(match: String, windowClass: String?, expected: Bool) {
    #expect(Profile(match: match).matches(windowClass) == expected)
  }

  @Test(arguments: [
    ("[[profile]]\nmethod = \"clipboard\"\n", "none of auto, type, paste"),
    ("[[profile]]\nmatch = \"X\"\npaste_keys = \"v\"\n", "no chord"),
    ("[[profile]]\nmatch = \"X\"\npaste_keys = \"ctrl+ctrl+v\"\n", "no chord"),
    ("[[profile]]\nmatch = \"X\"\npaste_keys = \"ctrl+ä\"\n", "no chord"),
    ("[[profile]]\nmatch = \"X\"\nnewline = \"tab\"\n", "none of enter, space"),
    ("[[profile]]\nmatch = \"X\"\nengine = \"far\"\n", "no [[engine]] has that name"),
    ("[[profile]]\nmatch = \"X\"\n[[profile]]\nmatch = \"X\"\n", "two profiles"),
    ("[[profile]]\nlanguage = \"de\"\n", "neither match nor name"),
    ("[output]\ntarget = \"there\"\n", "none of focus, origin, hold"),
    ("[output]\nappend = true\n", "text in quotes"),
  ])
  func mistakesAreTold(text: String, part: String) {
    let problem = #expect(throws: ConfigurationProblem.self) { try ConfigurationFile(text) }
    #expect(problem?.message.contains(part) == true)
  }

  @Test func aProfilesSettingIsShownAndChanged() throws {
    let before = try ConfigurationFile(Self.file).configuration
    #expect(before.settings.contains { $0.key == "profile.letters.language" && $0.value == "de" })
    #expect(try before.value(of: "profile.letters.language") == "de")
    var text = try configurationText(Self.file, setting: "profile.letters.language", to: "fr")
    text = try configurationText(text, setting: "profile.XTerm|*Terminal*.method", to: "type")
    let after = try ConfigurationFile(text).configuration
    #expect(after.profiles[1].language == "fr" && after.profiles[0].method == .type)
    let problem = #expect(throws: ConfigurationProblem.self) {
      try configurationText(Self.file, setting: "profile.none.method", to: "type")
    }
    #expect(problem?.message.contains("[[profile]]") == true)
  }
}
