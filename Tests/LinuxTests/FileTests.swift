import Glibc
import Linux
import TestSupport
import Testing

/// Files that are replaced whole.
@Suite struct FileTests {
  @Test func aLongNameCanBeReplacedToo() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/\(String(repeating: "ä", count: 127))"
    #expect(replaceFile(path, with: [1], mode: 0o640) && replaceFile(path, with: [2]))
    #expect(readFile(path) == [2])
    var found = stat()
    #expect(stat(path, &found) == 0 && found.st_mode & 0o777 == 0o640)
    #expect(listFolder(folder.path).count == 1)
  }
}
