/// The sound that did not arrive in a capture, so far.
public struct CaptureLosses: Sendable, Hashable {
  /// How many times the device lost frames because they were not read in time, or was suspended.
  public var overruns = 0
  /// How many frames those times were, by the clock: the time from the last read before an overrun until the device ran
  /// again, times the nominal rate. ALSA does not count them. What a device gives in steps, its period or less, is the
  /// error, and what its clock is off.
  public var lostFrames = 0
  /// How many frames the consumer was too late for. Exact.
  public var droppedFrames = 0
  /// The sound of both, in milliseconds.
  public var milliseconds = 0.0

  /// Nothing.
  public init() {}

  /// The losses of two captures, one after the other.
  public static func + (left: CaptureLosses, right: CaptureLosses) -> CaptureLosses {
    var sum = left
    sum.overruns += right.overruns
    sum.lostFrames += right.lostFrames
    sum.droppedFrames += right.droppedFrames
    sum.milliseconds += right.milliseconds
    return sum
  }
}
