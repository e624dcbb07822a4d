/// How a word sounds, as consonants: the two codes of Double Metaphone (Lawrence Philips, "The Double Metaphone Search
/// Algorithm", C/C++ Users Journal, June 2000), not cut after four letters, since names are long and are to be told
/// apart. `0` stands for th. Words of other scripts have no code.
struct DoubleMetaphone {
  /// The usual pronunciation.
  private(set) var primary = ""
  /// Another one; the same where there is none.
  private(set) var secondary = ""
  private let word: [UInt8]

  /// The codes of `word`, of which only the letters A to Z count, in any case.
  init(_ word: String) {
    self.word = word.utf8.compactMap { letter in
      let capital = letter & ~0x20
      return (0x41...0x5A).contains(capital) && letter >= 0x41 ? capital : nil
    }
    encode()
  }

  private mutating func encode() {
    var position = 0
    if has(0, "GN") || has(0, "KN") || has(0, "PN") || has(0, "WR") || has(0, "PS") { position = 1 }
    if has(0, "X") {
      add("S")
      position = 1
    }
    while position < word.count { position += step(position) }
  }

  /// Adds the code of the letter at `position`, and tells how many letters that were.
  private mutating func step(_ position: Int) -> Int {
    switch word[position] {
    case UInt8(ascii: "A"), UInt8(ascii: "E"), UInt8(ascii: "I"), UInt8(ascii: "O"), UInt8(ascii: "U"),
      UInt8(ascii: "Y"):
      if position == 0 { add("A") }
      return 1
    case UInt8(ascii: "B"): return addOnce("P", position, "B")
    case UInt8(ascii: "C"): return c(position)
    case UInt8(ascii: "D"): return d(position)
    case UInt8(ascii: "F"): return addOnce("F", position, "F")
    case UInt8(ascii: "G"): return g(position)
    case UInt8(ascii: "H"): return h(position)
    case UInt8(ascii: "J"): return j(position)
    case UInt8(ascii: "K"): return addOnce("K", position, "K")
    case UInt8(ascii: "L"): return addOnce("L", position, "L")
    case UInt8(ascii: "M"):
      add("M")
      let isSilentB = has(position - 1, "UMB") && (position + 2 == word.count || has(position + 2, "ER"))
      return isSilentB || has(position + 1, "M") ? 2 : 1
    case UInt8(ascii: "N"): return addOnce("N", position, "N")
    case UInt8(ascii: "P"): return p(position)
    case UInt8(ascii: "Q"): return addOnce("K", position, "Q")
    case UInt8(ascii: "R"): return addOnce("R", position, "R")
    case UInt8(ascii: "S"): return s(position)
    case UInt8(ascii: "T"): return t(position)
    case UInt8(ascii: "V"): return addOnce("F", position, "V")
    case UInt8(ascii: "W"): return w(position)
    case UInt8(ascii: "X"):
      // French: Bordeaux.
      if !(position == word.count - 1 && (has(position - 2, "AU") || has(position - 2, "OU"))) { add("KS") }
      return has(position + 1, "C") || has(position + 1, "X") ? 2 : 1
    default: return z(position)
    }
  }

  private mutating func c(_ position: Int) -> Int {
    if has(position, "CHIA") {
      add("K")
      return 2
    }
    if has(position, "CH") {
      if position > 0, has(position, "CHAE") {
        add("K", "X")
      } else if position == 0, ["CHARAC", "CHARIS", "CHOR", "CHYM", "CHEM"].contains(where: { has(0, $0) }),
        !has(0, "CHORE")
      {
        add("K")
      } else if has(position - 2, "ORCHES") || has(position - 2, "ARCHIT") || has(position - 2, "ORCHID")
        || has(position + 2, "T") || has(position + 2, "S")
        || (position == 0 || isOne(position - 1, "AOUE")) && isOne(position + 2, "LRNMBHFVW")
      {
        add("K")
      } else if position > 0 {
        if has(0, "MC") { add("K") } else { add("X", "K") }
      } else {
        add("X")
      }
      return 2
    }
    if has(position, "CZ"), !has(position - 2, "WICZ") {
      add("S", "X")
      return 2
    }
    if has(position + 1, "CIA") {
      add("X")
      return 3
    }
    if has(position, "CC"), !(position == 1 && has(0, "M")) {
      if isOne(position + 2, "IEH"), !has(position + 2, "HU") {
        add(
          position == 1 && has(0, "A") || has(position - 1, "UCCEE") || has(position - 1, "UCCES")
            ? "KS" : "X")
        return 3
      }
      add("K")
      return 2
    }
    if has(position, "CK") || has(position, "CG") || has(position, "CQ") {
      add("K")
      return 2
    }
    if isOne(position + 1, "IEY") {
      if has(position, "CIO") || has(position, "CIE") || has(position, "CIA") {
        add("S", "X")
      } else {
        add("S")
      }
      return 2
    }
    add("K")
    return isOne(position + 1, "CKQ") && !has(position + 1, "CE") && !has(position + 1, "CI") ? 2 : 1
  }

  private mutating func d(_ position: Int) -> Int {
    if has(position, "DG") {
      if isOne(position + 2, "IEY") {
        add("J")
        return 3
      }
      add("TK")
      return 2
    }
    add("T")
    return has(position, "DT") || has(position, "DD") ? 2 : 1
  }

