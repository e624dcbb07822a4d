import DictationTypes
import FoundationEssentials

/// How items stand in the table `items`.
///
/// The two texts have columns of their own. The rest of a result is one JSON object, so that a new field of it needs
/// no new column; `words` and `duration_ms` are copies for sums.
enum ItemRows {
  /// The columns that `decode` takes, of `items` joined with `blobs`.
  static let columns = "\(itemColumns), \(audioColumns), \(tagsColumn)"

  /// The columns of `items` alone.
  static let itemColumns = """
    items.id, items.kind, items.created_at, items.modified_at, items.state, items.text, items.raw_text,
    items.result, items.error, items.device, items.is_recovered, items.deleted_at
    """

  /// The columns that `audio` takes.
  static let audioColumns = """
    blobs.sha256, blobs.bytes, blobs.mime_type, blobs.sample_rate, blobs.channels, blobs.frames, blobs.created_at
    """

  /// All tags of an item as one JSON object.
  private static let tagsColumn =
    "(SELECT json_group_object(key, value) FROM tags WHERE item = items.number)"

  /// Where `columns` come from.
  static let tables = "items LEFT JOIN blobs ON blobs.sha256 = items.audio"

  static let upsert = """
    INSERT INTO items (
      id, kind, created_at, modified_at, state, text, raw_text, words, duration_ms, result, error, device,
      is_recovered
    ) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
    ON CONFLICT (id) DO UPDATE SET
      kind = ?2, created_at = ?3, modified_at = ?4, state = ?5, text = ?6, raw_text = ?7, words = ?8,
      duration_ms = ?9, result = ?10, error = ?11, device = ?12, is_recovered = ?13
    WHERE items.text IS NULL OR ?6 IS NOT NULL
    """

  /// The first eleven values of `upsert` are those of this too; it leaves two of them unused.
  static let replaceText = """
    UPDATE items SET
      modified_at = ?4, state = ?5, text = ?6, raw_text = ?7, words = ?8, duration_ms = ?9, result = ?10, error = ?11
    WHERE id = ?1
    """

  /// The values of `upsert`.
  static func values(_ item: Item, modifiedAt: UInt64) throws(DictationError) -> [Value] {
    var rest = item.result
    rest?.text = ""
    rest?.rawText = ""
    return [
      .text(item.id.description), .text(item.kind.rawValue), Value(item.createdAt), Value(modifiedAt),
      .text(item.state.name), Value(item.result?.text), Value(item.result?.rawText),
      .integer(item.result.map { wordCount($0.text) } ?? 0), .integer(item.result?.durationMs ?? 0),
      try json(rest), try json(item.error), Value(item.device), .integer(item.isRecovered ? 1 : 0),
    ]
  }

  /// The item in `columns` from `first` on, or in `itemColumns` when it comes without audio and tags; nil when
  /// somebody wrote what is no item.
  static func decode(_ row: Row, from first: Int = 0, isWhole: Bool = true) -> Item? {
    guard let id = row.text(first).flatMap({ JobID($0) }),
      let kind = row.text(first + 1).flatMap(Item.Kind.init(rawValue:)),
      let state = row.text(first + 4).flatMap({ name in PipelineState.allCases.first { $0.name == name } })
    else { return nil }
    var item = Item(
      id: id, kind: kind, createdAt: row.time(first + 2) ?? 0, state: state,
      result: result(row, from: first + 5),
      error: value(row.text(first + 8)), device: row.text(first + 9),
      isRecovered: row.integer(first + 10) == 1)
    item.modifiedAt = row.time(first + 3) ?? 0
    item.deletedAt = row.time(first + 11)
    guard isWhole else { return item }
    item.audio = audio(row, from: first + 12)
    item.tags = value(row.text(first + 19)) ?? [:]
    return item
  }

  /// The result in three columns from `first` on. A text is told whatever became of the rest.
  private static func result(_ row: Row, from first: Int) -> DictationResult? {
    let rest: DictationResult? = value(row.text(first + 2))
    guard rest != nil || row.text(first) != nil else { return nil }
    let text = row.text(first) ?? ""
    let unknown = Transcript(text: text, engine: "", model: "")
    var result = rest ?? DictationResult(text: text, transcript: unknown, durationMs: 0, timingsMs: Timings())
    result.text = text
    result.durationMs = min(max(0, result.durationMs), 1 << 48)
    result.rawText = row.text(first + 1) ?? text
    return result
  }

  /// The audio in seven columns from `first` on.
  static func audio(_ row: Row, from first: Int) -> AudioFile? {
    guard let sha256 = row.text(first), sha256.utf8.count == 64, let mimeType = row.text(first + 2) else {
      return nil
    }
    func number(_ column: Int) -> Int { row.amount(first + column) }
    return AudioFile(
      sha256: sha256, bytes: number(1), mimeType: mimeType, sampleRate: number(3), channels: number(4),
      frames: number(5), createdAt: row.time(first + 6) ?? 0)
  }

  /// The values of a row of `blobs`, in the order of `audio(_:from:)`.
  static func values(_ audio: AudioFile) -> [Value] {
    [
      .text(audio.sha256), .integer(audio.bytes), .text(audio.mimeType), .integer(audio.sampleRate),
      .integer(audio.channels), .integer(audio.frames), Value(audio.createdAt),
    ]
  }

  static let insertAudio = """
    INSERT OR IGNORE INTO blobs (sha256, bytes, mime_type, sample_rate, channels, frames, created_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
    """

  /// How many words the text has: what stands between white space.
  static func wordCount(_ text: String) -> Int { text.split(whereSeparator: \.isWhitespace).count }

  private static func json(_ value: (some Encodable)?) throws(DictationError) -> Value {
    guard let value else { return .null }
    guard let data = try? jsonEncoder().encode(value) else {
      throw DictationError(.internalError, "a result holds a number that cannot be written down")
    }
    return .text(String(decoding: data, as: UTF8.self))
  }

  private static func value<Decoded: Decodable>(_ text: String?) -> Decoded? {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return text.flatMap { try? decoder.decode(Decoded.self, from: Data($0.utf8)) }
  }
}

/// How JSON is written, in the database and in exports: snake case and sorted keys, as in events.
func jsonEncoder() -> JSONEncoder {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  encoder.keyEncodingStrategy = .convertToSnakeCase
  return encoder
}
