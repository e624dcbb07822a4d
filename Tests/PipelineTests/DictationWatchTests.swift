import TestSupport
import Testing

@testable import Pipeline

/// What gives way to dictation.
@Suite struct DictationWatchTests {
  @Test func workIsTakenBackWhenSomebodyDictates() async {
    let watch = DictationWatch()
    #expect(await watch.whileQuiet { 1 } == 1)
    let (begun, beginning) = AsyncStream.makeStream(of: Void.self)
    let work = Task {
      await watch.whileQuiet {
        beginning.yield()
        try? await Task.sleep(for: .seconds(3600))
        return 2
      }
    }
    for await _ in begun { break }
    watch.note(isBusy: true)
    #expect(await work.value == nil)
    // While it lasts nothing is begun.
    #expect(await watch.whileQuiet { 3 } == nil)
    let waiting = Task { await watch.quiet() }
    watch.note(isBusy: false)
    await waiting.value
    #expect(await watch.whileQuiet { 4 } == 4)
  }

  @Test func waitingEndsWithItsTask() async {
    let watch = DictationWatch()
    watch.note(isBusy: true)
    let waiting = Task { await watch.quiet() }
    waiting.cancel()
    await waiting.value
    #expect(watch.isBusy)
  }

  @Test func aCancelledTaskIsNotTakenBack() async {
    let watch = DictationWatch()
    let work = Task { await watch.whileQuiet { Task.isCancelled } }
    work.cancel()
    // Its own end, not another try.
    #expect(await work.value != nil)
  }
}
