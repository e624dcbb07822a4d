import Foundation
import TestSupport
import Testing

/// With the loudspeaker at the microphone: a sound server whose sink is the source.
@Suite(.serialized) struct CueTests {
  @Test func aRecordingOfNothingButCuesIsDiscarded() throws {
    let configuration = try ALSAConfiguration()
    let sound = try SoundServer(configuration: configuration)
    let sandbox = try Sandbox(sound.environment)
    try sandbox.writeSettings("[audio]\ncues = true\n[output]\nmethod = \"none\"\n")
    let ear = try Ear(sound)
    let job = String(try sandbox.thoth("record").output.dropLast())
    #expect(sandbox.waitForAudio(of: job, seconds: 2))
    let audio = try #require(sandbox.audio(of: job))
    // Without an engine, what is taken for speech fails.
    let end = try sandbox.thoth("stop", "--wait")
    #expect(end.code == 4, "\(end.errors)")
    #expect(end.errors.contains("no speech"))
    #expect(abs(cues(in: audio.dropFirst(44)) - 1) < 0.1)
    #expect(eventually { abs(cues(in: ear.heard) - 2) < 0.1 })
    #expect(!sandbox.log.contains("cue"))
  }

  @Test func aCueDoesNotChangeTheText() throws {
    let configuration = try ALSAConfiguration()
    let sound = try SoundServer(configuration: configuration)
    let sandbox = try Sandbox(sound.environment, hasEngine: true)
    try sandbox.writeSettings("[audio]\ncues = true\n[output]\nmethod = \"none\"\n")
    #expect(try sandbox.thoth("engine", "start").code == 0)
    for file in ["utt_jfk.wav", "cmd_goforward.wav"] {
      let ear = try Ear(sound)
      #expect(try sandbox.thoth("record").code == 0)
      try sound.play(recording(file))
      let end = try sandbox.thoth("stop", "--wait")
      #expect(end.code == 0, "\(end.errors)")
      #expect(cues(in: ear.heard) > 0.9)
      let text = try sandbox.thoth("last").output
      let reference = words(try alone(file, sandbox))
      // It was heard in one piece, and thoth's text in segments: a word at a seam may differ.
      #expect(words(text).difference(from: reference).count <= 2, "\(text) and not \(reference)")
    }
  }

  @Test func aBrokenLoudspeakerCostsNothing() throws {
    let configuration = try ALSAConfiguration()
    _ = try FaultMicrophone(named: "default", in: configuration)
    let sandbox = try Sandbox(configuration.environment)
    try sandbox.writeSettings("[audio]\ncues = true\n[output]\nmethod = \"none\"\n")
    for _ in 0..<2 {
      let job = String(try sandbox.thoth("record").output.dropLast())
      #expect(sandbox.waitForAudio(of: job, seconds: 0.1))
      _ = try sandbox.thoth("cancel")
    }
    #expect(eventually { sandbox.log.contains("no cue: The loudspeaker default") })
    #expect(sandbox.log.split(separator: "no cue").count == 2)
  }

  /// How many cues there are in 16-bit samples at 16 kHz that hold nothing else, by their energy.
  private func cues(in bytes: Data) -> Double {
    var sum = 0.0
    for index in stride(from: bytes.startIndex, to: bytes.endIndex - 1, by: 2) {
      let sample = Double(Int16(bitPattern: UInt16(bytes[index]) | UInt16(bytes[index + 1]) << 8))
      sum += sample * sample
    }
    // Two sines of 55 ms and 0.22 of full scale; a ramp of 6 ms has the energy of 3/8 of it.
    let amplitude = 0.22 * 32_767
    return sum / (2 * (0.055 - 2 * 0.006 * 5 / 8) * 16_000 * amplitude * amplitude / 2)
  }

  /// What the engine says to the file itself.
  private func alone(_ file: String, _ sandbox: Sandbox) throws -> String {
    let answer = try run(
      "curl",
      [
        "-sS", "--unix-socket", sandbox.file("run/thoth/engine.sock"), "-F", "response_format=text",
        "-F", "file=@\(recording(file))", "http://localhost/v1/audio/transcriptions",
      ])
    #expect(answer.code == 0, "\(answer.errors)")
    return answer.output
  }

  /// Without its punctuation, which a breath more or less may change.
  private func words(_ text: String) -> [Substring] {
    text.lowercased().split { !$0.isLetter && !$0.isNumber }
  }
}
