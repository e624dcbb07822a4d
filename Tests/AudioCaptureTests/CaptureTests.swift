import AudioCapture
import DictationTypes
import TestSupport
import Testing

@Suite struct CaptureTests {
  @Test func everyFrameArrivesOnceAndInOrder() throws {
    let microphone = try FaultMicrophone()
    let session = CaptureSession(device: microphone.name)
    let recording = Recording(session) { if $0.frames >= 16_000 { session.stop() } }
    #expect(recording.format == .speech)
    #expect(recording.end == .stopped)
    #expect(recording.samples.first == 0)
    #expect(recording.gaps.isEmpty)
    #expect(session.overruns == 0)
  }
}
