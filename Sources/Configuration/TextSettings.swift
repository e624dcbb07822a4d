import DictationTypes

/// The settings of `[filter]`: one switch for each rule.
let filterSettings: [Setting<Configuration>] = [
  .flag("filter.fillers", "leave out um, uh and their like", \.filter.fillers),
  .flag("filter.numbers", "write spoken numbers as digits (English)", \.filter.numbers),
  .choice(
    "filter.spelling",
    "as-heard, british, australian or american, where a word is spelt in several ways",
    \.filter.spelling),
  .flag(
    "filter.punctuation", "put punctuation and the spaces around it right", \.filter.punctuation),
  .flag("filter.collapse_ellipses", "write ... as a full stop", \.filter.collapsesEllipses),
  .flag("filter.sentence_case", "begin each sentence with a capital", \.filter.sentenceCase),
  .flag("filter.dictionary", "apply the dictionary (`thoth dict`)", \.filter.dictionary),
  .flag(
    "filter.tell_terms", "tell engines the terms of the dictionary, so that they expect them",
    \.filter.tellsTerms),
  .flag(
    "filter.voice_commands", "obey new line, full stop, scratch that and their like",
    \.filter.voiceCommands),
]

/// The settings of `[enhance]`.
let enhancementSettings: [Setting<Configuration>] =
  [
    .flag("enhance.enabled", "have a language model edit every text", \.enhancement.isEnabled),
    Setting(
      key: "enhance.url",
      summary: "an OpenAI-compatible API: http(s)://HOST:PORT/v1, or unix:/PATH",
      kind: .string,
      assign: { root, text throws(ConfigurationProblem) in
        let schemes = ["unix:", "http://", "https://"]
        guard schemes.contains(where: { text.hasPrefix($0) && text.count > $0.count }) else {
          throw ConfigurationProblem(
            "\"\(text)\" is no address: write http(s)://HOST:PORT/v1, or unix:/PATH")
        }
        root.enhancement.url = text
      }, print: { $0.enhancement.url }),
    Setting(
      key: "enhance.model", summary: "the model to ask for", kind: .string,
      assign: { root, text throws(ConfigurationProblem) in
        root.enhancement.model = try notEmpty(text)
      },
      print: { $0.enhancement.model }),
    .text("enhance.prompt", "the prompt: `thoth enhance --list` names them", \.enhancement.prompt),
    .milliseconds(
      "enhance.budget", "how long a text waits for the model; later it is output as it was",
      in: 100...600_000,
      \.enhancement.budget),
    .duration(
      "enhance.timeout", "how long the model may say nothing", in: 1...86_400, \.enhancement.timeout),
  ] + secretSettings("enhance.key", "its key", \.enhancement.key)

/// The settings of a `[[voice_command]]` section.
let spokenCommandSettings: [Setting<SpokenCommand>] = [
  .text("say", "what is said, as a clause of its own", \.say),
  .text("text", "what is inserted for it", \.text),
  Setting(
    key: "language", summary: "the language it is said in, a code such as en; any, when left out",
    kind: .string,
    assign: { root, text throws(ConfigurationProblem) in root.language = try notEmpty(text) },
    print: { $0.language }),
]

/// Where a secret comes from: one of three.
func secretSettings<Root>(
  _ key: String, _ what: String, _ path: any WritableKeyPath<Root, SecretSource?> & Sendable
) -> [Setting<Root>] {
  [
    .secret("\(key).env", "the variable that holds \(what)", path, { .environment($0) }) {
      if case .environment(let name) = $0 { name } else { nil }
    },
    .secret("\(key).file", "the file (0600) that holds \(what)", path, { .file($0) }) {
      if case .file(let file) = $0 { file } else { nil }
    },
    .secret("\(key).command", "the command that prints \(what)", path, { .command($0) }) {
      if case .command(let line) = $0 { line } else { nil }
    },
  ]
}

/// Checks what the `[[voice_command]]` sections say.
func checkSpokenCommands(_ commands: [SpokenCommand]) throws(ConfigurationProblem) {
  for (index, command) in commands.enumerated() {
    guard !command.say.isEmpty, !command.text.isEmpty else {
      throw ConfigurationProblem(
        "a voice_command needs say and text: what is said, and what is inserted for it")
    }
    if commands[..<index].contains(where: {
      $0.say == command.say && $0.language == command.language
    }) {
      throw ConfigurationProblem("two voice_commands say \"\(command.say)\": leave one out")
    }
  }
}
