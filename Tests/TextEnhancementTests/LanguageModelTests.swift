import DictationTypes
import Linux
import Requests
import TestSupport
import Testing

@testable import TextEnhancement

/// A language model is asked over a real socket, and answers as those of several makers do, well or badly.
@Suite struct LanguageModelTests {
  private static let french = "%C3%A0%20bient%C3%B4t"

  private func edit(
    _ text: String, _ mode: String, _ server: FaultServer, key: String? = nil, timeout: Int = 30
  ) async -> Result<EditOutcome, DictationError> {
    let requests = RequestManager()
    defer { requests.shutDown() }
    var settings = LanguageModel.Settings(
      address: ServerAddress(server.url(mode), runtimeFolder: "/run"), model: "small")
    settings.key = key
    settings.timeout = timeout
    let model = LanguageModel(settings, requests: requests)
    var prompt = Prompt(name: "mend", body: "Mend {text}.")
    prompt.temperature = 0.25
    do throws(DictationError) {
      return .success(try await model.edit(text, by: prompt))
    } catch {
      return .failure(error)
    }
  }

  @Test func theRequestHasTheDocumentedFields() async throws {
    let server = try FaultServer()
    #expect(await edit("hello there", "edit", server, key: "k") == .success(.edited("Hello there.")))
    let chat = try #require(server.chats(1).first)
    for part in [
      #""key": "Bearer k""#, #""model": "small""#, #""stream": true"#, #""temperature": 0.25"#,
      #"{"content": "<dictation>\nhello there\n</dictation>", "role": "user"}"#, #""role": "system""#,
    ] {
      #expect(chat.contains(part), "\(chat)")
    }
  }

  @Test(arguments: [
    ("say-\(french).", "à bientôt"), ("json-\(french).", "à bientôt"), ("parts-\(french).", "à bientôt"),
    ("edit", "hello there"), ("think", "hello there"), ("no-temperature", "hello there"),
  ])
  func everyKindOfAnswerIsRead(mode: String, text: String) async throws {
    let server = try FaultServer()
    let outcome = await edit(text, mode, server)
    #expect(outcome == .success(.edited(text.hasPrefix("h") ? "Hello there." : "\(text).")))
  }

  @Test(arguments: [
    ("endless", Rejection.Reason.length), ("length", .length), ("filter", .refusal), ("say-%20", .empty),
    ("say-Paris.", .answered),
  ])
  func whatIsNoEditedTextIsRejected(mode: String, reason: Rejection.Reason) async throws {
    let server = try FaultServer()
    guard case .success(.rejected(let rejection)) = await edit("what is the capital of france", mode, server)
    else {
      Issue.record("it was taken")
      return
    }
    #expect(rejection.reason == reason)
    if mode == "endless" { #expect(await waits { server.waitFor("gone") }) }
  }

  @Test(arguments: [
    ("half", ErrorKind.server, "broke off in its answer"), ("leak", .server, "failed: wrong key Bearer …"),
    ("broken", .server, "failed: out of memory"),
    ("html", .server, "text/html that is no answer of a language model: check enhance.url"),
    ("empty", .server, "that is no answer"), ("wrong-json", .server, "that is no answer"),
    ("401", .auth, "the language model refused the key (401)"),
    ("404", .config, "Check enhance.url and enhance.model"),
    ("500", .server, "the language model failed (500): the server says 500"),
    ("429", .rateLimit, "asks for fewer requests"), ("400", .format, "does not take this text"),
    ("freeze", .timeout, "did not answer within 1.0 s"), ("never", .timeout, "did not answer within 1.0 s"),
  ])
  func whatGoesWrongIsSaid(mode: String, kind: ErrorKind, message: String) async throws {
    let server = try FaultServer()
    guard case .failure(let error) = await edit("hello", mode, server, key: "secret", timeout: 1) else {
      Issue.record("it was taken")
      return
    }
    #expect(error.kind == kind && error.message.contains(message), "\(error)")
    #expect(!error.message.contains("secret"))
  }

  @Test func aServerThatIsAwayIsSaidToBe() async throws {
    let server = try FaultServer()
    server.end()
    guard case .failure(let error) = await edit("hello", "edit", server) else {
      Issue.record("it was taken")
      return
    }
    #expect(error.kind == .network && error.message.contains("does not accept connections: is it running?"))
  }

  @Test func anEventThatIsNoJSONIsAFault() {
    var stream = ChatStream()
    stream.take(
      Array("data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\ndata: {oops\n\ndata: [DONE]\n\n".utf8))
    #expect(stream.end() && stream.answer.problem == "an event of its stream is no JSON")
  }

  @Test func theStreamMayComeInAnyPieces() {
    let stream = """
      : comment\r\ndata: {"choices":[{"delta":{"role":"assistant","content":null}}]}\r\n\r
      data:{"choices":[{"delta":{"content":"grün"}}]}

      event: ping
      data: {"choices":[],"usage":{}}

      data: {"choices":[{"delta":{},"finish_reason":"stop"}]}

      """
    let bytes = Array(stream.utf8)
    for size in 1...bytes.count {
      var reader = ChatStream()
      for start in stride(from: 0, to: bytes.count, by: size) {
        reader.take(bytes[start..<min(start + size, bytes.count)])
      }
      #expect(reader.end() && reader.answer == ChatAnswer(text: "grün", ending: "stop", problem: nil))
    }
  }
}
