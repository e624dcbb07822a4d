import AudioCapture
import DictationTypes
import Foundation
import Linux
import TestSupport
import Testing

/// On a real PulseAudio.
@Suite struct SoundServerCaptureTests {
  /// The server mixes the sound with a silent stream, in integers: its rounding is allowed one step of 65,536.
  @Test func whatIsCapturedIsWhatWasPlayed() throws {
    let folder = try TemporaryFolder()
    var generator = SystemRandomNumberGenerator()
    // Noise has no two places that look alike; it begins loud, to be found in the silence. The monitor of a null
    // sink misses up to 3 ms when a stream joins, so silence goes before it.
    let played = [20_000] + (1..<48_000).map { _ in Int16.random(in: -20_000...20_000, using: &generator) }
    let silence = [Int16](repeating: 0, count: 4_800)
    try WaveFile.write(silence + played, rate: 48_000, to: folder.file("noise.wav"))
    let server = try SoundServer(names: ["equal"])
    let session = CaptureSession(device: "equal")
    var player: WorkerThread?
    let recording = Recording(session) { recording in
      guard player == nil else { return }
      player = WorkerThread(name: "player") {
        try? server.play(folder.file("noise.wav"))
        session.stop()
      }
    }
    player?.join()
    #expect(recording.format == AudioFormat(sampleRate: 48_000, channels: 1))
    #expect(recording.end == .stopped)
    let start = try #require(recording.samples.firstIndex { abs(Int($0)) > 1 })
    let captured = recording.samples[start...].prefix(played.count)
    #expect(captured.count == played.count)
    #expect(zip(captured, played).allSatisfy { abs(Int($0) - Int($1)) <= 1 })
  }

  @Test func aServerThatDiesEndsTheCapture() throws {
    let server = try SoundServer(names: ["mortal"])
    let session = CaptureSession(device: "mortal")
    let recording = Recording(session) { if $0.frames >= 4_800 { server.kill() } }
    guard case .deviceLost = recording.end else {
      Issue.record("ended by \(recording.end)")
      return
    }
    #expect(recording.frames >= 4_800)
    let again = try #require(Recording(CaptureSession(device: "mortal")).end.error)
    #expect(again.message.contains("sound server behind mortal"))
  }

  @Test func aServerThatHangsEndsTheCapture() throws {
    let server = try SoundServer(names: ["frozen"])
    var limits = CaptureLimits()
    limits.openMilliseconds = 400
    limits.stallMilliseconds = 400
    limits.closeMilliseconds = 100
    let session = CaptureSession(device: "frozen", limits: limits)
    let recording = Recording(session) { if $0.frames >= 4_800 { server.freeze(true) } }
    guard case .stalled = recording.end else {
      Issue.record("ended by \(recording.end)")
      return
    }
    #expect(recording.frames >= 4_800)
    let again = try #require(Recording(CaptureSession(device: "frozen", limits: limits)).end.error)
    #expect(again.message.contains("gives no sound"))
    server.freeze(false)
  }
}
