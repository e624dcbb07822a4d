import DictationTypes
import FoundationEssentials
import Requests

/// What a model has answered: one body of JSON, or the events of a stream.
struct ChatAnswer: Sendable, Hashable {
  /// The text.
  var text = ""
  /// Why it ends, in the words of the API: `stop`, `length`, `content_filter`; nil: it has not ended.
  var ending: String?
  /// What went wrong after it had begun to answer.
  var problem: String?
  /// What is left out of `problem`.
  var secret: String?

  /// Whether what follows the model's reasoning has more than `limit` Unicode scalars.
  func isLonger(than limit: Int) -> Bool {
    // No scalar is less than a byte: that is known at once.
    text.utf8.count > limit && withoutReasoning(text).unicodeScalars.count > limit
  }

  /// Takes the JSON of one event, or of the whole answer. False when it is none.
  mutating func take(_ json: some Sequence<UInt8>) -> Bool {
    let bytes = Array(json)
    guard let piece = try? JSONDecoder().decode(ChatPiece.self, from: Data(bytes)) else { return false }
    // Some tell an error beside what they have written so far.
    problem = problem ?? serverMessage(bytes, hiding: secret)
    guard let choice = piece.choices?.first else { return problem != nil || piece.choices != nil }
    text += (choice.delta ?? choice.message)?.content?.text ?? ""
    ending = choice.ending ?? ending
    return true
  }
}

/// `chat.completion` and `chat.completion.chunk`, as far as they matter here
/// (platform.openai.com/docs/api-reference/chat/object, …/chat-streaming).
private struct ChatPiece: Decodable {
  struct Choice: Decodable {
    let message: Message?
    let delta: Message?
    let ending: String?

    enum CodingKeys: String, CodingKey {
      case message, delta
      case ending = "finish_reason"
    }
  }
  struct Message: Decodable { let content: Content? }

  /// A string, or parts with a string each.
  struct Content: Decodable {
    struct Part: Decodable { let text: String? }
    let text: String

    init(from decoder: any Decoder) throws {
      let value = try decoder.singleValueContainer()
      if let text = try? value.decode(String.self) {
        self.text = text
      } else {
        text = try value.decode([Part].self).compactMap(\.text).joined()
      }
    }
  }
  let choices: [Choice]?
}

/// Reads server-sent events (html.spec.whatwg.org/multipage/server-sent-events.html), whose bytes come in any pieces,
/// and whose data are one line each here. A body that is no stream is JSON at its end.
struct ChatStream: Sendable {
  /// What has come so far.
  private(set) var answer = ChatAnswer()
  /// Whether the stream has said that it is over.
  private(set) var isDone = false
  private var line: [UInt8] = []
  private var isStream = false

  /// Nothing has come; `secret` is left out of what a server says of its failure.
  init(hiding secret: String? = nil) { answer.secret = secret }

  /// Takes the next bytes.
  mutating func take(_ bytes: some Sequence<UInt8>) {
    for byte in bytes {
      if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") { endLine() } else { line.append(byte) }
    }
  }

  /// Takes the end of the body; false when it was no answer of a language model.
  mutating func end() -> Bool {
    endLine()
    return isStream
  }

  private mutating func endLine() {
    defer { line = [] }
    let name = Array("data:".utf8)
    guard line.starts(with: name) else { return }
    isStream = true
    let value = line.dropFirst(name.count).drop { $0 == UInt8(ascii: " ") }
    if value.elementsEqual("[DONE]".utf8) {
      isDone = true
    } else if !value.isEmpty, !answer.take(value) {
      // What it had to say is missing from the text.
      answer.problem = answer.problem ?? "an event of its stream is no JSON"
    }
  }
}

/// Reads a stream along, and ends it when it has become longer than any answer may be.
final class ChatReader: BodyReader {
  private var stream = ChatStream()
  private let limit: Int
  /// The length, in bytes, from which on it is looked at again: looking at each piece would take as long as the text is,
  /// each time.
  private var next: Int

  /// A reader that has enough after `limit` characters (Unicode scalars) of text.
  init(limit: Int) { (self.limit, next) = (limit, limit) }

  func read(_ bytes: UnsafeRawBufferPointer) -> Bool {
    stream.take(bytes)
    let length = stream.answer.text.utf8.count
    guard length > next else { return true }
    next = length + length / 4
    return !stream.answer.isLonger(than: limit)
  }
}

/// The answer in the body of a response.
///
/// - Throws: kind `server`: it is none, it broke off, or the model failed in the middle of it.
func chatAnswer(
  _ response: HTTPResponse, limit: Int, from server: ServerRole, hiding secret: String?
) throws(DictationError) -> ChatAnswer {
  var stream = ChatStream(hiding: secret)
  stream.take(response.body)
  var answer = ChatAnswer()
  answer.secret = secret
  if stream.end() {
    answer = stream.answer
    // Where it was long enough the rest was not waited for.
    let isCut = answer.isLonger(than: limit)
    if !stream.isDone, answer.ending == nil, answer.problem == nil, !isCut {
      throw DictationError(.server, "\(server.subject) broke off in its answer: try again", retryable: true)
    }
  } else if !answer.take(response.body) {
    let type = response.contentType.isEmpty ? "something" : response.contentType
    throw DictationError(
      .server,
      "\(server.subject) answered \(type) that is no answer of a language model: check \(server.section).url")
  }
  if let problem = answer.problem {
    throw DictationError(.server, "\(server.subject) failed: \(problem). Try again", retryable: true)
  }
  return answer
}
