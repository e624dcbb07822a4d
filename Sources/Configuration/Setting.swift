internal import DictationTypes

/// One setting: its key, how its text is read into a value and how it is printed.
///
/// The tables below are the schema. The file, `THOTH_*` variables, `config get|set|show` all go through them.
struct Setting<Root>: Sendable {
  /// The key, such as `audio.device`; within an engine's section such as `url`.
  let key: String
  /// What it means, for `config show` and the commented file.
  let summary: String
  /// What TOML it is.
  let kind: TOMLDocument.Kind
  /// Whether an array of that may stand for it: its elements, with spaces between.
  var isList = false
  /// Reads `text` into the value; throws a sentence of what would be right.
  let assign: @Sendable (inout Root, String) throws(ConfigurationProblem) -> Void
  /// The value as `assign` reads it; nil when it is unset.
  let print: @Sendable (Root) -> String?
}

let generalSettings: [Setting<Configuration>] =
  [
    .text("audio.device", "the microphone: any ALSA PCM name", \.device),
    .milliseconds(
      "audio.pre_roll", "above 0ms the microphone stays open; how much before the key is recorded",
      in: 0...5_000,
      \.preRoll),
    .flag("audio.cues", "tones that tell when recording begins, and when it is over", \.hasCues),
    Setting(
      key: "audio.auto_stop",
      summary: "how long nobody speaks until a recording ends by itself, or off",
      kind: .string,
      assign: { root, text throws(ConfigurationProblem) in root.autoStop = try autoStopTime(text) },
      print: { $0.autoStop == 0 ? "off" : "\($0.autoStop)ms" }),
    .number(
      "audio.vad", "how much the detector of speech takes to be noise: 0 to 3", in: 0...3, \.vad),
    .choice(
      "output.method", "auto, type, paste, clipboard, command, stdout or none", \.outputMethod),
    Setting(
      key: "output.command",
      summary:
        "a shell command that takes the text on standard input, as for Wayland: wtype -; or off",
      kind: .string,
      assign: { root, text throws(ConfigurationProblem) in
        guard text.contains(where: { !$0.isWhitespace }) else {
          throw ConfigurationProblem("it is empty: write a command that takes the text, or off")
        }
        root.outputCommand = text == "off" ? nil : text
      }, print: { $0.outputCommand ?? "off" }),
    .choice(
      "output.target",
      "focus: where the focus is; origin: where it was at stop; hold: there, or kept", \.target
    ),
    .choice(
      "output.append", "auto: a space between two texts in a row; space: one behind each; none",
      \.append),
    .flag(
      "output.restore_clipboard", "give back what the clipboard held before a paste",
      \.restoresClipboard),
  ] + filterSettings + enhancementSettings + [
    .duration(
      "history.keep_audio", "how long audio is kept after its text was delivered",
      in: 0...315_360_000,
      \.keepAudio),
    .limit(
      "history.keep_text", "how long texts are kept, or forever", unlimited: "forever",
      read: { text throws(ConfigurationProblem) in
        guard let value = seconds(text), value > 0 else {
          throw ConfigurationProblem(
            "\"\(text)\" is no time: write it as in 24h or 365d, or forever")
        }
        return value
      }, print: time, \.keepText),
    .limit(
      "history.max_audio", "the most disk that kept audio takes, or unlimited",
      unlimited: "unlimited",
      read: { text throws(ConfigurationProblem) in
        guard let value = bytes(text) else {
          throw ConfigurationProblem(
            "\"\(text)\" is no size: write it as in 500MB or 2GB, or unlimited")
        }
        return value
      }, print: { "\($0 / 1_000_000)MB" }, \.maxAudio),
  ]

let engineSettings: [Setting<EngineConfiguration>] =
  [
    .text("name", "what events call it", \.name),
    .addresses(
      "url", "unix:NAME, or http(s)://HOST:PORT/v1; several, in [ ], share the load", \.urls),
    .text("model", "the model to ask for", \.model),
    .text("language", "a code such as en, or auto", \.language),
    .flag("managed", "thothd starts it at record and unloads it when idle", \.isManaged),
    .duration(
      "idle_unload", "how long it stays loaded without work; 0s: for ever", in: 0...604_800,
      \.idleUnload),
    .duration("timeout", "how long one request may take", in: 1...86_400, \.timeout),
    .limit(
      "hedge", "how long until the next engine is asked too, such as 800ms, or off",
      unlimited: "off",
      read: { text throws(ConfigurationProblem) in try readMilliseconds(text, in: 50...60_000) },
      print: { "\($0)ms" }, \.hedge),
    .choice(
      "speculate", "send what may be the end before stop: auto (on this machine), on or off",
      \.speculate),
    .choice(
      "upload", "what audio is sent as: auto (wav on this machine, else flac), wav or flac",
      \.upload),
    .limit(
      "max_upload",
      "the largest upload that it takes, such as 100MB; auto: 25MB, any on this machine",
      unlimited: "auto",
      read: { text throws(ConfigurationProblem) in
        guard let value = bytes(text) else {
          throw ConfigurationProblem("\"\(text)\" is no size: write it as in 25MB or 2GB, or auto")
        }
        return value
      }, print: { "\($0 / 1_000_000)MB" }, \.uploadLimit),
  ] + secretSettings("key", "its key", \.key)

