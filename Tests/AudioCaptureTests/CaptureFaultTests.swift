import AudioCapture
import DictationTypes
import Foundation
import Linux
import TestSupport
import Testing

@Suite struct CaptureFaultTests {
  /// Overruns, and suspends that a resume mends or does not: what comes after is recorded too.
  @Test(arguments: ["xrun", "suspend", "suspend:hard"]) func goesOnAfter(fault: String) throws {
    let microphone = try FaultMicrophone(.init { $0.isPatient = true })
    let session = CaptureSession(device: microphone.name)
    var hasHappened = false
    let recording = Recording(session) { recording in
      if recording.frames >= 4_000, !hasHappened {
        hasHappened = true
        microphone.happen(fault)
      }
      if session.losses.overruns > 0, recording.frames >= 12_000 { session.stop() }
    }
    #expect(recording.end == .stopped)
    #expect(session.losses.overruns == 1)
    #expect(recording.frames >= 12_000)
    #expect(recording.gaps.count == 1)
    // The device skips 10 ms, which takes no time and so cannot be seen by the clock; the rest is an estimate.
    let gap = try #require(recording.gaps.first)
    let missing = Int(recording.samples[gap + 1] &- recording.samples[gap]) - 1
    #expect(
      abs(session.losses.lostFrames + 160 - missing) <= 2 * 160, "\(session.losses), missing \(missing)")
  }

  /// A device that is gone, and one that cannot be made to run again.
  @Test(arguments: ["unplug", "broken"]) func keepsWhatWasCapturedBefore(fault: String) throws {
    let microphone = try FaultMicrophone(.init { $0.isPatient = true })
    let session = CaptureSession(device: microphone.name)
    let recording = Recording(session) { if $0.frames >= 8_000 { microphone.happen(fault) } }
    guard case .deviceLost(let error) = recording.end else {
      Issue.record("ended by \(recording.end)")
      return
    }
    #expect(error.kind == .device)
    #expect(error.message.contains(microphone.name))
    #expect(recording.frames >= 8_000)
    #expect(recording.gaps.isEmpty)
  }

  @Test func aDeviceThatFallsSilentIsTold() throws {
    let microphone = try FaultMicrophone(.init { $0.isPatient = true })
    var limits = CaptureLimits()
    limits.stallMilliseconds = 400
    let session = CaptureSession(device: microphone.name, limits: limits)
    let recording = Recording(session) { if $0.frames >= 8_000 { microphone.happen("stall") } }
    guard case .stalled(let error) = recording.end else {
      Issue.record("ended by \(recording.end)")
      return
    }
    #expect(error.kind == .device)
    #expect(recording.frames >= 8_000)
    #expect(recording.gaps.isEmpty)
  }

  @Test func aShortStallIsNoEnd() throws {
    let microphone = try FaultMicrophone(
      .init {
        $0.isPatient = true
        $0.faults = "200 stall:300"
      })
    let session = CaptureSession(device: microphone.name)
    let recording = Recording(session) { if $0.frames >= 8_000 { session.stop() } }
    #expect(recording.end == .stopped)
    #expect(recording.gaps.isEmpty)
  }

  @Test func aStopDuringAStallEndsWithinItsLimit() throws {
    let microphone = try FaultMicrophone()
    let session = CaptureSession(device: microphone.name)
    let recording = Recording(session) {
      if $0.frames >= 4_000 {
        microphone.happen("stall")
        session.stop()
      }
    }
    #expect(recording.end == .stopped)
    #expect(recording.frames >= 4_000)
  }

  @Test func aClockThatDriftsLosesNothing() throws {
    let microphone = try FaultMicrophone(
      .init {
        $0.isPatient = true
        $0.driftPPM = 20_000
      })
    let session = CaptureSession(device: microphone.name)
    let recording = Recording(session) { if $0.frames >= 16_000 { session.stop() } }
    #expect(recording.gaps.isEmpty)
    #expect(session.losses.overruns == 0)
  }

  struct OpenError: Sendable {
    let code: Int32
    let says: String
    var retryable = false
  }

  @Test(arguments: [
    OpenError(code: ENOENT, says: "no microphone behind"),
    OpenError(code: ENODEV, says: "no microphone behind"),
    OpenError(code: EBUSY, says: "in use by another program", retryable: true),
    OpenError(code: ECONNREFUSED, says: "sound server", retryable: true),
    OpenError(code: EHOSTDOWN, says: "sound server", retryable: true),
    OpenError(code: EACCES, says: "usermod -aG audio"), OpenError(code: EIO, says: systemError(EIO)),
  ])
  func anOpenErrorNamesTheDeviceAndTheWayOut(_ expected: OpenError) throws {
    let microphone = try FaultMicrophone(.init { $0.openErrno = expected.code })
    let recording = Recording(CaptureSession(device: microphone.name))
    guard case .openFailed(let error) = recording.end else {
      Issue.record("ended by \(recording.end)")
      return
    }
    #expect(error.kind == .device)
    #expect(error.message.contains(microphone.name))
    #expect(error.message.contains(expected.says))
    #expect(error.retryable == expected.retryable)
    #expect(recording.format == nil)
  }

  @Test(arguments: ["nonesuch", "nonesuch:1", "", "{"]) func anUnknownDeviceIsNamed(device: String) throws {
    _ = ALSAConfiguration.ofThisProcess
    let error = try #require(Recording(CaptureSession(device: device)).end.error)
    #expect(error.message == "There is no microphone called \(device): `thoth devices` lists them.")
  }

  @Test func theNullDeviceIsNoMicrophone() throws {
    _ = ALSAConfiguration.ofThisProcess
    let error = try #require(Recording(CaptureSession(device: "null")).end.error)
    #expect(error.message.contains("no microphone behind null"))
  }

  @Test func anOpenThatHangsIsGivenUp() throws {
    let microphone = try FaultMicrophone(.init { $0.openDelayMilliseconds = 1_500 })
    var limits = CaptureLimits()
    limits.openMilliseconds = 200
    limits.closeMilliseconds = 10
    let start = monotonicNanoseconds()
    let error = try #require(Recording(CaptureSession(device: microphone.name, limits: limits)).end.error)
    #expect(error.message.contains("gives no sound"))
    // It did not wait for the open; on a busy machine it may take as long as it.
    #expect(monotonicNanoseconds() - start < 30_000_000_000)
  }

  @Test func aDeviceWithoutAFirstFrameIsGivenUp() throws {
    let microphone = try FaultMicrophone(.init { $0.faults = "0 stall" })
    var limits = CaptureLimits()
    limits.firstFrameMilliseconds = 300
    let recording = Recording(CaptureSession(device: microphone.name, limits: limits))
    guard case .openFailed(let error) = recording.end else {
      Issue.record("ended by \(recording.end)")
      return
    }
    #expect(error.message.contains("gives no sound"))
    #expect(recording.samples.isEmpty)
  }
}
