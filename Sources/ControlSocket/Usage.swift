import Library

/// What `thoth status --usage` tells.
struct Usage: Encodable {
  let items: Int
  let words: Int
  let speechSeconds: Int
  /// Words in a minute of speech.
  let wordsPerMinute: Double
  /// How much longer the same words would have taken on a keyboard.
  let savedSeconds: Int
  let audioBytes: Int
  let databaseBytes: Int

  /// Words that a person types in a minute: the mean of 168,000 people in Dhakal et al., "Observations on Typing from
  /// 136 Million Keystrokes", CHI 2018.
  static let typedWordsPerMinute = 52.0

  init(_ usage: LibraryUsage) {
    items = usage.items
    words = usage.words
    speechSeconds = usage.seconds
    wordsPerMinute = speechSeconds > 0 ? 60 * Double(words) / Double(speechSeconds) : 0
    savedSeconds = max(0, Int(60 * Double(words) / Self.typedWordsPerMinute) - speechSeconds)
    audioBytes = usage.audioBytes
    databaseBytes = usage.databaseBytes
  }

  /// The same for people.
  var sentences: String {
    """
    \(items) dictations, \(words) words in \(minutes(speechSeconds)) of speech: \(Int(wordsPerMinute)) words a minute
    typed at \(Int(Self.typedWordsPerMinute)) words a minute they would have taken \(minutes(savedSeconds)) longer
    \(megabytes(audioBytes)) of audio, \(megabytes(databaseBytes)) of texts
    """
  }

  private func minutes(_ seconds: Int) -> String { "\((seconds + 30) / 60) min" }

  private func megabytes(_ bytes: Int) -> String { "\((Double(bytes) / 1e5).rounded() / 10) MB" }
}
