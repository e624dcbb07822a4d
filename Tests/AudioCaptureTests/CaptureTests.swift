import AudioCapture
import DictationTypes
import Foundation
import Linux
import TestSupport
import Testing

@Suite struct CaptureTests {
  @Test func everyFrameArrivesOnceAndInOrder() throws {
    let microphone = try FaultMicrophone(.init { $0.isPatient = true })
    let session = CaptureSession(device: microphone.name)
    let recording = Recording(session) { if $0.frames >= 16_000 { session.stop() } }
    #expect(recording.format == .speech)
    #expect(recording.end == .stopped)
    #expect(recording.samples.first == 0)
    #expect(recording.gaps.isEmpty)
    #expect(session.losses.overruns == 0)
    #expect(session.losses.droppedFrames == 0)
    let first = try #require(session.firstFrameTime)
    #expect(session.openTime < first)
    #expect(try first < #require(session.lastFrameTime))
  }

  @Test func aDeviceWithAChoiceIsUsedAtSixteenKilohertz() throws {
    let microphone = try FaultMicrophone(.init { $0.rates = [44_100, 16_000, 48_000] })
    let session = CaptureSession(device: microphone.name)
    let recording = Recording(session) { _ in session.stop() }
    #expect(recording.format == .speech)
  }

  @Test func plugDoesNotHideTheDevicesRate() throws {
    let microphone = try FaultMicrophone(
      .init {
        $0.rates = [48_000]
        $0.channels = 2
        $0.isPatient = true
      })
    let session = CaptureSession(device: "plug:\(microphone.name)")
    let recording = Recording(session) { if $0.frames >= 24_000 { session.stop() } }
    #expect(recording.format == AudioFormat(sampleRate: 48_000, channels: 1))
    #expect(recording.frames >= 24_000)
  }

  /// A click that the device captured some milliseconds before the stop is in the audio, also when the device
  /// shows what it has captured only every 30 ms.
  @Test(arguments: [1, 4, 7, 10], [16, 480])
  func theLastMillisecondsBeforeAStopAreKept(milliseconds: Int, burst: Int) throws {
    let folder = try TemporaryFolder()
    let click = 8_000 + 37 * milliseconds
    var sound = [Int16](repeating: 0, count: 16_000)
    sound[click] = 30_000
    try WaveFile.write(sound, rate: 16_000, to: folder.file("click.wav"))
    let microphone = try FaultMicrophone(
      .init {
        $0.file = folder.file("click.wav")
        $0.burst = burst
      })
    var limits = CaptureLimits()
    limits.tailMilliseconds = 10_000
    let session = CaptureSession(device: microphone.name, limits: limits)
    // Frames that had arrived at some moment were captured before it: the click was, at the latest, at `surely`.
    var surely = UInt64.max
    var stopper: WorkerThread?
    let recording = Recording(session) { recording in
      guard let last = session.lastFrameTime, recording.frames < click else { return }
      surely = min(surely, last + UInt64(click + 1 - recording.frames) * 1_000_000 / 16)
      guard stopper == nil, recording.frames > 6_000 else { return }
      let stopTime = surely + UInt64(milliseconds) * 1_000_000
      stopper = WorkerThread(name: "stopper") {
        while monotonicNanoseconds() < stopTime { usleep(100) }
        session.stop()
      }
    }
    stopper?.join()
    #expect(recording.end == .stopped)
    #expect(recording.samples.contains(30_000))
    // It does end at the stop, and not when the tail's limit is over.
    #expect(recording.frames < click + 16_000)
  }

  @Test func aStopBeforeTheDeviceIsOpenEndsAtOnce() throws {
    let microphone = try FaultMicrophone(.init { $0.openDelayMilliseconds = 200 })
    let session = CaptureSession(device: microphone.name)
    session.stop()
    let recording = Recording(session)
    #expect(recording.end == .stopped)
    #expect(recording.samples.isEmpty)
    #expect(session.firstFrameTime == nil)
  }

  @Test func aStopBeforeTheFirstFrameEnds() throws {
    let microphone = try FaultMicrophone()
    let session = CaptureSession(device: microphone.name)
    let buffer = UnsafeMutableBufferPointer<Int16>.allocate(capacity: 160)
    defer { buffer.deallocate() }
    #expect(session.next(into: buffer) == .opened(.speech))
    session.stop()
    #expect(Recording(session).end == .stopped)
  }

  @Test func aConsumerThatIsTooLateLosesTheNewestFramesAndIsTold() throws {
    let microphone = try FaultMicrophone(.init { $0.speed = 8 })
    var limits = CaptureLimits()
    limits.ringSeconds = 1
    let session = CaptureSession(device: microphone.name, limits: limits)
    #expect(eventually { session.losses.droppedFrames > 0 })
    let recording = Recording(session) { _ in session.stop() }
    #expect(recording.frames >= 16_384)
    #expect(recording.samples.prefix(16_384).elementsEqual((0..<16_384).map { Int16($0) }))
  }

  @Test func theListNamesMicrophonesThatExist() throws {
    let present = try FaultMicrophone()
    let busy = try FaultMicrophone(.init { $0.openErrno = EBUSY })
    let absent = try FaultMicrophone(.init { $0.openErrno = ENODEV })
    let hanging = try FaultMicrophone(.init { $0.openDelayMilliseconds = 15_000 })
    let names = CaptureDevice.list(within: 4_000).map(\.name)
    #expect(names.contains(present.name))
    #expect(names.contains(busy.name))
    #expect(!names.contains(absent.name))
    #expect(!names.contains(hanging.name))
    #expect(!names.contains("null"))
  }
}