extension Setting {
  static func text(
    _ key: String, _ summary: String, _ path: any WritableKeyPath<Root, String> & Sendable
  )
    -> Setting
  {
    Setting(
      key: key, summary: summary, kind: .string,
      assign: { root, text throws(ConfigurationProblem) in
        if text.isEmpty {
          throw ConfigurationProblem("it is empty: leave the line out for the default")
        }
        root[keyPath: path] = text
      }, print: { $0[keyPath: path] })
  }

  static func flag(
    _ key: String, _ summary: String, _ path: any WritableKeyPath<Root, Bool> & Sendable
  )
    -> Setting
  {
    Setting(
      key: key, summary: summary, kind: .boolean,
      assign: { root, text throws(ConfigurationProblem) in
        guard let value = Bool(text) else {
          throw ConfigurationProblem("\"\(text)\" is neither true nor false")
        }
        root[keyPath: path] = value
      }, print: { String($0[keyPath: path]) })
  }

  static func duration(
    _ key: String, _ summary: String, in range: ClosedRange<Int>,
    _ path: any WritableKeyPath<Root, Int> & Sendable
  ) -> Setting {
    Setting(
      key: key, summary: summary, kind: .string,
      assign: { root, text throws(ConfigurationProblem) in
        guard let seconds = seconds(text) else {
          throw ConfigurationProblem("\"\(text)\" is no time: write it as in 30s, 15m, 24h or 7d")
        }
        root[keyPath: path] = try within(range, seconds, text, unit: "s")
      }, print: { time($0[keyPath: path]) })
  }

  /// A time in milliseconds, such as `300ms`, `2s` or `0`.
  static func milliseconds(
    _ key: String, _ summary: String, in range: ClosedRange<Int>,
    _ path: any WritableKeyPath<Root, Int> & Sendable
  ) -> Setting {
    Setting(
      key: key, summary: summary, kind: .string,
      assign: { root, text throws(ConfigurationProblem) in
        root[keyPath: path] = try readMilliseconds(text, in: range)
      }, print: { "\($0[keyPath: path])ms" })
  }

  static func number(
    _ key: String, _ summary: String, in range: ClosedRange<Int>,
    _ path: any WritableKeyPath<Root, Int> & Sendable
  ) -> Setting {
    Setting(
      key: key, summary: summary, kind: .integer,
      assign: { root, text throws(ConfigurationProblem) in
        guard let value = Int(text) else { throw ConfigurationProblem("\"\(text)\" is no number") }
        root[keyPath: path] = try within(range, value, text, unit: "")
      }, print: { String($0[keyPath: path]) })
  }

  /// A number that `read` makes of a text, or none at all, which is called `unlimited`.
  static func limit(
    _ key: String, _ summary: String, unlimited: String,
    read: @escaping @Sendable (String) throws(ConfigurationProblem) -> Int,
    print: @escaping @Sendable (Int) -> String, _ path: any WritableKeyPath<Root, Int?> & Sendable
  ) -> Setting {
    Setting(
      key: key, summary: summary, kind: .string,
      assign: { root, text throws(ConfigurationProblem) in
        root[keyPath: path] = text == unlimited ? nil : try read(text)
      }, print: { $0[keyPath: path].map(print) ?? unlimited })
  }

  static func choice<Value: RawRepresentable & CaseIterable & Sendable>(
    _ key: String, _ summary: String, _ path: any WritableKeyPath<Root, Value> & Sendable
  ) -> Setting where Value.RawValue == String {
    let names = Value.allCases.map(\.rawValue).joined(separator: ", ")
    return Setting(
      key: key, summary: summary, kind: .string,
      assign: { root, text throws(ConfigurationProblem) in
        guard let value = Value(rawValue: text) else {
          throw ConfigurationProblem("\"\(text)\" is none of \(names)")
        }
        root[keyPath: path] = value
      }, print: { $0[keyPath: path].rawValue })
  }
}

extension Setting {
  static func secret(
    _ key: String, _ summary: String, _ path: any WritableKeyPath<Root, SecretSource?> & Sendable,
    _ make: @escaping @Sendable (String) -> SecretSource,
    _ print: @escaping @Sendable (SecretSource) -> String?
  ) -> Setting {
    Setting(
      key: key, summary: summary, kind: .string,
      assign: { root, text throws(ConfigurationProblem) in
        if text.isEmpty { throw ConfigurationProblem("it is empty: name where the key is") }
        root[keyPath: path] = make(text)
      }, print: { $0[keyPath: path].flatMap(print) })
  }
}

