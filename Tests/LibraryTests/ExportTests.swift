import DictationTypes
import Foundation
import Testing

@testable import Library

@Suite struct ExportTests {
  @Test(arguments: [
    ("plain", "plain"), ("", ""), ("=1+1", "'=1+1"), ("+1", "'+1"), ("-1", "'-1"), ("@SUM(A1)", "'@SUM(A1)"),
    ("\t=1", "'\t=1"), ("\r=1", "\"'\r=1\""), ("a=1", "a=1"), ("a,b", "\"a,b\""),
    ("say \"hi\"", "\"say \"\"hi\"\"\""),
    ("two\nlines", "\"two\nlines\""), ("\r\n", "\"'\r\n\""), ("=\"x\",", "\"'=\"\"x\"\",\""), ("'=", "'="),
  ])
  func cells(text: String, expected: String) {
    #expect(csvCell(text).unicodeScalars.elementsEqual(expected.unicodeScalars))
  }

  @Test func aTableHasAHeaderAndALineForEachItem() {
    var item = makeItem("=cmd, \"quoted\"", at: 1_000_000_000_000)
    item.error = nil
    // A tag that a spreadsheet would take for a formula.
    item.tags = ["a": "x, y", "-b": "1"]
    let lines = csv([item]).components(separatedBy: "\r\n")
    #expect(lines.count == 3 && lines[2] == "")
    #expect(lines[0].hasPrefix("id,kind,created_at,state,text,"))
    #expect(
      lines[1] == "\(item.id),dictation,2001-09-09T01:46:40Z,completed,\"'=cmd, \"\"quoted\"\"\","
        + "\"um =cmd, \"\"quoted\"\"\",en,2500,local,base,pulse,,\"'-b=1; a=x, y\"")
    #expect(csv([]).components(separatedBy: "\r\n").count == 2)
  }

  @Test func jsonComesBack() throws {
    var items = [makeItem("one"), makeItem("two \"quoted\" \u{1}")]
    items[0].tags = ["myKey": "a value", "my_key": "ü"]
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    #expect(try decoder.decode([Item].self, from: Data(json(items).utf8)) == items)
    #expect(json(items).contains("\"created_at\":1000000,"))
    #expect(json([]) == "[]\n")
  }

  @Test func textHasALineForEachItem() {
    let item = makeItem("two\nlines", at: 1_000_000_000_000)
    #expect(text([item]) == "2001-09-09T01:46:40Z  \(item.id)  two lines\n")
  }
}
