import AudioFiles
public import AudioPlayback
import AudioSegmentation
public import DictationTypes
import Glibc
public import Library
import Linux

/// A recording that an earlier daemon left: in the spool, or in the library without an end.
struct Leftover: Sendable {
  let job: JobID
  /// What is known of it; nil when it is in the spool and nothing was stored of it yet.
  let item: Item?
  /// Its audio in the spool, which no other daemon takes up as long as this is there; nil when it is in the library.
  let file: OrphanFile?
}

/// Keeps what was said: in the library, and what the library refuses beside its recording in the spool, until it
/// can be stored. Whatever the disk does, nobody's text waits for it longer than `patience`.
public actor Storage {
  /// The library.
  public nonisolated let library: Library
  /// The spool.
  public nonisolated let spool: Spool
  /// Why the library refuses; nil when it took what came last.
  public private(set) var problem: DictationError?
  /// What neither the library nor the spool has taken.
  private var unsaved: [JobID: Item] = [:]
  /// Recordings of items that are stored, which the library has not taken: all of the bytes where the spool has only
  /// the beginning.
  private var unarchived: [JobID: [UInt8]?] = [:]
  private var retrying: Task<Void, Never>?
  private let executor = ThreadExecutor(name: "storage")

  /// How long an output waits until its text is stored, in milliseconds.
  static let patience = 1000
  /// The seconds between two tries to store what was refused.
  static let retryInterval = 60

  /// Its work is done on a thread of its own: files may take as long as they like.
  public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// Storage in `library`, by way of `spool`.
  public init(library: Library, spool: Spool) {
    self.library = library
    self.spool = spool
  }

  deinit { executor.end() }

  // MARK: - Items

  /// Puts `item` into the library; `durably`: so that it outlasts a power cut too.
  ///
  /// - Returns: why the library refused; the item is beside its recording then.
  func keep(_ item: Item, durably: Bool) async -> DictationError? {
    do throws(DictationError) {
      try await library.save(item, durably: durably)
      unsaved[item.id] = nil
      spool.forget(item.id)
      if problem != nil {
        // There is room again: not only for this one.
        problem = nil
        Task { await settle() }
      }
      return nil
    } catch {
      problem = error
      refuse(item)
      return error
    }
  }

  /// The same, but it returns after `patience` at the latest; the item is stored when the disk comes to itself.
  nonisolated func keepSoon(_ item: Item) async -> DictationError? {
    let work = Task { await keep(item, durably: false) }
    guard let answer = await value(of: work, within: Self.patience) else {
      return doesNotAnswer
    }
    return answer
  }

  /// How many results wait until the library takes them.
  public func waitingCount() -> Int { waiting().count }

  /// What the library refuses now, and how many results wait for it. It returns after `patience` at the latest, and
  /// tells then that the disk does not answer.
  public nonisolated func standing() async -> (problem: DictationError?, waiting: Int) {
    let work = Task { await StorageStanding(problem: problem, waiting: waitingCount()) }
    guard let answer = await value(of: work, within: Self.patience) else { return (doesNotAnswer, 0) }
    return (answer.problem, answer.waiting)
  }

  private nonisolated var doesNotAnswer: DictationError {
    DictationError(
      .storage, "the disk of \(spool.folder) does not answer: the text is stored as soon as it does")
  }

  /// The text that came last, of what is stored and of what waits.
  ///
  /// - Throws: kind `storage` when the library cannot be read and none waits.
  func newestWithText() async throws(DictationError) -> Item? {
    // What waits can only be compared by the clock.
    let refused = waiting().last { $0.result?.text.isEmpty == false }
    do throws(DictationError) {
      let stored = try await library.newestWithText()
      return [stored, refused].compactMap { $0 }.max { $0.id < $1.id }
    } catch {
      guard let refused else { throw error }
      return refused
    }
  }

  private func waiting() -> [Item] {
    var items = unsaved
    for item in spool.refused() where items[item.id] == nil { items[item.id] = item }
    return items.values.sorted { $0.id < $1.id }
  }

  /// The items whose ids begin with `idPrefix`: those of the library, the trash included, and those that wait for it.
  ///
  /// - Throws: kind `storage` when the library cannot be read and none waits.
  public func items(idPrefix: String) async throws(DictationError) -> [Item] {
    let waiting = waiting().filter { $0.id.description.hasPrefix(idPrefix.lowercased()) }
    do throws(DictationError) {
      let stored = try await library.items(idPrefix: idPrefix, includingDeleted: true)
      return stored.filter { item in !waiting.contains { $0.id == item.id } } + waiting
    } catch {
      if waiting.isEmpty { throw error }
      return waiting
    }
  }

  /// Stores what was refused, as far as the library takes it now.
  public func settle() async {
    for job in waiting().map(\.id) {
      // While others were stored it may have been too, or there is a newer version of it.
      guard let item = unsaved[job] ?? spool.refused(job) else { continue }
      guard await keep(item, durably: true) == nil else { return }
      if item.state.isTerminal { await archive(item.id) }
    }
    for job in unarchived.keys {
      if let wav = unarchived[job] { await archive(job, wav: wav) }
    }
    endProblem()
  }

  /// Forgets why something was refused when everything is stored by now.
  private func endProblem() {
    if problem != nil, unarchived.isEmpty, waiting().isEmpty { problem = nil }
  }

  private func refuse(_ item: Item) {
    do throws(DictationError) {
      try spool.keep(item)
      unsaved[item.id] = nil
    } catch {
      unsaved[item.id] = item
    }
    retryLater()
  }

  private func retryLater() {
    guard retrying == nil else { return }
    retrying = Task { [weak self] in
      try? await Task.sleep(for: .seconds(Self.retryInterval))
      await self?.retry()
    }
  }

  private func retry() async {
    retrying = nil
    await settle()
  }

  // MARK: - Audio

  /// Moves the recording of `job`, whose item is stored, into the library: from the spool, or from `wav` when that
  /// holds more, because the disk was full. When that is refused it is tried again, by the next daemon too.
  func archive(_ job: JobID, wav: [UInt8]? = nil) async {
    let path = spool.audioPath(job)
    let spooled = fileSize(path) ?? 0
    let memory = wav.flatMap { spool.holds($0, of: job) ? nil : MemoryFile($0) }
    guard memory != nil || spooled > 0 else {
      unarchived[job] = nil
      return
    }
    do throws(DictationError) {
      _ = try await library.storeAudio(of: job, wav: memory?.path ?? path)
      unlink(path)
      unarchived[job] = nil
      endProblem()
    } catch {
      // Somebody else has just done it.
      if memory == nil, fileSize(path) == nil {
        unarchived[job] = nil
        return
      }
      problem = error
      log(error.message)
      unarchived[job] = .some(memory == nil ? nil : wav)
      retryLater()
    }
  }

  /// Removes the recording of `job`: there is nothing in it to keep.
  func removeAudio(_ job: JobID) { spool.removeAudio(job) }

  /// The audio of `item`, at 16 kHz: from the library, or from the spool when it has not got there.
  ///
  /// - Throws: `DictationError` of kind `missingAsset` when it has been removed.
  public func wav(of item: Item) async throws(DictationError) -> [UInt8] {
    if let wav = spooledAudio(item.id) { return wav }
    return wavFile(try await library.samples(of: try await archived(item)).1)
  }

  /// What an earlier daemon left in `file`; nil with errno.
  func wav(in file: OrphanFile) -> [UInt8]? { file.wav() }

  /// The recording of `job` that is not in the library.
  private func spooledAudio(_ job: JobID) -> [UInt8]? {
    if case .some(.some(let wav)) = unarchived[job] { return wav }
    return readFile(spool.audioPath(job))
  }

  /// `item` with its audio in the library, where it may have got meanwhile.
  private func archived(_ item: Item) async throws(DictationError) -> Item {
    if item.audio != nil { return item }
    let stored = try await library.items(idPrefix: item.id.description, includingDeleted: true).first
    guard let stored, stored.audio != nil else {
      throw DictationError(
        .missingAsset, "the audio of \(item.id) is not kept any more: see history.keep_audio in the settings")
    }
    return stored
  }

  /// What opens the sound of `item`, which is read as it is played, and its layout.
  ///
  /// - Throws: as `wav(of:)`.
  public func sound(
    of item: Item
  ) async throws(DictationError) -> (open: @Sendable () throws(DictationError) -> SoundSource, AudioFormat) {
    if let wav = spooledAudio(item.id) {
      let open: @Sendable () -> SoundSource = {
        var rest = wav.dropFirst(WAVHeader.size)
        return { count in
          defer { rest = rest.dropFirst(2 * count) }
          return samples(rest.prefix(2 * count))
        }
      }
      return (open, .speech)
    }
    let stored = try await archived(item)
    let path = try await archivedPath(stored)
    let open: @Sendable () throws(DictationError) -> SoundSource = { () throws(DictationError) in
      let file = try FLACFile(path)
      return { count throws(DictationError) in try file.read(count) }
    }
    let format = stored.audio.map { AudioFormat(sampleRate: $0.sampleRate, channels: $0.channels) }
    return (open, format ?? .speech)
  }

  /// Where the library has the audio of `item`.
  ///
  /// - Throws: as `wav(of:)`.
  func archivedPath(_ item: Item) async throws(DictationError) -> String {
    guard let path = library.audioPath(of: try await archived(item)), access(path, F_OK) == 0 else {
      throw DictationError(
        .missingAsset, "the audio of \(item.id) is gone: `thoth doctor --verify` lists such")
    }
    return path
  }

  /// What writes the audio of `item` into a descriptor, as a FLAC file or as a WAV file: false with errno when that
  /// refuses. The recording stays where it is: it may have no text yet.
  ///
  /// - Throws: as `wav(of:)`, and what is returned throws kind `storage` for a damaged file.
  public func writer(
    of item: Item, isFLAC: Bool
  ) async throws(DictationError) -> @Sendable (Int32) throws(DictationError) -> Bool {
    if let wav = spooledAudio(item.id) {
      guard isFLAC else { return { descriptor throws(DictationError) in writeAll(descriptor, wav) } }
      guard let memory = MemoryFile(wav) else {
        throw DictationError(.storage, "there is no memory for the audio: \(systemError())", retryable: true)
      }
      let flac = try await library.flac(wav: memory.path)
      return { descriptor throws(DictationError) in writeAll(descriptor, flac) }
    }
    let stored = try await archived(item)
    let path = try await archivedPath(stored)
    guard isFLAC else {
      return { descriptor throws(DictationError) in try FLACFile(path).writeWAV(to: descriptor) }
    }
    return { [library] descriptor throws(DictationError) in
      if let audio = stored.audio { try library.verify(audio) }
      let source = open(path, O_RDONLY | O_CLOEXEC)
      guard source >= 0 else { throw fileError(path, "read") }
      defer { close(source) }
      return copyAll(from: source, to: descriptor)
    }
  }

  // MARK: - What earlier daemons left

  /// The recordings in the spool and in the library that have no end: they are to be transcribed. Those in the spool
  /// that have one, or were removed, go into the library. Without a spool there are none in it, and what is said is
  /// kept in memory.
  func leftovers() async -> [Leftover] {
    await settle()
    do throws(DictationError) { try spool.prepare() } catch {
      problem = error
      log(error.message)
    }
    var left: [Leftover] = []
    for (job, file) in spool.recordings() {
      let known = (try? await library.items(idPrefix: job.description, includingDeleted: true).first)
      let item = known ?? spool.refused(job)
      if let item, item.state.isTerminal || item.deletedAt != nil {
        await archive(job, wav: file.mend() ? nil : file.wav())
      } else {
        left.append(Leftover(job: job, item: item, file: file))
      }
    }
    let unfinished = (try? await library.unfinished()) ?? []
    left += unfinished.filter { item in !left.contains { $0.job == item.id } }
      .map { Leftover(job: $0.id, item: $0, file: nil) }
    return left.sorted { $0.job < $1.job }
  }
}

/// 16-bit little-endian `bytes` as samples.
private func samples(_ bytes: ArraySlice<UInt8>) -> [Int16] {
  bytes.withUnsafeBytes { bytes in
    (0..<bytes.count / 2).map {
      Int16(littleEndian: bytes.loadUnaligned(fromByteOffset: 2 * $0, as: Int16.self))
    }
  }
}

private struct StorageStanding: Sendable {
  let problem: DictationError?
  let waiting: Int
}

/// The value of `work`, or nil when it has not come within `milliseconds`; the work goes on.
func value<Value: Sendable>(of work: Task<Value, Never>, within milliseconds: Int) async -> Value? {
  let waiter = Lock<CheckedContinuation<Value?, Never>?>(nil)
  return await withCheckedContinuation { continuation in
    waiter.withLock { $0 = continuation }
    let answer: @Sendable (Value?) -> Void = { value in
      let continuation = waiter.withLock { waiter in
        defer { waiter = nil }
        return waiter
      }
      continuation?.resume(returning: value)
    }
    let timer = Task {
      try? await Task.sleep(for: .milliseconds(milliseconds))
      answer(nil)
    }
    Task {
      answer(await work.value)
      timer.cancel()
    }
  }
}
