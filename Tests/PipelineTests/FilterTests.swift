import DictationTypes
import Library
import SpeechRecognition
import TestSupport
import Testing

@testable import Pipeline

/// What engines write on its way through the text rules.
@Suite struct FilterTests {
  private func dictated(_ heard: String, language: String? = nil, settings: String = "") async throws -> (
    bench: Bench, outcome: Outcome?, result: DictationResult?
  ) {
    let engine = TestEngines.Behaviour.hearing { request in
      #expect(request.language == language)
      return heard
    }
    let bench = try await Bench(engine: engine, settings: settings)
    var options = RecordOptions()
    options.language = language
    let job = try await bench.record(options)
    _ = try await bench.pipeline.stop(method: nil, bench.client)
    let outcome = await bench.pipeline.outcome(of: job)
    return (bench, outcome, try await bench.stored(job)?.result)
  }

  @Test func aTextIsFilteredAndTheHistoryHasBoth() async throws {
    let heard = "Um, first idea.\nNew paragraph. Second idea ,really."
    let (bench, _, result) = try await dictated(heard, language: "en")
    #expect(bench.sink.texts == ["First idea.\n\nSecond idea, really."])
    #expect(result?.rawText == heard && result?.text == "First idea.\n\nSecond idea, really.")
  }

  @Test func theRulesAreThoseOfTheSettings() async throws {
    let settings = """
      [filter]
      fillers = false
      numbers = true
      spelling = "british"
      voice_commands = false
      [[voice_command]]
      say = "smiley"
      text = ":-)"
      """
    let heard = "Um, twenty two colors. New line. Smiley."
    let (bench, _, _) = try await dictated(heard, language: "en", settings: settings)
    #expect(bench.sink.texts == ["Um, 22 colours. New line. Smiley."])
  }

  @Test func theLanguageDecidesWhatIsAWord() async throws {
    let (bench, _, _) = try await dictated("Er geht, äh, um das Haus, neue Zeile, ja.", language: "de")
    #expect(bench.sink.texts == ["Er geht, um das Haus\nja."])
  }

  @Test func aFillerAloneIsNoText() async throws {
    let (bench, outcome, _) = try await dictated("Uh.", language: "en")
    #expect(outcome?.state == .discarded && outcome?.exitCode == .noSpeech)
    #expect(bench.sink.texts.isEmpty)
  }
}
