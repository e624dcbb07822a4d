public import DictationTypes
import Glibc
import Linux
public import TextFilter

/// The dictionary in force: its file is read at the start and again whenever it changes. A broken file changes nothing: the
/// last good one stays in force.
public final class DictionaryStore: Sendable {
  /// The path of the file.
  public let path: String
  private let state = Lock(State())
  private let fileWatch = FileWatch()
  /// Held from reading the file to writing it.
  private let editing = Lock(0)

  private let usesPath: String
  /// Held while the file of the uses is written.
  private let counting = Lock(0)

  private struct State {
    var words = WordDictionary()
    var uses = TermUses()
    var likeliest: [String] = []
    var compiled = CompiledDictionary(WordDictionary())
    var problem: DictionaryProblem?
  }

  /// Reads the file at `path`; a missing one is empty. How often its terms are said is kept in the file at `uses`, of
  /// which nothing is asked: it may be missing or broken.
  public init(path: String, uses: String) {
    self.path = path
    usesPath = uses
    if let bytes = readFile(uses) {
      state.withLock { $0.uses = TermUses(csv: String(decoding: bytes, as: UTF8.self)) }
    }
    _ = reload()
  }

  /// What is in the dictionary.
  public var words: WordDictionary { state.withLock { $0.words } }

  /// The same, ready for texts.
  public var compiled: CompiledDictionary { state.withLock { $0.compiled } }

  /// The names of its terms, those first that are likeliest to be said.
  public var likeliest: [String] { state.withLock { $0.likeliest } }

  /// What is wrong with the file, or nil.
  public var problem: DictionaryProblem? { state.withLock { $0.problem } }

  /// Reads the file again; what is wrong with it.
  @discardableResult
  public func reload() -> DictionaryProblem? {
    do throws(DictionaryProblem) {
      put(try read())
      return nil
    } catch {
      let problem = error
      state.withLock { $0.problem = problem }
      return problem
    }
  }

  /// Changes the file (which is made when missing) as `change` says, and puts it in force.
  ///
  /// - Throws: `DictionaryProblem` when the file is broken or cannot be written, and what `change` throws.
  public func change<Value>(
    _ change: (inout WordDictionary) throws(DictionaryProblem) -> Value
  ) throws(DictionaryProblem) -> Value {
    try editing.withLock { _ throws(DictionaryProblem) in
      var words = try read()
      let value = try change(&words)
      do throws(LocationError) {
        try makeFolder(String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]))
      } catch {
        throw DictionaryProblem(error.description)
      }
      guard replaceFile(path, with: Array(words.csv.utf8)) else {
        throw DictionaryProblem("\(path) cannot be written: \(systemError())")
      }
      put(words)
      return value
    }
  }

  /// Counts the terms that stand in `text`, which was said at `now` (seconds since 1970), and writes that down: call it
  /// where a disk may be waited for.
  ///
  /// - Returns: why it was not written, in a sentence; it counts until the daemon ends all the same.
  public func count(_ text: String, at now: Int64) -> String? {
    let used = Set(compiled.apply(text).used)
    return counting.withLock { _ in
      let file: String? = state.withLock { state in
        let (before, names) = (state.uses, state.words.terms.map(\.name))
        state.uses.count(used, at: now)
        guard state.uses != before else { return nil }
        state.likeliest = state.uses.likeliest(of: names)
        return state.uses.csv(of: names)
      }
      guard let file, !replaceFile(usesPath, with: Array(file.utf8), durably: false) else { return nil }
      return "\(usesPath) cannot be written: \(systemError())"
    }
  }

  /// Reads the file whenever it has been changed, on a thread of its own, until `stopWatching`; `told` hears what is wrong
  /// with it, or nil.
  public func watch(_ told: @escaping @Sendable (DictionaryProblem?) -> Void) {
    fileWatch.start(path, name: "dictionary") { [self] in told(reload()) }
  }

  /// Ends `watch`.
  public func stopWatching() { fileWatch.stop() }

  private func read() throws(DictionaryProblem) -> WordDictionary {
    guard let bytes = readFile(path) else {
      if errno == ENOENT { return WordDictionary() }
      throw DictionaryProblem("\(path) cannot be read: \(systemError())")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw DictionaryProblem("\(path) is not UTF-8")
    }
    do throws(DictionaryProblem) {
      return try WordDictionary(csv: text)
    } catch {
      throw DictionaryProblem("\(path), \(error.message)")
    }
  }

  private func put(_ words: WordDictionary) {
    let compiled = CompiledDictionary(words)
    let names = words.terms.map(\.name)
    let now = Int64(unixMilliseconds() / 1000)
    state.withLock { state in
      (state.words, state.compiled, state.problem) = (words, compiled, nil)
      state.uses.add(names, at: now)
      state.likeliest = state.uses.likeliest(of: names)
    }
  }
}
