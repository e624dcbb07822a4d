import TestSupport
import Testing

/// Names of the dictionary that the embedded engine recognises because it is told them.
@Suite struct NameTests {
  private let configuration: ALSAConfiguration
  private let sandbox: Sandbox

  init() throws {
    configuration = try ALSAConfiguration()
    _ = try FaultMicrophone(
      .init { settings in
        settings.file = recording("name_joaquin.wav")
        settings.speed = 2
        settings.isPatient = true
      }, named: "default", in: configuration)
    sandbox = try Sandbox(configuration.environment, hasEngine: true)
    try #require(sandbox.thoth("engine", "start").code == 0)
  }

  private func dictated() throws -> String {
    let begun = try sandbox.thoth("record", "--language", "en")
    try #require(begun.code == 0, "\(begun.errors)")
    #expect(sandbox.waitForAudio(of: String(begun.output.dropLast()), seconds: 3.4))
    return try sandbox.thoth("stop", "--output", "stdout").output
  }

  /// The name sounds like "walking", and the policy takes nothing else for it than itself: what is not recognised stays
  /// wrong.
  @Test func aNameThatSoundsLikeAnotherWordIsRecognised() throws {
    #expect(try !dictated().contains("Joaquin"))
    for name in ["Kubernetes", "Joaquin", "Reykjavik", "Vaultwarden"] {
      #expect(try sandbox.thoth("dict", "term", name, "--policy", "alias").code == 0)
    }
    #expect(try dictated() == "Tell Joaquin that the train is late again.\n")
    #expect(try sandbox.thoth("config", "set", "filter.tell_terms", "false").code == 0)
    #expect(try !dictated().contains("Joaquin"))
  }
}
