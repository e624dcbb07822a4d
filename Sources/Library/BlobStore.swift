import AudioFiles
public import DictationTypes
import Glibc
import Linux

/// The folder of audio files. A file's name is its content's SHA-256, so the same audio is there once:
/// `blobs/ab/cdef….flac`. Files on their way are in `blobs/incoming`.
struct BlobStore: Sendable {
  let folder: String

  /// Where the audio with this SHA-256 is.
  func path(_ sha256: String) -> String { "\(folder)/\(sha256.prefix(2))/\(sha256.dropFirst(2)).flac" }

  private var incoming: String { folder + "/incoming" }

  /// A new file on its way, for about `frames` frames of `format`.
  func begin(_ format: AudioFormat, frames: Int = 0) throws(DictationError) -> IncomingAudio {
    try make(incoming)
    return try IncomingAudio("\(incoming)/\(getpid()).\(monotonicNanoseconds()).flac", format, frames: frames)
  }

  /// Encodes the WAV file at `path` into a file on its way, synced. It takes about a thousandth of the recording.
  func encode(wav path: String) throws(DictationError) -> EncodedAudio {
    let source = try WAVFile(path)
    let incoming = try begin(source.format, frames: source.frames)
    try source.forEachPiece { (samples) throws(DictationError) in try incoming.append(samples) }
    return try incoming.finish()
  }

  /// Puts a file on its way into its place, so that it outlasts a power cut. What is there is the same, or is
  /// damaged: it is replaced.
  func place(_ audio: EncodedAudio) throws(DictationError) {
    let target = path(audio.file.sha256)
    try make("\(folder)/\(audio.file.sha256.prefix(2))")
    guard rename(audio.path, target) == 0, syncFolder(of: target) else { throw fileError(target, "made") }
  }

  /// Puts a file on its way into its place, and its row into `database`. Both in one turn of the library's actor, so
  /// that `maintain` cannot delete it in between.
  func put(_ audio: EncodedAudio, in database: Database) throws(DictationError) {
    try place(audio)
    try database.run(ItemRows.insertAudio, ItemRows.values(audio.file))
    try database.run("DELETE FROM doomed_blobs WHERE sha256 = ?1", [.text(audio.file.sha256)])
  }

  /// Deletes the file. True when it is not there (any more).
  func delete(_ sha256: String) -> Bool { unlink(path(sha256)) == 0 || errno == ENOENT }

  /// The SHA-256 of every audio file that is in its place, and the paths of all else.
  func list() -> (blobs: Set<String>, others: [String]) {
    var blobs: Set<String> = []
    var others: [String] = []
    for prefix in listFolder(folder) where folder + "/" + prefix != incoming {
      let names = listFolder("\(folder)/\(prefix)")
      // A file, or an empty folder, which is what a deleted file leaves.
      if names.isEmpty && prefix.utf8.count != 2 { others.append("\(folder)/\(prefix)") }
      for name in names {
        let digits = prefix + name.dropLast(".flac".count)
        let isBlob = digits.utf8.count == 64 && path(digits) == "\(folder)/\(prefix)/\(name)"
        if isBlob { blobs.insert(digits) } else { others.append("\(folder)/\(prefix)/\(name)") }
      }
    }
    return (blobs, others)
  }

  /// Deletes files on their way that a killed process left: those of more than a day ago.
  func deleteAbandoned() {
    for name in listFolder(incoming) {
      var found = stat()
      let path = "\(incoming)/\(name)"
      if stat(path, &found) == 0 && time(nil) - found.st_mtim.tv_sec > 86_400 { unlink(path) }
    }
  }

  private func make(_ path: String) throws(DictationError) {
    if access(path, F_OK) == 0 { return }
    do throws(LocationError) { try makeFolder(path) } catch {
      throw errno == ENOSPC ? fileError(path, "made") : DictationError(.storage, error.description)
    }
    guard syncFolder(of: path) else { throw fileError(path, "made") }
  }
}

extension WAVFile {
  /// Gives `body` what it holds, one piece after the other.
  fileprivate func forEachPiece(_ body: ([Int16]) throws(DictationError) -> Void) throws(DictationError) {
    while true {
      let samples = try read(65_536)
      if samples.isEmpty { return }
      try body(samples)
    }
  }
}

