import DictationTypes
import Foundation
import TestSupport
import Testing

@testable import Configuration

@Suite struct ConfigurationStoreTests {
  @Test func aBrokenFileLeavesTheLastGoodOneInForce() throws {
    let folder = try TemporaryFolder()
    let store = ConfigurationStore(path: try folder.write("[audio]\ndevice = \"one\"\n", to: "config.toml"))
    try folder.write("[audio\n", to: "config.toml")
    let notice = store.reload()
    #expect(notice.what == .rejected)
    #expect(notice.line == 1)
    #expect(store.current.device == "one")
    #expect(store.problem != nil)
  }

  @Test func aMissingFileIsMadeBySettingSomething() throws {
    let folder = try TemporaryFolder()
    let store = ConfigurationStore(path: folder.file("deep/er/config.toml"))
    try store.set("audio.device", to: "pulse")
    #expect(folder.read("deep/er/config.toml") == "[audio]\ndevice = \"pulse\"\n")
    #expect(store.current.device == "pulse")
  }

  @Test func changesAtTheSameTimeAreAllMade() async throws {
    let folder = try TemporaryFolder()
    let store = ConfigurationStore(path: folder.file("config.toml"))
    let changes = [
      ("audio.device", "pulse"), ("output.method", "type"), ("engine.model", "m"), ("engine.timeout", "5s"),
    ]
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (key, value) in changes { group.addTask { try store.set(key, to: value) } }
      try await group.waitForAll()
    }
    for (key, value) in changes { #expect(try store.current.value(of: key) == value) }
  }

  @Test func aChangeOnDiskIsSeen() async throws {
    let folder = try TemporaryFolder()
    let store = ConfigurationStore(path: folder.file("config.toml"))
    let (notices, continuation) = AsyncStream.makeStream(of: ConfigNotice.self)
    store.watch { continuation.yield($0) }
    defer { store.stopWatching() }
    try folder.write("[audio]\ndevice = \"two\"\n", to: "config.toml")
    var iterator = notices.makeAsyncIterator()
    while store.current.device != "two", await iterator.next() != nil {}
    #expect(store.current.device == "two")
  }

  @Test func secretsComeFromWhereTheyAre() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("s3cret\nmore", to: "key")
    chmod(path, 0o600)
    #expect(try SecretSource.file(path).resolve([:]) == "s3cret")
    #expect(try SecretSource.environment("K").resolve(["K": "v"]) == "v")
    #expect(try SecretSource.command("echo from-command").resolve([:]) == "from-command")
    // It may come in pieces.
    let pieces = "printf ri; (read -t 0.1 x < /dev/zero) 2>/dev/null; printf ght"
    #expect(try SecretSource.command(pieces).resolve(["PATH": "/usr/bin:/bin"]) == "right")
    chmod(path, 0o644)
    for source in [SecretSource.file(path), .environment("K"), .command("exit 3"), .command("true")] {
      let error = #expect(throws: DictationError.self) { try source.resolve([:]) }
      #expect(error?.kind == .config)
      #expect(error?.message.contains("s3cret") == false)
    }
  }
}
