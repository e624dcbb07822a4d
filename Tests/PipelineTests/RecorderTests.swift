import AudioSegmentation
import DictationTypes
import TestSupport
import Testing

@testable import Pipeline

/// An order to record always has an answer, also when the microphone goes at that moment.
@Suite struct RecorderTests {
  private let folder: TemporaryFolder
  init() throws {
    _ = ALSAConfiguration.ofThisProcess
    folder = try TemporaryFolder()
  }

  private var order: RecordingOrder {
    RecordingOrder(spool: SpoolFile(path: folder.file("\(newJobID()).wav")), cueFilter: nil)
  }

  /// Whether what was recorded is told before the end.
  private func tellsARecording(_ recorder: Recorder) async -> Bool {
    var isTold = false
    for await event in recorder.events { if case .recorded = event { isTold = true } }
    return isTold
  }

  @Test func anOrderIsRefusedOrAnswered() async {
    for _ in 0..<100 {
      let recorder = Recorder(device: "nowhere") { false }
      let isTaken = recorder.begin(order)
      recorder.stop()
      #expect(await tellsARecording(recorder) == isTaken)
    }
  }

  @Test func anOrderFromTheStartIsAnswered() async {
    let recorder = Recorder(device: "nowhere", order: order) { false }
    recorder.stop()
    #expect(await tellsARecording(recorder))
  }

  /// As when the settings change at the moment of the key: the microphone is live, and closes.
  @Test func afterAStopItIsRefused() async throws {
    let microphone = try FaultMicrophone(.init { $0.isPatient = true })
    let recorder = Recorder(device: microphone.name, preRoll: 300) { false }
    for await event in recorder.events { if case .live = event { break } }
    #expect(recorder.isLive)
    recorder.stop()
    #expect(!recorder.begin(order))
  }

  @Test func afterTheEndItIsRefused() async {
    let recorder = Recorder(device: "nowhere") { false }
    recorder.stop()
    #expect(await !tellsARecording(recorder))
    #expect(!recorder.begin(order))
  }
}
