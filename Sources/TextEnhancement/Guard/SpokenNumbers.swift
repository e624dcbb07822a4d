/// The figures that may be written for the number words of a text: the values of words in a row ("twenty five" is 25, "nine
/// hundred" 900), and what they give when they are written one behind the other ("twenty twenty" is 2020).
func spokenFigures(in words: [String]) -> Set<String> {
  var figures: Set<String> = []
  for start in words.indices {
    var row: [Int] = []
    for word in words[start...].prefix(8) {
      if fillers.contains(word), !row.isEmpty { continue }
      guard let value = numberValue(word) else { break }
      row.append(value)
      figures.insert(row.map(String.init).joined())
      if let sum = sum(row) { figures.insert(String(sum)) }
    }
  }
  return figures
}

/// The value of number words in a row as one number; nil when they are none.
private func sum(_ row: [Int]) -> Int? {
  var (total, group, last) = (0, 0, Int.max)
  for value in row {
    switch value {
    case 1000...:
      total += max(group, 1) * value
      (group, last) = (0, Int.max)
    case 100:
      guard group < 100 else { return nil }
      (group, last) = (max(group, 1) * 100, 100)
    default:
      // Tens before units, and only after what is larger.
      guard value < last, last > 9 else { return nil }
      group += value
      last = value < 10 ? 0 : value < 20 ? 1 : 10
    }
  }
  return total + group
}

/// The value of one word; nil when it is no number.
func numberValue(_ word: String) -> Int? {
  if let value = values[word] { return value }
  // German writes the units first, in one word: fünfundzwanzig.
  guard let und = word.firstRange(of: "und"), let tens = values[String(word[und.upperBound...])],
    let units = values[String(word[..<und.lowerBound])], tens >= 20, units < 10
  else { return nil }
  return tens + units
}

/// Words that stand between number words.
private let fillers: Set<String> = ["and", "y", "et", "und", "e"]

private let values: [String: Int] = {
  let lists = [
    (0, "zero null zéro cero"), (0, "oh o"),
    (1, "one first ein eins eine un une uno una erste ersten premier première primero"),
    (2, "two second zwei zweite zweiten deux dos"), (3, "three third drei dritte dritten trois tres"),
    (4, "four fourth vier vierte quatre cuatro"), (5, "five fifth fünf fünfte cinq cinco"),
    (6, "six sixth sechs sechste seis"), (7, "seven seventh sieben siebte sept siete"),
    (8, "eight eighth acht achte huit ocho"), (9, "nine ninth neun neunte neuf nueve"),
    (10, "ten tenth zehn zehnte dix diez"), (11, "eleven eleventh elf onze once"),
    (12, "twelve twelfth zwölf zwölfte douze doce"), (13, "thirteen thirteenth dreizehn treize trece"),
    (14, "fourteen fourteenth vierzehn quatorze catorce"), (15, "fifteen fifteenth fünfzehn quinze quince"),
    (16, "sixteen sixteenth sechzehn seize dieciséis"), (17, "seventeen seventeenth siebzehn diecisiete"),
    (18, "eighteen eighteenth achtzehn dieciocho"), (19, "nineteen nineteenth neunzehn diecinueve"),
    (20, "twenty twentieth zwanzig vingt veinte"), (30, "thirty thirtieth dreißig trente treinta"),
    (40, "forty vierzig quarante cuarenta"), (50, "fifty fünfzig cinquante cincuenta"),
    (60, "sixty sechzig soixante sesenta"), (70, "seventy siebzig setenta"), (80, "eighty achtzig ochenta"),
    (90, "ninety neunzig noventa"), (100, "hundred hundert einhundert cent cien ciento"),
    (1000, "thousand tausend eintausend mille mil"),
    (1_000_000, "million millions millionen millón millones"),
  ]
  return Dictionary(
    lists.flatMap { value, words in words.split(separator: " ").map { (String($0), value) } },
    uniquingKeysWith: { first, _ in first })
}()
