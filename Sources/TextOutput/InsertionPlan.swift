import DictationTypes

/// What decides between typing and pasting.
struct InsertionPlan: Equatable {
  /// The number of characters.
  var length: Int
  /// How many different characters are on no key of the layout.
  var unmapped: Int
  /// How many of these can be on spare keycodes at once.
  var capacity: Int
  /// Whether the window tells when it has worked off its events.
  var answersPings: Bool
  /// The window's behaviour.
  var traits: WindowTraits

  /// Over this many characters pasting is faster, and nobody takes it for typing any more.
  static let longText = 300
  /// Over this many different unmapped characters, typing means several changes of the keyboard map.
  static let manyUnmapped = 76

  /// `type` or `paste`, for the method `wish`. Typing is the default: it leaves nothing in clipboard histories.
  func method(for wish: OutputMethod) -> OutputMethod {
    if traits.pasteChord == nil { return .type }
    if wish == .type || wish == .paste { return wish }
    let reusesBlindly = unmapped > capacity && !answersPings
    let isSlow = length > Self.longText || unmapped > Self.manyUnmapped
    return isSlow || reusesBlindly || unmapped > 0 && capacity == 0 || traits.correctsTyping ? .paste : .type
  }
}

extension InsertionPlan {
  /// The plan for `text` into `target`, with the keyboard map as it is.
  init(
    _ text: [Unicode.Scalar], into target: OutputTarget, _ traits: WindowTraits, _ connection: Connection
  ) throws(DictationError) {
    let map = try connection.keyboard()
    self.init(
      length: text.count, unmapped: map.unmappedCount(of: text),
      capacity: connection.refusesKeys ? 0 : map.slots.capacity,
      answersPings: PingBarrier.isSupported(by: target.topLevel, connection), traits: traits)
  }
}
