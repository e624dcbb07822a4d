/// What captions are to be like. Times are in milliseconds.
///
/// The numbers are those of published guidelines:
/// - [N1] Netflix, Timed Text Style Guide: General Requirements, and Subtitle Timing Guidelines
///   (<https://partnerhelp.netflixstudios.com/hc/en-us/articles/215758617>);
/// - [N2] the same, English and Chinese guides;
/// - [B] BBC Subtitle Guidelines (<https://www.bbc.co.uk/accessibility/forproducts/guides/subtitles/>).
public struct CaptionRules: Sendable, Hashable {
  /// The longest line, in characters [N2: 42]. A wide one, such as an ideograph, counts as 2.5: so 16 of them fill a
  /// line [N2: 16 in Chinese]. A single longer word has a line of its own.
  public var maxLineLength = 42
  /// The most lines, 1 or 2 [N1: 2].
  public var maxLines = 2
  /// The shortest time that a caption stays, where the next one leaves the room [N1: 5/6 s].
  public var minDuration = 833
  /// The longest time that a caption stays [N1: 7 s].
  public var maxDuration = 7000
  /// The gap between captions, so that the change is seen [N1: 2 frames; 83 at 24 a second].
  public var minGap = 83
  /// A gap that is smaller than this becomes `minGap` [N1: less than half a second].
  public var snap = 500
  /// How fast people read, in characters a second [N2: 20 for adults].
  public var charactersPerSecond = 20
  /// How long a caption may stay after what it says has ended, to be read [B §5: 1500].
  public var linger = 1500
  /// A pause in speech that always begins a new caption: what comes after it would be told too early.
  public var pause = 1000
  /// The language as an ISO 639-1 code, for what is a conjunction, a preposition or an article: en, de, fr, es, it, pt,
  /// nl. Others are broken by punctuation, pauses and names alone; nil: the one of these whose words are found.
  public var language: String?

  /// The rules as published.
  public init(language: String? = nil) { self.language = language }
}