  private mutating func g(_ position: Int) -> Int {
    if has(position + 1, "H") {
      if position > 0, !isVowel(position - 1) {
        add("K")
      } else if position == 0 {
        add(has(2, "I") ? "J" : "K")
      } else if position > 2, isOne(position - 3, "CGLRT"), has(position - 1, "U") {
        // Laugh, cough, rough.
        add("F")
      } else if position > 0, !has(position - 1, "I"), !isOne(position - 2, "BHD"),
        !isOne(position - 3, "BHD"), !has(position - 1, "U")
      {
        add("K")
      }
      return 2
    }
    if has(position + 1, "N") {
      if position == 1, isVowel(0) {
        add("KN", "N")
      } else if !has(position + 2, "EY") {
        add("N", "KN")
      } else {
        add("KN")
      }
      return 2
    }
    if has(position + 1, "LI") {
      add("KL", "L")
      return 2
    }
    if isOne(position + 1, "EIY") {
      let isGerman = has(0, "VAN") || has(0, "VON") || has(0, "SCH") || has(position + 1, "ET")
      if isGerman { add("K") } else { add("J", "K") }
      return 2
    }
    add("K")
    return has(position + 1, "G") ? 2 : 1
  }

  private mutating func h(_ position: Int) -> Int {
    guard position == 0 || isVowel(position - 1), isVowel(position + 1) else { return 1 }
    add("H")
    return 2
  }

  private mutating func j(_ position: Int) -> Int {
    if has(position, "JOSE") || has(0, "SAN") {
      add(position == 0 && word.count == 4 || has(0, "SAN") ? "H" : "J", "H")
    } else if position == 0 {
      add("J", "A")
    } else if isVowel(position - 1), has(position + 1, "A") || has(position + 1, "O") {
      add("J", "H")
    } else if position == word.count - 1 {
      add("J", "")
    } else if !isOne(position + 1, "LTKSNMBZ"), !isOne(position - 1, "SKL") {
      add("J")
    }
    return has(position + 1, "J") ? 2 : 1
  }

  private mutating func p(_ position: Int) -> Int {
    if has(position + 1, "H") {
      add("F")
      return 2
    }
    add("P")
    return isOne(position + 1, "PB") ? 2 : 1
  }

  private mutating func s(_ position: Int) -> Int {
    if has(position - 1, "ISL") || has(position - 1, "YSL") { return 1 }
    if position == 0, has(0, "SUGAR") {
      add("X", "S")
      return 1
    }
    if has(position, "SH") {
      if ["HEIM", "HOEK", "HOLM", "HOLZ"].contains(where: { has(position + 1, $0) }) {
        add("S")
      } else {
        add("X")
      }
      return 2
    }
    if has(position, "SIO") || has(position, "SIA") {
      add("S", "X")
      return 3
    }
    if position == 0 && isOne(1, "MNLW") || has(position + 1, "Z") {
      add("S", "X")
      return has(position + 1, "Z") ? 2 : 1
    }
    if has(position, "SC") {
      if has(position + 2, "H") {
        if has(position + 3, "OO") || has(position + 3, "UY") || has(position + 3, "EM") {
          add("SK")
        } else if position == 0, !isVowel(3), !has(3, "W") {
          add("X", "S")
        } else {
          add("X", "SK")
        }
        return 3
      }
      add(isOne(position + 2, "IEY") ? "S" : "SK")
      return 3
    }
    if position == word.count - 1, has(position - 2, "AI") || has(position - 2, "OI") {
      add("", "S")
    } else {
      add("S")
    }
    return isOne(position + 1, "SZ") ? 2 : 1
  }

  private mutating func t(_ position: Int) -> Int {
    if has(position, "TION") || has(position, "TIA") || has(position, "TCH") {
      add("X")
      return 3
    }
    if has(position, "TH") || has(position, "TTH") {
      if has(position + 2, "OM") || has(position + 2, "AM") { add("T") } else { add("0", "T") }
      return has(position, "TTH") ? 3 : 2
    }
    add("T")
    return isOne(position + 1, "TD") ? 2 : 1
  }

  private mutating func w(_ position: Int) -> Int {
    if has(position, "WR") {
      add("R")
      return 2
    }
    if position == 0, isVowel(1) || has(0, "WH") { add("A", isVowel(1) ? "F" : "A") }
    if position == word.count - 1 && isVowel(position - 1) || has(position - 1, "EWSKI")
      || has(position - 1, "OWSKI")
    {
      add("", "F")
    }
    if has(position, "WICZ") || has(position, "WITZ") {
      add("TS", "FX")
      return 4
    }
    return 1
  }

  private mutating func z(_ position: Int) -> Int {
    if has(position + 1, "H") {
      add("J")
      return 2
    }
    if has(position + 1, "ZO") || has(position + 1, "ZI") || has(position + 1, "ZA") {
      add("S", "TS")
    } else {
      add("S")
    }
    return has(position + 1, "Z") ? 2 : 1
  }

  // MARK: - Helpers

  private mutating func add(_ code: String, _ other: String? = nil) {
    primary += code
    secondary += other ?? code
  }

  private mutating func addOnce(_ code: String, _ position: Int, _ twin: String) -> Int {
    add(code)
    return has(position + 1, twin) ? 2 : 1
  }

  private func has(_ position: Int, _ letters: String) -> Bool {
    position >= 0 && position < word.count && word[position...].starts(with: letters.utf8)
  }

  private func isOne(_ position: Int, _ letters: String) -> Bool {
    word.indices.contains(position) && letters.utf8.contains(word[position])
  }

  private func isVowel(_ position: Int) -> Bool { isOne(position, "AEIOUY") }
}
