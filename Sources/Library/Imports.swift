public import DictationTypes
import Linux

extension Library {
  /// Stores the import `item` together with its `audio`: both are there when this returns and outlast a power cut, or
  /// neither is. Whatever becomes of it, `audio` is used up.
  ///
  /// What was imported before is not stored once more: an import outside the trash that has the same audio and the same
  /// text takes the place of `item`. It keeps its tags, but for those with the keys of `item`'s, which are replaced.
  ///
  /// - Returns: the id of the item that is stored: that of `item`, or of the one that was there.
  /// - Throws: kind `storage` when the disk refuses; nothing has changed then.
  public nonisolated func storeImport(_ item: Item, _ audio: EncodedAudio) async throws(DictationError)
    -> JobID
  {
    do throws(DictationError) { return try await put(item, audio) } catch {
      audio.abandon()
      throw error
    }
  }

  private func put(_ item: Item, _ audio: EncodedAudio) throws(DictationError) -> JobID {
    try write { (database) throws(DictationError) in
      // Also where the item is there: what is in the place of its audio may be damaged.
      try blobs.put(audio, in: database)
      if let known = try database.importWith(audio.file.sha256, text: item.result?.text) {
        try database.setTags(item.tags, of: known)
        try database.touch(known)
        return known
      }
      try database.run(ItemRows.upsert, ItemRows.values(item, modifiedAt: unixMilliseconds()))
      try database.setTags(item.tags, of: item.id)
      try database.setAudio(audio.file.sha256, of: item.id)
      return item.id
    }
  }
}

extension Library {
  /// Gives the item `id` the text of `result`, durably, in the place of the one that it has. All else of it stays.
  ///
  /// - Throws: kind `missingAsset` when there is no such item any more, `storage` when the disk refuses.
  public func replaceText(of id: JobID, _ result: DictationResult) throws(DictationError) {
    try write { (database) throws(DictationError) in
      let item = Item(id: id, kind: .import, createdAt: 0, state: .completed, result: result)
      // Up to the error, which it has none of.
      let values = try ItemRows.values(item, modifiedAt: unixMilliseconds()).prefix(11)
      try database.run(ItemRows.replaceText, Array(values))
      guard database.changes == 1 else {
        throw DictationError(.missingAsset, "\(id) is not in the history any more")
      }
    }
  }
}

extension Database {
  /// The oldest import outside the trash that has the audio with this SHA-256, and this text.
  fileprivate func importWith(_ sha256: String, text: String?) throws(DictationError) -> JobID? {
    let found = try rows(
      """
      SELECT id FROM items WHERE audio = ?1 AND kind = 'import' AND text IS ?2 AND deleted_at IS NULL
      ORDER BY number LIMIT 1
      """, [.text(sha256), Value(text)]
    ) { (row) throws(DictationError) in row.text(0).flatMap { JobID($0) } }
    return found.first.flatMap { $0 }
  }
}
