/// Writes spoken English numbers as digits: `twenty three` as `23`, `one two three` as `123`, `three point five` as
/// `3.5`. `one` alone stays, as do words of which a number is a part (`twenty-something`), and all other languages.
func withDigits(_ scalars: Scalars, language: String?) -> Scalars {
  guard language == nil || language == "en" else { return scalars }
  var result = Scalars()
  result.reserveCapacity(scalars.count)
  var position = 0
  while position < scalars.count {
    guard scalars[position].isWord else {
      result.append(scalars[position])
      position += 1
      continue
    }
    let end = scalars.wordEnd(from: position)
    let mayBegin =
      end - position < 10 && (position == 0 || mayPrecede(scalars[position - 1]))
      && mayBeginNumber(scalars[position])
    if mayBegin, let number = SpokenNumber(scalars, at: position) {
      result += Scalars(number.digits)
      position = number.end
    } else {
      result += scalars[position..<end]
      position = end
    }
  }
  return result
}

private func mayPrecede(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar {
  case "-", ".", "'", "’", "_", "/", "@": false
  default: true
  }
}

private func mayBeginNumber(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.small {
  case "z", "o", "t", "f", "s", "e", "n": true
  default: false
  }
}

/// The longest number that begins at a word.
private struct SpokenNumber {
  let digits: String
  let end: Int

  /// One word of a number, with its place.
  private struct Word {
    let text: String
    let end: Int
  }

  init?(_ scalars: Scalars, at start: Int) {
    let words = Self.words(scalars, at: start)
    guard let first = words.first, values[first.text] != nil else { return nil }
    let (digits, count) = Self.read(words.map(\.text))
    guard let digits, !(count == 1 && first.text == "one") else { return nil }
    end = words[count - 1].end
    self.digits = digits
  }

  /// The words of numbers that follow each other from `start` on, with one space or hyphen between them.
  private static func words(_ scalars: Scalars, at start: Int) -> [Word] {
    var found: [Word] = []
    var position = start
    // Nobody says a number of more words.
    while position < scalars.count, found.count < 24 {
      let end = scalars.wordEnd(from: position)
      guard end > position, end - position <= 9 else { break }
      let word = scalars.small(position..<end)
      guard values[word] != nil || scales[word] != nil || ["and", "oh", "point", "hundred"].contains(word)
      else { break }
      found.append(Word(text: word, end: end))
      guard end + 1 < scalars.count, scalars[end] == " " || scalars[end] == "-", scalars[end + 1].isWord
      else { break }
      position = end + 1
    }
    // "twenty-something" is no number, nor is the "three" of "three-legged".
    while let last = found.last, last.end < scalars.count,
      scalars[last.end] == "-" || scalars[last.end] == "_"
    {
      found.removeLast()
    }
    return found
  }

  /// The digits of what the longest beginning of `words` says, and how many words that are.
  private static func read(_ words: [String]) -> (digits: String?, count: Int) {
    if let digits = digitByDigit(words) { return digits }
    if let year = year(words) { return year }
    guard let (value, count) = cardinal(words) else { return (nil, 0) }
    let fraction = decimals(words[count...])
    return ("\(value)" + (fraction.map { "." + $0.digits } ?? ""), count + (fraction?.count ?? 0))
  }

  /// `four oh four`, `one two three`: two digits or more, each said by itself.
  private static func digitByDigit(_ words: [String]) -> (digits: String?, count: Int)? {
    let said = words.prefix { word in word == "oh" || values[word].map { $0 < 10 } ?? false }
    let digits = said.reversed().drop { $0 == "oh" && said.count == 1 }.reversed().map { values[$0] ?? 0 }
    // "one hundred" is no digit and a hundred.
    let goesOn =
      said.count < words.count && (words[said.count] == "hundred" || scales[words[said.count]] != nil)
    guard digits.count > 1, !(goesOn || words.dropFirst(said.count).first == "point") else { return nil }
    return (digits.map(String.init).joined(), digits.count)
  }

  /// `nineteen ninety five`: two numbers of two digits, of which the first is 13 to 20.
  private static func year(_ words: [String]) -> (digits: String?, count: Int)? {
    guard let century = words.first.flatMap({ values[$0] }), (13...20).contains(century), words.count > 1,
      let tens = values[words[1]], tens >= 10
    else { return nil }
    let unit =
      words.count > 2 && tens >= 20 && tens % 10 == 0
      ? values[words[2]].flatMap { $0 < 10 && $0 > 0 ? $0 : nil } : nil
    let count = unit == nil ? 2 : 3
    guard count == words.count || scales[words[count]] == nil && words[count] != "hundred" else { return nil }
    return ("\(century)\(tens + (unit ?? 0))", count)
  }

  private static func cardinal(_ words: [String]) -> (value: Int, count: Int)? {
    var (total, current, count) = (0, 0, 0)
    var lastScale = Int.max
    // What may follow: a unit after tens, "and" after a hundred or a scale.
    var room = 100
    var position = 0
    while position < words.count {
      let word = words[position]
      if word == "and" {
        let next = position + 1 < words.count ? values[words[position + 1]] : nil
        guard room == 100, position > 0, total > 0 || current >= 100, next != nil else { break }
      } else if let value = values[word] {
        guard value < room, value > 0 || position == 0 else { break }
        current += value
        room = value >= 20 && value % 10 == 0 ? 10 : 0
      } else if word == "hundred" {
        guard (1...99).contains(current) else { break }
        current *= 100
        room = 100
      } else if let scale = scales[word] {
        guard current > 0, current < 1000, scale < lastScale else { break }
        total += current * scale
        (current, lastScale, room) = (0, scale, 100)
      } else {
        break
      }
      position += 1
      if word != "and" { count = position }
    }
    return count > 0 ? (total + current, count) : nil
  }

  private static func decimals(_ words: ArraySlice<String>) -> (digits: String, count: Int)? {
    guard words.first == "point" else { return nil }
    let said = words.dropFirst().prefix { word in word == "oh" || values[word].map { $0 < 10 } ?? false }
    return said.isEmpty ? nil : (said.map { String(values[$0] ?? 0) }.joined(), said.count + 1)
  }
}

private let values: [String: Int] = [
  "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
  "nine": 9,
  "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
  "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50,
  "sixty": 60,
  "seventy": 70, "eighty": 80, "ninety": 90,
]

private let scales: [String: Int] = ["thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000]
