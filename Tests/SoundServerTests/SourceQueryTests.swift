import Foundation
import Linux
import SoundServer
import TestSupport
import Testing

/// On a real PulseAudio.
@Suite struct SourceQueryTests {
  @Test func theSourcesAreNamedWithWhatTheyAre() throws {
    let server = try SoundServer(names: [])
    #expect(try server.control("load-module", "module-null-source", "source_name=desk").code == 0)
    let headset = "source_properties=\"device.description='Head Set' device.bus=bluetooth device.api=bluez\""
    #expect(
      try server.control(
        "load-module", "module-remap-source", "source_name=head", "master=room.monitor", headset
      ).code == 0)
    #expect(try server.control("set-source-mute", "desk", "1").code == 0)
    #expect(try server.control("suspend-source", "head", "1").code == 0)
    let sources = try soundSources(of: server.address, within: 30_000)
    #expect(sources.map(\.name).sorted() == ["desk", "head", "room.monitor"])
    #expect(sources[0].name == "room.monitor")
    #expect(sources.filter(\.isDefault).map(\.name) == ["room.monitor"])
    #expect(sources.filter(\.isMonitor).map(\.name) == ["room.monitor"])
    #expect(sources.filter(\.isBluetooth).map(\.name) == ["head"])
    #expect(sources.filter(\.isMuted).map(\.name) == ["desk"])
    #expect(sources.filter { $0.state == .suspended }.map(\.name) == ["head"])
    #expect(sources.first { $0.name == "head" }?.description == "Head Set")
    #expect(try server.control("set-default-source", "desk").code == 0)
    #expect(try soundSources(of: server.address, within: 30_000)[0].name == "desk")
  }

  @Test func aServerThatHangsIsGivenUp() throws {
    let server = try SoundServer(names: [])
    server.freeze(true)
    defer { server.freeze(false) }
    #expect(throws: SoundServerFailure.hangs) { try soundSources(of: server.address, within: 200) }
  }

  @Test func aServerThatDoesNotRunIsNotStarted() throws {
    let folder = try TemporaryFolder()
    let address = "unix:\(folder.file("native"))"
    #expect(throws: SoundServerFailure.notRunning) { try soundSources(of: address, within: 30_000) }
    #expect(!FileManager.default.fileExists(atPath: folder.file("native")))
  }

  /// A connection's end gives back all it took.
  @Test func nothingStaysOpen() async throws {
    let server = try SoundServer(names: [])
    _ = try soundSources(of: server.address, within: 30_000)
    // Other tests of this process open and close things: after enough time there is a moment like before.
    let before = descriptors(to: server)
    for _ in 0..<20 { _ = try soundSources(of: server.address, within: 30_000) }
    #expect(await eventually { () async in descriptors(to: server) == before })
  }

  /// How many clients the server has.
  private func descriptors(to server: SoundServer) -> Int {
    (try? server.control("list", "short", "clients").output.split(separator: "\n").count) ?? -1
  }
}
