// Prints what the detector makes of recordings, for scripts/bench: `vadframes [AGGRESSIVENESS] < LIST`, with the path of
// a file of raw 16-bit samples (16 kHz, mono) on each line of LIST. For each file a line: the evidence of each frame of
// 10 ms as 0, 1 or 2, a TAB, whether anybody speaks in it as 0 or 1, a TAB, and whether speech was heard at all.

import AudioSegmentation
import Foundation

let aggressiveness = CommandLine.arguments.dropFirst().first.flatMap { Int($0) }
while let path = readLine() {
  guard let data = FileManager.default.contents(atPath: path) else { fatalError("\(path) cannot be read") }
  let detector = SpeechDetector(aggressiveness: aggressiveness ?? FrameClassifier.defaultAggressiveness)
  var evidence = ""
  var speaking = ""
  data.withUnsafeBytes { bytes in
    let samples = bytes.bindMemory(to: Int16.self)
    let length = FrameClassifier.frameLength
    for start in stride(from: 0, through: samples.count - length, by: length) {
      detector.add(UnsafeBufferPointer(rebasing: samples[start..<start + length]))
      evidence += "\(detector.evidence.rawValue)"
      speaking += detector.isSpeaking ? "1" : "0"
    }
  }
  print("\(evidence)\t\(speaking)\t\(detector.hasHeardSpeech ? 1 : 0)")
}
