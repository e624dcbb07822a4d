import AudioSegmentation
import DictationTypes
import Requests
import SpeechRecognition

/// What an engine has been asked about a recording while it is being made, and what it has answered.
struct LiveText {
  /// What an engine says to a part of the recording.
  typealias Answer = Result<Transcript, DictationError>
  /// The way to it.
  typealias Work = Task<Answer, Never>

  /// A part of the recording that the engine has been asked for.
  struct Question {
    /// Its number within the recording.
    let number: Int
    private(set) var request: TranscriptionRequest
    private(set) var part: SpeechPart
    let work: Work
    /// The answer; nil while it is on its way.
    private(set) var answer: Answer?

    init(number: Int, request: TranscriptionRequest, part: SpeechPart, work: Work) {
      self.number = number
      self.request = request
      self.part = part
      self.work = work
    }

    /// The answer, if it is a text.
    var transcript: Transcript? { try? answer?.get() }

    /// Whether the engine has failed.
    var hasFailed: Bool { answer != nil && transcript == nil }

    /// Writes the answer down. The sound of what has a text is not needed any more.
    mutating func note(_ answer: Answer) {
      self.answer = answer
      guard transcript != nil else { return }
      (request.samples, part.samples) = ([], [])
    }
  }

  /// The complete segments, in their order.
  var segments: [Question] = []
  /// What may be the last segment: asked for when the last pause began.
  var guess: Question?
  /// What was said until the last pause began, since the last cut; nil when nothing was.
  var tail: SpeechPart?
  /// The last number that was given to a question.
  var count = 0

  /// The text of the complete segments, from the first one on until one that has not been answered.
  var stable: String { stitch(answered)?.text ?? "" }

  /// The language that the engine has found in most of what it has answered, once that is ten seconds: so much is not
  /// mistaken, and a short segment alone may be.
  var language: String? { mainLanguage(of: answered).flatMap { $0.length >= 10_000 ? $0.code : nil } }

  /// All that was heard so far, with what may change yet. Nil when a segment has not been answered.
  var partial: PartialText? {
    guard answered.count == segments.count else { return nil }
    let heard = answered + [guess].compactMap { $0.flatMap(segment) }
    guard let end = heard.last?.end, let text = stitch(heard)?.text, !text.isEmpty else { return nil }
    // The last full stop goes when the sentence goes on.
    let stable = stable.droppingLast(while: \.isPunctuation)
    let count = text.hasPrefix(stable) ? stable.unicodeScalars.count : 0
    return PartialText(text, stable: count, heardMs: end)
  }

  /// The answers to the segments, in their order, until the first one that is not there.
  private var answered: [SegmentTranscript] {
    Array(segments.lazy.map(segment).prefix { $0 != nil }.compactMap(\.self))
  }

  /// The answer to `question` with its place in the recording.
  func segment(_ question: Question) -> SegmentTranscript? {
    question.transcript.map {
      SegmentTranscript(
        $0, start: AudioFormat.speech.milliseconds(frames: question.part.span.range.lowerBound),
        end: AudioFormat.speech.milliseconds(frames: question.part.span.range.upperBound),
        pauseBefore: question.part.span.pauseBefore)
    }
  }

  /// Writes down the answer to question `number`.
  mutating func note(_ answer: Answer, to number: Int) {
    if guess?.number == number { guess?.note(answer) }
    if let index = segments.firstIndex(where: { $0.number == number }) { segments[index].note(answer) }
  }
}

extension StringProtocol {
  /// What is left without the characters at its end that are so.
  func droppingLast(while isDropped: (Character) -> Bool) -> String {
    var end = endIndex
    while end > startIndex, isDropped(self[index(before: end)]) { formIndex(before: &end) }
    return String(self[..<end])
  }
}
