import DictationTypes
import FoundationEssentials
import Linux
import Pipeline

/// An event as a line of JSON.
struct EventLine: Encodable {
  let record: EventRecord

  private enum Key: String, CodingKey { case v, boot, seq, ts, type, job, count }

  func encode(to encoder: any Encoder) throws {
    var table = encoder.container(keyedBy: Key.self)
    try table.encode(1, forKey: .v)
    try table.encode(record.boot, forKey: .boot)
    try table.encodeIfPresent(record.sequence, forKey: .seq)
    try table.encode(timestamp(record.unixMilliseconds), forKey: .ts)
    try table.encode(record.event.type, forKey: .type)
    try table.encodeIfPresent(record.job, forKey: .job)
    switch record.event {
    case .state(let fields): try fields.encode(to: encoder)
    case .partial(let fields): try fields.encode(to: encoder)
    case .result(let fields): try fields.encode(to: encoder)
    case .error(let fields): try fields.encode(to: encoder)
    case .level(let fields): try fields.encode(to: encoder)
    case .audio(let fields): try fields.encode(to: encoder)
    case .engine(let fields): try fields.encode(to: encoder)
    case .guarded(let fields): try fields.encode(to: encoder)
    case .enhance(let fields): try fields.encode(to: encoder)
    case .output(let fields): try fields.encode(to: encoder)
    case .transcribe(let fields):
      try fields.encode(to: encoder)
      try fields.counts.encode(to: encoder)
    case .export(let fields): try fields.encode(to: encoder)
    case .config(let fields): try fields.encode(to: encoder)
    case .dropped(let count): try table.encode(count, forKey: .count)
    }
  }
}

/// `value` as one line of JSON.
func json(_ value: some Encodable) -> String {
  guard let data = try? wireEncoder().encode(value) else { return "{}" }
  return String(decoding: data, as: UTF8.self)
}
