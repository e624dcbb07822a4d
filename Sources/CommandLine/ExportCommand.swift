/// `thoth export`.
let exportCommand = Command(
  "export", "make one audio file of items of the history, in the background",
  details: """
    Which items: IDs, one after the other as they are given; or what --search, --since, --until and --tag find, in the
    order of time; or a file of cues, which has a line `offset id [start-end] [gain] [lane] [pan=N]` for each clip.
    Clips that lie over each other are mixed, and what would be too loud is made quieter. Without --wait the job's id is
    printed at once; `thoth events` tells how far it is, and `thoth cancel` ends it. A TIME of clips is 12.5, 1:02:03.5,
    2s or 250ms; one of --since and --until an age such as 24h or 7d, or a date such as 2026-11-21.
    """,
  options: [
    CommandOption(
      "file", value: "FILE", letter: "o",
      "where to: .m4a, .flac, .opus or .wav (thoth_export_DATE_TIME.m4a in this folder)"),
    CommandOption("search", value: "WORDS", "what contains all of them"),
    CommandOption("since", value: "TIME", "what was not said before"),
    CommandOption("until", value: "TIME", "what was not said after"),
    CommandOption("tag", value: "KEY=VALUE", repeated: true, "only what has this tag"),
    CommandOption(
      "kind", value: "KIND", allowed: ["dictation", "import"], "only dictations, or only imports"),
    CommandOption("cues", value: "FILE|-", "the clips of this file, each at its place"),
    CommandOption("again", value: "JOB", "the clips of an earlier export"),
    CommandOption("gap", value: "TIME", "silence between clips that follow each other (0)"),
    CommandOption(
      "captions", value: "FORMAT", allowed: ["vtt", "srt", "json"],
      "write vtt, srt or json beside the file, with what is said when"),
    CommandOption("bitrate", value: "N", "kilobits per second of M4A (96, stereo 160) and Opus (32, 64)"),
    CommandOption("normalize", "bring it to the usual loudness, -16 LUFS"),
    CommandOption("title", value: "TEXT", "what the file calls itself"),
    CommandOption("skip-missing", "go on without audio that is gone or damaged"),
    CommandOption("force", "replace a file that exists"),
    CommandOption("dry-run", "print what the file would consist of, and make none"),
    CommandOption("wait", "return when the file is there; Ctrl-C cancels it"),
    CommandOption("open", "show its folder when the file is there"),
    CommandOption("json", "print it as JSON"),
  ],
  arguments: [CommandArgument("ID", required: false, repeated: true)],
  example: "thoth export -o week.m4a --since 7d --gap 500ms --captions vtt --wait")

extension ControlRequest {
  /// Whether the client waits for a file, of which nothing is to be left when it goes.
  public var makesFile: Bool { command == "export" && options["wait"] != nil }
}
