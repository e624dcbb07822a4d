import DictationTypes
import Testing

@testable import Requests

@Suite struct RefusalTests {
  @Test(arguments: [
    (#"{"error":{"message":"no such model","type":"x"}}"#, "no such model"), (#"{"error":"busy"}"#, "busy"),
    (#"{"detail":"Not Found"}"#, "Not Found"), (#"{"message":"m"}"#, "m"), (#"{"error":{}}"#, nil),
    (#"{"detail":[{"loc":["body"],"msg":"Field required"}]}"#, "Field required"), ("<html>", nil), ("", nil),
    (#"{"error":"two\nlines\u001b[31m\ttabs"}"#, "two lines [31m tabs"),
  ])
  func theServersOwnWordsAreFound(body: String, message: String?) {
    #expect(serverMessage(Array(body.utf8)) == message)
  }

  @Test func aLongMessageIsCut() {
    let body = "{\"error\":\"\(String(repeating: "x", count: 1000))\"}"
    #expect(serverMessage(Array(body.utf8))?.count == 301)
  }

  @Test(arguments: [0, 280, 290, 299, 300]) func noPartOfAKeyIsTold(before: Int) {
    let body = "{\"error\":\"\(String(repeating: "x", count: before))sk-secret-4711 is wrong\"}"
    let told = serverMessage(Array(body.utf8), hiding: "sk-secret-4711")
    #expect(told?.hasPrefix(String(repeating: "x", count: before) + "…") == true)
  }

  @Test(
    arguments: [
      ("https://me:secret@a.example/v1", "https://a.example/v1"),
      ("https://me@a.example", "https://a.example"),
      ("https://a:b@c@a.example/v1?q=@", "https://a.example/v1?q=@"),
      ("https://a.example/@", "https://a.example/@"),
      ("unix:engine.sock", "unix:engine.sock"), ("unix:/a@b", "unix:/a@b"),
    ])
  func whoIsAskedAsWhomIsNotTold(url: String, told: String) {
    #expect(ServerAddress(url, runtimeFolder: "/run").url == told)
  }
}
