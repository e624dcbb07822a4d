import DictationTypes
import Linux
import TestSupport
import Testing

@testable import Pipeline

@Suite struct StateMachineTests {
  /// The way of a dictation that goes well, and what ends it early, as the documents have it.
  @Test func theTableIsTheDocumentedLife() {
    let expected: [(PipelineState, JobInput, PipelineState)] = [
      (.idle, .frameArrived, .recording), (.idle, .noSpeech, .discarded),
      (.idle, .recorded, .transcribing),
      (.recording, .recorded, .transcribing), (.recording, .noSpeech, .discarded),
      (.recording, .framesStopped, .stalled), (.stalled, .frameArrived, .recording),
      (.stalled, .recorded, .transcribing), (.stalled, .noSpeech, .discarded),
      (.transcribing, .transcribed, .filtering), (.filtering, .noSpeech, .discarded),
      (.filtering, .filtered, .enhancing), (.enhancing, .enhanced, .outputting),
      (.outputting, .delivered, .completed),
    ]
    for state in PipelineState.allCases {
      for input in JobInput.allCases {
        let row = expected.first { $0.0 == state && $0.1 == input }
        let ends =
          state.isTerminal
          ? nil : input == .failed ? .failed : input == .cancelled ? .cancelled : PipelineState?.none
        #expect(StateMachine.next(state, input)?.state == row?.2 ?? ends, "\(state) \(input)")
      }
    }
  }

  @Test func everyStateThatIsNoEndHasAWayToEachEnd() {
    for state in PipelineState.allCases where !state.isTerminal {
      #expect(StateMachine.next(state, .cancelled)?.state == .cancelled)
      #expect(StateMachine.next(state, .failed)?.state == .failed)
      #expect(reachable(from: state).contains(.completed))
    }
    for state in PipelineState.allCases where state.isTerminal { #expect(reachable(from: state) == [state]) }
  }

  private func reachable(from state: PipelineState) -> Set<PipelineState> {
    var found: Set = [state]
    var open = [state]
    while let next = open.popLast() {
      for input in JobInput.allCases {
        if let to = StateMachine.next(next, input)?.state, found.insert(to).inserted { open.append(to) }
      }
    }
    return found
  }
}

@Suite struct StateWordTests {
  /// Threads throw random inputs at one word: every transition that took place is in the table, each generation
  /// was given once, they join up to one way, and the word ends where no input leads on.
  @Test(arguments: 0..<20) func concurrentInputsMakeOneLegalWay(seed: UInt64) {
    let word = StateWord()
    let steps = Lock<[StateWord.Step]>([])
    let threads = (0..<4).map { number in
      WorkerThread(name: "inputs") {
        var generator = SplitMix(seed: seed * 31 + UInt64(number))
        var mine: [StateWord.Step] = []
        for _ in 0..<400 {
          let input = JobInput.allCases.randomElement(using: &generator)!
          // The ends are rare, so that long ways happen too.
          if input == .failed || input == .cancelled, Int.random(in: 0..<40, using: &generator) > 0 {
            continue
          }
          let expected = Bool.random(using: &generator) ? word.now.generation : nil
          if let step = word.apply(input, expected: expected) { mine.append(step) }
        }
        let taken = mine
        steps.withLock { $0 += taken }
      }
    }
    threads.forEach { $0.join() }
    let way = steps.withLock { $0 }.sorted { $0.to.generation < $1.to.generation }
    #expect(way.map(\.to.generation) == Array(1..<UInt64(way.count + 1)))
    var state = PipelineState.idle
    for step in way {
      #expect(step.from.state == state)
      #expect(JobInput.allCases.contains { StateMachine.next(state, $0)?.state == step.to.state })
      state = step.to.state
    }
    #expect(word.now.state == state)
  }

  @Test func aLateAnswerChangesNothing() {
    let word = StateWord()
    _ = word.apply(.frameArrived)
    let seen = word.apply(.recorded)!.to.generation
    _ = word.apply(.cancelled)
    #expect(word.apply(.transcribed, expected: seen) == nil)
    #expect(word.now.state == .cancelled)
  }
}

@Suite struct CaptureSlotTests {
  @Test func oneClaimAtATime() {
    let slot = CaptureSlot()
    let first = slot.claim()
    #expect(first != nil)
    #expect(slot.claim() == nil)
    #expect(slot.beginStop(first!))
    #expect(!slot.beginStop(first!))
    #expect(slot.phase == .stopping)
    #expect(slot.claim() == nil)
    slot.free(first!)
    let second = slot.claim()
    #expect(second != nil && second != first)
    // A late end of the first recording leaves the second one alone.
    slot.free(first!)
    #expect(!slot.beginStop(first!))
    #expect(slot.phase == .recording)
  }

  @Test func ofManyThreadsOneHoldsIt() {
    let slot = CaptureSlot()
    let holders = Lock((now: 0, most: 0, claims: 0))
    let threads = (0..<4).map { _ in
      WorkerThread(name: "claims") {
        for _ in 0..<2000 {
          guard let claim = slot.claim() else { continue }
          holders.withLock { holders in
            holders.now += 1
            holders.most = max(holders.most, holders.now)
            holders.claims += 1
          }
          if claim % 2 == 0 { _ = slot.beginStop(claim) }
          holders.withLock { $0.now -= 1 }
          slot.free(claim)
        }
      }
    }
    threads.forEach { $0.join() }
    #expect(holders.withLock { $0.most } == 1)
    #expect(holders.withLock { $0.claims } > 0)
    #expect(slot.phase == .idle)
  }
}
