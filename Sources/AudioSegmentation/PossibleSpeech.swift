/// Where somebody may speak in `samples` (16 kHz, mono), in milliseconds from their beginning.
///
/// It is as generous as `SpeechDetector.hasHeardSpeech`: whoever counts it is not to count too little.
public func possibleSpeech(in samples: [Int16]) -> [Range<Int>] {
  let detector = SpeechDetector()
  let length = FrameClassifier.frameLength
  var spans: [Range<Int>] = []
  samples.withUnsafeBufferPointer { samples in
    for frame in 0..<samples.count / length {
      detector.add(UnsafeBufferPointer(rebasing: samples[frame * length..<(frame + 1) * length]))
      guard detector.mayHoldSpeech else { continue }
      if let last = spans.last, last.upperBound == 10 * frame {
        spans[spans.count - 1] = last.lowerBound..<10 * (frame + 1)
      } else {
        spans.append(10 * frame..<10 * (frame + 1))
      }
    }
  }
  return spans
}
