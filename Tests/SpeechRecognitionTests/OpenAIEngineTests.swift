import DictationTypes
import Linux
import Requests
import TestSupport
import Testing

@testable import SpeechRecognition

@Suite struct OpenAIEngineTests {
  @Test func theRequestHasTheDocumentedFields() async throws {
    let server = try FaultServer()
    let requests = RequestManager()
    defer { requests.shutDown() }
    var settings = OpenAIEngine.Settings(
      name: "cloud", address: ServerAddress(server.url("echo") + "/", runtimeFolder: "/run"), model: "gpt")
    settings.key = "k"
    let engine = OpenAIEngine(settings, requests: requests, plainModels: PlainModels())
    let transcript = try await engine.transcribe(
      TranscriptionRequest(samples: [0], language: "de", prompt: "before"))
    #expect(transcript.text == "response_format=json model=gpt language=de prompt=before key=Bearer k")
    #expect(transcript.engine == "cloud" && transcript.model == "gpt" && transcript.language == "de")
  }

  @Test func aDeadlineThatHasPassedIsNotWaitedFor() async throws {
    let server = try FaultServer()
    let requests = RequestManager()
    defer { requests.shutDown() }
    let settings = OpenAIEngine.Settings(
      name: "cloud", address: ServerAddress(server.url("never"), runtimeFolder: "/run"), model: "m")
    let engine = OpenAIEngine(settings, requests: requests, plainModels: PlainModels())
    var request = TranscriptionRequest(samples: [0])
    for deadline in [1, monotonicNanoseconds() + 100_000_000] {
      request.deadline = deadline
      let error = await #expect(throws: DictationError.self) { try await engine.transcribe(request) }
      #expect(error?.kind == .timeout)
    }
  }

  @Test func addresses() {
    let local = ServerAddress("unix:engine.sock", runtimeFolder: "/run/user/1/thoth")
    #expect(local.socketPath == "/run/user/1/thoth/engine.sock")
    #expect(ServerAddress("unix:/other.sock", runtimeFolder: "/run").socketPath == "/other.sock")
    #expect(ServerAddress("https://example.org/v1/", runtimeFolder: "/run").base == "https://example.org/v1")
    let whisperCpp = ServerAddress("http://127.0.0.1:8080/inference", runtimeFolder: "/run")
    #expect(whisperCpp.dialect == .whisperCpp && whisperCpp.probe == "http://127.0.0.1:8080/health")
    #expect(local.dialect == .openAI && local.probe == "http://localhost/v1/models")
  }
}
