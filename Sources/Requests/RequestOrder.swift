/// Whose request goes first when several wait. The first case is the most urgent.
public enum RequestPriority: Int, Sendable, Comparable, CaseIterable {
  /// Somebody has stopped speaking, or a segment of what is being said is complete: a person waits for it.
  case live
  /// What may turn out to be the end of a dictation, or the text of one that a language model edits: it gives way to
  /// what is live, and begins anew.
  case speculative
  /// Speech that is to be heard.
  case speech
  /// A microphone preset.
  case preset
  /// What is transcribed or edited once more.
  case file
  /// Files by the hundred: they take every permit that nobody else needs, and give it back as soon as somebody does.
  case archive

  /// The more urgent one is the smaller one.
  public static func < (left: RequestPriority, right: RequestPriority) -> Bool {
    left.rawValue < right.rawValue
  }
}

/// What a request may cost, and how urgent it is.
public struct RequestOrder: Sendable {
  /// Whose request it is.
  public var priority: RequestPriority
  /// When the answer is of no use any more, in nanoseconds of CLOCK_MONOTONIC: waiting, tries and pauses included.
  public var deadline: UInt64
  /// How often it may be tried again; 0 where another server is asked instead.
  public var retries: Int
  /// Whether it is sent to a host whose breaker is open, to find out whether that has been mended.
  public var mayProbe: Bool
  /// What notices call the host; nil: by its address.
  public var name: String?
  /// How many of an archive may be on their way to the host at a time, when that is more than its limit for all.
  public var share = 0

  /// An order that has to be done by `deadline`. Only a live one probes, unless `mayProbe` is set afterwards.
  public init(_ priority: RequestPriority, deadline: UInt64, retries: Int = 2) {
    self.priority = priority
    self.deadline = deadline
    self.retries = retries
    mayProbe = priority == .live
  }
}

/// How much goes on at once, and how much may wait.
public struct RequestLimits: Sendable {
  /// Transfers to one host at a time, from 1.
  public var perHost = 2
  /// Transfers at a time, from 1, those of archives not counted.
  public var total = 3
  /// Requests that wait, for their turn or for their next try, from 1.
  public var waiting = 50

  /// Two to one host, three in all, fifty waiting.
  public init() {}
}
