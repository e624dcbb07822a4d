import CommandLine
import DictationTypes
import Glibc
import Linux
import Pipeline
import Testing

@testable import ControlSocket

/// Names, bars and files of `thoth transcribe`.
@Suite struct TranscribeTests {
  @Test func theBarFitsTheTerminal() {
    for width in 0...120 {
      for share in [nil, 0, 0.5, 1] as [Double?] {
        let line = progressLine(
          share, label: "3/12 a long name of an interview.mp3", "12:34 left", width: width)
        #expect(line.count <= max(0, width - 1))
      }
    }
    #expect(
      progressLine(0.5, label: "talk.mp3", "0:05 left", width: 80)
        == "[############------------]  50 %  talk.mp3  0:05 left")
    #expect(progressLine(nil, label: "stdin", "", width: 80) == "[------------------------]     …  stdin")
  }

  /// Files are heard by threads of their own, whose times cross.
  @Test func manyFilesTellHowFarTheyAreAtOnce() async {
    var ends: [Int32] = [-1, -1]
    socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends)
    defer { close(ends[1]) }
    let hub = EventHub(boot: "boot")
    let display = ProgressDisplay(
      newJobID(), ControlRequest(command: "transcribe"), Connection(ends[0], wake: WakeEvent()), hub,
      weights: [1, 2, 3, 4])
    let shares = Lock<[Double]>([])
    let follower = hub.follow(levels: false) { record in
      guard case .transcribe(let notice) = record.event, let share = notice.progress else { return }
      shares.withLock { $0.append(share) }
    }
    await withTaskGroup(of: Void.self) { group in
      for file in 0..<4 {
        group.addTask { for step in 0...5000 { display.heard(file, Double(step) / 5000) } }
      }
    }
    display.end(.finished, "all files are done", .done)
    hub.unfollow(follower)
    #expect(shares.withLock { $0.last } == 1)
  }

  @Test func namesOfAnySortStayOnTheirLine() {
    #expect(plain("a\nb\u{1b}[2J\u{202e}c") == "a?b?[2J?c")
    #expect(plain("naïve – 音声.wav") == "naïve – 音声.wav")
    #expect([0, 59, 61, 3_725].map(clock) == ["0:00", "0:59", "1:01", "1:02:05"])
  }

  @Test func textsAreCalledAsTheirFiles() {
    let writer = TranscriptWriter(style: .srt, folder: "/out", modes: (0o644, 0o755))
    #expect(
      writer.paths(for: ["a.wav", "sub/a.mp3", "b.wav", "b.mp3", "c", "sub.d/e", ".f"])
        == [
          "/out/a.srt", "/out/sub/a.srt", "/out/b.wav.srt", "/out/b.mp3.srt", "/out/c.srt",
          "/out/sub.d/e.srt",
          "/out/.f.srt",
        ])
    #expect(
      writer.paths(for: ["x.wav", "x.mp3", "x.wav.flac"])
        == ["/out/x.wav.srt", "/out/x.mp3.srt", "/out/x.wav.flac.srt"])
    #expect(TranscriptWriter(style: .text, folder: nil, modes: (0o644, 0o755)).paths(for: ["a.wav"]).isEmpty)
  }

  @Test func whatWasOpenedIsInTheRequest() throws {
    var request = ControlRequest(command: "transcribe", arguments: ["-", "a.wav", "/dev/fd/63"])
    request.opened = [0, 2]
    #expect(ControlRequest(line: String(request.line.dropLast())) == request)
    // An argument that there is not is none of any version's.
    #expect(ControlRequest(line: "thoth1\tctranscribe\taa.wav\td1") == nil)
    for reply in [ControlReply.progress("[##--] a"), .output("x"), .exit(9)] {
      #expect(ControlReply(line: reply.lines.dropLast()) == reply)
    }
  }
}
