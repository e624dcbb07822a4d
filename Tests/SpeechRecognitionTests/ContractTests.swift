import AudioFiles
import DictationTypes
import Requests
import TestSupport
import Testing

@testable import SpeechRecognition

/// Each kind of engine against a server that holds to its documentation.
@Suite struct ContractTests {
  private let words = [
    TimedWord("Go", start: 500, end: 740), TimedWord("forward,", start: 740, end: 1200),
    TimedWord("ten", start: 1320, end: 1600), TimedWord("metres.", start: 1600, end: 2100),
  ]

  /// Two seconds of silence: the servers look at the shape of a file, not at what is said.
  private var request = TranscriptionRequest(samples: [Int16](repeating: 0, count: 32_000))

  private func ask(
    _ server: ContractServer, _ path: String, model: String, key: String? = nil,
    _ change: (inout OpenAIEngine.Settings) -> Void = { _ in },
    request: TranscriptionRequest? = nil
  ) async throws(DictationError) -> Transcript {
    let requests = RequestManager()
    defer { requests.shutDown() }
    var settings = OpenAIEngine.Settings(
      name: "cloud", address: ServerAddress(server.url(path), runtimeFolder: "/run"), model: model)
    settings.key = key
    settings.upload = .flac
    change(&settings)
    let engine = OpenAIEngine(settings, requests: requests, plainModels: PlainModels())
    return try await engine.transcribe(request ?? self.request)
  }

