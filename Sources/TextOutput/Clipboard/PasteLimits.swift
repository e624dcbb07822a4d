/// How long and how much a paste may take.
struct PasteLimits: Sendable {
  /// The most bytes that are kept of what the clipboard holds, in sum over its formats.
  var snapshotBytes = 16 * 1024 * 1024
  /// How long its owner has to deliver all of them, in nanoseconds.
  var snapshotTime: UInt64 = 250_000_000
  /// How long the application has to ask for the text, in nanoseconds; and, when it reads a long one in increments, to
  /// ask for the next.
  var requestTime: UInt64 = 3_000_000_000
  /// How long the application may not have asked again, before the clipboard gets back what it held, in nanoseconds.
  ///
  /// Chromium asks for the text once and for the list of targets a dozen times, before and after that, and drops the
  /// paste when the clipboard changes hands meanwhile. Measured with Chromium on two busy cores: with the answer to a
  /// ping and no quiet time, 4 of 12 pastes were lost; with 10 ms none of 12, with 500 ms none of 12. The last request came up
  /// to 100 ms after the text was there.
  var quietTime: UInt64 = 500_000_000
  /// How long a clipboard manager has to save what we own when the connection is closed, in nanoseconds.
  var managerTime: UInt64 = 2_000_000_000
}
