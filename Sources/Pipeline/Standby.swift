import AudioSegmentation
import Configuration
import DictationTypes
import Linux

/// A recorder that keeps the microphone open while nobody records, for `audio.pre_roll`, until a job takes it.
final class Standby {
  let recorder: Recorder
  /// The job that records with it.
  var job: Dictation?

  init(_ recorder: Recorder) { self.recorder = recorder }
}

extension Pipeline {
  /// Opens the microphone, closes it, or opens another one, as the settings in force say. Call it when they have
  /// changed. While somebody records nothing happens; the end of the recording sees to it.
  public func refreshStandby() {
    let settings = configuration.current
    let isWanted = settings.preRoll > 0 && !isEnding && isSlotFree
    if let standby {
      let isRight = standby.recorder.device == settings.device && standby.recorder.preRoll == settings.preRoll
      // Its end calls this again.
      if !isWanted || !isRight { standby.recorder.stop() }
    } else if isWanted {
      listen(Recorder(device: settings.device, preRoll: settings.preRoll) { [hub] in hub.hasLevelFollowers })
    }
  }

  /// Whether the microphone is open while nobody records.
  public var isListening: Bool { standby?.recorder.isLive ?? false }

  /// Whether the microphone is open, so that there may be no other way to it.
  public var isMicrophoneInUse: Bool { !isSlotFree || standby != nil }

  /// The recorder for `job`, which records: the one that listens already, if it has the right microphone and hears,
  /// else a new one.
  func takeRecorder(for job: Dictation) -> Recorder {
    let standby = standby
    self.standby = nil
    let spoolFile = SpoolFile(path: job.path, memoryLimit: storage.spool.memoryLimit)
    job.spoolLock = spoolFile
    let order = RecordingOrder(
      spool: spoolFile, cueFilter: job.settings.cueFilter, aggressiveness: job.settings.aggressiveness,
      autoStop: job.settings.autoStop)
    if let standby, standby.recorder.device == job.settings.device, standby.recorder.isLive,
      standby.recorder.begin(order)
    {
      standby.job = job
      return standby.recorder
    }
    standby?.recorder.stop()
    let recorder = Recorder(device: job.settings.device, after: standby?.recorder, order: order) { [hub] in
      hub.hasLevelFollowers
    }
    // Not the job's work: a cancelled job's microphone still has to be closed, and its slot freed.
    track(
      Task {
        for await event in recorder.events { handle(event, of: job) }
        await recorderEnded(job)
      })
    return recorder
  }

  private func listen(_ recorder: Recorder) {
    let standby = Standby(recorder)
    self.standby = standby
    track(
      Task {
        for await event in recorder.events {
          if let job = standby.job { handle(event, of: job) } else { handle(event, of: standby) }
        }
        if let job = standby.job { await recorderEnded(job) }
      })
  }

  private func handle(_ event: RecorderEvent, of standby: Standby) {
    switch event {
    case .live(let device):
      tellStandby(.listening, "The microphone \(device) is open: audio.pre_roll keeps it so", device)
    case .notice(let notice): hub.publish(.audio(notice))
    case .overrun(let losses): hub.publish(.audio(AudioNotice(losses)))
    case .storageFailed(let error): hub.publish(.error(error))
    case .closed:
      tellStandby(.closed, "The microphone \(standby.recorder.device) is closed", standby.recorder.device)
      if self.standby === standby { self.standby = nil }
      refreshStandby()
    case .started, .level, .speech, .silent, .paused, .cut, .recorded, .storageMended: break
    }
  }

  private func tellStandby(_ what: AudioNotice.What, _ message: String, _ device: String) {
    hub.publish(.audio(AudioNotice(what, message: message, device: device)))
  }
}
