import DictationTypes

/// What a spoken command does to the text.
enum CommandEffect {
  /// Ends a line, or a paragraph.
  case lineBreak(Int)
  /// A mark that belongs to the word before, such as a comma.
  case mark(Unicode.Scalar)
  /// Opens a quotation or a bracket: it belongs to the word behind.
  case open(Unicode.Scalar)
  /// Closes it.
  case close(Unicode.Scalar)
  /// A dash between words.
  case dash
  /// Takes back the sentence before.
  case scratch
  /// A text of the user's own.
  case insert(String)
  /// What follows is written and not obeyed.
  case literal
}

/// The commands of one language and the user's own, ready to be looked for.
struct CommandSet {
  private var byFirstWord: [String: [(words: [String], effect: CommandEffect)]] = [:]

  /// - Parameter own: those of the user; one that says the same as one of ours takes its place.
  init(language: String?, own: [SpokenCommand]) {
    let known = spokenCommands[language ?? "en"] ?? spokenCommands["en"] ?? []
    for (say, effect) in known { add(say, effect) }
    for command in own where command.language == nil || command.language == language || language == nil {
      add(command.say, .insert(command.text))
    }
  }

  private mutating func add(_ say: String, _ effect: CommandEffect) {
    let words = say.lowercased().split { !$0.isLetter && !$0.isNumber && $0 != "'" }.map(String.init)
    guard let first = words.first else { return }
    byFirstWord[first, default: []].removeAll { $0.words == words }
    byFirstWord[first, default: []].append((words, effect))
    byFirstWord[first]?.sort { $0.words.count > $1.words.count }
  }

  /// The longest command that begins with the word at `start`, and where it ends.
  func match(_ scalars: Scalars, at start: Int) -> (effect: CommandEffect, end: Int)? {
    let end = scalars.wordEnd(from: start)
    guard end - start <= 24, let candidates = byFirstWord[scalars.small(start..<end)] else { return nil }
    for candidate in candidates {
      var position = end
      let isWhole = candidate.words.dropFirst().allSatisfy { word in
        let next = scalars.skippingSpaces(from: position, stopsAtBreak: true)
        guard next > position else { return false }
        position = scalars.wordEnd(from: next)
        return position - next <= 24 && scalars.small(next..<position) == word
      }
      if isWhole { return (candidate.effect, position) }
    }
    return nil
  }
}

/// Obeys spoken commands where they stand as a clause of their own. A command that follows the word for `literal` is
/// written: true when there was one. Line breaks at the beginning and the end of the text are left out.
func obeyCommands(in text: inout Scalars, _ settings: FilterSettings, language: String?) -> Bool {
  let known = settings.ownCommands.isEmpty ? knownSets[language ?? "en"] ?? knownSets["en"] : nil
  let commands = known ?? CommandSet(language: language, own: settings.ownCommands)
  var writer = CommandWriter(text, commands)
  text = writer.run()
  return writer.isLiteral
}

/// The commands of each language, for whoever has none of his own.
private let knownSets = Dictionary(
  uniqueKeysWithValues: spokenCommands.keys.map { ($0, CommandSet(language: $0, own: [])) })

private struct CommandWriter {
  private let scalars: Scalars
  private let commands: CommandSet
  private var result = Scalars()
  private var capitalisesNext = false
  private var hasObeyed = false
  /// Whether a command was written.
  private(set) var isLiteral = false

  init(_ scalars: Scalars, _ commands: CommandSet) {
    self.scalars = scalars
    self.commands = commands
    result.reserveCapacity(scalars.count)
  }

  mutating func run() -> Scalars {
    var position = 0
    // Whether a command can begin here: nothing but spaces since the end of a clause.
    var isBound = true
    while position < scalars.count {
      let scalar = scalars[position]
      if scalar.isWord {
        if isBound, let end = obey(at: position) {
          position = end
          continue
        }
        let end = scalars.wordEnd(from: position)
        append(scalars[position..<end])
        position = end
        isBound = false
        continue
      }
      if !scalar.isSpace { isBound = scalar.endsClause && !isInsideWord(position) }
      if scalar.isBreak { isBound = true }
      result.append(scalar)
      position += 1
    }
    guard hasObeyed else { return scalars }
    while result.last?.isSpace == true { result.removeLast() }
    return Scalars(result.drop(while: \.isSpace))
  }

