internal import DictationTypes
import Synchronization

/// Plays cues, and holds nobody up: what calls it goes on at once, and a broken loudspeaker only leaves a line in the
/// log, once until a cue was heard again.
public final class CuePlayer: Sendable {
  private let player: Player
  private let device: String
  private let log: @Sendable (String) -> Void
  private let isBroken = Atomic(false)

  /// A player of cues on `device`; `log` takes a sentence.
  public init(device: String = Player.defaultDevice, log: @escaping @Sendable (String) -> Void) {
    var limits = PlaybackLimits()
    // A cue that comes late misleads.
    limits.openMilliseconds = 500
    limits.stallMilliseconds = 500
    player = Player(limits: limits)
    self.device = device
    self.log = log
  }

  /// Plays `cue`, and returns before it is heard; the task ends when it was.
  @discardableResult
  public func play(_ cue: Cue) -> Task<Void, Never> {
    Task.detached { [self] in
      do throws(DictationError) {
        try await player.play(cue.samples, Cue.format, device: device)
        isBroken.store(false, ordering: .relaxed)
      } catch {
        if !isBroken.exchange(true, ordering: .relaxed) { log("no cue: \(error.message)") }
      }
    }
  }
}
