import Linux
import Synchronization
import Testing

@testable import AudioCapture

@Suite struct SampleRingTests {
  /// Two threads, pieces of random size, a ring that is full and empty again and again.
  @Test(arguments: [1, 2, 3, 6]) func everySampleArrivesOnceAndInOrder(channels: Int) {
    let ring = SampleRing(frames: 100, channels: channels)
    let frames = 50_000
    let writer = WorkerThread(name: "writer") {
      var generator = SystemRandomNumberGenerator()
      var piece = [Int16]()
      var next = 0
      while next < frames {
        let count = min(Int.random(in: 1...64, using: &generator), frames - next)
        piece = (next * channels..<(next + count) * channels).map { Int16(truncatingIfNeeded: $0) }
        next += piece.withUnsafeBufferPointer { ring.write($0) }
      }
    }
    var buffer = [Int16](repeating: 0, count: 50 * channels)
    var expected = 0
    var wrong = 0
    while expected < frames * channels {
      let wanted = Int.random(in: channels...buffer.count)
      let count = buffer.withUnsafeMutableBufferPointer {
        ring.read(into: .init(rebasing: $0.prefix(wanted)))
      }
      for sample in buffer.prefix(count * channels) {
        if sample != Int16(truncatingIfNeeded: expected) { wrong += 1 }
        expected += 1
      }
    }
    writer.join()
    #expect(wrong == 0)
  }

  @Test func whatDoesNotFitIsDroppedAndCounted() {
    let ring = SampleRing(frames: 4, channels: 2)
    #expect(ring.capacity == 8)
    let samples = Array(Int16(0)..<12)
    #expect(samples.withUnsafeBufferPointer { ring.write($0) } == 4)
    #expect(ring.droppedFrames == 2)
    var buffer = [Int16](repeating: -1, count: 12)
    #expect(buffer.withUnsafeMutableBufferPointer { ring.read(into: $0) } == 4)
    #expect(buffer.prefix(8) == samples.prefix(8))
    #expect(buffer.withUnsafeMutableBufferPointer { ring.read(into: $0) } == 0)
  }

  @Test func framesAreNeverSplit() {
    let ring = SampleRing(frames: 10, channels: 3)
    let samples = Array(Int16(0)..<30)
    #expect(samples.withUnsafeBufferPointer { ring.write($0) } == 10)
    var buffer = [Int16](repeating: 0, count: 8)
    #expect(buffer.withUnsafeMutableBufferPointer { ring.read(into: $0) } == 2)
    #expect(buffer.prefix(6) == samples.prefix(6))
  }

  @Test(arguments: [(16_000, 1, 1 << 19), (48_000, 2, 1 << 22), (44_100, 1, 1 << 21)])
  func holdsThirtySecondsInAPowerOfTwo(rate: Int, channels: Int, samples: Int) {
    #expect(SampleRing(frames: 30 * rate, channels: channels).capacity == samples)
  }
}