  @Test func openAIsWhisperTellsLanguageAndWords() async throws {
    let server = try ContractServer("openai")
    var request = request
    (request.wantsWords, request.prompt) = (true, "Before that.")
    let heard = try await ask(server, "/v1", model: "whisper-1", key: "sk-contract", request: request)
    #expect(heard.text == "Go forward, ten metres.")
    #expect(heard.language == "en" && heard.model == "whisper-1" && heard.engine == "cloud")
    #expect(heard.words?.map(\.word) == ["Go", "forward", "ten", "metres"])
    #expect(heard.words?.map(\.start) == [500, 740, 1320, 1600])
    let sent = try #require(server.requests(1).first)
    #expect(sent.filename == "speech.flac" && sent.type == "audio/flac" && sent.seconds == 2)
    #expect(
      sent.fields == [
        "model": ["whisper-1"], "response_format": ["verbose_json"], "prompt": ["Before that."],
        "timestamp_granularities[]": ["word"],
      ])
  }

  @Test(arguments: ["gpt-4o-transcribe", "gpt-4o-mini-transcribe"])
  func openAIsOtherModelsAreAskedForJSONAlone(model: String) async throws {
    let server = try ContractServer("openai")
    var request = request
    (request.wantsWords, request.language) = (true, "de")
    let heard = try await ask(server, "/v1/", model: model, key: "sk-contract", request: request)
    #expect(heard.text == "Go forward, ten metres." && heard.words == nil)
    // It tells no language: what was asked for is it.
    #expect(heard.language == "de")
    #expect(
      server.requests(1).map(\.fields) == [
        ["model": [model], "response_format": ["json"], "language": ["de"]]
      ])
  }

  @Test func whatOpenAIRefusesHasItsKindAndItsWords() async throws {
    let server = try ContractServer("openai")
    let key = await #expect(throws: DictationError.self) {
      try await ask(server, "/v1", model: "whisper-1", key: "sk-wrong")
    }
    #expect(key?.kind == .auth)
    #expect(key?.message.contains("Incorrect API key provided: ….") == true, "\(key?.message ?? "")")
    let model = await #expect(throws: DictationError.self) {
      try await ask(server, "/v1", model: "whisper-9", key: "sk-contract")
    }
    #expect(model?.kind == .config)
    #expect(model?.message.contains("The model `whisper-9` does not exist") == true)
    let path = await #expect(throws: DictationError.self) {
      try await ask(server, "/v2", model: "whisper-1", key: "sk-contract")
    }
    #expect(path?.kind == .config)
    var request = request
    request.language = "deu"
    let language = await #expect(throws: DictationError.self) {
      try await ask(server, "/v1", model: "whisper-1", key: "sk-contract", request: request)
    }
    #expect(language?.kind == .format)
    // Nobody has asked for it when an engine has found it out.
    request.isLanguageHeard = true
    let heard = try await ask(server, "/v1", model: "whisper-1", key: "sk-contract", request: request)
    #expect(heard.language == "en")
  }

  /// Noise does not get shorter as FLAC, and 25 MB are 13 minutes of it.
  @Test func whatIsTooLongIsNotSent() async throws {
    let server = try ContractServer("openai")
    var noise: [Int16] = []
    var state: UInt32 = 1
    for _ in 0..<600_000 {
      state = state &* 1_664_525 &+ 1_013_904_223
      noise.append(Int16(truncatingIfNeeded: state >> 16))
    }
    let request = TranscriptionRequest(samples: noise)
    let error = await #expect(throws: DictationError.self) {
      try await ask(
        server, "/v1", model: "whisper-1", key: "sk-contract", { $0.maxUpload = 1_000_000 }, request: request)
    }
    #expect(error?.kind == .format)
    #expect(error?.message.contains("raise engine.cloud.max_upload") == true, "\(error?.message ?? "")")
    #expect(server.requests(0).isEmpty)
    _ = try await ask(server, "/v1", model: "whisper-1", key: "sk-contract", request: request)
    #expect(server.requests(1).count == 1)
  }

  @Test func whatIsTooLongAsWAVGoesAsFLAC() async throws {
    let server = try ContractServer("openai")
    for limit in [1_000_000, 50_000] {
      _ = try await ask(server, "/v1", model: "whisper-1", key: "sk-contract") {
        $0.upload = .wav
        $0.maxUpload = limit
      }
    }
    #expect(server.requests(2).map(\.filename) == ["speech.wav", "speech.flac"])
    #expect(server.requests(2).map(\.seconds) == [2, 2])
  }

  /// The largest upload that is let through by default is one that the server takes.
  @Test func theLimitIsOnTheSafeSide() async throws {
    let server = try ContractServer("openai")
    let request = TranscriptionRequest(samples: [Int16](repeating: 0, count: (25_000_000 - 8192 - 44) / 2))
    let heard = try await ask(
      server, "/v1", model: "whisper-1", key: "sk-contract",
      {
        $0.upload = .wav
        $0.maxUpload = 25_000_000
        $0.timeout = 120
      }, request: request)
    #expect(heard.text == "Go forward, ten metres.")
    #expect(server.requests(1).first?.filename == "speech.wav")
  }

  @Test func groqTellsWords() async throws {
    let server = try ContractServer("groq")
    var request = request
    request.wantsWords = true
    let heard = try await ask(
      server, "/openai/v1", model: "whisper-large-v3-turbo", key: "gsk_contract", request: request)
    #expect(heard.text == " Go forward, ten metres.")
    #expect(heard.language == "en")
    #expect(heard.words == words)
    #expect(server.requests(1).first?.path == "/openai/v1/audio/transcriptions")
  }

  @Test func groqGetsAsMuchOfAPromptAsItTakes() async throws {
    let server = try ContractServer("groq")
    for prompt in [String(repeating: "wort für wort ", count: 100), String(repeating: "é", count: 2000)] {
      var request = request
      request.prompt = prompt
      _ = try await ask(
        server, "/openai/v1", model: "whisper-large-v3", key: "gsk_contract", request: request)
    }
    let sent = server.requests(2).compactMap { $0.fields["prompt"]?.first }
    #expect(sent.count == 2)
    #expect(sent[0].hasSuffix("wort für wort ") && sent[0].count > 880)
    #expect(["wort", "für"].contains(sent[0].split(separator: " ").first))
    #expect(sent[1].count == 896)
  }

  @Test func speachesTellsWordsWithTheSpaceBeforeThem() async throws {
    let server = try ContractServer("speaches")
    var request = request
    request.wantsWords = true
    let heard = try await ask(server, "/v1", model: "Systran/faster-whisper-small", request: request)
    #expect(heard.language == "en" && heard.words == words)
    let missing = await #expect(throws: DictationError.self) {
      try await ask(server, "/v1", model: "Systran/faster-whisper-huge")
    }
    #expect(missing?.kind == .config)
    #expect(missing?.message.contains("POST /v1/models") == true)
  }

  @Test func vLLMTellsSegmentsOfWhisper() async throws {
    let server = try ContractServer("vllm")
    let heard = try await ask(server, "/v1", model: "openai/whisper-large-v3")
    #expect(heard.text == " Go forward, ten metres." && heard.language == "en" && heard.words == nil)
    #expect(server.requests(1).map { $0.fields["response_format"] } == [["verbose_json"]])
  }

  /// Nothing but its answer tells that a model on this machine has no details: it is asked in vain once.
  @Test func aModelWithoutDetailsIsAskedForJSON() async throws {
    let server = try ContractServer("vllm", "mistralai/Voxtral-Mini-3B-2507")
    let requests = RequestManager()
    defer { requests.shutDown() }
    var settings = OpenAIEngine.Settings(
      name: "v", address: ServerAddress(server.url("/v1"), runtimeFolder: "/run"),
      model: "mistralai/Voxtral-Mini-3B-2507")
    settings.isOnThisMachine = true
    let plainModels = PlainModels()
    for _ in 0..<2 {
      let engine = OpenAIEngine(settings, requests: requests, plainModels: plainModels)
      #expect(try await engine.transcribe(request).text == " Go forward, ten metres.")
    }
    #expect(
      server.requests(3).map { $0.fields["response_format"] } == [["verbose_json"], ["json"], ["json"]])
  }

  @Test func whisperCppIsAskedAtItsOwnPath() async throws {
    let server = try ContractServer("whisper_cpp")
    let heard = try await ask(server, "/inference", model: "default") { $0.upload = .wav }
    #expect(heard.text == " Go forward,\n ten metres.\n")
    #expect(heard.language == "en")
    // Its tokens are words again.
    #expect(heard.words == words)
    let sent = try #require(server.requests(1).first)
    #expect(sent.path == "/inference" && sent.type == "audio/wav")
    // Without a language it would listen for English, and there is no model to name.
    #expect(sent.fields == ["language": ["auto"], "response_format": ["verbose_json"]])
    var request = request
    request.language = "de"
    let german = try await ask(server, "/inference", model: "default", { $0.upload = .wav }, request: request)
    #expect(german.language == "de")
  }

  @Test func whisperCppsRefusalIsTold() async throws {
    let server = try ContractServer("whisper_cpp")
    let error = await #expect(throws: DictationError.self) {
      try await ask(server, "/inference", model: "default")
    }
    #expect(error?.kind == .format)
    #expect(error?.message.contains("failed to read audio data") == true)
  }

  @Test(arguments: [
    ("english", "en"), ("English", "en"), ("en", "en"), ("EN", "en"), ("pt-BR", "pt"),
    ("haitian creole", "ht"),
    ("valencian", "ca"), ("jw", "jv"), ("javanese", "jv"), ("yue", "yue"), ("klingon", nil), ("xx", nil),
    ("", nil),
  ])
  func languagesAreCodes(told: String, code: String?) {
    #expect(languageCode(told) == code)
  }
}
