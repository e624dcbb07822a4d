import Glibc

/// How often each term was said, and how lately: in one number, its weight. Each time it is said adds one, and what was
/// added counts half as much after two weeks (exponential decay).
///
/// As a file it is CSV with the columns `term,weight,last_said`: the weight when it was last said, and that time in
/// seconds since 1970.
struct TermUses: Sendable, Hashable {
  private struct Use: Sendable, Hashable {
    var weight: Double
    var last: Int64

    /// The same order at any time, as all weights decay alike: the logarithm of the weight in 1970.
    var rank: Double { log2(weight) + Double(last) / TermUses.halfLife }
  }

  private var uses: [String: Use] = [:]

  /// The year 9999, in seconds since 1970: what is later is no time.
  private static let latest: Int64 = 253_402_300_799

  /// In seconds.
  private static let halfLife = 14.0 * 86_400

  /// Nothing has been said.
  init() {}

  /// Reads a file. A line that says nothing of a term is passed over: all that is lost is an order.
  init(csv text: String) {
    for row in CSV.rows(text) where row.fields.count == 3 {
      guard let weight = Double(row.fields[1]), let last = Int64(row.fields[2]), weight.isFinite, weight > 0,
        (0...Self.latest).contains(last)
      else { continue }
      uses[row.fields[0]] = Use(weight: weight, last: last)
    }
  }

  /// The file, with `names` alone.
  func csv(of names: [String]) -> String {
    CSV.line(["term", "weight", "last_said"])
      + likeliest(of: names).compactMap { name in
        guard let use = uses[name] else { return nil }
        return CSV.line([name, "\((use.weight * 1000).rounded() / 1000)", "\(use.last)"])
      }.joined()
  }

  /// Counts those of `names` of which nothing is known as said once: who adds a name is about to say it.
  mutating func add(_ names: [String], at now: Int64) {
    for name in names where uses[name] == nil { uses[name] = Use(weight: 1, last: now) }
  }

  /// Counts `names` as said once more, but for those that were never added.
  mutating func count(_ names: Set<String>, at now: Int64) {
    for name in names {
      guard let use = uses[name] else { continue }
      let age = max(0, Double(now - use.last))
      uses[name] = Use(weight: 1 + use.weight * exp2(-age / Self.halfLife), last: max(now, use.last))
    }
  }

  /// `names` with those first that are likeliest to be said; of those that are as likely the last one first.
  func likeliest(of names: [String]) -> [String] {
    let ranked = names.enumerated().map { ($0.element, uses[$0.element]?.rank ?? -.infinity, $0.offset) }
    return ranked.sorted { ($0.1, $0.2) > ($1.1, $1.2) }.map(\.0)
  }
}
