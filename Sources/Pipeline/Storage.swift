import AudioSegmentation
public import DictationTypes
import Glibc
public import Library
import Linux

/// A recording that an earlier daemon left in the spool.
struct Leftover: Sendable {
  let job: JobID
  /// What is known of it: nil when it had no text yet.
  let item: Item?
  /// Its audio, which no other daemon takes up as long as this is there.
  let file: OrphanFile
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
      return DictationError(
        .storage, "the disk of \(spool.folder) does not answer: the text is stored as soon as it does")
    }
    return answer
  }

  /// How many results wait until the library takes them.
  public func waitingCount() -> Int { waiting().count }

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
    for item in waiting() {
      guard await keep(item, durably: true) == nil else { return }
      if item.state.isTerminal { await archive(item.id) }
    }
    for (job, wav) in unarchived { await archive(job, wav: wav) }
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
    guard memory != nil || spooled > 0 else { return }
    do throws(DictationError) {
      _ = try await library.storeAudio(of: job, wav: memory?.path ?? path)
      unlink(path)
      unarchived[job] = nil
    } catch {
      problem = error
      log(error.message)
      unarchived[job] = .some(memory == nil ? nil : wav)
      retryLater()
    }
  }

  /// The audio of `item`, at 16 kHz: from the library, or from the spool when it has not got there.
  ///
  /// - Throws: `DictationError` of kind `missingAsset` when it has been removed.
  public func wav(of item: Item) async throws(DictationError) -> [UInt8] {
    if case .some(.some(let wav)) = unarchived[item.id] { return wav }
    if let wav = readFile(spool.audioPath(item.id)) { return wav }
    guard item.audio != nil else {
      throw DictationError(
        .missingAsset, "the audio of \(item.id) is not kept any more: see history.keep_audio in the settings")
    }
    return wavFile(try await library.samples(of: item).1)
  }

  /// The samples of `item`, mono at 16 kHz.
  ///
  /// - Throws: as `wav(of:)`.
  public func samples(of item: Item) async throws(DictationError) -> [Int16] {
    try await wav(of: item).withUnsafeBytes { bytes in
      Array(UnsafeRawBufferPointer(rebasing: bytes.dropFirst(WAVHeader.size)).bindMemory(to: Int16.self))
    }
  }

  /// The audio of `item` as the FLAC file that the library keeps; it is put there when it has not got there yet.
  ///
  /// - Throws: as `wav(of:)`.
  public func flac(of item: Item) async throws(DictationError) -> [UInt8] {
    if item.audio == nil { await archive(item.id) }
    let stored = try await library.items(idPrefix: item.id.description, includingDeleted: true).first
    guard let path = stored.flatMap({ library.audioPath(of: $0) }), let flac = readFile(path) else {
      throw DictationError(
        .missingAsset, "the audio of \(item.id) is not kept any more: see history.keep_audio in the settings")
    }
    return flac
  }

  // MARK: - What earlier daemons left

  /// The recordings in the spool that have no end: they are to be transcribed. Those that have one go into the
  /// library. Without a spool there are none, and what is said is kept in memory.
  func leftovers() async -> [Leftover] {
    do throws(DictationError) { try spool.prepare() } catch {
      problem = error
      log(error.message)
    }
    await settle()
    var left: [Leftover] = []
    for (job, file) in spool.recordings() {
      let known = (try? await library.items(idPrefix: job.description, includingDeleted: true).first)
      let item = known ?? spool.refused(job)
      if item?.state.isTerminal == true {
        await archive(job, wav: file.mend() ? nil : file.wav())
      } else {
        left.append(Leftover(job: job, item: item, file: file))
      }
    }
    return left
  }
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
