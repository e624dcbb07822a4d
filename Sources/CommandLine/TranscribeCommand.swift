/// `thoth transcribe`.
let transcribeCommand = Command(
  "transcribe", "turn audio and video files into text",
  details: """
    FILE is a file of any usual format, a folder, a pattern in quotes, or - for standard input. Each text is printed, or
    written into a folder with -o, and filed in the history together with its audio.
    A file that cannot be transcribed is told, and the rest goes on: the exit code is 9 then. When the engine cannot be
    reached, or after Ctrl-C, the same command with --resume goes on where it stopped.
    Dictation always goes first: nothing is transcribed while somebody dictates.
    """,
  options: [
    CommandOption(
      "format", value: "FORMAT", allowed: ["txt", "json", "srt", "vtt"],
      "txt (a line a paragraph), json (with times), srt or vtt (captions)"),
    CommandOption("folder", value: "DIR", letter: "o", "write each text into a file in DIR instead"),
    CommandOption("force", "replace files in DIR that exist"),
    CommandOption("skip-existing", "leave out what has a file in DIR"),
    CommandOption(
      "jobs", value: "N", "how many segments at a time (as many as the engine is likely to take)"),
    CommandOption("resume", "go on where the same command was interrupted"),
    CommandOption("no-save", "file nothing in the history"),
    CommandOption("track", value: "N", "the audio track, from 1 (the one that players choose)"),
    CommandOption("language", value: "LANGUAGE", "the spoken language, as a code such as en or de"),
    CommandOption("engine", value: "NAME", "the engine to ask, by its name in the settings"),
    CommandOption("prompt", value: "TEXT", "words to expect: names, terms"),
    CommandOption("tag", value: "KEY=VALUE", repeated: true, "tag the history's items with it"),
    CommandOption("raw", "leave the text as the engine writes it"),
    CommandOption("quiet", "no progress"),
  ],
  arguments: [CommandArgument("FILE|-", required: true, repeated: true)],
  example: "thoth transcribe --format srt -o captions interviews/*.mp4")

extension ControlRequest {
  /// Whether its arguments are audio or video files.
  public var takesMedia: Bool { command == "transcribe" }
}
