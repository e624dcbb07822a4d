import DictationTypes
import Requests
import TestSupport
import Testing

@testable import SpeechRecognition

@Suite struct OpenAIEngineTests {
  @Test func theRequestHasTheDocumentedFields() async throws {
    let server = try FaultServer()
    let requests = RequestManager()
    defer { requests.shutDown() }
    let engine = OpenAIEngine(
      name: "cloud", address: EngineAddress(server.url("echo") + "/", runtimeFolder: "/run"),
      model: "whisper-1",
      timeout: 20, isDetailed: false, key: "k", requests: requests)
    let transcript = try await engine.transcribe(
      TranscriptionRequest(samples: [0], language: "de", prompt: "before"))
    #expect(transcript.text == "model=whisper-1 response_format=json language=de prompt=before key=Bearer k")
    #expect(transcript.engine == "cloud" && transcript.model == "whisper-1" && transcript.language == "de")
  }

  @Test(arguments: [
    (#"{"error":{"message":"no such model","type":"x"}}"#, "no such model"), (#"{"error":"busy"}"#, "busy"),
    (#"{"detail":"Not Found"}"#, "Not Found"), (#"{"message":"m"}"#, "m"), (#"{"error":{}}"#, nil),
    ("<html>", nil), ("", nil),
    (#"{"error":"two\nlines\u001b[31m\ttabs"}"#, "two lines [31m tabs"),
  ])
  func theServersOwnWordsAreFound(body: String, message: String?) {
    #expect(serverMessage(Array(body.utf8)) == message)
  }

  @Test func aLongMessageIsCut() {
    let body = "{\"error\":\"\(String(repeating: "x", count: 1000))\"}"
    #expect(serverMessage(Array(body.utf8))?.count == 301)
  }

  @Test func addresses() {
    let local = EngineAddress("unix:engine.sock", runtimeFolder: "/run/user/1/thoth")
    #expect(local.socketPath == "/run/user/1/thoth/engine.sock")
    #expect(EngineAddress("unix:/other.sock", runtimeFolder: "/run").socketPath == "/other.sock")
    #expect(EngineAddress("https://example.org/v1/", runtimeFolder: "/run").base == "https://example.org/v1")
  }
}
