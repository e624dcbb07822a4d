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

  @Test func linksAreFollowedToWhatIsWritten() throws {
    let folder = try TemporaryFolder()
    func link(_ name: String, to target: String) { #expect(symlink(target, folder.file(name)) == 0) }
    let file = folder.file("deep/file")
    #expect(mkdir(folder.file("deep"), 0o700) == 0 && replaceFile(file, with: [1]))
    #expect(linkTarget(file) == file)
    link("absolute", to: file)
    link("relative", to: "deep/file")
    link("deep/up", to: "../relative")
    link("dangling", to: "deep/none")
    #expect(linkTarget(folder.file("absolute")) == file)
    #expect(linkTarget(folder.file("relative")) == file)
    #expect(linkTarget(folder.file("deep/up")) == folder.file("deep/../deep/file"))
    #expect(linkTarget(folder.file("dangling")) == folder.file("deep/none"))
    link("circle", to: "circle")
    #expect(linkTarget(folder.file("circle")) == nil && errno == ELOOP)
  }
}
