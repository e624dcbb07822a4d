internal import DictationTypes
import Glibc

/// Silences a cue that a loudspeaker has played into the beginning of a recording, in the samples that go to the
/// speech detector and to the engine.
///
/// The samples are looked at in frames of 20 ms under a Hann window, 10 ms apart. A cue is where `core` of a frame's
/// energy lies at the cue's frequencies (Goertzel's algorithm, *American Mathematical Monthly* 65, 1958); from there
/// it goes on over neighbours that have at least `edge`: onsets, and a room's reverberation that fades into noise.
/// Those frames are faded out by their windows, which add up to one. Speech passes bit by bit, also when it is
/// spoken into a cue, unless the cue is 10 dB louder; so does a cue that hardly stands out of noise, which a detector
/// of speech does not take for speech either.
public struct CueFilter: Sendable {
  /// A part of the energy that no speech has at two frequencies, and a cue 10 dB above the noise has.
  static let core = 0.9
  /// A part of the energy that speech does not reach: 0.44 was the most in eleven minutes of it at 2100 and 2800 Hz.
  static let edge = 0.5
  /// How long after the recording began a cue may be heard, in milliseconds: 400 until the device takes it, 600 of
  /// latency (Bluetooth), 110 of the cue itself, and a living room's reverberation.
  static let reach = 2_000
  /// What is quieter than this is digital silence: a root mean square of half the least step of 16 bits.
  static let silence = 0.25

  /// Samples between two frames, half a frame: 10 ms.
  static let hop = AudioFormat.speech.frames(milliseconds: 10)
  private static let window = (0..<2 * hop).map { 0.5 - 0.5 * cos(.pi * Double($0) / Double(hop)) }

  private let frequencies: [Double]
  /// The sample up to which a cue may be heard.
  private let end: Int
  /// What has not been handed out, at most three hops of it.
  private var pending: [Int16] = []
  /// The number of the first pending sample.
  private var position = 0
  private var isBeforeSilenced = false

  /// A filter for cues made of `frequencies`, in hertz. The first cue may have been asked for at any time until
  /// `sample` of the recording, counted at 16 kHz: more than 0 when the recording holds what was before the key.
  public init(frequencies: [Double], askedUntil sample: Int = 0) {
    self.frequencies = frequencies
    end = sample + AudioFormat.speech.frames(milliseconds: Self.reach)
  }

  /// Takes mono samples at 16 kHz, and returns those that are done: it is 30 ms late.
  public mutating func add(_ samples: UnsafeBufferPointer<Int16>) -> [Int16] {
    pending.append(contentsOf: samples)
    var done: [Int16] = []
    while pending.count >= 3 * Self.hop { done += nextHop() }
    return done
  }

  /// Returns the samples that were held back, at the end of the recording.
  public mutating func finish() -> [Int16] {
    let rest = pending.count
    pending += [Int16](repeating: 0, count: 3 * Self.hop)
    var done: [Int16] = []
    while done.count < rest { done += nextHop() }
    pending = []
    return Array(done.prefix(rest))
  }

  /// Silences the cues in a whole recording: what `add` would have returned, in place.
  public func silenceCues(in samples: UnsafeMutableBufferPointer<Int16>) {
    var filter = CueFilter(self)
    // Beyond its end the filter changes nothing: a frame reaches two hops.
    let part = UnsafeMutableBufferPointer(rebasing: samples.prefix(end + 2 * Self.hop))
    let done = filter.add(UnsafeBufferPointer(part)) + filter.finish()
    _ = part.update(fromContentsOf: done)
  }

  /// The same filter, before the recording.
  private init(_ other: CueFilter) {
    frequencies = other.frequencies
    end = other.end
  }

  /// Takes the first hop out of `pending`, faded by the two frames that lie over it.
  private mutating func nextHop() -> [Int16] {
    let hop = Self.hop
    var samples = Array(pending[..<hop])
    let share = cueShare(at: 0)
    let isSilenced =
      share >= Self.core || share >= Self.edge && (isBeforeSilenced || cueShare(at: hop) >= Self.core)
    if isSilenced || isBeforeSilenced {
      for index in samples.indices {
        var gain = 0.0
        if !isBeforeSilenced { gain += Self.window[hop + index] }
        if !isSilenced { gain += Self.window[index] }
        samples[index] = Int16((gain * Double(samples[index])).rounded())
      }
    }
    pending.removeFirst(hop)
    position += hop
    isBeforeSilenced = isSilenced
    return samples
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
    // A sine of amplitude a gives a windowed energy of a²/2 Σw², and |X|² = a²/4 (Σw)²: for a Hann window of N
    // samples Σw² is 3N/8, and Σw is N/2.
    let scale = 3 / Double(frame.count)
    return frequencies.reduce(0) { $0 + scale * Self.power(of: frame, at: $1) } / energy
  }

  /// The squared magnitude of the Fourier transform of `frame` at `frequency`, by Goertzel's algorithm.
  private static func power(of frame: [Double], at frequency: Double) -> Double {
    let coefficient = 2 * cos(2 * .pi * frequency / Double(AudioFormat.speech.sampleRate))
    var (last, beforeLast) = (0.0, 0.0)
    for sample in frame { (last, beforeLast) = (sample + coefficient * last - beforeLast, last) }
    return last * last + beforeLast * beforeLast - coefficient * last * beforeLast
  }
}
