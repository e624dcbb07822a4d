/// `thoth enhance`.
let enhanceCommand = Command(
  "enhance", "have the language model edit a text: FILE, or standard input",
  details: """
    The same as happens to a dictation, so that prompts can be tried. The text is printed edited; where the model's
    answer is not taken, or there is none, it is printed as it was, and the exit code is 5.
    Prompts are Markdown files in ~/.config/thoth/prompts; `--show` prints one to begin with.
    """,
  options: [
    CommandOption("prompt", value: "NAME", "the prompt; enhance.prompt of the settings, unless given"),
    CommandOption("list", "instead: the prompts"),
    CommandOption("show", value: "NAME", "instead: the file of a prompt, also of those that come with thoth"),
    CommandOption("json", "print it as JSON, with what became of it"),
  ],
  arguments: [CommandArgument("FILE|-", required: false)],
  example: "echo \"me and him was here\" | thoth enhance --prompt fix-grammar")

extension ControlRequest {
  /// The file whose text the command works on, `-` for standard input; nil: none. The client reads it: a pipe, or
  /// `<(…)` of the shell, is there for it alone.
  public var inputPath: String? {
    switch command {
    case "enhance": options["list"] == nil && options["show"] == nil ? arguments.first ?? "-" : nil
    case "dict import": arguments.first
    case "export": options["cues"]
    default: nil
    }
  }

  /// The longest input that is taken, in bytes.
  public static let inputLimit = 400_000
}
