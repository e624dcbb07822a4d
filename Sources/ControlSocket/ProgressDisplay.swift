import CommandLine
import DictationTypes
import Linux
import Pipeline

/// Shows how far a run over files is: as a bar on the client's terminal, as events as JSON lines where there is none, and
/// as events to whoever follows them. Files have the numbers of what the command line named.
final class ProgressDisplay: Sendable {
  private struct State {
    /// How much of each file is done, from 0 to 1.
    var shares: [Double]
    /// Whether a file does not say how long it is.
    var isVague = false
    var counts: TranscribeCounts
    /// The names of the files that are being transcribed, by their numbers.
    var running: [Int: String] = [:]
    /// When the first text came, and how much was done then, so that what an earlier run did is not counted as quick.
    var first: (time: UInt64, share: Double)?
    var lastBar: UInt64 = 0
    var lastEvent: UInt64 = 0
  }

  private let run: JobID
  private let weights: [Double]
  private let width: Int?
  private let isQuiet: Bool
  /// Whether the client gets the events where it has no terminal.
  private let tellsEvents: Bool
  private let connection: Connection
  private let hub: EventHub
  private let state: Lock<State>

  /// Ten a second.
  private static let barInterval: UInt64 = 100_000_000
  /// One a second.
  private static let eventInterval: UInt64 = 1_000_000_000

  /// A display for `run`, over files of these `weights`, their sizes; nil: there is no work on it.
  /// `skipped`: how many of these are left out, because their texts are there.
  init(
    _ run: JobID, _ request: ControlRequest, _ connection: Connection, _ hub: EventHub, weights: [Double?],
    skipped: Int = 0, tellsEvents: Bool = true
  ) {
    self.tellsEvents = tellsEvents
    self.run = run
    // Pipes have no size; where nothing has, all count the same.
    self.weights = weights.map { weight in weight.map { max($0, 1) } ?? 0 }
    width = request.environment[ControlRequest.terminalWidth].flatMap { Int($0) }
    isQuiet = request.has("quiet")
    self.connection = connection
    self.hub = hub
    state = Lock(
      State(shares: weights.map { _ in 0 }, counts: TranscribeCounts(files: weights.count, skipped: skipped)))
  }

  /// Takes what a run over the file `name` tells.
  func note(_ progress: FileProgress, _ name: String) {
    switch progress {
    case .started(let number, _): started(number, name)
    case .heard(let number, let share): heard(number, share)
    case .finished(let number, let result): finished(number, name, result)
    case .began: break
    }
  }

  /// Whether all that standard error gets are JSON lines: then what is told here is not said once more.
  var tellsLines: Bool { width == nil && tellsEvents && !isQuiet }

  /// Whether standard error gets a bar.
  var showsBar: Bool { width != nil && !isQuiet }

  func started(_ number: Int, _ name: String) {
    state.withLock { $0.running[number] = name }
    tell(.started, name, file: name)
  }

  /// `message` is to be known of the file `name`.
  func warned(_ name: String, _ message: String) { tell(.warning, "\(name): \(message)", file: name) }

  func heard(_ number: Int, _ share: Double?) {
    let now = monotonicNanoseconds()
    let (barIsDue, eventIsDue) = state.withLock { state in
      if let share { state.shares[number] = max(state.shares[number], share) } else { state.isVague = true }
      if state.first == nil, let share, share > 0 { state.first = (now, total(state)) }
      // Another thread may have been here since, with a later time.
      let isDue = (
        now >= state.lastBar + Self.barInterval, now >= state.lastEvent + Self.eventInterval
      )
      if isDue.0 { state.lastBar = now }
      if isDue.1 { state.lastEvent = now }
      return isDue
    }
    if barIsDue { showBar() }
    if eventIsDue { tell(.progress) }
  }

  func finished(_ number: Int, _ name: String, _ result: Result<FileTranscript, FileFailure>) {
    state.withLock { state in
      state.shares[number] = 1
      state.running[number] = nil
      switch result {
      case .success(let transcript):
        state.counts.done += 1
        if transcript.text.isEmpty { state.counts.withoutSpeech += 1 }
      case .failure: state.counts.failed += 1
      }
    }
    switch result {
    case .success(let transcript): tell(.done, name, file: name, item: transcript.item)
    case .failure(let failure): tell(.failed, "\(name): \(failure.error.message)", file: name)
    }
    showBar()
  }

  /// The run is over, or was stopped, as `sum` tells, and ends with `code`.
  func end(_ what: TranscribeNotice.What, _ sum: String, _ code: ExitCode) {
    tell(what, sum, exitCode: code.rawValue)
  }

  /// What has become of the files so far.
  var counts: TranscribeCounts { state.withLock { $0.counts } }

  // MARK: -

  private func total(_ state: State) -> Double {
    let sum = weights.reduce(0, +)
    return sum > 0 ? zip(weights, state.shares).reduce(0) { $0 + $1.0 * $1.1 } / sum : 1
  }

  /// Seconds that are likely to be left.
  private func secondsLeft(_ state: State) -> Int? {
    guard let first = state.first, !state.isVague else { return nil }
    let (share, now) = (total(state), monotonicNanoseconds())
    let elapsed = Double(max(now, first.time) - first.time) / 1e9
    guard share > first.share, elapsed > 1 else { return nil }
    return Int(elapsed * (1 - share) / (share - first.share))
  }

  private func tell(
    _ what: TranscribeNotice.What, _ message: String? = nil, file: String? = nil, item: JobID? = nil,
    exitCode: Int32? = nil
  ) {
    let state = state.withLock { $0 }
    let notice = TranscribeNotice(
      what, progress: what == .finished ? 1 : state.isVague ? nil : total(state),
      message: message ?? "\(state.counts.done) of \(state.counts.files) files are done", file: file,
      counts: state.counts, secondsLeft: secondsLeft(state), item: item, exitCode: exitCode)
    hub.publish(.transcribe(notice), job: run)
    guard tellsLines else { return }
    connection.send(
      .message(
        json(
          EventLine(
            record: EventRecord(boot: hub.boot, at: unixMilliseconds(), job: run, .transcribe(notice))))))
  }

  private func showBar() {
    guard let width, showsBar else { return }
    let state = state.withLock { $0 }
    let share = state.isVague ? nil : total(state)
    // The first one is that whose text comes next.
    let name = state.running.min { $0.key < $1.key }?.value ?? ""
    let left = secondsLeft(state).map { "\(clock($0)) left" } ?? ""
    let counts = state.counts
    let count = counts.files > 1 ? "\(counts.files - counts.left)/\(counts.files) " : ""
    connection.send(
      .progress(progressLine(share, label: count + plain(name), left, width: width)))
  }
}

/// A line of at most `width` columns: a bar, the percentage, `label`, and `left` behind it.
func progressLine(_ share: Double?, label: String, _ left: String, width: Int) -> String {
  let room = max(0, width - 1)
  let length = min(24, room / 3)
  let filled = share.map { Int(Double(length) * $0) } ?? 0
  let bar = String(repeating: "#", count: filled) + String(repeating: "-", count: length - filled)
  let percent = share.map { "\(Int($0 * 100)) %" } ?? "…"
  let head = "[\(bar)] \(String(repeating: " ", count: max(0, 5 - percent.count)))\(percent)  "
  let tail = left.isEmpty ? "" : "  \(left)"
  let space = room - head.count - tail.count
  guard space > 0 else { return String(head.prefix(room)) }
  let name = label.count > space ? "…" + label.suffix(max(0, space - 1)) : label
  return head + name + tail
}
