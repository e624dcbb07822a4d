import AudioSegmentation
import TestSupport
import Testing

@Suite struct SegmenterTests {
  /// So much of one kind, in milliseconds.
  enum Piece: Sendable {
    case speech(Int), doubt(Int), silence(Int)

    var evidence: SpeechEvidence {
      switch self {
      case .speech: .speech
      case .doubt: .possible
      case .silence: .none
      }
    }

    var frames: Int {
      switch self {
      case .speech(let time), .doubt(let time), .silence(let time): time / 10
      }
    }
  }

  /// What happened, and when: milliseconds from the beginning. Ranges are in milliseconds too.
  enum Seen: Hashable, Sendable, CustomStringConvertible {
    case paused(at: Int, Range<Int>)
    case resumed(at: Int)
    case cut(at: Int, Range<Int>)
    case tail(Range<Int>)

    var description: String {
      switch self {
      case .paused(let time, let range): "paused at \(time): \(range)"
      case .resumed(let time): "resumed at \(time)"
      case .cut(let time, let range): "cut at \(time): \(range)"
      case .tail(let range): "tail \(range)"
      }
    }
  }

  /// All that is told of a recording of `pieces`, to its end.
  private func segment(
    _ pieces: [Piece], level: (SpeechEvidence) -> Double = { -60 + 20 * Double($0.rawValue) }
  )
    -> [Seen]
  {
    var segmenter = Segmenter()
    var seen: [Seen] = []
    var time = 0
    for piece in pieces {
      for _ in 0..<piece.frames {
        time += 10
        switch segmenter.add(piece.evidence, level: level(piece.evidence)) {
        case .paused(let tail): seen.append(.paused(at: time, milliseconds(tail)))
        case .resumed: seen.append(.resumed(at: time))
        case .cut(let segment): seen.append(.cut(at: time, milliseconds(segment)))
        case nil: break
        }
      }
    }
    if let tail = segmenter.tail(ofRecording: time * 16) { seen.append(.tail(milliseconds(tail))) }
    return seen
  }

  private func milliseconds(_ span: SpeechSpan) -> Range<Int> {
    span.range.lowerBound / 16..<span.range.upperBound / 16
  }

  @Test(
    arguments: [
      // Nothing, and clicks.
      ([.silence(5_000)], []),
      ([.silence(400), .speech(20), .silence(400), .speech(20), .silence(1_000)], []),
      // A word is told in the pause after it, and nothing is left at the end.
      ([.silence(300), .speech(500), .silence(400)], [.paused(at: 950, 0..<950)]),
      // No pause before the stop: all of it is the tail.
      ([.silence(300), .speech(500), .silence(100)], [.tail(0..<900)]),
      // Somebody goes on; the next pause tells all since the beginning.
      (
        [.speech(500), .silence(300), .speech(500), .silence(250)],
        [.paused(at: 650, 0..<650), .resumed(at: 830), .paused(at: 1_450, 0..<1_450)]
      ),
      // Something quiet after the pause was told: it is no end any more, and told again after another pause.
      (
        [.speech(500), .silence(300), .doubt(60), .silence(100)], [.paused(at: 650, 0..<650), .tail(0..<960)]
      ),
      (
        [.speech(500), .silence(300), .doubt(60), .silence(400)],
        [.paused(at: 650, 0..<650), .paused(at: 1_080, 0..<1_080)]
      ),
      // Nothing but doubt is told at the end.
      ([.silence(500), .doubt(200), .silence(1_000)], [.tail(0..<1_700)]),
      // Until no word has come of it for long.
      ([.silence(500), .doubt(200), .silence(2_500)], []),
      (
        [.doubt(200), .silence(3_000), .speech(400), .silence(250)],
        [.paused(at: 3_750, 2_630..<3_750)]
      ),
      // Silence before the first word: half a second of it is kept.
      ([.silence(3_000), .speech(400), .silence(250)], [.paused(at: 3_550, 2_430..<3_550)]),
    ] as [([Piece], [Seen])])
  func rows(pieces: [Piece], expected: [Seen]) {
    #expect(segment(pieces) == expected)
  }