  private func isInsideWord(_ position: Int) -> Bool {
    position + 1 < scalars.count && scalars[position + 1].isWord
  }

  private mutating func append(_ word: ArraySlice<Unicode.Scalar>) {
    guard capitalisesNext, let first = word.first else {
      result += word
      return
    }
    capitalisesNext = false
    result.append(first.capital)
    result += word.dropFirst()
  }

  /// Where the text goes on behind the command at `start`; nil when there is none.
  private mutating func obey(at start: Int) -> Int? {
    guard let (effect, end) = commands.match(scalars, at: start) else { return nil }
    if case .literal = effect {
      let next = scalars.skippingSpaces(from: end, stopsAtBreak: true)
      guard next < scalars.count, next > end, let (_, last) = commands.match(scalars, at: next) else {
        return nil
      }
      (hasObeyed, isLiteral) = (true, true)
      append(scalars[next..<last])
      return last
    }
    // It has to end with its clause.
    guard end == scalars.count || scalars[end].endsClause && !isInsideWord(end) || isBeforeCommand(end) else {
      return nil
    }
    hasObeyed = true
    var position = end
    var marks = Scalars()
    while position < scalars.count, scalars[position].endsClause, !scalars[position].isBreak {
      marks.append(scalars[position])
      position += 1
    }
    apply(effect, marks)
    if result.last.map({ $0.isSpace || isOpening($0) }) ?? true {
      position = scalars.skippingSpaces(from: position, stopsAtBreak: true)
    }
    return position
  }

  /// Whether another command follows at once: "comma new line".
  private func isBeforeCommand(_ end: Int) -> Bool {
    let next = scalars.skippingSpaces(from: end, stopsAtBreak: true)
    guard next > end, next < scalars.count, let (_, last) = commands.match(scalars, at: next) else {
      return false
    }
    return last == scalars.count || scalars[last].endsClause
  }

  private func isOpening(_ scalar: Unicode.Scalar) -> Bool { "“„«([".unicodeScalars.contains(scalar) }

  private mutating func apply(_ effect: CommandEffect, _ marks: Scalars) {
    switch effect {
    case .lineBreak(let count):
      dropWeakMark()
      result += Array(repeating: "\n", count: count)
      if count > 1 || result.dropLast(count).last?.endsSentence ?? true { capitalisesNext = true }
    case .mark(let mark):
      dropSpacesAndMark()
      result.append(mark)
      capitalisesNext = mark.endsSentence
    case .open(let mark):
      result.append(mark)
      capitalisesNext = false
    case .close(let mark):
      dropWeakMark()
      result.append(mark)
      if let end = marks.first(where: \.endsSentence) { result.append(end) }
    case .dash:
      dropSpacesAndMark()
      result += Scalars(" – ")
    case .scratch:
      scratch()
    case .insert(let text):
      dropWeakMark()
      let isAttached =
        text.first?.isWhitespace == true || text.count == 1 && text.first?.isPunctuation == true
      if !isAttached, result.last.map({ !$0.isSpace && !isOpening($0) }) ?? false { result.append(" ") }
      result += Scalars(text)
      if text.last?.isWhitespace != true, !marks.isEmpty { result += marks.filter { $0.endsSentence } }
    case .literal: break
    }
  }

  /// Takes off a comma, which only held the command.
  private mutating func dropWeakMark() {
    result.dropSpaces()
    if let last = result.last, ",;，".unicodeScalars.contains(last) { result.removeLast() }
  }

  /// Takes off whatever the engine has put behind the word before.
  private mutating func dropSpacesAndMark() {
    result.dropSpaces()
    while let last = result.last, last.endsClause, !last.isBreak { result.removeLast() }
  }

  /// Takes back the sentence before: back to the end of the one before that.
  private mutating func scratch() {
    result.dropSpaces()
    while let last = result.last, last.endsClause, !last.isBreak { result.removeLast() }
    while let last = result.last, !last.isBreak {
      // A point within a word (3.5, example.com) ends nothing.
      if last.endsSentence, result.count == scalars.count || hasSpaceBehind { break }
      hasSpaceBehind = last.isSpace
      result.removeLast()
    }
    hasSpaceBehind = false
    if result.last.map({ !$0.isSpace }) ?? false { result.append(" ") }
    capitalisesNext = true
  }
  private var hasSpaceBehind = false
}
