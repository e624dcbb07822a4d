import DictationTypes
import Testing

@Suite struct JobIDTests {
  @Test func idsAreUUIDsOfVersion7() {
    var generator = SystemRandomNumberGenerator()
    let id = JobID(unixMilliseconds: 0x0123_4567_89ab, using: &generator)
    #expect(id.description.hasPrefix("01234567-89ab-7"))
    #expect("89ab".contains(id.description.split(separator: "-")[3].first!))
    #expect(JobID(id.description) == id)
  }

  @Test func theySortByTimeAndAreUnique() {
    var generator = SystemRandomNumberGenerator()
    let ids = (1...1000 as ClosedRange<UInt64>).map { JobID(unixMilliseconds: $0, using: &generator) }
    #expect(ids == ids.sorted())
    #expect(Set((0..<1000).map { _ in JobID(unixMilliseconds: 7, using: &generator) }).count == 1000)
  }

  @Test(arguments: [
    "", "x", "01234567-89ab-7000-8000-00000000000", "01234567-89AB-7000-8000-000000000000",
    "../../etc/passwd",
  ])
  func otherTextsAreNoIDs(text: String) { #expect(JobID(text) == nil) }

  @Test func everyKindOfErrorHasItsExitCode() {
    let codes = Dictionary(
      uniqueKeysWithValues: ErrorKind.allCases.map { ($0, DictationError($0, "").exitCode) })
    #expect(codes[.config] == .notConfigured && codes[.device] == .notConfigured)
    for kind in [ErrorKind.auth, .rateLimit, .network, .timeout, .server, .format] {
      #expect(codes[kind] == .engineFailed)
    }
    #expect(codes[.output] == .outputFailed && codes[.cancelled] == .cancelled)
    #expect(codes[.storage] == .internalError && codes[.internalError] == .internalError)
    #expect(ExitCode.allCases.map(\.rawValue) == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 130])
  }
}
