private let json = CommandOption("json", "print it as JSON")

/// `thoth dict` and what belongs to it.
let dictionaryCommand = Command(
  "dict", "your own words: what is replaced, and names that are put right",
  example: "thoth dict term Kubernetes",
  subcommands: [
    Command(
      "add", "put one text for another, where it stands as whole words",
      details: "Capitals do not count, unless --case says so. A text with spaces needs quotes.",
      options: [CommandOption("case", "only where the capitals are the same")],
      arguments: [CommandArgument("FROM", required: true), CommandArgument("TO", required: true)],
      example: "thoth dict add \"post gress\" PostgreSQL"),
    Command(
      "term", "a name, or another word with one right spelling",
      details: """
        What is taken for it, of up to three words: alias: its name and aliases, whatever the capitals and accents;
        conservative: also what sounds the same and is written almost like it; phonetic: also what is written
        somewhat like it.
        """,
      options: [
        CommandOption(
          "policy", value: "POLICY", allowed: ["alias", "phonetic", "conservative"],
          "what is taken for it: alias, phonetic or conservative (unless given)"),
        CommandOption("alias", value: "A,B…", "what else engines write for it, with commas between"),
      ],
      arguments: [CommandArgument("NAME", required: true)],
      example: "thoth dict term Vaultwarden --policy phonetic --alias \"volt warden\""),
    Command("list", "print the dictionary", options: [json], example: "thoth dict list"),
    Command(
      "rm", "take terms and replacements out",
      arguments: [CommandArgument("NAME", required: true, repeated: true)],
      example: "thoth dict rm Kubernetes"),
    Command(
      "import", "add what a CSV file has, or standard input",
      details:
        "Either what `thoth dict export` writes, or rows of two columns: FROM,TO. A mistake adds nothing.",
      arguments: [CommandArgument("FILE|-", required: true)], example: "thoth dict import words.csv"),
    Command(
      "export", "print the dictionary as CSV, or write it to a file",
      options: [
        CommandOption("file", value: "FILE", letter: "o", "the file"),
        CommandOption("force", "replace the file"),
      ],
      example: "thoth dict export -o words.csv"),
  ])
