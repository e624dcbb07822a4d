import TestSupport
import Testing

@testable import AudioSegmentation

/// The state machine: evidence in, states out.
@Suite struct VoiceActivityTests {
  /// `S` is a frame of speech, `p` one that may be, `.` none; of the states `_` is silence, `?` possible speech, `#`
  /// speaking, `~` possible silence.
  @Test(arguments: [
    ("..pp..", "______"),
    ("SS.SS", "??_??"),
    ("SSSSS", "??###"),
    ("SSpSSS", "??_??#"),
    ("SSS.S..S", "??#~#~~#"),
    ("SSS....S", "??#~~~_?"),
    ("SSSpppp", "??#~~~_"),
    ("SSS....SSS", "??#~~~_??#"),
  ])
  func statesFollowTheEvidence(evidence: String, states: String) {
    var activity = VoiceActivity(onset: 30, hangover: 40)
    let heard = evidence.map { letter in
      _ = activity.add(letter == "S" ? .speech : letter == "p" ? .possible : .none)
      return switch activity.state {
      case .silence: "_"
      case .possibleSpeech: "?"
      case .speaking: "#"
      case .possibleSilence: "~"
      }
    }
    #expect(heard.joined() == states)
  }

  @Test(arguments: 1...20)
  func startsAndEndsAlternate(seed: Int) {
    var generator = SplitMix(seed: UInt64(seed))
    var activity = VoiceActivity()
    var wasSpeaking = false
    var speech = 0
    var silence: Int?
    for _ in 0..<5_000 {
      // Runs as they come, long ones too.
      let isSpeech =
        speech > 0
        ? Int.random(in: 0..<20, using: &generator) > 0 : Int.random(in: 0..<30, using: &generator) == 0
      let evidence: SpeechEvidence = isSpeech ? .speech : Bool.random(using: &generator) ? .possible : .none
      speech = isSpeech ? speech + 1 : 0
      let change = activity.add(evidence)
      switch change {
      case .speechStart: #expect(!wasSpeaking && speech == 9)
      case .speechEnd: #expect(wasSpeaking && silence.map { $0 + 1 } == 45)
      case nil: break
      }
      if activity.isSpeaking != wasSpeaking { #expect(change != nil) }
      wasSpeaking = activity.isSpeaking
      silence = wasSpeaking && isSpeech ? 0 : silence.map { $0 + 1 }
      #expect(activity.framesSinceSpeech == silence)
    }
  }
}
