internal import DictationTypes
import Glibc

/// Takes a cue that a loudspeaker has played into the beginning of a recording out of the samples that go to the
/// speech detector and to the engine.
///
/// The samples are looked at in frames of 20 ms under a Hann window, 10 ms apart. A cue is where at least `core` of
/// the energy of two frames in a row lies within 75 Hz of its frequencies; from there it goes on over frames that have
/// at least `edge`: onsets, and a room's reverberation that fades into noise. The detector does not get what lies
/// below such frames; from what the engine gets, those frequencies are subtracted, so that words spoken into a cue
/// remain. Speech without a cue passes bit by bit; and so does a cue that does not stand out of what else is heard.
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

  /// The sines that the cue is looked for with, 50 Hz apart: a Hann window spreads a tone over three of them.
  private let bins: [Bin]
  /// The sample up to which a cue may be heard.
  public let end: Int
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
    let width = Double(AudioFormat.speech.sampleRate) / Double(2 * Self.hop)
    bins = frequencies.flatMap { [$0 - width, $0, $0 + width] }.map(Bin.init)
    end = sample + AudioFormat.speech.frames(milliseconds: Self.reach)
  }

  /// The samples of a frame that `add` judges: 10 ms.
  public static let frameLength = hop

  /// Takes mono samples at 16 kHz, and calls `judge` with each frame that is done and whether a cue is in it: a
  /// detector leaves those out, whose idea of the noise would suffer from a cue and from silence in its place. As long
  /// as a cue may come the frames come up to 40 ms late.
  public mutating func add(
    _ samples: UnsafeBufferPointer<Int16>, judge: (UnsafeBufferPointer<Int16>, _ isCue: Bool) -> Void
  ) {
    pending.append(contentsOf: samples)
    while pending.count >= (position < end || isAfterCue ? Self.lookahead : 1) * Self.hop {
      let wasCue = isAfterCue
      let isCue = (position < end || isAfterCue) && judgeNextFrame()
      pending[..<Self.hop].withUnsafeBufferPointer { judge($0, isCue || wasCue) }
      pending.removeFirst(Self.hop)
    }
  }

  /// Takes the cues out of a whole recording.
  public func removeCues(from samples: UnsafeMutableBufferPointer<Int16>) {
    var filter = CueFilter(self)
    // The last frames see silence.
    filter.pending = samples.prefix(end + Self.hop) + [Int16](repeating: 0, count: Self.lookahead * Self.hop)
    var tones = [Double](repeating: 0, count: filter.pending.count)
    for start in stride(from: 0, to: min(samples.count, end), by: Self.hop) {
      if filter.judgeNextFrame() { filter.addTones(to: &tones[start..<start + 2 * Self.hop]) }
      filter.pending.removeFirst(Self.hop)
    }
    for index in samples.indices.prefix(tones.count) where tones[index] != 0 {
      samples[index] = Int16(clamping: Int((Double(samples[index]) - tones[index]).rounded()))
    }
  }

  /// The same filter, before the recording.
  private init(_ other: CueFilter) {
    bins = other.bins
    end = other.end
  }

  /// Whether the first pending frame is part of a cue; `lookahead` hops are there. They can be dropped then.
  private mutating func judgeNextFrame() -> Bool {
    while shares.count < Self.lookahead - 1 { shares.append(cueShare(at: shares.count * Self.hop)) }
    let cueFollows = shares[1] >= Self.core && shares[2] >= Self.core
    isAfterCue =
      shares[0] >= Self.core && shares[1] >= Self.core
      || shares[0] >= Self.edge && (isAfterCue || cueFollows)
      || isAfterCue && cueFollows
    shares.removeFirst()
    position += Self.hop
    return isAfterCue
  }

  /// Adds the cue's part of the first pending frame. The windows of two frames add up to one, so that a steady tone
  /// is met in full.
  private func addTones(to tones: inout ArraySlice<Double>) {
    let frame = windowed(at: 0)
    for bin in bins { bin.addProjection(of: frame, to: &tones) }
  }

  /// The part of the energy of the frame at `start` of `pending` that lies at the cue's frequencies; 0 where no cue
  /// can be.
  private func cueShare(at start: Int) -> Double {
    guard position + start < end else { return 0 }
    let frame = windowed(at: start)
    let energy = frame.reduce(0) { $0 + $1 * $1 }
    guard energy > Self.silence * Double(frame.count) else { return 0 }
    return bins.reduce(0) { $0 + $1.energy(of: frame) } / energy
  }

  private func windowed(at start: Int) -> [Double] {
    Self.window.indices.map { Self.window[$0] * Double(pending[start + $0]) }
  }
}

/// A frequency of the discrete Fourier transform of a frame.
private struct Bin: Sendable {
  private let cosines: [Double]
  private let sines: [Double]

  init(_ frequency: Double) {
    let angles = (0..<2 * CueFilter.hop).map {
      2 * .pi * frequency * Double($0) / Double(AudioFormat.speech.sampleRate)
    }
    cosines = angles.map { cos($0) }
    sines = angles.map { sin($0) }
  }

  /// The energy that `frame` has at this frequency, as a part of the sum of its squares (Parseval's theorem).
  func energy(of frame: [Double]) -> Double {
    let (real, imaginary) = transform(frame)
    return 2 * (real * real + imaginary * imaginary) / Double(frame.count)
  }

  /// Adds what `frame` has at this frequency.
  func addProjection(of frame: [Double], to target: inout ArraySlice<Double>) {
    let (real, imaginary) = transform(frame)
    let scale = 2 / Double(frame.count)
    for index in frame.indices {
      target[target.startIndex + index] += scale * (real * cosines[index] + imaginary * sines[index])
    }
  }

  private func transform(_ frame: [Double]) -> (real: Double, imaginary: Double) {
    var sums = (0.0, 0.0)
    for index in frame.indices {
      sums.0 += frame[index] * cosines[index]
      sums.1 += frame[index] * sines[index]
    }
    return sums
  }
}