extension Setting {
  /// Addresses, in the file an array or one text with spaces between them.
  static func addresses(
    _ key: String, _ summary: String, _ path: any WritableKeyPath<Root, [String]> & Sendable
  ) -> Setting {
    Setting(
      key: key, summary: summary, kind: .string, isList: true,
      assign: { root, text throws(ConfigurationProblem) in
        // A socket's path may hold spaces.
        let addresses = text.split(separator: /\s+(?=unix:|https?:)/).map(String.init)
        let schemes = ["unix:", "http://", "https://"]
        for address in addresses.isEmpty ? [text] : addresses {
          let isBroken = !address.hasPrefix("unix:") && address.contains(where: \.isWhitespace)
          guard !isBroken,
            schemes.contains(where: { address.hasPrefix($0) && address.count > $0.count })
          else {
            throw ConfigurationProblem(
              "\"\(address)\" is no address: write unix:NAME, or http(s)://HOST:PORT/v1")
          }
        }
        guard Set(addresses).count == addresses.count else {
          throw ConfigurationProblem("an address is there twice: name each once")
        }
        root[keyPath: path] = addresses
      }, print: { $0[keyPath: path].joined(separator: " ") })
  }
}

/// The milliseconds in a time such as `300ms`, `2s` or `0`.
private func readMilliseconds(
  _ text: String, in range: ClosedRange<Int>
) throws(ConfigurationProblem) -> Int {
  let isShort = text.hasSuffix("ms")
  let count = isShort ? Int(text.dropLast(2)) : seconds(text)
  guard let count, count >= 0 else {
    throw ConfigurationProblem("\"\(text)\" is no time: write it as in 300ms or 2s")
  }
  let (milliseconds, overflow) = count.multipliedReportingOverflow(by: isShort ? 1 : 1_000)
  return try within(range, overflow ? .max : milliseconds, text, unit: "ms")
}

/// `seconds` as `30s`, `15m`, `24h` or `7d`: in the largest unit that it is a multiple of.
private func time(_ seconds: Int) -> String {
  let units = [("d", 86_400), ("h", 3600), ("m", 60)]
  guard seconds > 0, let unit = units.first(where: { seconds % $0.1 == 0 }) else {
    return "\(seconds)s"
  }
  return "\(seconds / unit.1)\(unit.0)"
}

/// The seconds in a time such as `30s`, `15m`, `24h`, `7d`, or `0`; nil when it is none.
private func seconds(_ text: String) -> Int? {
  if text == "0" { return 0 }
  let units: [Character: Int] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
  guard let unit = text.last.flatMap({ units[$0] }), let count = Int(text.dropLast()), count >= 0
  else {
    return nil
  }
  let (product, overflow) = count.multipliedReportingOverflow(by: unit)
  return overflow ? nil : product
}

/// The milliseconds in a time such as `300ms`, `2s` or `0`; nil when it is none.
private func timeInMilliseconds(_ text: String) -> Int? {
  guard text.hasSuffix("ms") else {
    return seconds(text).map { $0.multipliedReportingOverflow(by: 1_000) }.map {
      $0.overflow ? .max : $0.partialValue
    }
  }
  return Int(text.dropLast(2)).flatMap { $0 >= 0 ? $0 : nil }
}

/// The milliseconds in `text`, as `audio.auto_stop` and `--auto-stop` have it; 0 for `off`.
///
/// - Throws: `ConfigurationProblem` when it is neither `off` nor a time from 0.5 s to 10 minutes. A pause within a
///   sentence is shorter.
public func autoStopTime(_ text: String) throws(ConfigurationProblem) -> Int {
  if text == "off" { return 0 }
  guard let value = timeInMilliseconds(text) else {
    throw ConfigurationProblem("\"\(text)\" is no time: write it as in 1500ms or 2s, or off")
  }
  return try within(500...600_000, value, text, unit: "ms")
}

/// The bytes in a size such as `500MB` or `2GB` (powers of ten); nil when it is none.
private func bytes(_ text: String) -> Int? {
  for (unit, factor) in [("MB", 1_000_000), ("GB", 1_000_000_000), ("TB", 1_000_000_000_000)]
  where text.hasSuffix(unit) {
    guard let count = Int(text.dropLast(2)), count > 0 else { return nil }
    let (product, overflow) = count.multipliedReportingOverflow(by: factor)
    return overflow ? nil : product
  }
  return nil
}

/// `value`, which `text` stands for.
private func within(
  _ range: ClosedRange<Int>, _ value: Int, _ text: String, unit: String
) throws(ConfigurationProblem) -> Int {
  guard range.contains(value) else {
    throw ConfigurationProblem(
      "\"\(text)\" is out of range: from \(range.lowerBound)\(unit) to \(range.upperBound)\(unit)")
  }
  return value
}
