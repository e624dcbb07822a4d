public import DictationTypes
import Glibc
internal import Linux
import Synchronization

/// How long a playback waits for what, in milliseconds.
public struct PlaybackLimits: Sendable {
  /// For opening the device: a sound server may hang.
  public var openMilliseconds = 5_000
  /// Between two moments at which the device takes frames; longer is a stall.
  public var stallMilliseconds = 2_000
  /// From a cancellation until the device is silent.
  public var closeMilliseconds = 200

  /// The values above.
  public init() {}
}

/// Gives the next samples of a sound, interleaved whole frames, about as many as it is asked for; none at its end.
public typealias SoundSource = (_ count: Int) throws(DictationError) -> [Int16]

/// Plays sound. Each sound is played on a thread of its own, so several may be heard at once.
public final class Player: Sendable {
  /// The name of the default loudspeaker.
  public static let defaultDevice = "default"

  private let limits: PlaybackLimits
  /// Threads that were left behind in a sound server that hangs; they end when it answers or dies.
  private let hanging = Atomic(0)
  private static let mostHanging = 2

  /// A player that waits no longer than `limits`.
  public init(limits: PlaybackLimits = PlaybackLimits()) { self.limits = limits }

  /// Plays interleaved 16-bit `samples` of `format` on `device`, any ALSA PCM name, and returns when the last frame
  /// has been heard. A cancelled task falls silent at once.
  ///
  /// - Throws: `DictationError` of kind `device`, `cancelled` when the task was.
  public func play(
    _ samples: [Int16], _ format: AudioFormat, device: String = defaultDevice
  ) async throws(DictationError) {
    if samples.count < format.channels { return }
    let open: @Sendable () -> SoundSource = {
      var rest = samples
      return { _ in
        defer { rest = [] }
        return rest
      }
    }
    try await play(open, format, device: device)
  }

  /// Plays what the sound gives that `open` opens, and returns when the last frame has been heard. Both are called on the
  /// thread of the playback. A cancelled task falls silent at once.
  ///
  /// - Throws: as the sound, and as the other one.
  public func play(
    _ open: @escaping @Sendable () throws(DictationError) -> SoundSource, _ format: AudioFormat,
    device: String = defaultDevice
  ) async throws(DictationError) {
    guard hanging.load(ordering: .relaxed) < Self.mostHanging else {
      throw .playback(ETIMEDOUT, device)
    }
    let playback = Playback(open, format, device: device, limits: limits)
    WorkerThread(name: "thoth-playback") { [self] in
      let outcome = playback.run()
      if !playback.end(outcome) { hanging.subtract(1, ordering: .relaxed) }
    }.detach()
    let watchdog = Task { if await playback.hasStalled() { giveUp(playback, .playback(ETIMEDOUT, device)) } }
    let outcome = await withTaskCancellationHandler {
      await playback.outcome()
    } onCancel: {
      playback.cancel()
      Task {
        try? await Task.sleep(for: .milliseconds(limits.closeMilliseconds))
        giveUp(playback, .playbackCancelled)
      }
    }
    watchdog.cancel()
    try outcome.get()
  }

  /// Leaves the thread of `playback` to itself, unless it has ended.
  private func giveUp(_ playback: Playback, _ error: DictationError) {
    if playback.end(.failure(error)) { hanging.add(1, ordering: .relaxed) }
  }
}

extension DictationError {
  /// The end of a playback whose task was cancelled.
  static let playbackCancelled = DictationError(.cancelled, "playing was cancelled")

  /// The failure of `device` with error number `code`, as a sentence with the way out.
  static func playback(_ code: Int32, _ device: String) -> DictationError {
    let others = "choose another one (`aplay -L` lists them)."
    let isTemporary = [EBUSY, EAGAIN, ECONNREFUSED, EHOSTDOWN, ETIMEDOUT].contains(code)
    let message =
      switch code {
      case ENOENT, ENODEV, ENXIO:
        "There is no loudspeaker behind \(device): connect one, or \(others)"
      case EBUSY, EAGAIN:
        "The loudspeaker \(device) is in use by another program: close that one, or \(others)"
      case ECONNREFUSED, EHOSTDOWN:
        "The sound server behind \(device) does not answer: start it (`pulseaudio --start`, or "
          + "`systemctl --user start pipewire pipewire-pulse wireplumber`), or \(others)"
      case EACCES, EPERM:
        "The loudspeaker \(device) is not open to you: `sudo usermod -aG audio $USER`, then log in again."
      case ETIMEDOUT:
        "The loudspeaker \(device) takes no sound: restart the sound server or connect it again, or \(others)"
      case EINVAL, EOPNOTSUPP:
        "The loudspeaker \(device) does not take this sound as it is: use plug:\(device), or \(others)"
      case EIO, EPIPE:
        "The loudspeaker \(device) went away (\(systemError(code))): connect it again, or \(others)"
      default:
        "The loudspeaker \(device) cannot be used (\(systemError(code))): \(others)"
      }
    return DictationError(.device, message, retryable: isTemporary)
  }
}
