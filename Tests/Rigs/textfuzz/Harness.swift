import DictationTypes
import TextFilter

/// What libFuzzer calls with each input (llvm.org/docs/LibFuzzer.html): two bytes are the settings, the rest is a text.
/// Whatever it is, the rules take it, taking it twice changes nothing, and they bring no control character into it; nor does
/// the dictionary.
@_cdecl("LLVMFuzzerTestOneInput")
public func test(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  guard count > 2 else { return 0 }
  let text = String(decoding: UnsafeBufferPointer(start: bytes + 2, count: count - 2), as: UTF8.self)
  let language = languages[Int(bytes[1]) % languages.count]
  let once = applyRules(text, settings(bytes[0], bytes[1]), language: language)
  let twice = applyRules(once, settings(bytes[0], bytes[1]), language: language)
  // A command that was to be written literally is obeyed the second time.
  demand(hasLiteral(text) || same(once, twice), "another text the second time: \(text.debugDescription)")
  demand(!brings(once, from: text), "a control character: \(text.debugDescription)")
  let replaced = dictionary.apply(text).text
  demand(same(dictionary.apply(replaced).text, replaced), "replaced twice: \(text.debugDescription)")
  demand(!brings(replaced, from: text), "a control character: \(text.debugDescription)")
  return 0
}

/// `precondition` with its message: an optimised build leaves that out.
private func demand(_ holds: Bool, _ message: @autoclosure () -> String) {
  if !holds { fatalError(message()) }
}

private let languages: [String?] = [nil, "en", "de", "fr", "es", "ja"]

private let dictionary: CompiledDictionary = {
  var words = WordDictionary()
  words.replacements = [
    Replacement("post gress", "PostgreSQL"), Replacement("é", "E acute", matchesCase: true),
  ]
  words.terms = [
    Term("Vaultwarden", policy: .phonetic), Term("Kubernetes", aliases: ["k8s"], policy: .conservative),
  ]
  return CompiledDictionary(words)
}()

private func settings(_ switches: UInt8, _ more: UInt8) -> FilterSettings {
  var settings = FilterSettings()
  settings.fillers = switches & 1 == 0
  settings.numbers = switches & 2 != 0
  settings.punctuation = switches & 4 == 0
  settings.collapsesEllipses = switches & 8 != 0
  settings.sentenceCase = switches & 16 != 0
  settings.voiceCommands = switches & 32 == 0
  settings.spelling = [.asHeard, .british, .american, .australian][Int(switches >> 6)]
  return settings
}

private func same(_ one: String, _ other: String) -> Bool {
  one.unicodeScalars.elementsEqual(other.unicodeScalars)
}

private func hasLiteral(_ text: String) -> Bool {
  let text = text.lowercased()
  return ["literal", "wörtlich", "littéral"].contains { text.contains($0) }
}

private func brings(_ text: String, from original: String) -> Bool {
  let controls = { (text: String) in
    Set(text.unicodeScalars.filter { $0.properties.generalCategory == .control && $0 != "\n" })
  }
  return !controls(text).isSubset(of: controls(original))
}
