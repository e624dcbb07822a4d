import Captions
import Foundation
import TestSupport
import Testing

/// The files, as another program reads them.
@Suite struct CaptionFileTests {
  private let cues = [
    CaptionCue(start: 0, end: 1200, lines: ["Plain text,", "two lines."]),
    CaptionCue(start: 61_001, end: 62_999, lines: ["a <b> & c > d {\\an8} x"], voice: "Ann & <Bob>\n"),
    CaptionCue(start: 62_999, end: 64_000, lines: ["", " \u{7} ", "--> 00:00:01,000 -->", "one\n\n2\u{1b}"]),
    CaptionCue(start: 64_000, end: 65_000, lines: [" "]),
    CaptionCue(start: 360_000_000, end: 360_000_500, lines: ["Grüße 字幕 🙂"]),
  ]

  @Test func subRipIsAsItsReadersHaveIt() {
    #expect(
      srt(Array(cues.prefix(2)))
        == "1\r\n00:00:00,000 --> 00:00:01,200\r\nPlain text,\r\ntwo lines.\r\n\r\n"
        + "2\r\n00:01:01,001 --> 00:01:02,999\r\na <\u{2060}b> & c > d {\u{2060}\\an8} x\r\n\r\n")
    #expect(srt([]) == "")
    #expect(
      srt(cues).contains(
        "3\r\n00:01:02,999 --> 00:01:04,000\r\n--\u{2060}> 00:00:01,000 --\u{2060}>\r\none\r\n2\r\n\r\n4\r\n100:00:00,000"
      ))
  }

  @Test func webVTTIsAsTheStandardHasIt() {
    #expect(
      webVTT(Array(cues.prefix(2)))
        == "WEBVTT\n\n00:00:00.000 --> 00:00:01.200\nPlain text,\ntwo lines.\n\n"
        + "00:01:01.001 --> 00:01:02.999\n<v Ann &amp; &lt;Bob&gt;>a &lt;b&gt; &amp; c &gt; d {\\an8} x\n")
    #expect(webVTT([]) == "WEBVTT\n")
    #expect(webVTT(cues).contains("\n--&gt; 00:00:01,000 --&gt;\none\n2\n\n100:00:00.000"))
  }

  @Test(arguments: ["srt", "vtt"])
  func ffmpegReadsTheSame(format: String) throws {
    let folder = try TemporaryFolder()
    var cues = cues
    // It takes an escape in a name for text.
    cues[1].voice = "Ann"
    let text = format == "srt" ? srt(cues) : webVTT(cues)
    let path = try folder.write(text, to: "in.\(format)")
    // The plain text of each cue, with its times.
    let probed = try run(
      "/usr/bin/env",
      ["ffprobe", "-v", "error", "-show_entries", "packet=pts_time,duration_time", "-of", "csv=p=0", path])
    let times = probed.output.split(separator: "\n").map {
      $0.split(separator: ",").compactMap { Double($0) }
    }
    #expect(
      times.map { [Int(($0[0] * 1000).rounded()), Int(($0[1] * 1000).rounded())] }
        == [[0, 1200], [61_001, 1998], [62_999, 1001], [360_000_000, 500]], "\(probed)")
    let other = format == "srt" ? "vtt" : "srt"
    let converted = try run(
      "/usr/bin/env", ["ffmpeg", "-v", "error", "-i", path, "-f", other == "vtt" ? "webvtt" : "srt", "-"])
    #expect(converted.code == 0 && converted.errors.isEmpty, "\(converted)")
    let read = converted.output.replacing("\u{2060}", with: "").replacing("\r\n", with: "\n").replacing(
      "\\{", with: "{"
    )
    .replacing("&lt;", with: "<").replacing("&gt;", with: ">").replacing("&amp;", with: "&")
    for line in [
      "Plain text,\ntwo lines.", "a <b> & c > d {\\an8} x", "--> 00:00:01,000 -->\none\n2", "Grüße 字幕 🙂",
    ] {
      #expect(read.contains(line + "\n"), "\(line) in \(read)")
    }
  }
}
