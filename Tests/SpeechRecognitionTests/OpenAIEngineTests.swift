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
      name: "cloud", address: EngineAddress(server.url("echo") + "/", runtimeFolder: "/run"), model: "gpt")
    settings.key = "k"
    let engine = OpenAIEngine(settings, requests: requests, plainModels: PlainModels())
    let transcript = try await engine.transcribe(
      TranscriptionRequest(samples: [0], language: "de", prompt: "before"))
    #expect(transcript.text == "response_format=json model=gpt language=de prompt=before key=Bearer k")
    #expect(transcript.engine == "cloud" && transcript.model == "gpt" && transcript.language == "de")
  }

  @Test(arguments: [
    (#"{"error":{"message":"no such model","type":"x"}}"#, "no such model"), (#"{"error":"busy"}"#, "busy"),
    (#"{"detail":"Not Found"}"#, "Not Found"), (#"{"message":"m"}"#, "m"), (#"{"error":{}}"#, nil),
    (#"{"detail":[{"loc":["body"],"msg":"Field required"}]}"#, "Field required"), ("<html>", nil), ("", nil),
    (#"{"error":"two\nlines\u001b[31m\ttabs"}"#, "two lines [31m tabs"),
  ])
  func theServersOwnWordsAreFound(body: String, message: String?) {
    #expect(serverMessage(Array(body.utf8)) == message)
  }

  @Test func aLongMessageIsCut() {
    let body = "{\"error\":\"\(String(repeating: "x", count: 1000))\"}"
    #expect(serverMessage(Array(body.utf8))?.count == 301)
  }

  @Test(arguments: [0, 280, 290, 299, 300]) func noPartOfAKeyIsTold(before: Int) {
    let body = "{\"error\":\"\(String(repeating: "x", count: before))sk-secret-4711 is wrong\"}"
    let told = serverMessage(Array(body.utf8), hiding: "sk-secret-4711")
    #expect(told?.hasPrefix(String(repeating: "x", count: before) + "…") == true)
  }

  @Test(
    arguments: [
      ("https://me:secret@a.example/v1", "https://a.example/v1"),
      ("https://me@a.example", "https://a.example"),
      ("https://a:b@c@a.example/v1?q=@", "https://a.example/v1?q=@"),
      ("https://a.example/@", "https://a.example/@"),
      ("unix:engine.sock", "unix:engine.sock"), ("unix:/a@b", "unix:/a@b"),
    ])
  func whoIsAskedAsWhomIsNotTold(url: String, told: String) {
    #expect(EngineAddress(url, runtimeFolder: "/run").url == told)
  }

  @Test func aDeadlineThatHasPassedIsNotWaitedFor() async throws {
    let server = try FaultServer()
    let requests = RequestManager()
    defer { requests.shutDown() }
    let settings = OpenAIEngine.Settings(
      name: "cloud", address: EngineAddress(server.url("never"), runtimeFolder: "/run"), model: "m")
    let engine = OpenAIEngine(settings, requests: requests, plainModels: PlainModels())
    var request = TranscriptionRequest(samples: [0])
    for deadline in [1, monotonicNanoseconds() + 100_000_000] {
      request.deadline = deadline
      let error = await #expect(throws: DictationError.self) { try await engine.transcribe(request) }
      #expect(error?.kind == .timeout)
    }
  }

  @Test func addresses() {
    let local = EngineAddress("unix:engine.sock", runtimeFolder: "/run/user/1/thoth")
    #expect(local.socketPath == "/run/user/1/thoth/engine.sock")
    #expect(EngineAddress("unix:/other.sock", runtimeFolder: "/run").socketPath == "/other.sock")
    #expect(EngineAddress("https://example.org/v1/", runtimeFolder: "/run").base == "https://example.org/v1")
    let whisperCpp = EngineAddress("http://127.0.0.1:8080/inference", runtimeFolder: "/run")
    #expect(whisperCpp.dialect == .whisperCpp && whisperCpp.probe == "http://127.0.0.1:8080/health")
    #expect(local.dialect == .openAI && local.probe == "http://localhost/v1/models")
  }
}
