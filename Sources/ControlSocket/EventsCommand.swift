import CommandLine
import DictationTypes
import Linux
import Pipeline

extension Commands {
  /// What is going on, and then everything that happens.
  func follow(_ request: ControlRequest, _ connection: Connection) async -> ExitCode? {
    let hub = hub
    let follower = await pipeline.join { recoveries, states in
      for line in found(recoveries) + current(states) { connection.send(.output(json(line))) }
      return follow(connection, levels: request.has("levels"))
    }
    connection.onClose { hub.unfollow(follower) }
    return nil
  }

  /// Sends events to `connection`, those of `job` or all, until `unfollow`.
  func follow(_ connection: Connection, levels: Bool = false, job: JobID? = nil) -> Int {
    hub.follow(levels: levels) { record in
      guard job == nil || record.job == job else { return }
      connection.sendEvent(json(EventLine(record: record)), number: record.sequence) { count, number in
        json(
          EventLine(
            record: EventRecord(
              boot: record.boot, at: record.unixMilliseconds, sequence: number, .dropped(count: count))))
      }
    }
  }

  /// What an earlier daemon left: nobody could follow when it was found.
  private func found(_ recoveries: [Recovery]) -> [EventLine] {
    recoveries.map { job, notice in
      EventLine(record: EventRecord(boot: hub.boot, at: unixMilliseconds(), job: job, .audio(notice)))
    }
  }

  /// The state of each job as an event from that state, those recorded now at the end; of none at all, that it is
  /// idle.
  private func current(_ states: [JobState]) -> [EventLine] {
    let begun = states.filter { $0.state != .idle }
    let ordered = begun.filter { !$0.isLive } + begun.filter(\.isLive)
    let jobs: [(JobID?, StateChange)] = ordered.map { job in
      let device = job.state == .recording ? job.device : nil
      return (job.job, StateChange(state: job.state, from: job.state, device: device))
    }
    let changes = jobs.isEmpty ? [(nil, StateChange(state: .idle, from: .idle))] : jobs
    return changes.map { job, change in
      EventLine(
        record: EventRecord(boot: hub.boot, at: unixMilliseconds(), job: job, .state(change)))
    }
  }
}

private typealias Recovery = (job: JobID, notice: AudioNotice)
private typealias JobState = (job: JobID, state: PipelineState, device: String?, isLive: Bool)

extension Pipeline {
  /// Gives what was found at the start and what is going on to `body`; no state changes meanwhile, so that it may
  /// begin to follow there.
  fileprivate func join(_ body: @Sendable ([Recovery], [JobState]) -> Int) -> Int {
    body(recoveries, jobStates())
  }
}
