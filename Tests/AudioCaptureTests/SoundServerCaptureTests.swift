import AudioCapture
import DictationTypes
import Foundation
import Linux
import TestSupport
import Testing

/// On a real PulseAudio.
@Suite struct SoundServerCaptureTests {
  /// A minute, frame by frame: none is lost, none is doubled. The server mixes the sound with a silent stream, in
  /// integers: its rounding is allowed one step of 65,536.
  @Test func whatIsCapturedIsWhatWasPlayed() throws {
    let folder = try TemporaryFolder()
    // Noise has no two places that look alike; it begins loud, to be found in the silence. The monitor of a null
    // sink misses up to 3 ms when a stream joins, so silence goes before it.
    let played = Self.noise(seconds: 60)
    let silence = [Int16](repeating: 0, count: 4_800)
    try WaveFile.write(silence + played, rate: 48_000, to: folder.file("noise.wav"))
    let server = try SoundServer(names: ["equal"])
    let session = CaptureSession(device: "equal")
    var player: WorkerThread?
    // Where the recording was when the server had found its pace, to tell the server's clock.
    var early: (frames: Int, time: UInt64)?
    let recording = Recording(session) { recording in
      if recording.frames >= 48_000, early == nil { early = (recording.frames, session.lastFrameTime ?? 0) }
      guard player == nil else { return }
      player = WorkerThread(name: "player") {
        try? server.play(folder.file("noise.wav"))
        session.stop()
      }
    }
    player?.join()
    #expect(recording.format == AudioFormat(sampleRate: 48_000, channels: 1))
    #expect(recording.end == .stopped)
    #expect(session.losses == CaptureLosses())
    let start = try #require(recording.samples.firstIndex { abs(Int($0)) > 1 })
    let wrong = recording.samples.withUnsafeBufferPointer { captured in
      played.indices.first { abs(Int(captured[start + $0]) - Int(played[$0])) > 1 }
    }
    #expect(recording.samples.count >= start + played.count)
    #expect(wrong == nil, "\(played.count) frames were played")
    let (frames, time) = try #require(early)
    let seconds = Double(try #require(session.lastFrameTime) - time) / 1e9
    let drift = (Double(recording.frames - frames) / 48_000 / seconds - 1) * 1e6
    print("a minute through PulseAudio: \(recording.frames) frames, its clock \(Int(drift)) ppm fast")
  }

  /// Noise at 48 kHz from a generator of known quality (Knuth's MMIX), the same in each run.
  private static func noise(seconds: Int) -> [Int16] {
    var state: UInt64 = 1
    var samples = [Int16](repeating: 20_000, count: seconds * 48_000)
    samples.withUnsafeMutableBufferPointer { samples in
      for index in samples.indices.dropFirst() {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        samples[index] = Int16(truncatingIfNeeded: Int(state >> 40) % 40_001 - 20_000)
      }
    }
    return samples
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
