import CommandLine
import DictationTypes
import Linux
import Pipeline

/// Shows how far a run over files is: as a bar on the client's terminal, as events as JSON lines where there is none, and
/// as events to whoever follows them.
final class ProgressDisplay: Sendable {
  private struct State {
    /// How much of each file is done, from 0 to 1.
    var shares: [Double]
    /// Whether a file does not say how long it is.
    var isVague = false
    var done = 0
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
  let isQuiet: Bool
  /// Whether the client gets the events where it has no terminal.
  private let tellsEvents: Bool
  private let connection: Connection
  private let hub: EventHub
  private let state: Lock<State>

  /// Ten a second.
  private static let barInterval: UInt64 = 100_000_000
  /// One a second.
  private static let eventInterval: UInt64 = 1_000_000_000

  /// A display for `run`, over files of these `weights`, their sizes.
  init(
    _ run: JobID, _ request: ControlRequest, _ connection: Connection, _ hub: EventHub, weights: [Double],
    tellsEvents: Bool = true
  ) {
    self.tellsEvents = tellsEvents
    self.run = run
    // Pipes have no size; where nothing has, all count the same.
    self.weights = weights.map { max($0, 1) }
    width = request.environment[ControlRequest.terminalWidth].flatMap { Int($0) }
    isQuiet = request.has("quiet")
    self.connection = connection
    self.hub = hub
    state = Lock(State(shares: weights.map { _ in 0 }))
  }

  /// Takes what a run over the file `name` tells.
  func note(_ progress: FileProgress, _ name: String) {
    switch progress {
    case .started(let number, _): started(number, name)
    case .heard(let number, let share): heard(number, share)
    case .finished(let number, let result): finished(number, name, result)
    }
  }

  func started(_ number: Int, _ name: String) {
    state.withLock { $0.running[number] = name }
    tell(.started, name, nil)
  }

  func heard(_ number: Int, _ share: Double?) {
    let now = monotonicNanoseconds()
    let (showsBar, tellsEvent) = state.withLock { state in
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
    if showsBar { showBar() }
    if tellsEvent { tell(.progress, nil, nil) }
  }

  func finished(_ number: Int, _ name: String, _ result: Result<FileTranscript, FileFailure>) {
    state.withLock { state in
      state.shares[number] = 1
      state.done += 1
      state.running[number] = nil
    }
    switch result {
    case .success(let transcript): tell(.done, name, transcript.item)
    case .failure(let failure): tell(.failed, "\(name): \(failure.error.message)", nil, file: name)
    }
    showBar()
  }

  /// The run is over, or `failure` has stopped it.
  func end(_ failure: String?) { tell(failure == nil ? .finished : .stopped, failure, nil) }

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

  private func tell(_ what: TranscribeNotice.What, _ message: String?, _ item: JobID?, file: String? = nil) {
    let state = state.withLock { $0 }
    let named = [.started, .done].contains(what) ? message : file
    let notice = TranscribeNotice(
      what, progress: what == .finished ? 1 : state.isVague ? nil : total(state),
      message: message ?? "\(state.done) of \(weights.count) files are done", file: named, done: state.done,
      files: weights.count, secondsLeft: secondsLeft(state), item: item)
    hub.publish(.transcribe(notice), job: run)
    guard width == nil, tellsEvents, !isQuiet else { return }
    connection.send(
      .message(
        json(
          EventLine(
            record: EventRecord(boot: hub.boot, at: unixMilliseconds(), job: run, .transcribe(notice))))))
  }

  private func showBar() {
    guard let width, !isQuiet else { return }
    let state = state.withLock { $0 }
    let share = state.isVague ? nil : total(state)
    // The first one is that whose text comes next.
    let name = state.running.min { $0.key < $1.key }?.value ?? ""
    let left = secondsLeft(state).map { "\(clock($0)) left" } ?? ""
    let count = weights.count > 1 ? "\(state.done)/\(weights.count) " : ""
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