  @Test func aLongEnoughSegmentIsCutInAPauseAndIsWhatWasTold() {
    let seen = segment([.speech(5_000), .silence(1_100), .speech(1_000), .silence(300)])
    #expect(
      seen == [
        .paused(at: 5_150, 0..<5_150), .cut(at: 6_000, 0..<5_150), .paused(at: 7_250, 5_530..<7_250),
      ])
  }

  /// Who says one sentence pauses in it too, and an engine hears a part of it worse than the whole.
  @Test func inTheFirstSegmentAShortPauseIsNoEnd() {
    let pieces: [Piece] = [.speech(5_000), .silence(700)]
    #expect(segment(pieces) == [.paused(at: 5_150, 0..<5_150)])
    let second = segment([.speech(11_000), .silence(300)] + pieces)
    #expect(second.last == .cut(at: 16_900, 11_150..<16_450))
  }

  @Test func theLongerTheSegmentTheShorterAPauseWillDo() {
    #expect(segment([.speech(5_000), .silence(500)]) == [.paused(at: 5_150, 0..<5_150)])
    #expect(
      segment([.speech(11_000), .silence(350)]) == [
        .paused(at: 11_150, 0..<11_150), .cut(at: 11_300, 0..<11_150),
      ])
    // After a long pause any segment is complete.
    #expect(segment([.speech(300), .silence(2_500)]).last == .cut(at: 2_300, 0..<450))
  }

  @Test func withoutAPauseItIsCutAtTheQuietestPlaceOfTheLastPart() {
    var segmenter = Segmenter()
    for frame in 0..<2_500 {
      // Quiet moments at 5 s, which is too early, and at 22 s.
      let isQuiet = (500..<520).contains(frame) || (2_200..<2_220).contains(frame)
      guard case .cut(let segment) = segmenter.add(.speech, level: isQuiet ? -30 : -20) else { continue }
      #expect(frame == 2_499)
      #expect((22_000...22_200).contains(segment.range.upperBound / 16))
      #expect(segmenter.tail(ofRecording: 2_500 * 160)?.range.lowerBound == segment.range.upperBound)
      return
    }
    Issue.record("it was not cut")
  }

  /// Every sample of speech is in exactly one segment, whatever is heard.
  @Test func nothingIsLostOrTwice() {
    var generator = SplitMix(seed: 7)
    for _ in 0..<300 {
      var pieces: [Piece] = []
      for _ in 0..<Int.random(in: 1...40, using: &generator) {
        let length =
          10 * Int.random(in: 1...[5, 40, 400].randomElement(using: &generator)!, using: &generator)
        pieces.append([.speech(length), .doubt(length), .silence(length)].randomElement(using: &generator)!)
      }
      check(pieces)
    }
  }

  private func check(_ pieces: [Piece]) {
    var covered = Set<Int>()
    var last: Range<Int>?
    var end = 0
    for seen in segment(pieces) {
      switch seen {
      case .cut(_, let range):
        #expect(range.lowerBound >= end, "\(pieces)")
        end = range.upperBound
        covered.formUnion(range)
        last = nil
      case .paused(_, let range):
        #expect(range.lowerBound >= end, "\(pieces)")
        last = range
      case .tail(let range):
        #expect(range.lowerBound >= end, "\(pieces)")
        last = range
      case .resumed: break
      }
    }
    if let last { covered.formUnion(last) }
    var time = 0
    for piece in pieces {
      let length = 10 * piece.frames
      if piece.evidence == .speech, length >= 30 {
        #expect((time..<time + length).allSatisfy(covered.contains), "\(time) of \(pieces)")
      }
      time += length
    }
  }
}
