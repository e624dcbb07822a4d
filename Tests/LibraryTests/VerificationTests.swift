import DictationTypes
import Foundation
import TestSupport
import Testing

@testable import Library

@Suite struct VerificationTests {
  @Test func aSoundLibraryIsFoundSound() async throws {
    let test = try TestLibrary()
    #expect(try await test.library.verify() == VerificationReport())
    let audio = try await test.addAudio(seed: 1, to: try await test.add("one"))
    let report = try await test.library.verify()
    #expect(report.isSound && report.orphaned == [])
    #expect(report.checkedFiles == 1 && report.checkedBytes == audio.bytes)
  }

  @Test func missingCorruptAndOrphanedFilesAreNamed() async throws {
    let test = try TestLibrary()
    var paths: [String] = []
    for seed in 0..<3 {
      let audio = try await test.addAudio(seed: seed, to: try await test.add("\(seed)"))
      paths.append(test.library.blobs.path(audio.sha256))
    }
    unlink(paths[0])
    var bytes = try Data(contentsOf: URL(fileURLWithPath: paths[1]))
    bytes[bytes.count - 1] ^= 0x40
    try bytes.write(to: URL(fileURLWithPath: paths[1]))
    let blobs = test.library.blobs
    let orphan = blobs.path(String(repeating: "0", count: 64))
    try FileManager.default.createDirectory(
      atPath: "\(blobs.folder)/00", withIntermediateDirectories: true)
    try Data("nobody's".utf8).write(to: URL(fileURLWithPath: orphan))
    let stray = "\(blobs.folder)/stray.txt"
    try Data("nobody's".utf8).write(to: URL(fileURLWithPath: stray))
    let report = try await test.library.verify()
    #expect(report.missing == [paths[0]])
    #expect(report.corrupt == [paths[1]])
    #expect(report.orphaned == [orphan, stray])
    #expect(report.database == [] && !report.isSound && report.checkedFiles == 2)
  }

  @Test func brokenReferencesAreNamed() async throws {
    let test = try TestLibrary()
    let item = try await test.add("one")
    try await test.addAudio(seed: 1, to: item)
    await test.library.close()
    do {
      let database = try Database(path: test.databasePath, access: .writer)
      try database.run("PRAGMA foreign_keys = OFF")
      try database.run("DELETE FROM blobs")
    }
    let report = try await test.library.verify()
    #expect(report.database.count == 1 && report.database[0].contains("items"))
    #expect(report.orphaned.count == 1 && !report.isSound)
  }
}
