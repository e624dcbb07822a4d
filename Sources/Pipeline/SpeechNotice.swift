import AudioSegmentation
import DictationTypes

extension AudioNotice {
  /// What is told when somebody begins to speak, or nobody speaks any more.
  init(_ change: VoiceActivity.Change) {
    switch change {
    case .speechStart: self.init(.speechStart, message: "Somebody speaks")
    case .speechEnd: self.init(.speechEnd, message: "Nobody speaks any more")
    }
  }

  /// What is told when the recording ends because nobody has spoken for so long.
  init(silentFor milliseconds: Int) {
    let seconds = "\(milliseconds / 1_000).\(milliseconds % 1_000 / 100)"
    self.init(.autoStop, message: "Nobody has spoken for \(seconds) s: the recording is over")
  }
}
