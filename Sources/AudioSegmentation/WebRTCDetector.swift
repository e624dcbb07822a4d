import CVAD
import DictationTypes

/// WebRTC's voice-activity detector: two Gaussian mixtures, of speech and of noise, over the energies of six bands, that
/// adapt to what they hear.
final class WebRTCDetector {
  private let vad: OpaquePointer

  /// A detector that takes the more for noise the higher its `mode` is: 0 to 3.
  init(mode: Int) {
    guard let vad = WebRtcVad_Create() else { fatalError("there is no memory for a voice-activity detector") }
    self.vad = vad
    let isReady = WebRtcVad_Init(vad) == 0 && WebRtcVad_set_mode(vad, Int32(mode)) == 0
    precondition(isReady, "the modes are 0 to 3")
  }

  deinit { WebRtcVad_Free(vad) }

  /// Whether `frame`, 10 ms at 16 kHz, is speech.
  func isSpeech(_ frame: UnsafeBufferPointer<Int16>) -> Bool {
    WebRtcVad_Process(vad, Int32(AudioFormat.speech.sampleRate), frame.baseAddress, frame.count) == 1
  }
}
