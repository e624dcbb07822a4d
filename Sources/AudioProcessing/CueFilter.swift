internal import DictationTypes
import Glibc

/// Takes a cue that a loudspeaker has played into the beginning of a recording out of the samples that go to the
/// speech detector and to the engine.
///
/// The samples are looked at in frames of 20 ms under a Hann window, 10 ms apart. A cue is where at least `core` of
/// the energy of two frames in a row lies within 75 Hz of its frequencies (Goertzel's algorithm, *American
/// Mathematical Monthly* 65, 1958); from there it goes on over frames that have at least `edge`: onsets, and a room's
/// reverberation that fades into noise. Speech passes bit by bit, also when it is spoken into a cue, unless the cue is
/// 10 dB louder; and so does a cue that does not stand out of the noise.
public struct CueFilter: Sendable {
  /// A part of the energy that speech had in single frames at most (0.85), and that a tone has 10 dB above noise.
  static let core = 0.9
  /// A part of the energy that two of 35,000 frames of speech exceeded.
  static let edge = 0.5
  /// How long after the recording began a cue may be heard, in milliseconds: 400 until the device takes it, 600 of
  /// latency (Bluetooth), 110 of the cue itself, and a living room's reverberation.
  static let reach = 2_000
  /// What is quieter than this is digital silence: a mean square of a quarter of the least step of 16 bits.
  static let silence = 0.25

  /// Samples between two frames, half a frame: 10 ms.
  static let hop = AudioFormat.speech.frames(milliseconds: 10)
  /// Hops that are looked at before the first of them is done.
  private static let lookahead = 4
  private static let window = (0..<2 * hop).map { 0.5 - 0.5 * cos(.pi * Double($0) / Double(hop)) }

  private let frequencies: [Double]
  /// The sample up to which a cue may be heard.
  private let end: Int
  /// What has not been handed out: less than `lookahead` hops between two calls.
  private var pending: [Int16] = []
  /// The number of the first pending sample.
  private var position = 0
  /// What part of their energy the frames have at the cue's frequencies, from the first pending sample on.
  private var shares: [Double] = []
  private var isAfterCue = false

  /// A filter for cues made of `frequencies`, multiples of 50 Hz that are 200 Hz apart or more. The last cue may have
  /// been asked for at any time until `sample` of the recording, counted at 16 kHz: more than 0 when the recording
  /// holds what was before the key.
  public init(frequencies: [Double], askedUntil sample: Int = 0) {
    self.frequencies = frequencies
    end = sample + AudioFormat.speech.frames(milliseconds: Self.reach)
  }

  /// Takes mono samples at 16 kHz, and returns those that are done and no cue: for a detector, whose idea of the noise
  /// would suffer from silence. They come up to 40 ms late.
  public mutating func add(_ samples: UnsafeBufferPointer<Int16>) -> [Int16] {
    pending.append(contentsOf: samples)
    var speech: [Int16] = []
    while pending.count >= Self.lookahead * Self.hop {
      if !next().touchesCue { speech += pending[..<Self.hop] }
      pending.removeFirst(Self.hop)
    }
    return speech
  }

  /// Silences the cues in a whole recording.
  public func silenceCues(in samples: UnsafeMutableBufferPointer<Int16>) {
    var filter = CueFilter(self)
    // Beyond `end` nothing changes, except below a frame that began before it. The last frames see silence.
    filter.pending = samples.prefix(end + Self.hop) + [Int16](repeating: 0, count: Self.lookahead * Self.hop)
    for start in stride(from: 0, to: min(samples.count, end + Self.hop), by: Self.hop) {
      let verdict = filter.next()
      filter.pending.removeFirst(Self.hop)
      guard verdict.touchesCue else { continue }
      for index in start..<min(start + Self.hop, samples.count) {
        // The windows of the two frames over this hop add up to one: what is no cue fades in and out.
        let falling = verdict.isAfterCue ? 0 : Self.window[Self.hop + index - start]
        let rising = verdict.isCue ? 0 : Self.window[index - start]
        samples[index] = Int16(((falling + rising) * Double(samples[index])).rounded())
      }
    }
  }

  /// The same filter, before the recording.
  private init(_ other: CueFilter) {
    frequencies = other.frequencies
    end = other.end
  }

  /// What the two frames are that lie over a hop.
  private struct Verdict {
    let isAfterCue: Bool
    let isCue: Bool
    var touchesCue: Bool { isAfterCue || isCue }
  }

  /// Judges the first pending hop; `lookahead` of them are there.
  private mutating func next() -> Verdict {
    while shares.count < Self.lookahead - 1 { shares.append(cueShare(at: shares.count * Self.hop)) }
    let cueFollows = shares[1] >= Self.core && shares[2] >= Self.core
    let isCue =
      shares[0] >= Self.core && shares[1] >= Self.core
      || shares[0] >= Self.edge && (isAfterCue || cueFollows)
      || isAfterCue && cueFollows
    defer {
      shares.removeFirst()
      position += Self.hop
      isAfterCue = isCue
    }
    return Verdict(isAfterCue: isAfterCue, isCue: isCue)
  }

  /// The part of the energy of the frame at `start` of `pending` that lies at the cue's frequencies; 0 where no cue
  /// can be.
  private func cueShare(at start: Int) -> Double {
    guard position + start < end else { return 0 }
    var energy = 0.0
    let frame = Self.window.indices.map { index in
      let sample = Self.window[index] * Double(pending[start + index])
      energy += sample * sample
      return sample
    }
    guard energy > Self.silence * Double(frame.count) else { return 0 }
    // Parseval's theorem for N real samples: the energy is the sum of |X|² over N bins by N, each frequency in two
    // of them. A Hann window spreads a tone over three bins.
    let width = Double(AudioFormat.speech.sampleRate) / Double(frame.count)
    let bins = frequencies.flatMap { [$0 - width, $0, $0 + width] }
    return bins.reduce(0) { $0 + 2 * Self.power(of: frame, at: $1) } / (Double(frame.count) * energy)
  }

  /// The squared magnitude of the Fourier transform of `frame` at `frequency`, by Goertzel's algorithm.
  private static func power(of frame: [Double], at frequency: Double) -> Double {
    let coefficient = 2 * cos(2 * .pi * frequency / Double(AudioFormat.speech.sampleRate))
    var (last, beforeLast) = (0.0, 0.0)
    for sample in frame { (last, beforeLast) = (sample + coefficient * last - beforeLast, last) }
    return last * last + beforeLast * beforeLast - coefficient * last * beforeLast
  }
}
