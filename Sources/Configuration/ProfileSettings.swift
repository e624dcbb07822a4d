public import DictationTypes

/// The settings of a `[[profile]]` section. What is left out is as for every other window.
let profileSettings: [Setting<Profile>] = [
  Setting(
    key: "name", summary: "what --profile calls it; match, when left out", kind: .string,
    assign: { root, text throws(ConfigurationProblem) in root.name = try notEmpty(text) },
    print: { $0.name }),
  .text("match", "the window classes, with | between them and * for anything", \.match),
  Setting(
    key: "method", summary: "auto, type or paste", kind: .string,
    assign: { root, text throws(ConfigurationProblem) in
      root.method = try choice(text, among: [OutputMethod.auto, .type, .paste])
    }, print: { $0.method?.rawValue }),
  Setting(
    key: "paste_keys", summary: "what makes it paste, such as ctrl+shift+v", kind: .string,
    assign: { root, text throws(ConfigurationProblem) in
      guard let chord = PasteChord(text) else {
        throw ConfigurationProblem(
          "\"\(text)\" is no chord: write ctrl, shift, alt or super and a letter or insert, as in ctrl+shift+v"
        )
      }
      root.pasteKeys = chord
    }, print: { $0.pasteKeys?.description }),
  Setting(
    key: "newline", summary: "what a newline becomes: enter or space", kind: .string,
    assign: { root, text throws(ConfigurationProblem) in
      root.newline = try choice(text, among: NewlineStyle.allCases)
    }, print: { $0.newline?.rawValue }),
  Setting(
    key: "append", summary: "as output.append: auto, space or none", kind: .string,
    assign: { root, text throws(ConfigurationProblem) in
      root.append = try choice(text, among: AppendStyle.allCases)
    }, print: { $0.append?.rawValue }),
  Setting(
    key: "language", summary: "the spoken language, a code such as en, or auto", kind: .string,
    assign: { root, text throws(ConfigurationProblem) in root.language = try notEmpty(text) },
    print: { $0.language }),
  Setting(
    key: "engine", summary: "the name of the engine that is asked first", kind: .string,
    assign: { root, text throws(ConfigurationProblem) in root.engine = try notEmpty(text) },
    print: { $0.engine }),
  Setting(
    key: "enhance", summary: "the prompt by which a language model edits the text, or none", kind: .string,
    assign: { root, text throws(ConfigurationProblem) in root.enhance = try notEmpty(text) },
    print: { $0.enhance }),
]

func notEmpty(_ text: String) throws(ConfigurationProblem) -> String {
  if text.isEmpty { throw ConfigurationProblem("it is empty: leave the line out for the default") }
  return text
}

private func choice<Value: RawRepresentable>(
  _ text: String, among values: [Value]
) throws(ConfigurationProblem) -> Value where Value.RawValue == String {
  guard let value = values.first(where: { $0.rawValue == text }) else {
    throw ConfigurationProblem(
      "\"\(text)\" is none of \(values.map(\.rawValue).joined(separator: ", "))")
  }
  return value
}

/// Checks what one profile says of the rest of the file.
func checkProfiles(_ configuration: Configuration) throws(ConfigurationProblem) {
  for (index, profile) in configuration.profiles.enumerated() {
    if profile.label.isEmpty {
      throw ConfigurationProblem(
        "a profile has neither match nor name: say which windows it is for")
    }
    if configuration.profiles[..<index].contains(where: { $0.label == profile.label }) {
      throw ConfigurationProblem(
        "two profiles are called \"\(profile.label)\": give one another name")
    }
    if let engine = profile.engine, !configuration.engines.contains(where: { $0.name == engine }) {
      throw ConfigurationProblem(
        "the profile \"\(profile.label)\" asks for the engine \"\(engine)\", and no [[engine]] has that name"
      )
    }
  }
}

extension Configuration {
  /// The profile that is called `name`.
  ///
  /// - Throws: `ConfigurationProblem` when there is none.
  public func profile(named name: String) throws(ConfigurationProblem) -> Profile {
    if let profile = profiles.first(where: { $0.label == name }) { return profile }
    throw ConfigurationProblem(
      "there is no profile \"\(name)\": a [[profile]] in the settings file makes one (`thoth config edit`)"
    )
  }
}
