import Captions
import DictationTypes
import SpeechRecognition
import TextFilter
import Words

/// The text of a file, made of its segments. The rules of the filter are applied to one utterance after the other, so that
/// the words keep their times however long the file is.
struct FileText {
  /// What the engine wrote.
  private(set) var rawText = ""
  /// The utterances, a paragraph a line.
  private(set) var text = ""
  /// The sentences with their times.
  private(set) var sentences: [TimedText] = []
  /// The words with their times.
  private(set) var words: [TimedWord] = []

  /// How many characters the last paragraph has.
  private var paragraphLength = 0

  /// A pause after which a paragraph begins, in milliseconds: speakers make no longer one within a thought.
  private static let paragraphPause = 2_000
  /// Who reads aloud makes none for minutes. Where a paragraph has so many characters, about eight lines of a book, a pause
  /// of a breath ends it, and where it has twice as many, the next sentence does.
  private static let longParagraph = (characters: 600, breath: 700)
  /// The most segments of an utterance: an engine that writes no full stop would make one of the whole file.
  private static let longestUtterance = 4

  /// Segments that are one utterance: it ends with a sentence.
  private struct Utterance {
    var text: String
    var segments: [SegmentTranscript]

    init(_ segment: SegmentTranscript) { (text, segments) = (segment.text, [segment]) }

    var isEnded: Bool {
      text.last.map { ".?!…。？！".contains($0) } == true || segments.count >= longestUtterance
    }
  }

  /// The text of `segments`, in their order; `edit` applies the rules to an utterance in a language.
  init(_ segments: [SegmentTranscript], edit: (String, String?) -> String) {
    let known = names(in: segments)
    var utterance: Utterance?
    for segment in segments where !segment.text.isEmpty {
      guard var open = utterance else {
        utterance = Utterance(segment)
        continue
      }
      let piece = continuation(segment, of: &open.text, names: known)
      if open.isEnded || segment.pauseBefore >= Self.paragraphPause {
        add(open, edit)
        utterance = Utterance(segment)
        utterance?.text = piece.first == " " ? String(piece.dropFirst()) : piece
      } else {
        open.text += piece
        open.segments.append(segment)
        utterance = open
      }
    }
    if let utterance { add(utterance, edit) }
  }

  /// Whether a paragraph begins with `segment`.
  private func beginsParagraph(_ segment: SegmentTranscript) -> Bool {
    let (length, long) = (paragraphLength, Self.longParagraph)
    return segment.pauseBefore >= Self.paragraphPause
      || length >= long.characters && segment.pauseBefore >= long.breath || length >= 2 * long.characters
  }

  private mutating func add(_ utterance: Utterance, _ edit: (String, String?) -> String) {
    guard let first = utterance.segments.first, let last = utterance.segments.last else { return }
    let isParagraph = beginsParagraph(first)
    let separator = isParagraph ? "\n" : " "
    rawText += (rawText.isEmpty ? "" : separator) + utterance.text
    let language = mainLanguage(of: utterance.segments)?.code
    let edited = edit(utterance.text, language)
    guard !edited.isEmpty else { return }
    text += (text.isEmpty || text.last == "\n" ? "" : separator) + edited
    paragraphLength = (isParagraph ? 0 : paragraphLength) + edited.count
    let timed = timedWords(
      of: edited, spoken: utterance.segments.flatMap(\.words), from: first.start, to: last.end)
    words += timed
    sentences += Captions.sentences(of: timed, language: language)
  }
}
