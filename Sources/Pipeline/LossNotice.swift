import AudioCapture
import DictationTypes

extension AudioNotice {
  /// That sound was lost, and how much of a recording so far.
  init(_ losses: CaptureLosses) {
    let milliseconds = Int(losses.milliseconds.rounded())
    self.init(
      .overrun, message: "\(milliseconds) ms of sound were lost: the computer was too busy, or asleep")
    overruns = losses.overruns
    lostFrames = losses.lostFrames
    droppedFrames = losses.droppedFrames
    lostMs = milliseconds
  }
}
