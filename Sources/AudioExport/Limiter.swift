/// Keeps a signal below a ceiling without clipping it: it is made quieter a moment before it would be too loud.
///
/// The gain that each frame needs is held for the look-ahead as the least of what lies within it, rises again slowly, and
/// is smoothed by a mean over the same time. A mean over values none of which is above what a frame needs is not above it
/// either: no sample is ever louder than the ceiling. (P. Hämäläinen, "Smoothing of the Control Signal Without Clipped
/// Output in Digital Peak Limiters", DAFx 2002.) Gains are whole numbers of 2⁻³⁰ so that sums of them are exact: where
/// nothing is too loud, every sample stays bit for bit what it was.
///
/// What comes out is not delayed: the first call gives less than it gets, and `finish` the rest.
public struct Limiter {
  /// The most that comes out: -1 dBFS, which leaves room for what lossy codecs add (EBU R 128, -1 dBTP).
  public static let ceiling: Float = 0.891_250_9
  /// How long before a peak it begins, in seconds.
  static let lookAhead = 0.005
  /// In what time the gain comes back to 1/e of what is missing, in seconds.
  static let release = 0.1

  private static let unity = 1 << 30
  private let channels: Int
  private let window: Int
  private let rise: Double
  /// The last `window` frames, a ring; and the held gains that the mean is of.
  private var delayed: [Float]
  private var held: [Int]
  private var position = 0
  private var sum: Int
  /// The gain that comes back.
  private var gain = unity
  /// The least needed gains that are yet to come, with the frames after which they count no more; ascending.
  private var least: [(gain: Int, until: Int)] = []
  private var first = 0
  private var frame = 0
  /// How many frames the gain has been 1 for: after the whole window nothing is to be computed.
  private var restful: Int
  /// Frames at the beginning that are nothing but the delay.
  private var surplus: Int

  /// A limiter for `channels` interleaved channels at `sampleRate` hertz.
  public init(sampleRate: Int, channels: Int) {
    self.channels = channels
    window = max(1, Int(Double(sampleRate) * Self.lookAhead))
    rise = 1 / (Self.release * Double(sampleRate))
    delayed = [Float](repeating: 0, count: window * channels)
    held = [Int](repeating: Self.unity, count: window)
    sum = Self.unity * window
    restful = window
    surplus = window
  }

  /// Takes interleaved `samples`; what comes out.
  public mutating func process(_ samples: [Float]) -> [Float] {
    var output = samples
    let count = samples.count / channels
    output.withUnsafeMutableBufferPointer { buffer in
      for index in 0..<count { step(buffer, index * channels) }
    }
    let dropped = min(surplus, count)
    surplus -= dropped
    return dropped == 0 ? output : Array(output.dropFirst(dropped * channels))
  }

  /// What is still inside, at the end.
  public mutating func finish() -> [Float] {
    process([Float](repeating: 0, count: window * channels))
  }

  /// Takes the frame at `start` of `buffer`, and puts the one in its place that came `window` frames before.
  private mutating func step(_ buffer: UnsafeMutableBufferPointer<Float>, _ start: Int) {
    var peak: Float = 0
    for channel in 0..<channels { peak = max(peak, abs(buffer[start + channel])) }
    let mean = mean(peak)
    let place = position * channels
    for channel in 0..<channels {
      let sample = delayed[place + channel]
      delayed[place + channel] = buffer[start + channel]
      // Rounding may have made the product a little more than it is.
      buffer[start + channel] = mean == 1 ? sample : min(Self.ceiling, max(-Self.ceiling, sample * mean))
    }
    position = position + 1 == window ? 0 : position + 1
    frame += 1
  }

  /// The gain of the frame that leaves, when one of this `peak` comes.
  private mutating func mean(_ peak: Float) -> Float {
    // The mean is of what was held before this one came: it covers the frame that leaves.
    let mean = restful >= window ? 1 : Float(Double(sum) / Double(Self.unity * window))
    if peak > Self.ceiling {
      let needed = Int((Double(Self.ceiling) / Double(peak) * Double(Self.unity)).rounded(.down))
      while least.count > first, least[least.count - 1].gain >= needed { least.removeLast() }
      least.append((needed, frame + window))
      restful = 0
    } else if restful >= window {
      return mean
    }
    while least.count > first, least[first].until <= frame { first += 1 }
    if first > 1024 || first == least.count {
      least.removeFirst(first)
      first = 0
    }
    let bound = first < least.count ? least[first].gain : Self.unity
    gain = min(bound, gain + Int((Double(Self.unity - gain) * rise).rounded(.up)))
    sum += gain - held[position]
    held[position] = gain
    restful = gain == Self.unity ? restful + 1 : 0
    return mean
  }
}
