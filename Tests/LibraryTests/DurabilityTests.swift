import CFaultVFS
import DictationTypes
import Foundation
import Linux
import TestSupport
import Testing

@testable import Library

/// What is acknowledged stays: through kills, failing disks, and power cuts. The rig's settings are the process's,
/// so one test after the other.
@Suite(.serialized) struct DurabilityTests {
  @Test(arguments: 0..<10) func aKillKeepsEveryAcknowledgedSave(round: Int) async throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, round = round as Int] in
      let library = Library(folder: path + "/data")
      let acknowledged = open(path + "/acknowledged", O_WRONLY | O_CREAT | O_APPEND, 0o600)
      // At some moment within some hundred saves; from another thread, as a kill comes.
      var number = 0
      while true {
        number += 1
        let item = makeItem("item \(number)")
        try await library.save(item, durably: number.isMultiple(of: 7))
        _ = writeAll(acknowledged, Array("\(item.id)\n".utf8))
        if number == 20 + round { killSoon(microseconds: UInt32(round * 700)) }
        if number.isMultiple(of: 10) { await library.checkpoint() }
      }
    }
    let acknowledged = (folder.read("acknowledged") ?? "").split(separator: "\n").map(String.init)
    #expect(acknowledged.count >= 20)
    let library = Library(folder: path + "/data")
    var query = ItemQuery("item")
    query.limit = 1_000_000
    let stored = try await library.search(query).map(\.id.description)
    #expect(Set(acknowledged).subtracting(stored).isEmpty)
    // The one that was under way may be there or not.
    #expect(stored.count - acknowledged.count <= 1)
    #expect(try await library.verify().isSound)
  }

  /// SQLITE_IOERR_WRITE, SQLITE_IOERR_FSYNC, SQLITE_FULL (https://www.sqlite.org/rescode.html).
  @Test(arguments: [(3, 778), (7, 778), (5, 1034), (11, 13), (29, 778)])
  func aFailingDiskLosesNothingAcknowledged(nth: Int32, code: Int32) async throws {
    fault_vfs_register()
    let test = try TestLibrary(vfs: "fault")
    try await test.add("before")
    let failures = fault_vfs_failures()
    fault_vfs_fail_every(nth, code)
    var acknowledged: Set<JobID> = []
    var refused: [DictationError] = []
    for number in 0..<300 {
      let item = makeItem("item \(number)")
      let error = try await failure { try await test.library.save(item, durably: number.isMultiple(of: 3)) }
      if let error { refused.append(error) } else { acknowledged.insert(item.id) }
      if number.isMultiple(of: 20) { await test.library.checkpoint() }
    }
    fault_vfs_fail_every(0, 0)
    #expect(fault_vfs_failures() > failures && !refused.isEmpty)
    #expect(refused.allSatisfy { $0.kind == .storage && $0.retryable })
    await test.library.close()
    let again = Library(folder: test.library.folder)
    var query = ItemQuery("item")
    query.limit = 1000
    #expect(acknowledged.subtracting(try await again.search(query).map(\.id)).isEmpty)
    #expect(try await again.verify().isSound)
    try await again.save(makeItem("after"), durably: true)
  }

  @Test func aPowerCutKeepsWhatWasSavedDurably() async throws {
    fault_vfs_register()
    let test = try TestLibrary(vfs: "fault")
    let synced = test.folder.file("synced")
    try FileManager.default.createDirectory(atPath: synced, withIntermediateDirectories: true)
    fault_vfs_keep_synced(synced)
    defer { fault_vfs_keep_synced(nil) }
    var durable: Set<JobID> = []
    for number in 0..<200 {
      let item = makeItem("item \(number)")
      let isDurable = number.isMultiple(of: 5)
      try await test.library.save(item, durably: isDurable)
      if isDurable { durable.insert(item.id) }
      if number == 100 { await test.library.checkpoint() }
      guard number % 37 == 0 else { continue }
      // The power goes now: a copy of the disk is all there is.
      let copy = test.folder.file("after-\(number)")
      try FileManager.default.copyItem(atPath: synced, toPath: copy)
      let after = Library(folder: copy)
      var query = ItemQuery()
      query.limit = 1000
      #expect(durable.subtracting(try await after.search(query).map(\.id)).isEmpty, "after \(number)")
      #expect(try await after.verify().database == [])
    }
  }
}

/// Ends this process from another thread.
func killSoon(microseconds: UInt32) {
  WorkerThread(name: "killer") {
    usleep(microseconds)
    kill(getpid(), SIGKILL)
  }.detach()
}