extension Database {
  /// Gives the item with this id the audio with this SHA-256.
  ///
  /// - Throws: kind `internal` when there is no such item.
  func setAudio(_ sha256: String, of id: JobID) throws(DictationError) {
    try run(
      "UPDATE items SET audio = ?1, modified_at = ?2 WHERE id = ?3",
      [.text(sha256), Value(unixMilliseconds()), .text(id.description)])
    guard changes == 1 else {
      throw DictationError(.internalError, "\(id) is not in the library: it is saved before its audio")
    }
  }
}

extension Library {
  /// Puts the 16-bit WAV file at `path` into the library as the audio of the stored item `id`, as FLAC. When it
  /// returns, file and item outlast a power cut, and the caller can delete the WAV file.
  ///
  /// The encoding is done on a thread of its own; saves go on meanwhile. Memory does not grow with the length.
  ///
  /// - Throws: kind `missingAsset` when there is no WAV file, `format` when it is none, `storage` when the disk
  ///   refuses, `internal` when the item is not stored.
  public nonisolated func storeAudio(
    of id: JobID, wav path: String
  ) async throws(DictationError) -> AudioFile {
    try await open()
    let blobs = blobs
    let audio = try await onThread("library-flac") { () throws(DictationError) in try blobs.encode(wav: path)
    }
    return try await storeAudio(of: id, audio)
  }

  /// Puts `audio` into the library as that of the stored item `id`. When it returns, file and item outlast a power
  /// cut. Whatever becomes of it, `audio` is used up.
  ///
  /// - Throws: kind `storage` when the disk refuses, `internal` when the item is not stored.
  public nonisolated func storeAudio(
    of id: JobID, _ audio: EncodedAudio
  ) async throws(DictationError) -> AudioFile {
    do throws(DictationError) {
      return try await link(audio, to: id)
    } catch {
      unlink(audio.path)
      throw error
    }
  }

  /// Begins a file for audio that comes piece by piece: mono at 16 kHz. Nothing is stored before `storeAudio`.
  ///
  /// - Throws: kind `storage` when the disk refuses.
  public nonisolated func beginAudio() throws(DictationError) -> sending IncomingAudio {
    try blobs.begin(.speech)
  }

  /// The 16-bit WAV file at `path` as the bytes of a FLAC file. Nothing is stored, and no disk is written to.
  ///
  /// - Throws: as `storeAudio`.
  public nonisolated func flac(wav path: String) async throws(DictationError) -> [UInt8] {
    try await onThread("library-flac") { () throws(DictationError) in
      let source = try WAVFile(path)
      let encoder = try FLACEncoder(format: source.format, frames: source.frames)
      try source.forEachPiece { (samples) throws(DictationError) in try encoder.append(samples) }
      try encoder.finish()
      return encoder.bytes
    }
  }

  private func link(_ audio: EncodedAudio, to id: JobID) throws(DictationError) -> AudioFile {
    try write { (database) throws(DictationError) in
      try blobs.put(audio, in: database)
      try database.setAudio(audio.file.sha256, of: id)
      let stored = try database.rows(
        "SELECT \(ItemRows.audioColumns) FROM blobs WHERE sha256 = ?1", [.text(audio.file.sha256)]
      ) { (row) throws(DictationError) in ItemRows.audio(row, from: 0) }
      return stored.first.flatMap { $0 } ?? audio.file
    }
  }

  /// Where the audio of `item` is; nil when it has none.
  public nonisolated func audioPath(of item: Item) -> String? { item.audio.map { blobs.path($0.sha256) } }

  /// The audio of `item`: its layout and its interleaved samples, decoded on a thread of its own.
  ///
  /// - Throws: kind `missingAsset` when it has none or the file is gone, `storage` when it is damaged.
  public nonisolated func samples(of item: Item) async throws(DictationError) -> (AudioFormat, [Int16]) {
    guard let path = audioPath(of: item) else {
      throw DictationError(.missingAsset, "\(item.id) has no audio: it was not kept, or is not stored yet")
    }
    let audio = try await onThread("library-flac") { () throws(DictationError) in
      let file = try FLACFile(path)
      var samples: [Int16] = []
      samples.reserveCapacity(min(file.frames * file.format.channels, 1 << 28))
      while case let next = try file.read(65_536), !next.isEmpty { samples += next }
      return DecodedAudio(format: file.format, samples: samples)
    }
    return (audio.format, audio.samples)
  }
}

private struct DecodedAudio: Sendable {
  let format: AudioFormat
  let samples: [Int16]
}
