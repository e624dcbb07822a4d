import AudioPlayback
import AudioSegmentation
public import Configuration
public import DictationTypes
public import Words
import Glibc
public import Library
import Linux
public import TextOutput

/// Why a command cannot be carried out: one sentence and the exit code.
public struct CommandFailure: Error, Sendable, Hashable {
  /// The exit code.
  public let exitCode: ExitCode
  /// The sentence.
  public let message: String

  /// A failure with `exitCode`.
  public init(_ exitCode: ExitCode, _ message: String) {
    self.exitCode = exitCode
    self.message = message
  }

  /// The failure of a job or a stage.
  public init(_ error: DictationError) { self.init(error.exitCode, error.message) }

  /// `job` has not ended yet, and the command is about what has.
  public static func onItsWay(_ job: JobID) -> CommandFailure {
    CommandFailure(
      .notNow,
      "\(job.short) is on its way: `thoth status` tells how far it is, `thoth cancel \(job.short)` drops it")
  }
}

/// The coordinator: joins the stages from the microphone to the window, for as many jobs as there are.
///
/// One recording runs at a time, and the slot is free again as soon as its last frame has arrived: the next one
/// may be recorded while this one is transcribed. Texts leave in the order of their recordings.
public actor Pipeline {
  let storage: Storage
  let hub: EventHub
  let engines: any EngineProvider
  let sink: any TextSink
  let configuration: ConfigurationStore
  let words: DictionaryStore
  let editor: Editor
  let cues = CuePlayer { log($0) }
  private let slot = CaptureSlot()
  /// Tells what has to give way whether anybody dictates.
  let watch = DictationWatch()
  /// Jobs that have not ended, in the order of their recordings.
  private(set) var jobs: [Dictation] = [] {
    didSet { watch.note(isBusy: jobs.contains { $0.claim != 0 }) }
  }
  /// Jobs that have ended, and are being stored.
  private var concluding: [Dictation] = []
  /// How the last jobs ended, for those who ask a moment late.
  private var ended: [Outcome] = []
  /// The recordings of earlier daemons that were taken up at the start, and what was told of them.
  public internal(set) var recoveries: [(job: JobID, notice: AudioNotice)] = []

  /// The recordings of earlier daemons that were taken up at the start.
  public var recovered: [JobID] { recoveries.map(\.job) }
  private var slotWaiters: [CheckedContinuation<Void, Never>] = []
  private var turnWaiters: [CheckedContinuation<Void, Never>] = []
  private(set) var isEnding = false
  /// What keeps the microphone open while nobody records.
  var standby: Standby?
  private var background: [Int: Task<Void, Never>] = [:]
  private var lastWork = 0
  /// The last item with a text that was said since the start: there also when the disk refused it.
  var newest: Item?
  /// The policy of the last maintenance; nil before the first.
  private var policyInForce: RetentionPolicy?
  private let maintenanceInterval: Duration
  private var maintenance: Task<Void, Never>?

  /// A pipeline that keeps what was said in `storage`, and looks every `maintenanceInterval` for what has been kept
  /// long enough.
  public init(
    configuration: ConfigurationStore, words: DictionaryStore, editor: Editor, storage: Storage,
    hub: EventHub,
    engines: any EngineProvider, sink: any TextSink, maintenanceInterval: Duration = .seconds(86_400)
  ) {
    self.maintenanceInterval = maintenanceInterval
    self.configuration = configuration
    self.words = words
    self.editor = editor
    self.storage = storage
    self.hub = hub
    self.engines = engines
    self.sink = sink
  }

  // MARK: - Commands

  /// Starts a recording as job `id`, and returns when its first real frame has arrived.
  ///
  /// - Parameter key: what started it, when it is to end as soon as that is released.
  /// - Returns: what whoever asked should know, though it records: it is another microphone.
  /// - Throws: `CommandFailure`: 3 while another recording runs, 6 without a microphone, 1 when the disk refuses,
  ///   130 when it was cancelled meanwhile.
  @discardableResult
  public func record(
    _ id: JobID, _ options: RecordOptions, _ client: ClientContext, heldBy key: HotkeyPress? = nil
  ) async throws(CommandFailure) -> String? {
    let settings = try settings(options, client)
    // A prompt that is asked for by name has to be there; one that the settings name is told when it is missed.
    if case .prompt(let name) = settings.choice { _ = try editor.prompt(named: name, settings.enhancement) }
    let claim = try await claimSlot()
    let job = Dictation(
      id: id, claim: claim, path: storage.spool.audioPath(id), settings: settings, client: client,
      method: settings.method)
    jobs.append(job)
    startRecorder(job)
    if let key { Task { await end(id, whenReleased: key, client) } }
    await heedProfile(job, options)
    // A key that was just tapped may have ended it.
    if isListed(job) {
      job.begunEngines = job.settings.engines
      await engines.begin(job.settings.engines)
    }
    if job.word.now.state == .idle { await withCheckedContinuation { job.startWaiters.append($0) } }
    let outcome = job.outcome
    if let error = outcome.error { throw CommandFailure(error) }
    if outcome.state == .cancelled { throw CommandFailure(.cancelled, "the recording was cancelled") }
    if job.device == nil {
      throw CommandFailure(.noSpeech, "the recording was stopped before its first sound")
    }
    return job.warning
  }

  /// Ends the recording; its processing goes on.
  ///
  /// - Parameters:
  ///   - method: how the text is to leave, instead of what `record` said.
  ///   - submits: whether Return follows the text, also when `record` did not say so.
  ///   - enhancement: whether a language model edits the text, instead of what `record` said.
  /// - Throws: `CommandFailure` 3 when nothing is being recorded.
  public func stop(
    method: OutputMethod?, submits: Bool = false, enhancement: EnhancementChoice = .asConfigured,
    _ client: ClientContext
  ) throws(CommandFailure) -> JobID {
    guard let job = jobs.first(where: { slot.beginStop($0.claim) }) else {
      throw CommandFailure(.notNow, "nothing is being recorded: `thoth record` starts")
    }
    job.stopTime = monotonicNanoseconds()
    if let method { job.method = method }
    if enhancement != .asConfigured { job.settings.choice = enhancement }
    if submits { job.settings.output.submits = true }
    // A stop from elsewhere (another terminal, a remote shell) leaves the text to the session of `record`.
    if client.display != nil || client.isWayland { job.client = client }
    job.recorder?.stop()
    noteTarget(of: job)
    return job.id
  }

  /// Waits until it is known which window had the focus when `job` was stopped, where that matters. A display that
  /// does not answer is not waited for.
  public func noteTarget(ofStopped job: JobID) async {
    guard let job = jobs.first(where: { $0.id == job }), job.settings.output.policy != .focus,
      let target = job.target
    else { return }
    _ = await value(of: target, within: 500)
  }

  /// Looks which window has the focus at the stop.
  func noteTarget(of job: Dictation) {
    guard let display = job.client.display else { return }
    let sink = sink
    job.target = Task { try? await sink.focusedWindow(on: display) }
  }

  /// Has `job` heed the profile of the window that has the focus, where it says something of the recognition. The
  /// microphone is being opened meanwhile, and a display that does not answer is not waited for.
  private func heedProfile(_ job: Dictation, _ options: RecordOptions) async {
    guard let display = job.client.display else { return }
    let sink = sink
    // Also where no profile asks: the display is then open, and put right, when the text comes.
    let look = Task { try? await sink.focusedWindow(on: display) }
    guard job.settings.output.profiles.contains(where: { $0.language != nil || $0.engine != nil }),
      let window = await value(of: look, within: 500) ?? nil,
      let settings = try? settings(options, job.client, windowClass: window.windowClass), isListed(job)
    else { return }
    job.settings.language = settings.language
    job.settings.engines = settings.engines
  }

  /// Ends the recording `job`, if it still runs: whoever followed it is gone.
  public func stop(ifRecording job: JobID, _ client: ClientContext) {
    if jobs.contains(where: { $0.id == job && $0.recording == nil }) { _ = try? stop(method: nil, client) }
  }

  /// Drops the recording `job`, if its first frame has not arrived: whoever asked for it is gone.
  public func cancel(ifOpening job: JobID) {
    if let job = jobs.first(where: { $0.id == job }), job.word.now.state == .idle { cancel(job) }
  }

  /// The slot is being given back: the microphone ended by itself, or was told to.
  func beginStop(_ job: Dictation) { _ = slot.beginStop(job.claim) }

  /// Whether nobody has the microphone.
  var isSlotFree: Bool { slot.phase == .idle }

  /// Whether a recording runs, for `toggle`.
  public var isRecording: Bool { slot.phase == .recording }

  /// Ends a job by the user's wish: the one whose id begins with `prefix`, else the recording, else the newest.
  ///
  /// - Throws: `CommandFailure`: 3 when there is none, 2 when several ids begin so.
  public func cancel(prefix: String?) throws(CommandFailure) -> JobID {
    let newest = jobs.last { $0.claim != 0 } ?? jobs.last
    let found =
      prefix.map { prefix in jobs.filter { $0.id.description.hasPrefix(prefix) } }
      ?? newest.map { [$0] } ?? []
    guard let job = found.last else {
      throw CommandFailure(
        .notNow, prefix.map { "there is no job \($0) to cancel" } ?? "there is nothing to cancel")
    }
    guard found.count == 1 else {
      throw CommandFailure(.usage, "several jobs begin with \(prefix ?? ""): give more of the id")
    }
    cancel(job)
    return job.id
  }

  /// Ends every job by the user's wish; how many there were.
  public func cancelAll() -> Int {
    let all = jobs
    all.forEach(cancel)
    return all.count
  }

  /// Waits for the end of `job`; nil when it never was, or ended long ago.
  public func outcome(of job: JobID) async -> Outcome? {
    guard let job = (jobs + concluding).first(where: { $0.id == job }) else {
      return ended.last { $0.job == job }
    }
    return await withCheckedContinuation { job.endWaiters.append($0) }
  }

  /// Whether `job` has not ended, or is just being stored.
  func isOnItsWay(_ job: JobID) -> Bool { (jobs + concluding).contains { $0.id == job } }

  /// The job whose id begins with `prefix` and which has not ended. One that is just being stored is waited for.
  public func unended(_ prefix: String) async -> JobID? {
    let prefix = prefix.lowercased()
    for job in concluding where job.id.description.hasPrefix(prefix) { _ = await outcome(of: job.id) }
    return jobs.first { $0.id.description.hasPrefix(prefix) }?.id
  }

  /// The item with a text that came last.
  ///
  /// - Throws: `CommandFailure` 3 when there is none yet, 1 when the library cannot be read.
  public func last() async throws(CommandFailure) -> Item {
    // What was dictated since the start is known whatever the disk does.
    if let newest { return newest }
    var stored: Item?
    do throws(DictationError) { stored = try await storage.newestWithText() } catch {
      throw CommandFailure(error)
    }
    guard let item = newest ?? stored else {
      throw CommandFailure(.notNow, "nothing has been dictated yet: `thoth record` starts")
    }
    return item
  }

  /// Items that were removed are not the last text any more.
  public func forget(_ items: [JobID]) { if let newest, items.contains(newest.id) { self.newest = nil } }

  /// Puts the newest text into the focused window again, or on the clipboard.
  ///
  /// - Parameter method: how; nil: as configured, if that is a way into a window.
  public func repeatLast(_ method: OutputMethod?, _ client: ClientContext) async throws(CommandFailure) {
    let item = try await last()
    let configured = try settings(RecordOptions(), client).method
    let isWayIn = [.type, .paste, .command].contains(configured)
    try await put(
      item.result?.text ?? "", method ?? (isWayIn ? configured : .auto), client, job: item.id)
  }

  /// Puts `text` where `method` says, for a command that has a text of its own.
  ///
  /// - Throws: `CommandFailure` 7 when that cannot be done, 6 when there is no output command.
  public func put(_ text: String, _ method: OutputMethod, _ client: ClientContext, job: JobID? = nil)
    async throws(CommandFailure)
  {
    var options = RecordOptions()
    options.method = method
    // Whoever asks for a text by a command means where the focus is now.
    var output = try settings(options, client).output
    output.policy = .focus
    do throws(DictationError) {
      if case .held(let reason) = try await put(text, method, client, output, target: nil, job: job) {
        throw DictationError(.output, "\(reason). Nothing was inserted")
      }
    } catch {
      throw CommandFailure(error)
    }
  }

  // MARK: - Life

  /// Takes up what an earlier daemon left: its recordings are named, and transcribed without being output anywhere.
  public func start() async {
    let left = await takeUp()
    maintenance = Task { [weak self, maintenanceInterval] in
      while (try? await Task.sleep(for: maintenanceInterval)) != nil, let self { await self.maintain() }
    }
    track(
      Task {
        for leftover in left where !isEnding { await recover(leftover) }
        await maintain()
      })
  }

  /// Ends the recording as `stop` does and waits for all jobs, at most `seconds`; then cancels the rest. What was
  /// recorded stays in the spool and is taken up by the next start.
  public func finish(within seconds: Int) async {
    isEnding = true
    maintenance?.cancel()
    refreshStandby()
    _ = try? stop(method: nil, jobs.last?.client ?? ClientContext(environment: [:]))
    let timer = Task {
      try? await Task.sleep(for: .seconds(seconds))
      abandon()
    }
    while let job = jobs.first { _ = await outcome(of: job.id) }
    timer.cancel()
    // A disk that does not answer must not keep the daemon: what was recorded is in the spool.
    let rest = Task {
      while let (number, work) = background.first {
        await work.value
        forget(number)
      }
    }
    _ = await value(of: rest, within: 10_000)
  }

  /// What is going on. A job is live when it was recorded now, and not taken up from before.
  public func jobStates() -> [(job: JobID, state: PipelineState, device: String?, isLive: Bool)] {
    jobs.map { ($0.id, $0.word.now.state, $0.device, $0.claim != 0) }
  }

  /// Why the disk does not take what is dictated now; nil when it does.
  public var storageError: DictationError? { jobs.lazy.compactMap(\.storageError).first }

  // MARK: - The slot and the order

  private func claimSlot() async throws(CommandFailure) -> UInt64 {
    // The last frames of the one before are on their way: that takes a moment, and then it is our turn.
    while slot.phase == .stopping && !isEnding { await withCheckedContinuation { slotWaiters.append($0) } }
    if isEnding { throw CommandFailure(.notNow, "the daemon is ending: try again in a moment") }
    guard let claim = slot.claim() else {
      throw CommandFailure(.notNow, "already recording: `thoth stop` ends it, `thoth cancel` drops it")
    }
    return claim
  }

  func freeSlot(_ job: Dictation) {
    slot.free(job.claim)
    slotWaiters.forEach { $0.resume() }
    slotWaiters = []
  }

  /// Waits until every job that was recorded before `job`, and has a place to go, has ended.
  func waitForTurn(_ job: Dictation) async {
    guard job.method != .none else { return }
    while let first = jobs.first(where: { $0.method != .none }), first !== job, isListed(job) {
      await withCheckedContinuation { turnWaiters.append($0) }
    }
  }

  /// Whether `job` has not ended, and has not been left to the next daemon.
  func isListed(_ job: Dictation) -> Bool { jobs.contains { $0 === job } }

  /// Adds a job that has been recorded before.
  func list(_ job: Dictation) { jobs.append(job) }

  /// Takes a job that has ended from the list; it is stored next.
  func unlist(_ job: Dictation) {
    jobs.removeAll { $0 === job }
    concluding.append(job)
    job.startWaiters.forEach { $0.resume() }
    job.startWaiters = []
    turnWaiters.forEach { $0.resume() }
    turnWaiters = []
    if jobs.isEmpty {
      hub.publish(.state(StateChange(state: .idle, from: job.word.now.state)))
    }
  }

  /// Tells whoever waits how the job ended.
  func tellOutcome(_ job: Dictation) {
    concluding.removeAll { $0 === job }
    ended = ended.suffix(15) + [job.outcome]
    job.endWaiters.forEach { $0.resume(returning: job.outcome) }
    job.endWaiters = []
  }

  /// Has the daemon's end wait for `work`.
  func track(_ work: Task<Void, Never>) {
    lastWork += 1
    let number = lastWork
    background[number] = work
    Task {
      await work.value
      forget(number)
    }
  }

  private func forget(_ number: Int) { background[number] = nil }

  /// Puts settings that have changed in force.
  public func settingsChanged() async {
    refreshStandby()
    // Before the first maintenance there is no need: it heeds them.
    if let policyInForce, policyInForce != retentionPolicy { await maintain() }
  }

  /// Retires what has been kept long enough: after the start, once a day, and when it was told to be less.
  func maintain() async {
    let policy = retentionPolicy
    policyInForce = policy
    do throws(DictationError) {
      if try await storage.library.maintain(policy, now: unixMilliseconds()).isHeld {
        log(
          "the clock has jumped, or thoth has not run for 30 days: nothing is removed by its age until a day from now"
        )
      }
    } catch {
      log(error.message)
    }
  }

  private var retentionPolicy: RetentionPolicy {
    let settings = configuration.current
    return RetentionPolicy(
      keepAudioSeconds: settings.keepAudio, keepTextSeconds: settings.keepText,
      maxAudioBytes: settings.maxAudio)
  }

  private func cancel(_ job: Dictation) {
    _ = slot.beginStop(job.claim)
    job.recorder?.stop()
    _ = apply(.cancelled, to: job, expected: nil)
    job.work?.cancel()
  }

  /// Ends what is left when the daemon has no more time. Nothing is written down about it, so that the next start
  /// finds the audio without an end and takes it up.
  private func abandon() {
    for job in jobs {
      job.work?.cancel()
      giveUpTranscription(of: job)
      unlist(job)
      tellOutcome(job)
    }
  }

  /// The settings in force for a job with these options.
  func settings(
    _ options: RecordOptions, _ client: ClientContext, windowClass: String? = nil
  ) throws(CommandFailure) -> JobSettings {
    let settings: JobSettings
    do throws(ConfigurationProblem) {
      settings = try JobSettings(
        try configuration.current.overridden(by: client.environment), options, terms: words.likeliest,
        windowClass: windowClass)
    } catch {
      throw CommandFailure(.notConfigured, error.message)
    }
    guard settings.method != .command || settings.output.command != nil else {
      throw CommandFailure(.notConfigured, OutputCommand.missing)
    }
    return settings
  }
}

/// The id of a new job.
public func newJobID() -> JobID {
  var generator = SystemRandomNumberGenerator()
  return JobID(unixMilliseconds: unixMilliseconds(), using: &generator)
}
