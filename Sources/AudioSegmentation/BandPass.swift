import DictationTypes
import Glibc

/// Lets one band of frequencies pass, and measures what is in it: two equal second-order filters, one after the other.
///
/// The coefficients are those of the band-pass with 0 dB peak gain in Robert Bristow-Johnson's "Cookbook formulae for
/// audio EQ biquad filter coefficients".
struct BandPass: Sendable {
  private let b0, a1, a2: Double
  /// What the filters remember, in transposed direct form II.
  private var first = (0.0, 0.0)
  private var second = (0.0, 0.0)

  /// A filter whose gain is at its peak at the geometric mean of `low` and `high`, in hertz.
  init(from low: Double, to high: Double) {
    let center = (low * high).squareRoot()
    let omega = 2 * Double.pi * center / Double(AudioFormat.speech.sampleRate)
    let alpha = sin(omega) * (high - low) / (2 * center)
    b0 = alpha / (1 + alpha)
    a1 = -2 * cos(omega) / (1 + alpha)
    a2 = (1 - alpha) / (1 + alpha)
  }

  /// The mean power of the next samples in the band, relative to full scale squared.
  mutating func power(of frame: UnsafeBufferPointer<Int16>) -> Double {
    var sum = 0.0
    for sample in frame {
      let input = Double(sample)
      let between = b0 * input + first.0
      first = (first.1 - a1 * between, -b0 * input - a2 * between)
      let output = b0 * between + second.0
      second = (second.1 - a1 * output, -b0 * between - a2 * output)
      sum += output * output
    }
    return sum / (32_768 * 32_768 * Double(frame.count))
  }
}
