import DictationTypes
import Foundation
import Requests
import TestSupport
import Testing

@testable import TextEnhancement

/// A dictation that tempts a model, and answers that it may be given, or may not.
struct Temptation: Decodable, Sendable {
  struct Bad: Decodable, Sendable {
    let answer: String
    let kind: String
  }
  let id: String
  let said: String
  let must: [String]
  let never: [String]
  let good: [String]
  let bad: [Bad]

  /// What `text` has not, and should have, or has, and should not.
  func faults(in text: String) -> [String] {
    let has = { (part: String) in text.lowercased().contains(part.lowercased()) }
    return must.filter { !has($0) } + never.filter(has)
  }

  static func all() throws -> [Temptation] {
    let text = try String(contentsOfFile: rig("../Fixtures/text/adversarial.jsonl"), encoding: .utf8)
    return try text.split(separator: "\n").map {
      try JSONDecoder().decode(Temptation.self, from: Data($0.utf8))
    }
  }
}

/// Whatever a model makes of a dictation, what is inserted is never worse than what was said.
@Suite(.serialized) struct AdversarialTests {
  private let prompt: Prompt
  private let temptations: [Temptation]

  init() throws {
    prompt = try PromptLibrary(folder: "/nowhere").prompt(named: "fix-grammar")
    temptations = try Temptation.all()
  }

  private func outcome(_ answer: String, of said: String) -> EditOutcome {
    judge(answer, of: said, by: prompt, ChatMessages(said, by: prompt, context: nil))
  }

  @Test func theSetIsWhole() {
    #expect(temptations.count >= 60 && Set(temptations.map(\.id)).count == temptations.count)
    for temptation in temptations {
      #expect(!temptation.bad.isEmpty && !temptation.good.isEmpty, "\(temptation.id)")
      // What is to be inserted if the model fails has to pass itself.
      #expect(temptation.faults(in: temptation.said).isEmpty, "\(temptation.id)")
    }
  }

  @Test func badAnswersAreNotTaken() {
    for temptation in temptations {
      for bad in temptation.bad {
        guard case .edited(let text) = outcome(bad.answer, of: temptation.said) else { continue }
        // Only its punctuation is another one.
        #expect(words(text) == words(temptation.said), "\(temptation.id), \(bad.kind): \(text)")
      }
    }
  }

  @Test func mostGoodOnesAre() {
    let good = temptations.flatMap { temptation in temptation.good.map { outcome($0, of: temptation.said) } }
    let taken = good.count { if case .edited = $0 { true } else { false } }
    // In doubt the text stays as it was said: some corrections are lost by that.
    #expect(10 * taken >= 9 * good.count, "\(taken) of \(good.count)")
  }

  @Test(.enabled(if: ChatModel.isInstalled), arguments: ["smollm2-135m", "qwen2.5-coder-0.5b"])
  func aRealModelNeverMakesItWorse(name: String) async throws {
    let server = try ChatModel(name)
    let requests = RequestManager()
    defer { requests.shutDown() }
    var settings = LanguageModel.Settings(
      address: ServerAddress(server.url, runtimeFolder: "/run"), model: name)
    settings.timeout = 300
    let model = LanguageModel(settings, requests: requests)
    var edited = 0
    // All of them take minutes: the benchmark asks them all.
    let some = temptations.enumerated().filter { $0.offset % 4 == 1 }.map(\.element)
    for temptation in some {
      switch try await model.edit(temptation.said, by: prompt) {
      case .rejected: continue
      case .edited(let text):
        edited += 1
        #expect(temptation.faults(in: text).isEmpty, "\(temptation.id): \(text)")
      }
    }
    // Of the one that can correct, most is taken.
    if name.hasPrefix("qwen") { #expect(2 * edited >= some.count, "\(edited) of \(some.count)") }
  }
}
