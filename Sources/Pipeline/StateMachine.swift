public import DictationTypes

/// What happens to a job.
public enum JobInput: UInt8, Sendable, CaseIterable {
  /// The first real frame has arrived from the microphone.
  case frameArrived
  /// The recording has ended and holds speech.
  case recorded
  /// There is no speech: nothing was said, or nothing is left of the text.
  case noSpeech
  /// The engine has answered.
  case transcribed
  /// The text rules are done.
  case filtered
  /// The language model is done, or there is none.
  case enhanced
  /// The text is where it belongs.
  case delivered
  /// Something failed that ends the job.
  case failed
  /// The user ends it.
  case cancelled
}

/// What is to be done when a job has come into a state.
public enum JobAction: Sendable {
  /// Nothing: something else is waited for.
  case none
  /// Send the audio to the engine.
  case transcribe
  /// Apply the text rules.
  case filter
  /// Have the text improved.
  case enhance
  /// Put the text where it belongs.
  case output
  /// Tell whoever waits, and forget the job.
  case finish
}

/// The life of a job, as a pure table: what is not in it cannot happen.
public enum StateMachine {
  /// One row: in `from`, `input` leads to `to`, and `action` is next.
  struct Row: Sendable {
    let from: PipelineState
    let input: JobInput
    let to: PipelineState
    let action: JobAction
  }

  static let rows: [Row] =
    [
      Row(from: .idle, input: .frameArrived, to: .recording, action: .none),
      Row(from: .idle, input: .noSpeech, to: .discarded, action: .finish),
      // What was recorded earlier is only transcribed.
      Row(from: .idle, input: .recorded, to: .transcribing, action: .transcribe),
      Row(from: .recording, input: .recorded, to: .transcribing, action: .transcribe),
      Row(from: .recording, input: .noSpeech, to: .discarded, action: .finish),
      Row(from: .transcribing, input: .transcribed, to: .filtering, action: .filter),
      Row(from: .filtering, input: .noSpeech, to: .discarded, action: .finish),
      Row(from: .filtering, input: .filtered, to: .enhancing, action: .enhance),
      Row(from: .enhancing, input: .enhanced, to: .outputting, action: .output),
      Row(from: .outputting, input: .delivered, to: .completed, action: .finish),
    ]
    + PipelineState.allCases.filter { !$0.isTerminal }.flatMap { state in
      [
        Row(from: state, input: .failed, to: .failed, action: .finish),
        Row(from: state, input: .cancelled, to: .cancelled, action: .finish),
      ]
    }

  /// Where `input` leads from `state`, and what is next; nil when it cannot happen there.
  public static func next(_ state: PipelineState, _ input: JobInput) -> (
    state: PipelineState, action: JobAction
  )? {
    rows.first { $0.from == state && $0.input == input }.map { ($0.to, $0.action) }
  }
}
