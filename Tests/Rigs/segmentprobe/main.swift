// What thoth makes of a recording, for the benchmarks.
//
//     segmentprobe segments FILE [MS]   where it would be cut and guessed at: a JSON object on a line for each event;
//                                       guessed at in pauses of MS milliseconds, if not as thoth does
//     segmentprobe stitch               the text of segments, as a JSON array of {text, pause_before} on standard input
//
// FILE is 16 kHz mono 16-bit PCM with a WAV header of 44 bytes. `start`, `end` and `at` (when it was told) count
// samples, `pause_before` milliseconds.

import AudioFiles
import AudioSegmentation
import DictationTypes
import Foundation
import SpeechRecognition

/// One event, as it is printed.
struct Line: Encodable {
  let event: String
  let at: Int
  var start: Int?
  var end: Int?
  var pauseBefore: Int?

  init(_ event: String, at: Int, _ span: SpeechSpan? = nil) {
    self.event = event
    self.at = at
    start = span?.range.lowerBound
    end = span?.range.upperBound
    pauseBefore = span?.pauseBefore
  }
}

/// Prints what the segmenter tells of `samples`. `end` is what is left when the recording ends; it has no span when
/// nothing was said since the last `paused`.
func printSegments(of samples: [Int16], guess: Int?) throws {
  let encoder = JSONEncoder()
  encoder.keyEncodingStrategy = .convertToSnakeCase
  var lines: [Line] = []
  let detector = SpeechDetector()
  var rules = SegmentationRules()
  rules.guess = guess ?? rules.guess
  var segmenter = Segmenter(rules: rules)
  let length = FrameClassifier.frameLength
  samples.withUnsafeBufferPointer { samples in
    for start in stride(from: 0, through: samples.count - length, by: length) {
      detector.add(UnsafeBufferPointer(rebasing: samples[start..<start + length]))
      let event = segmenter.add(detector.evidence, level: detector.level)
      lines += event.map { [line(of: $0, at: start + length)] } ?? []
    }
  }
  lines.append(Line("end", at: samples.count, segmenter.tail(ofRecording: samples.count)))
  for line in lines { print(String(decoding: try encoder.encode(line), as: UTF8.self)) }
}

func line(of event: SegmentEvent, at time: Int) -> Line {
  switch event {
  case .paused(let tail): Line("paused", at: time, tail)
  case .resumed: Line("resumed", at: time)
  case .cut(let segment): Line("cut", at: time, segment)
  }
}

func samples(ofFile path: String) throws -> [Int16] {
  let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
  guard bytes.count >= WAVHeader.size, WAVHeader.isOurs(Array(bytes.prefix(WAVHeader.size))) else {
    throw CocoaError(.fileReadCorruptFile, userInfo: [NSFilePathErrorKey: path])
  }
  return bytes.dropFirst(WAVHeader.size).withUnsafeBytes { Array($0.bindMemory(to: Int16.self)) }
}

/// One segment, as it is read.
struct Piece: Decodable {
  let text: String
  let pauseBefore: Int
}

func stitched(_ json: Data) throws -> String {
  let decoder = JSONDecoder()
  decoder.keyDecodingStrategy = .convertFromSnakeCase
  let segments = try decoder.decode([Piece].self, from: json).map {
    let transcript = Transcript(text: $0.text, language: "en", engine: "", model: "")
    return SegmentTranscript(transcript, start: 0, end: 0, pauseBefore: $0.pauseBefore)
  }
  return stitch(segments)?.text ?? ""
}

let arguments = CommandLine.arguments.dropFirst()
do {
  switch (arguments.first, arguments.dropFirst().first) {
  case ("segments", let file?):
    try printSegments(of: samples(ofFile: file), guess: arguments.dropFirst(2).first.flatMap { Int($0) })
  case ("stitch", nil): print(try stitched(FileHandle.standardInput.readDataToEndOfFile()))
  default: leave(2, "usage: segmentprobe segments FILE [MS] | stitch")
  }
} catch {
  leave(1, "segmentprobe: \(error.localizedDescription)")
}

func leave(_ code: Int32, _ sentence: String) -> Never {
  FileHandle.standardError.write(Data("\(sentence)\n".utf8))
  exit(code)
}
