import Foundation
import TestSupport
import Testing

/// Where exports go: links, files that exist, files that others are making.
@Suite struct ExportPlaceTests {
  private let rig: ExportRig
  private var sandbox: Sandbox { rig.sandbox }

  init() throws { rig = try ExportRig() }

  private func link(_ name: String, to target: String) throws {
    try FileManager.default.createSymbolicLink(atPath: rig.file(name), withDestinationPath: target)
  }

  private func target(of name: String) -> String? {
    try? FileManager.default.destinationOfSymbolicLink(atPath: rig.file(name))
  }

  private func names(in folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: rig.file(folder)).sorted()
  }

  @Test func whatALinkLeadsToIsReplaced() async throws {
    let samples = ExportRig.noise(1, seed: 1)
    let item = try await rig.add(samples, "all is well")
    try FileManager.default.createDirectory(atPath: rig.file("deep"), withIntermediateDirectories: true)
    for name in ["file.wav", "words.vtt"] {
      try Data("old".utf8).write(to: URL(fileURLWithPath: rig.file("deep/\(name)")))
    }
    try link("out.wav", to: "deep/file.wav")
    try link("out.vtt", to: rig.file("deep/words.vtt"))
    let export = ["export", "-o", rig.file("out.wav"), item, "--captions", "vtt", "--wait"]
    let refused = try run(Sandbox.program("thoth"), export, environment: sandbox.environment)
    #expect(refused.code == 2 && refused.errors.contains("out.wav exists"), "\(refused)")
    let made = try run(Sandbox.program("thoth"), export + ["--force"], environment: sandbox.environment)
    #expect(made.code == 0 && made.output == "\(rig.file("out.wav"))\n", "\(made)")
    #expect(target(of: "out.wav") == "deep/file.wav" && target(of: "out.vtt") == rig.file("deep/words.vtt"))
    #expect(try names(in: "deep") == ["file.wav", "words.vtt"])
    #expect(rig.names == ["deep", "out.vtt", "out.wav"])
    #expect(try rig.decoded(rig.file("deep/file.wav")) == samples)
    let captions = try String(contentsOfFile: rig.file("deep/words.vtt"), encoding: .utf8)
    #expect(captions.hasPrefix("WEBVTT") && captions.contains("all is well"))
  }

  @Test func whatALinkLeadsToIsMade() async throws {
    let samples = ExportRig.noise(1, seed: 1)
    let item = try await rig.add(samples)
    try FileManager.default.createDirectory(atPath: rig.file("deep"), withIntermediateDirectories: true)
    try link("out.flac", to: "deep/none.flac")
    #expect(try sandbox.thoth("export", "-o", rig.file("out.flac"), item, "--wait").code == 0)
    #expect(target(of: "out.flac") == "deep/none.flac")
    #expect(try rig.decoded(rig.file("deep/none.flac")) == samples)
    #expect(try names(in: "deep") == ["none.flac"])
    try link("lost.flac", to: "nowhere/none.flac")
    let lost = try sandbox.thoth("export", "-o", rig.file("lost.flac"), item, "--force")
    #expect(lost.code == 2 && lost.errors.contains("there is no folder \(rig.file("nowhere/"))"), "\(lost)")
  }

  @Test func captionsThatExistAreNotReplacedUnlessAsked() async throws {
    let item = try await rig.add(ExportRig.noise(1, seed: 1), "all is well")
    let captions = rig.file("out.vtt")
    try Data("old".utf8).write(to: URL(fileURLWithPath: captions))
    let export = ["export", "-o", rig.file("out.wav"), item, "--captions", "vtt", "--wait"]
    let refused = try run(Sandbox.program("thoth"), export, environment: sandbox.environment)
    #expect(refused.code == 2 && refused.errors.contains("\(captions) exists"), "\(refused)")
    // Before anything is made.
    #expect(rig.names == ["out.vtt"])
    #expect(FileManager.default.contents(atPath: captions) == Data("old".utf8))
    let made = try run(Sandbox.program("thoth"), export + ["--force"], environment: sandbox.environment)
    #expect(made.code == 0 && rig.names == ["out.vtt", "out.wav"], "\(made)")
    #expect(try String(contentsOfFile: captions, encoding: .utf8).contains("all is well"))
  }

  @Test func twoExportsDoNotMakeOneFile() async throws {
    let item = try await rig.add(ExportRig.noise(1, seed: 1))
    let path = rig.file("long.m4a")
    let long = try await rig.startLong(path)
    try link("same.m4a", to: path)
    for name in ["long.m4a", "same.m4a"] {
      let second = try sandbox.thoth("export", "-o", rig.file(name), item, "--force")
      #expect(second.code == 3 && second.errors.contains("\(rig.file(name)) is being made by"), "\(second)")
    }
    // What waits counts too, and so do captions.
    let waiting = try sandbox.thoth("export", "-o", rig.file("next.wav"), item, "--captions", "srt")
    #expect(waiting.code == 0)
    let third = try sandbox.thoth("export", "-o", rig.file("next.flac"), item, "--captions", "srt")
    #expect(third.code == 3 && third.errors.contains("is being made by"), "\(third)")
    #expect(try sandbox.thoth("export", "-o", rig.file("next.flac"), item).code == 0)
    #expect(try sandbox.thoth("cancel", "--all").code == 0)
    #expect(long.wait() == 130)
    // With the first one gone there is nothing in the way.
    #expect(try sandbox.thoth("export", "-o", path, item, "--wait").code == 0)
    #expect(rig.names == ["long.m4a", "same.m4a"])
  }

  @Test func linksInACircleAreTold() async throws {
    let item = try await rig.add(ExportRig.noise(1, seed: 1))
    try link("one.wav", to: "two.wav")
    try link("two.wav", to: "one.wav")
    let told = try sandbox.thoth("export", "-o", rig.file("one.wav"), item, "--force")
    #expect(told.code == 2 && told.errors.contains("one.wav is a link that cannot be followed"), "\(told)")
    #expect(told.errors.split(separator: "\n").count == 1)
    #expect(target(of: "one.wav") == "two.wav" && rig.names == ["one.wav", "two.wav"])
  }
}
