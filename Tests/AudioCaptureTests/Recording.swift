import AudioCapture
import DictationTypes
import TestSupport

/// A capture read to its end by the thread that calls.
struct Recording {
  var format: AudioFormat?
  var samples: [Int16] = []
  var end = CaptureEnd.stopped

  /// Captures from `session`. `onFrames` is called with the recording so far whenever frames have come.
  init(_ session: CaptureSession, onFrames: (Recording) -> Void = { _ in }) {
    let buffer = UnsafeMutableBufferPointer<Int16>.allocate(capacity: 4096)
    defer { buffer.deallocate() }
    var running = true
    while running {
      switch session.next(into: buffer) {
      case .opened: format = session.format
      case .frames(let count):
        samples.append(contentsOf: buffer.prefix(count * (session.format?.channels ?? 0)))
        onFrames(self)
      case .ended(let cause):
        end = cause
        running = false
      }
    }
    session.close()
  }

  /// The number of frames.
  var frames: Int { format.map { samples.count / $0.channels } ?? 0 }

  /// The positions at which channel 0 of a counting microphone does not go on by one.
  var gaps: [Int] {
    let channels = format?.channels ?? 1
    let counter = stride(from: 0, to: samples.count, by: channels).map { samples[$0] }
    return zip(counter, counter.dropFirst()).enumerated().filter { $1.1 != $1.0 &+ 1 }.map(\.offset)
  }
}
