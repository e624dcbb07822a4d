import AudioFiles
import DictationTypes
import Requests

/// The form that asks for a transcript.
extension OpenAIEngine {
  /// Whisper heeds the last 224 tokens of a prompt, and Groq refuses one of more than 896 characters.
  private static let promptLimit = 896
  /// What a form has besides its file, at most: fields, boundaries, headers of parts. In bytes.
  private static let overhead = 8192

  func parts(_ request: TranscriptionRequest, isDetailed: Bool) throws(DictationError) -> [FormPart] {
    var parts = [
      try file(request.samples), FormPart("response_format", isDetailed ? "verbose_json" : "json"),
    ]
    switch settings.address.dialect {
    case .openAI:
      parts.append(FormPart("model", settings.model))
      if let language = request.language { parts.append(FormPart("language", language)) }
      // Words cost time; segments come without being asked for.
      if isDetailed && request.wantsWords { parts.append(FormPart("timestamp_granularities[]", "word")) }
    case .whisperCpp:
      // Left out, it would be what the server was started with: English, unless told otherwise.
      parts.append(FormPart("language", request.language ?? "auto"))
    }
    if let prompt = request.prompt.flatMap(end), !prompt.isEmpty { parts.append(FormPart("prompt", prompt)) }
    return parts
  }

  /// The audio: WAV that the engine takes no longer goes as FLAC, about half as long.
  private func file(_ samples: [Int16]) throws(DictationError) -> FormPart {
    let takesFLAC = settings.address.dialect == .openAI
    let limit = (settings.maxUpload ?? .max) - Self.overhead
    let wavSize = WAVHeader.size + 2 * samples.count
    let isFLAC = settings.upload == .flac || takesFLAC && wavSize > limit
    let bytes = isFLAC ? try flacFile(samples) : wavFile(samples)
    guard bytes.count <= limit else {
      let (size, most) = (bytes.count / 1_000_000, (settings.maxUpload ?? 0) / 1_000_000)
      throw DictationError(
        .format,
        "the recording has \(size) MB, and the engine \"\(name)\" takes \(most) MB at once: "
          + "record less at a time, or raise engine.\(name).max_upload if it takes more")
    }
    return isFLAC
      ? FormPart("file", file: bytes, filename: "speech.flac", contentType: "audio/flac")
      : FormPart("file", file: bytes, filename: "speech.wav", contentType: "audio/wav")
  }

  /// The end of a prompt, as much as is heeded: whole words, where it has any.
  private func end(of prompt: String) -> String {
    let scalars = prompt.unicodeScalars
    guard scalars.count > Self.promptLimit else { return prompt }
    let end = scalars.suffix(Self.promptLimit)
    let word = end.firstIndex { $0.properties.isWhitespace }.map { end[end.index(after: $0)...] }
    return String(word ?? end)
  }
}
