import Configuration
public import DictationTypes
import Library
public import TextOutput

/// Who asks: the variables that came with the request.
public struct ClientContext: Sendable, Hashable {
  /// DISPLAY, XAUTHORITY, WAYLAND_DISPLAY, XDG_SESSION_TYPE, XDG_CURRENT_DESKTOP, PWD and `THOTH_*`.
  public let environment: [String: String]

  /// A client with these variables.
  public init(environment: [String: String]) { self.environment = environment }

  /// The X display of the client; nil when it has none.
  public var display: DisplayAddress? {
    guard let name = environment["DISPLAY"], !name.isEmpty else { return nil }
    return DisplayAddress(display: name, xauthority: environment["XAUTHORITY"])
  }

  /// Whether the client runs in a Wayland session.
  public var isWayland: Bool {
    environment["WAYLAND_DISPLAY"].map { !$0.isEmpty } ?? (environment["XDG_SESSION_TYPE"] == "wayland")
  }
}

/// How a job ended.
public struct Outcome: Sendable, Hashable {
  /// The job.
  public let job: JobID
  /// A terminal state.
  public let state: PipelineState
  /// The text, when there is one.
  public let text: String?
  /// Why it failed.
  public let error: DictationError?
  /// What else whoever waits should know: why the disk has not taken it yet. It ended as it did all the same.
  public let warning: String?

  /// The exit code of a command that waits for the job.
  public var exitCode: ExitCode {
    switch state {
    case .discarded: .noSpeech
    case .cancelled: .cancelled
    case .failed: error?.exitCode ?? .internalError
    case .completed: .done
    // The daemon ended before the job did: the next one takes it up.
    default: .noDaemon
    }
  }
}

/// One dictation on its way. It belongs to the pipeline's actor, but for the state word, which anybody may read.
final class Dictation {
  let id: JobID
  let word = StateWord()
  /// The generation of its claim on the capture slot.
  let claim: UInt64
  /// The spool file.
  let path: String
  var settings: JobSettings
  var client: ClientContext
  var method: OutputMethod

  /// Whether an earlier daemon recorded it.
  var isRecovered = false
  /// What the library has of it, when it is transcribed again on demand.
  var previous: Item?
  /// Whether its audio is in the library already.
  var isArchived = false
  /// Whether it has ended and is stored.
  var isConcluded = false
  /// Whether all of its audio is in the spool.
  var isSpooled = false
  /// What keeps other daemons from its audio in the spool: a `SpoolFile` or an `OrphanFile`.
  var spoolLock: (any Sendable)?
  /// The engines that were told that it began; nil: none yet.
  var begunEngines: [EngineConfiguration]?
  var recorder: Recorder?
  var work: Task<Void, Never>?
  var device: String?
  /// What whoever began it should know, though it records.
  var warning: String?
  var recording: Recording?
  /// The window that had the focus when recording stopped.
  var target: Task<OutputTarget?, Never>?
  /// When `stop` was asked for, in nanoseconds of CLOCK_MONOTONIC.
  var stopTime: UInt64?
  /// What is known of its text while it is being recorded.
  var live = LiveText()
  var transcript: Transcript?
  /// The segments in which it was transcribed; empty: as a whole.
  var segments: [TimedText] = []
  /// What came of guessing its end.
  var guess: GuessOutcome?
  var text: String?
  /// The text before a language model edited it; nil: none has.
  var filteredText: String?
  var report: OutputReport?
  /// Whether no window was to have its text.
  var isHeld = false
  var error: DictationError?
  /// Why the disk does not take it. It goes on all the same.
  var storageError: DictationError?
  var timings = Timings()

  var startWaiters: [CheckedContinuation<Void, Never>] = []
  var endWaiters: [CheckedContinuation<Outcome, Never>] = []

  init(
    id: JobID, claim: UInt64, path: String, settings: JobSettings, client: ClientContext,
    method: OutputMethod
  ) {
    self.id = id
    self.claim = claim
    self.path = path
    self.settings = settings
    self.client = client
    self.method = method
  }

  /// The length of the recording, in milliseconds.
  var duration: Int { AudioFormat.speech.milliseconds(frames: recording?.frames ?? 0) }

  /// What is told and stored once there is a text.
  var result: DictationResult? {
    guard let transcript, let text else { return nil }
    var result = DictationResult(
      text: filteredText ?? text, transcript: transcript, durationMs: duration, timingsMs: timings)
    if filteredText != nil { result.take(edited: text) }
    result.output = report
    result.segments = segments.isEmpty ? nil : segments
    result.guess = guess
    if let gaps = recording?.gaps, !gaps.isEmpty { result.gaps = gaps }
    return result
  }

  /// What is to be stored of it; nil when nothing was recorded, and when a further attempt has brought nothing: what
  /// was there stays as it was.
  var item: Item? {
    guard device != nil || recording?.frames ?? 0 > 0 else { return nil }
    if previous != nil && word.now.state != .completed { return nil }
    var item = previous ?? Item(id: id, createdAt: id.unixMilliseconds, state: word.now.state)
    item.state = word.now.state
    item.result = result
    item.error = error
    item.device = device ?? item.device
    item.isRecovered = isRecovered
    // What an engine that is missing or out of reach could not do waits for the next daemon.
    if isRecovered, item.state == .failed, let error, error.retryable || error.kind == .config {
      item.state = .idle
    }
    return item
  }

  var outcome: Outcome {
    Outcome(job: id, state: word.now.state, text: text, error: error, warning: storageError?.message)
  }
}
