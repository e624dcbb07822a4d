import DictationTypes
import Linux
import SpeechRecognition
import TestSupport
import Testing

@testable import Pipeline

/// What engines are told of the names in the dictionary.
@Suite struct TermTests {
  private let dictionary = "term,Kubernetes,,\nterm,Vaultwarden,,\nterm,Grafana,,\nteh,the\n"

  /// Dictates what the engine hears as `heard`, with `dictionary`.
  private func dictated(
    _ heard: String, settings: String = "", own: String? = nil, in folder: TemporaryFolder? = nil
  ) async throws -> (bench: Bench, state: PipelineState?, prompt: String?) {
    let folder = try folder ?? TemporaryFolder()
    try folder.write(dictionary, to: "dictionary.csv")
    let prompts = Lock<[String?]>([])
    let engine = TestEngines.Behaviour.hearing { request in
      prompts.withLock { $0.append(request.prompt) }
      return heard
    }
    let bench = try await Bench(engine: engine, settings: settings, in: folder)
    var options = RecordOptions()
    options.prompt = own
    let job = try await bench.record(options)
    _ = try await bench.pipeline.stop(method: nil, bench.client)
    let outcome = await bench.pipeline.outcome(of: job)
    // It waits for what is written down.
    await bench.pipeline.finish(within: 60)
    #expect(prompts.withLock { Set($0).count } == 1)
    return (bench, outcome?.state, prompts.withLock { $0.first } ?? nil)
  }

  @Test func theEngineIsToldTheTermsAndTheUsersOwnWordsBehindThem() async throws {
    let (bench, _, prompt) = try await dictated("Go to grafana.", own: "Thoth.")
    #expect(prompt == "Kubernetes, Vaultwarden, Grafana. Thoth.")
    #expect(bench.sink.texts == ["Go to Grafana."])
  }

  @Test(arguments: ["tell_terms = false", "dictionary = false"])
  func itIsNotToldThemWhenTheSettingsSaySo(_ setting: String) async throws {
    #expect(try await dictated("Go on.", settings: "[filter]\n\(setting)").prompt == nil)
  }

  @Test func whatWasSaidStandsLastNextTime() async throws {
    let folder = try TemporaryFolder()
    _ = try await dictated("Ask vault warden.", in: folder)
    #expect(
      folder.read("terms.csv")?.contains("\nVaultwarden,2.0,") == true, "\(folder.read("terms.csv") ?? "")")
    // The next daemon knows it too.
    let (_, _, prompt) = try await dictated("Go on.", in: folder)
    #expect(prompt == "Kubernetes, Grafana, Vaultwarden.")
  }

  @Test func theTermsGivenBackForASoundAreNoText() async throws {
    let (bench, state, _) = try await dictated("Kubernetes, Vaultwarden, Grafana.", own: "Debian, Thoth.")
    #expect(state == .completed, "three names may be dictated")
    #expect(bench.sink.texts == ["Kubernetes, Vaultwarden, Grafana."])
    let (silent, end, _) = try await dictated("Kubernetes, Vaultwarden, Grafana. Debian.", own: "Debian.")
    #expect(end == .discarded && silent.sink.texts == [])
  }

  @Test func asManyAreToldAsDoNoHarmAndAreHeeded() {
    let short = expectedWords((10..<99).map { "Näme\($0)" }, nil) ?? ""
    #expect(short.hasPrefix("Näme29, ") && short.hasSuffix("Näme11, Näme10."), "\(short)")
    let names = (10..<99).map { "Oluwaseun Wolfeschlegel\($0)" }
    let told = expectedWords(names, nil) ?? ""
    #expect(told.hasSuffix("schlegel10.") && (370...400).contains(told.utf8.count), "\(told)")
    let own = String(repeating: "o", count: 300)
    let less = expectedWords(names, own) ?? ""
    #expect(less.hasSuffix("schlegel10. \(own)") && less.utf8.count <= 400)
    #expect(expectedWords(names, own + own) == own + own, "the user's own come first")
    #expect(expectedWords([], "") == nil && expectedWords([], nil) == nil)
    #expect(expectedWords(["Thoth"], "") == "Thoth.")
  }
}
