/// The least of the values of the last 1.5 to 2 seconds, one each 10 ms.
struct RunningMinimum: Sendable {
  /// How many values have one minimum, and how many minima are kept beside the one in the making.
  static let span = 50
  static let spans = 3

  /// The least value; infinite before the first.
  var value: Double { earlier.reduce(latest) { min($0, $1) } }

  private var latest = Double.infinity
  private var earlier: [Double] = []
  private var count = 0

  /// Takes a value; with `anew` all before it are forgotten.
  mutating func add(_ value: Double, anew: Bool = false) {
    if anew { self = RunningMinimum() }
    if count == Self.span {
      earlier = earlier.suffix(Self.spans - 1) + [latest]
      (latest, count) = (.infinity, 0)
    }
    latest = min(latest, value)
    count += 1
  }
}
