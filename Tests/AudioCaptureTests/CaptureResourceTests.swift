import AudioCapture
import Foundation
import TestSupport
import Testing

/// In processes of their own, where nothing else opens files or starts threads.
@Suite struct CaptureResourceTests {
  @Test func aHundredCapturesLeaveNothingBehind() async {
    await #expect(processExitsWith: .success) {
      let microphone = try FaultMicrophone(.init { $0.speed = 4 })
      func captureOnce() {
        let session = CaptureSession(device: microphone.name)
        _ = Recording(session) { _ in session.stop() }
      }
      // The first ones load the plugin and alsa-lib's configuration.
      for _ in 0..<3 { captureOnce() }
      let before = Resources()
      for _ in 0..<100 { captureOnce() }
      precondition(eventually { Resources() <= before }, "\(before) became \(Resources())")
    }
  }

  @Test func whatFailsLeavesNothingBehind() async {
    await #expect(processExitsWith: .success) {
      let busy = try FaultMicrophone(.init { $0.openErrno = EBUSY })
      let slow = try FaultMicrophone(.init { $0.openDelayMilliseconds = 100 })
      let present = try FaultMicrophone()
      var limits = CaptureLimits()
      limits.openMilliseconds = 20
      limits.closeMilliseconds = 1
      for device in [busy.name, "nonesuch"] { _ = Recording(CaptureSession(device: device)) }
      let before = Resources()
      for _ in 0..<10 {
        for device in [busy.name, "nonesuch"] { _ = Recording(CaptureSession(device: device)) }
        _ = Recording(CaptureSession(device: slow.name, limits: limits))
        // Nobody reads it, stops it or closes it.
        _ = CaptureSession(device: present.name)
      }
      precondition(eventually { Resources() <= before }, "\(before) became \(Resources())")
    }
  }
}

/// What this process has open.
private struct Resources: CustomStringConvertible {
  let descriptors = Self.count("/proc/self/fd")
  let threads = Self.count("/proc/self/task")

  static func <= (left: Resources, right: Resources) -> Bool {
    left.descriptors <= right.descriptors && left.threads <= right.threads
  }

  var description: String { "\(descriptors) descriptors, \(threads) threads" }

  private static func count(_ folder: String) -> Int {
    (try? FileManager.default.contentsOfDirectory(atPath: folder).count) ?? 0
  }
}
