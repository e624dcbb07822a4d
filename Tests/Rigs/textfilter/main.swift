import DictationTypes
import Linux
import TextFilter
import Words

// How long the text rules take: milliseconds for 100 kB of each kind of text, the best of five.
// Usage: textfilter, or textfilter KIND: print that text,
// or textfilter dictionary FILE: apply a dictionary to each line of standard input
let prose =
  "So, uh, I think that the color of twenty three houses ... is fine ,really. New line. See example.com! "
var kinds = [
  ("prose", prose), ("one word", "a"), ("spaces", " "), ("commas", ","), ("points", "."), ("fillers", "um "),
  ("numbers", "twenty "), ("digits", "one two "), ("commands", "new line, "),
  ("taken back", "scratch that. "),
  ("brackets", "((["), ("breaks", "\n"), ("emoji", "👩‍👩‍👧 "), ("Chinese", "我们今天去公园，"),
]
var settings = FilterSettings()
(settings.numbers, settings.sentenceCase, settings.spelling) = (true, true, .british)
if CommandLine.arguments.count == 3, CommandLine.arguments[1] == "dictionary" {
  let store = DictionaryStore(path: CommandLine.arguments[2], uses: "/dev/null")
  while let line = readLine() { print(store.compiled.apply(line).text) }
  kinds.removeAll()
} else if CommandLine.arguments.count > 1 {
  for (name, piece) in kinds where name == CommandLine.arguments[1] {
    print(String(repeating: piece, count: 100_000 / piece.utf8.count))
  }
  kinds.removeAll()
}
for (name, piece) in kinds {
  let text = String(repeating: piece, count: 100_000 / piece.utf8.count)
  let best = (0..<5).map { _ in
    let start = monotonicNanoseconds()
    let length = applyRules(text, settings, language: "en").utf8.count
    return (monotonicNanoseconds() - start, length)
  }.min { $0.0 < $1.0 }!
  print("\(name)\t\((Double(best.0) / 1e4).rounded() / 100)")
}
