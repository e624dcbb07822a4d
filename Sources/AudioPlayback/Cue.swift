public import DictationTypes
import Glibc

/// A sound that tells the person that recording has begun or is over: two tones, a fourth apart.
///
/// The tones lie where a voice has little: the energy of speech is below 1 kHz in vowels and above 4 kHz in hissing
/// sounds. In eleven minutes of recorded speech no 20 ms held more than half of its energy within 100 Hz of these two
/// (0.44 at most), whereas 1175 and 1760 Hz reached 0.92. Small loudspeakers and telephone-band headsets (up to
/// 3.4 kHz) play them, and neither is a harmonic of the other, so that distortion stays apart.
public enum Cue: Sendable, Hashable, CaseIterable {
  /// A rising interval: recording has begun.
  case start
  /// A falling interval: recording is over.
  case stop

  /// The frequencies of both tones, in hertz, the lower one first.
  public static let frequencies = [2_100.0, 2_800.0]
  /// What the samples are made for: the common rate of sound servers, mono.
  public static let format = AudioFormat(sampleRate: 48_000, channels: 1)

  /// The peak, as a part of full scale.
  private static let amplitude = 0.22
  /// The length of a tone, in seconds.
  private static let toneLength = 0.055
  /// The length of a tone's rise, and of its fall, in seconds: without them it would begin and end with a click.
  private static let rampLength = 0.006

  /// The sound, in `format`: 110 ms.
  public var samples: [Int16] {
    let tones = self == .start ? Self.frequencies : Self.frequencies.reversed()
    return tones.flatMap(Self.tone)
  }

  /// A sine with ramps in the shape of a raised cosine.
  private static func tone(_ frequency: Double) -> [Int16] {
    let rate = Double(format.sampleRate)
    let count = Int(toneLength * rate)
    return (0..<count).map { index in
      let fromEdge = Double(min(index, count - 1 - index)) / (rampLength * rate)
      let envelope = fromEdge < 1 ? 0.5 - 0.5 * cos(.pi * fromEdge) : 1
      let sample = amplitude * envelope * sin(2 * .pi * frequency * Double(index) / rate)
      return Int16((sample * 32_767).rounded())
    }
  }
}
