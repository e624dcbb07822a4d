import Foundation
import TestSupport
import Testing

/// Languages, and what is none, through the whole pipeline and the embedded engine.
@Suite(.serialized) struct LanguageTests {
  private let configuration: ALSAConfiguration
  private let sandbox: Sandbox

  init() throws {
    configuration = try ALSAConfiguration()
    for name in ["ml_de", "ml_es", "ml_it", "ml_pt", "none_robin"] {
      let settings = FaultMicrophone.Settings { settings in
        settings.file = recording("\(name).wav")
        settings.speed = 2
        settings.isPatient = true
      }
      _ = try FaultMicrophone(settings, named: name, in: configuration)
    }
    sandbox = try Sandbox(configuration.environment, hasEngine: true)
    try #require(sandbox.thoth("engine", "start").code == 0)
  }

  private func dictate(
    _ microphone: String, seconds: Double, _ language: String? = nil
  ) throws -> (end: (code: Int32, output: String, errors: String), job: String) {
    let variables = ["THOTH_AUDIO_DEVICE": microphone]
    let begun =
      try language.map { try sandbox.thoth("record", "--language", $0, with: variables) }
      ?? sandbox.thoth("record", with: variables)
    try #require(begun.code == 0, "\(begun.errors)")
    let job = String(begun.output.dropLast())
    #expect(sandbox.waitForAudio(of: job, seconds: seconds))
    return (try sandbox.thoth("stop", "--wait", "--output", "stdout", with: variables), job)
  }

  /// The small model mishears four of eleven words of the Italian.
  @Test(arguments: [
    ("de", 5.4, "Der hinter diesem Portal liegenden Raum wurde als Leichenhalle genutzt."),
    ("es", 8.8, "Las arenas son blanquecinas de grano medio y tiene muy poca asistencia."),
    ("it", 5.7, "Sempre alla radio nacquero anche alcune sue canzoni o meglio ritmi."),
    ("pt", 4.6, "Uma raposa velha não consegue aprender nenhum ofício."),
  ])
  func aLanguageIsFoundOutOrTold(code: String, seconds: Double, said: String) throws {
    for language in [nil, code] {
      let (end, job) = try dictate("ml_\(code)", seconds: seconds, language)
      #expect(end.code == 0, "\(end.errors)")
      let missing = words(said).subtracting(words(end.output))
      #expect(missing.count <= 4, "\(end.output): \(missing)")
      let item = try sandbox.thoth("history", "show", job, "--json").output
      #expect(item.contains("\"language\":\"\(code)\""), "\(item)")
    }
  }

  @Test func aBirdHasWrittenNothing() throws {
    let (end, _) = try dictate("none_robin", seconds: 3)
    #expect(end.code == 4 && end.output == "", "\(end)")
  }

  private func words(_ text: String) -> Set<String> {
    Set(text.lowercased().split { !$0.isLetter }.map(String.init))
  }
}
