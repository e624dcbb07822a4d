import DictationTypes
import Foundation
import TestSupport
import Testing

@testable import Pipeline

/// What an argument means.
@Suite struct MediaSourceTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    for name in [
      "b.mp3", "a.WAV", "sub/c.mkv", "sub/deep/d.flac", ".hidden.wav", ".git/e.wav", "notes.txt", "x[1].wav",
    ] {
      try FileManager.default.createDirectory(
        at: URL(fileURLWithPath: folder.file(name)).deletingLastPathComponent(),
        withIntermediateDirectories: true)
      try folder.write("", to: name)
    }
    // A way round that never ends.
    try FileManager.default.createSymbolicLink(
      atPath: folder.file("sub/loop"), withDestinationPath: folder.path)
  }

  private func names(_ argument: String) throws -> [String] {
    try MediaSource.files(argument, from: folder.path).map(\.name)
  }

  @Test func aFolderIsTheMediaInItAndBelow() throws {
    #expect(try names("sub") == ["sub/c.mkv", "sub/deep/d.flac"])
    #expect(try names("sub/") == ["sub/c.mkv", "sub/deep/d.flac"])
    let all = try MediaSource.files(folder.path, from: "/")
    #expect(all.map(\.place) == ["a.WAV", "b.mp3", "sub/c.mkv", "sub/deep/d.flac", "x[1].wav"])
    #expect(all.allSatisfy { $0.path == "\(folder.path)/\($0.place)" })
  }

  @Test func aPatternIsWhatItMatchesUnlessAFileIsCalledSo() throws {
    #expect(try names("*.mp3") == ["b.mp3"])
    #expect(try names("s*") == ["sub/c.mkv", "sub/deep/d.flac"])
    #expect(try names("x[1].wav") == ["x[1].wav"])
    // A file that is named is taken for what it is, whatever its ending.
    #expect(try names("notes.txt") == ["notes.txt"])
  }

  @Test func whatIsNotThereIsToldInASentence() throws {
    for (argument, sentence) in [
      ("missing.wav", "there is no such file"), ("*.ogg", "there is no such file"),
      ("notes.txt/x", "there is no such file"),
    ] {
      let error = #expect(throws: DictationError.self) { try MediaSource.files(argument, from: folder.path) }
      #expect(error?.message.contains(sentence) == true, "\(argument): \(String(describing: error))")
    }
  }

  @Test func aFolderWithoutMediaIsToldToo() throws {
    try FileManager.default.createDirectory(atPath: folder.file("empty"), withIntermediateDirectories: true)
    let error = #expect(throws: DictationError.self) { try MediaSource.files("empty", from: folder.path) }
    #expect(error?.message == "there is no audio or video file in this folder")
  }

  @Test func aChangedFileIsAnotherOne() throws {
    let source = try #require(try MediaSource.files("b.mp3", from: folder.path).first)
    let before = source.identity
    #expect(before != nil && before == source.identity)
    try folder.write("more", to: "b.mp3")
    #expect(source.identity != before)
    #expect(MediaSource("-", descriptor: 0).identity == nil)
  }
}
