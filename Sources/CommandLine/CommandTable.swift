private let json = CommandOption("json", "print it as JSON")
let outputMethods = ["auto", "type", "paste", "clipboard", "command", "stdout", "none"]
private let output = CommandOption(
  "output", value: "METHOD", allowed: outputMethods,
  "where the text goes: auto, type, paste, clipboard, command, stdout or none")

private let autoStop = CommandOption(
  "auto-stop", value: "TIME", implied: "2s",
  "stop by itself when somebody has spoken, and then nobody for so long (2s), or off")

private let submit = CommandOption("submit", "press Return when the text is there")

private let enhance = [
  CommandOption("enhance", value: "PROMPT", "have the language model edit the text by this prompt"),
  CommandOption("no-enhance", "leave the text as it is, whatever the settings say"),
]

private let profile = CommandOption(
  "profile", value: "NAME", "use this [[profile]] of the settings, whatever the window")

/// Every command of thoth. The parser and all help are made from it, and from nothing else.
public let commandTable: [Command] = [
  Command(
    "record", "start dictation",
    details: """
      Returns when the first audio frame has been captured, and prints the job's id.
      Only one recording runs at a time; an earlier one may still be transcribed meanwhile.
      """,
    options: [
      CommandOption("toggle", "stop instead, when a recording runs"),
      CommandOption("hold", "stop when the key that started it is released: push to talk"),
      CommandOption(
        "device", value: "DEVICE", "the microphone: any ALSA PCM name, or pulse:SOURCE (see `thoth devices`)"),
      CommandOption("language", value: "LANGUAGE", "the spoken language, as a code such as en or de"),
      autoStop, output, profile, submit,
    ] + enhance + [
      CommandOption("follow", "stay, print the job's events as JSON lines, end with the job's exit code")
    ],
    example: "thoth record --language de"),
  Command(
    "stop", "end the recording and output its text",
    options: [CommandOption("wait", "return when the job has ended, with its exit code"), output, submit]
      + enhance,
    example: "thoth stop --wait"),
  Command(
    "toggle", "start dictation, or stop it: for one hotkey", options: [autoStop, submit] + enhance,
    example: "bindsym $mod+d exec thoth toggle"),
  Command(
    "cancel", "abort the recording, or a job in any state",
    details: "With no job named: the recording, else the newest job that has not ended.",
    options: [CommandOption("all", "abort every job")],
    arguments: [CommandArgument("JOB", required: false)], example: "thoth cancel --all"),
  Command(
    "last", "print the last text, insert it again, or copy it",
    options: [
      CommandOption("type", "insert it into the focused window"),
      CommandOption("copy", "put it on the clipboard"), json,
    ],
    example: "thoth last --copy"),
  Command(
    "undo", "take back the last insertion",
    details: """
      Removes exactly what was inserted last, as long as its window has the focus and no key or pointer button was
      pressed since; the hotkey that asks for it does not count. The text stays in the history.
      """,
    example: "bindsym $mod+z exec thoth undo"),
  historyCommand,
  dictionaryCommand,
  enhanceCommand,
  transcribeCommand,
  exportCommand,
  Command(
    "status", "what thoth is doing",
    options: [
      json, CommandOption("usage", "how much has been dictated instead"),
      CommandOption("metrics", "the figures of the requests to each host instead"),
    ],
    example: "thoth status --json"),
  Command(
    "events", "follow what happens, as JSON lines",
    options: [CommandOption("levels", "with the microphone's level, 20 times a second while recording")],
    example: "thoth events --levels"),
  Command(
    "devices", "the microphones, and the sources of the sound server", options: [json],
    example: "thoth devices"),
  Command(
    "engine", "the speech engines: the embedded one, and the configured ones",
    example: "thoth engine install",
    subcommands: [
      Command(
        "install", "install it, or another model for it",
        details: """
          Models: base (many languages, the default), tiny.en (English, smaller), moonshine-tiny-en (English,
          the fastest for short dictations), the path of a CTranslate2 Whisper folder, or a name on the model
          hub for those who have a network. It can be repeated.
          """,
        options: [CommandOption("model", value: "NAME|PATH", "the model to install and use")],
        example: "thoth engine install --model tiny.en"),
      Command("start", "start it now, and wait until it is ready", example: "thoth engine start"),
      Command("stop", "stop it and free its memory", example: "thoth engine stop"),
      Command(
        "status", "whether it is installed, running, ready", options: [json],
        example: "thoth engine status"),
      Command(
        "list", "the engines in the order in which they are tried, and how they have answered",
        options: [json],
        example: "thoth engine list"),
      Command(
        "bench", "ask every engine, and measure how long it takes",
        details: """
          Each engine is asked for the text of a short recording that comes with thoth, once unmeasured. Engines that
          are paid for are asked too.
          """,
        options: [
          CommandOption("rounds", value: "N", "how often each is asked (5)"),
          CommandOption("file", value: "WAV", "another recording"),
          CommandOption("engine", value: "NAME", "this engine only"), json,
        ],
        example: "thoth engine bench --rounds 10"),
    ]),
  Command(
    "config", "the settings", example: "thoth config set audio.device pulse",
    subcommands: [
      Command("path", "print where the settings file is", example: "thoth config path"),
      Command("show", "print the settings in force", options: [json], example: "thoth config show"),
      Command(
        "get", "print one setting", arguments: [CommandArgument("KEY", required: true)],
        example: "thoth config get audio.device"),
      Command(
        "set", "change one setting in the file",
        arguments: [CommandArgument("KEY", required: true), CommandArgument("VALUE", required: true)],
        example: "thoth config set engine.local.timeout 60s"),
      Command("check", "say whether the file is right, and where not", example: "thoth config check"),
      Command("edit", "open the file in $VISUAL or $EDITOR, then check it", example: "thoth config edit"),
    ]),
  Command(
    "doctor", "what is wrong, and the command that mends it",
    options: [
      CommandOption("verify", "read the whole library, and compare every recording with its checksum"),
      CommandOption("hotkeys", "instead: bindings for the window manager that runs, with keys that are free"),
      CommandOption("fix", "mend a library that is broken: what can be read of it goes into a new one"), json,
    ],
    example: "thoth doctor --verify"),
  Command(
    "daemon", "start the daemon, or stop it",
    details: "Every other command starts it when it does not run.",
    options: [
      CommandOption("foreground", "run it here, until Ctrl-C"),
      CommandOption("stop", "end it; a recording is finished first"),
    ],
    example: "thoth daemon --foreground"),
]
