import DictationTypes

/// Spells words that are spelt in several ways as `variant` does, in whole words and with their capitals. Only words
/// that mean the same in both are in the table: `metre` and `meter`, `tyre` and `tire` are not.
func spelt(_ scalars: Scalars, _ variant: SpellingVariant, language: String?) -> Scalars {
  guard variant != .asHeard, language == nil || language == "en" else { return scalars }
  let table = variant == .american ? toAmerican : toBritish
  var result = Scalars()
  result.reserveCapacity(scalars.count)
  var position = 0
  while position < scalars.count {
    guard !scalars[position].isSpace else {
      result.append(scalars[position])
      position += 1
      continue
    }
    let chunk = scalars.chunkEnd(from: position)
    if isCode(scalars[position..<chunk]) {
      result += scalars[position..<chunk]
      position = chunk
      continue
    }
    while position < chunk {
      let end = max(scalars.wordEnd(from: position), position + 1)
      let word = scalars[position..<end]
      let isInTable = (4...20).contains(word.count)
      if isInTable, let other = table[scalars.small(position..<end)] {
        result += Scalars(other, capitalisedAs: word)
      } else {
        result += word
      }
      position = end
    }
  }
  return result
}

extension Scalars {
  /// `text` in capitals if `word` is, with one if `word` has.
  fileprivate init(_ text: String, capitalisedAs word: ArraySlice<Unicode.Scalar>) {
    self.init(text)
    guard word.first?.isUppercase == true else { return }
    if word.count > 1, !word.contains(where: \.isLowercase) {
      self = map(\.capital)
    } else {
      self[0] = self[0].capital
    }
  }
}

private let toBritish = Dictionary(
  pairs.map { ($0.american, $0.british) }, uniquingKeysWith: { first, _ in first })
private let toAmerican = Dictionary(
  pairs.map { ($0.british, $0.american) }, uniquingKeysWith: { first, _ in first })

/// All forms of all words.
private let pairs: [(british: String, american: String)] = {
  var pairs: [(british: String, american: String)] = []
  for line in families.split(separator: "\n") {
    let parts = line.split(separator: " ").map(String.init)
    for ending in parts.dropFirst(2) {
      pairs.append((parts[0] + ending.dropFirst(), parts[1] + ending.dropFirst()))
    }
  }
  for stem in stemsInISE {
    for ending in ["e", "ed", "es", "er", "ers", "ing", "ation", "ations"] {
      pairs.append((stem + "is" + ending, stem + "iz" + ending))
    }
  }
  for stem in doubling {
    for ending in ["ed", "ing", "er", "ers"] { pairs.append((stem + stem.suffix(1) + ending, stem + ending)) }
  }
  return pairs
}()

/// A British stem, the American one, and what follows either.
private let families = """
  colour color - -s -ed -ing
  favour favor - -s -ed -ing
  flavour flavor - -s -ed -ing
  honour honor - -s -ed -ing
  humour humor - -s -ed -ing
  labour labor - -s -ed -ing
  neighbour neighbor - -s -ed -ing
  rumour rumor - -s -ed -ing
  vapour vapor - -s -ed -ing
  harbour harbor - -s -ed -ing
  endour endor - -s -ed -ing
  behaviour behavior - -s -al
  favour favor -able -ably -ite -ites -itism
  honour honor -able -ably
  colour color -ful -less -fully
  neighbour neighbor -hood -hoods -ly
  savour savor - -s -y
  armour armor - -ed -y
  glamour glamor -
  odour odor - -s
  parlour parlor - -s
  rigour rigor -
  splendour splendor -
  tumour tumor - -s
  valour valor -
  vigour vigor -
  centre center - -s
  centred centered -
  theatre theater - -s
  litre liter - -s
  fibre fiber - -s
  calibre caliber -
  kilometre kilometer - -s
  centimetre centimeter - -s
  millimetre millimeter - -s
  defence defense - -s -less
  offence offense - -s
  pretence pretense - -s
  analys analyz -e -ed -er -ing
  paralys paralyz -e -ed -ing
  catalogue catalog - -s
  grey gray - -s -er
  aluminium aluminum -
  jewellery jewelry -
  pyjamas pajamas -
  sceptic skeptic - -s -al -ism
  plough plow - -s -ed -ing
  mould mold - -s -y
  moustache mustache - -s
  ageing aging -
  fulfil fulfill - -s -ment
  enrol enroll - -s -ment
  skilful skillful - -ly
  wilful willful - -ly
  cosy cozy -
  encyclopaedia encyclopedia - -s
  anaesthetic anesthetic - -s
  oestrogen estrogen -
  manoeuvre maneuver - -s
  """

/// Verbs in -ise and -ize. `size`, `seize`, `prize` and `advertise` are none of them.
private let stemsInISE = [
  "apolog", "author", "cap", "capital", "categor", "central", "character", "civil", "colon", "critic",
  "custom",
  "digit", "econom", "emphas", "energ", "equal", "familiar", "fertil", "final", "formal", "general", "global",
  "harmon", "hospital", "ideal", "immun", "initial", "item", "jeopard", "legal", "local", "material", "maxim",
  "memor", "minim", "mobil", "modern", "monopol", "national", "neutral", "normal", "optim", "organ",
  "parallel",
  "patron", "penal", "personal", "polar", "popular", "priorit", "privat", "public", "random", "rational",
  "real",
  "recogn", "reorgan", "revolution", "sanit", "serial", "social", "special", "stabil", "standard", "steril",
  "subsid", "summar", "symbol", "sympath", "synchron", "token", "util", "vandal", "verbal", "visual", "vocal",
]

/// Verbs whose last consonant is doubled in Britain alone.
private let doubling = [
  "cancel", "channel", "counsel", "dial", "fuel", "label", "level", "marvel", "model", "quarrel", "signal",
  "total",
  "travel", "tunnel",
]
