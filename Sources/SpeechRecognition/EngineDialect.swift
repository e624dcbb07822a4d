public import Requests

/// How an engine wants to be asked.
public enum EngineDialect: Sendable, Hashable {
  /// OpenAI's `POST /audio/transcriptions`
  /// (platform.openai.com/docs/api-reference/audio/createTranscription).
  case openAI
  /// The `POST /inference` of whisper.cpp's server
  /// (github.com/ggml-org/whisper.cpp/blob/master/examples/server/README.md).
  case whisperCpp
}

/// What an engine answers at its address.
extension ServerAddress {
  /// Told by the address: only whisper.cpp's server is asked at `…/inference`.
  public var dialect: EngineDialect { base.hasSuffix("/inference") ? .whisperCpp : .openAI }

  /// Where recordings are sent.
  var transcriptions: String { dialect == .openAI ? base + "/audio/transcriptions" : base }

  /// What can be asked for without cost: whether it is there, and whether it takes the key.
  public var probe: String {
    dialect == .openAI ? base + "/models" : base.dropLast("/inference".count) + "/health"
  }
}
