private let id = CommandArgument("ID", required: true)
private let ids = CommandArgument("ID", required: true, repeated: true)

/// The `history` family. An id may be cut short as long as it names one item.
let historyCommand = Command(
  "history", "search and reuse what was said",
  details: """
    With words, what contains all of them comes, the best match first; a word matches what begins with it, and
    "quoted words" match as they stand. Without, the newest comes first.
    An ID may be cut short. A TIME is an age such as 24h or 7d, or a date such as 2026-11-21.
    """,
  options: [
    CommandOption("limit", value: "N", "how many at most (20); 0: all"),
    CommandOption("since", value: "TIME", "not what was said before"),
    CommandOption("until", value: "TIME", "not what was said after"),
    CommandOption("tag", value: "KEY=VALUE", repeated: true, "only what has this tag"),
    CommandOption(
      "kind", value: "KIND", allowed: ["dictation", "import"], "only dictations, or only imports"),
    CommandOption("all", "also what was cancelled, and where nobody spoke"),
    CommandOption("trash", "only what was removed"),
    CommandOption(
      "format", value: "FORMAT", allowed: ["text", "txt", "json", "csv"], "text, json (a line each) or csv"),
  ],
  arguments: [CommandArgument("QUERY", required: false, repeated: true)],
  example: "thoth history quarterly report --since 7d",
  subcommands: [
    Command(
      "show", "print one item with all that is known of it",
      options: [CommandOption("json", "print it as JSON")], arguments: [id],
      example: "thoth history show 01a1fda0-04ed"),
    Command(
      "play", "play the audio of one item",
      options: [CommandOption("device", value: "PCM", "the ALSA name of the loudspeaker (default)")],
      arguments: [id], example: "thoth history play 01a1fda0-04ed"),
    Command(
      "redo", "transcribe the audio again, and print the new text",
      details: "The new text takes the place of the old one in the history.",
      options: [
        CommandOption("engine", value: "NAME", "the engine to ask, by its name in the settings"),
        CommandOption("language", value: "LANGUAGE", "the spoken language, as a code such as en or de"),
        CommandOption("prompt", value: "TEXT", "words to expect: names, terms"),
        CommandOption(
          "output", value: "METHOD", allowed: outputMethods,
          "where the text goes besides (stdout)"),
      ],
      arguments: [id], example: "thoth history redo 01a1fda0-04ed --language de"),
    Command(
      "tag", "give items tags, to find them by, or take them away",
      details: """
        All arguments that are no KEY=VALUE are ids. An item has each KEY once; nothing behind the = takes the tag
        away. A key has letters from a to z, digits, _, - and ., neither of these two first.
        """,
      arguments: [id, CommandArgument("KEY=VALUE", required: true, repeated: true)],
      example: "thoth history tag 01a1fda0-04ed project=atlas"),
    Command(
      "rm", "put items into the trash; they are gone after 30 days", arguments: [ids],
      example: "thoth history rm 01a1fda0-04ed"),
    Command(
      "restore", "take items out of the trash", arguments: [ids],
      example: "thoth history restore 01a1fda0-04ed"),
    Command(
      "export", "write an item's audio, or its text, to a file",
      details: "The file's name decides: .flac, .wav, .txt, captions as .srt or .vtt, .json, .csv.",
      options: [
        CommandOption(
          "file", value: "FILE", letter: "o",
          "where to (thoth_recording_DATE_TIME.flac in this folder)"),
        CommandOption("force", "replace a file that exists"),
      ],
      arguments: [id], example: "thoth history export 01a1fda0-04ed -o meeting.wav"),
  ])
