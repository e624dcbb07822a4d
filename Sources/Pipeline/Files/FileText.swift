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

  /// A pause after which a paragraph begins, in milliseconds: speakers make no longer one within a thought.
  private static let paragraphPause = 2_000
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
    var utterance: Utterance?
    for segment in segments where !segment.text.isEmpty {
      guard var open = utterance else {
        utterance = Utterance(segment)
        continue
      }
      let piece = continuation(segment, of: &open.text)
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

  private mutating func add(_ utterance: Utterance, _ edit: (String, String?) -> String) {
    guard let first = utterance.segments.first, let last = utterance.segments.last else { return }
    let isParagraph = first.pauseBefore >= Self.paragraphPause
    let separator = isParagraph ? "\n" : " "
    rawText += (rawText.isEmpty ? "" : separator) + utterance.text
    let language = mainLanguage(of: utterance.segments)?.code
    let edited = edit(utterance.text, language)
    guard !edited.isEmpty else { return }
    text += (text.isEmpty || text.last == "\n" ? "" : separator) + edited
    let timed = timedWords(
      of: edited, spoken: utterance.segments.flatMap(\.words), from: first.start, to: last.end)
    words += timed
    sentences += Captions.sentences(of: timed, language: language)
  }
}
