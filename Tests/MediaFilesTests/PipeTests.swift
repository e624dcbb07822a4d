import DictationTypes
import Foundation
import Linux
import MediaFiles
import TestSupport
import Testing

@Suite struct PipeTests {
  let workshop: Workshop

  init() throws { workshop = try Workshop() }

  static let streams = [
    Kind("a.wav", "-ac 2 -ar 44100"), Kind("a.flac"), Kind("a.mp3", "-ar 44100"),
    Kind("a.ogg", "-c:a libvorbis"),
    Kind("a.opus", "-c:a libopus"), Kind("a.webm", "-c:a libopus"), Kind("a.aac", "-c:a aac"),
    Kind("a.m4a", "-c:a aac -movflags +faststart"),
    Kind("a.mp4", "-c:a aac -movflags frag_keyframe+empty_moov -frag_duration 500000"),
  ]

  @Test(arguments: streams) func samplesComeWhileThePipeIsOpen(_ kind: Kind) async throws {
    let path = try workshop.make(kind.name, kind.options, from: rig("../Fixtures/audio/utt_jfk.wav"))
    let data = try workshop.bytes(path)
    guard let pipe = Linux.Pipe() else { throw Failure("no pipe: \(systemError())") }
    let heard = DispatchSemaphore(value: 0)
    let isHeard = Lock(false)
    Thread.detachNewThread {
      _ = writeAll(pipe.writing, Array(data[..<(data.count / 2)]))
      // The rest comes only when some of the first half has been decoded.
      let isInTime = heard.wait(timeout: .now() + 120) == .success
      isHeard.withLock { $0 = isInTime }
      _ = writeAll(pipe.writing, Array(data[(data.count / 2)...]))
      close(pipe.writing)
    }
    let format = AudioFormat.speech
    let count = await onThread("reader") { () -> Int in
      defer { close(pipe.reading) }
      // No folder to keep anything in: nothing is kept.
      guard let reader = try? AudioReader(pipe.reading, as: format, scratchFolder: "/nonexistent") else {
        return -1
      }
      var count = 0
      while let block = try? reader.readInt16(8192), !block.isEmpty {
        count += block.count
        heard.signal()
      }
      return count
    }
    #expect(isHeard.withLock { $0 })
    #expect(abs(count - 176_000) < 2000)
  }

  @Test(arguments: [UInt8(0), 255]) func aWaveFileOfUnknownLengthIsPlayedToItsEnd(_ byte: UInt8) throws {
    var data = try Data(contentsOf: URL(fileURLWithPath: Workshop.speech))
    let wanted = try workshop.reference(Workshop.speech)
    let field = Data(repeating: byte, count: 4)
    let place = try #require(data.range(of: Data("data".utf8))).upperBound
    data.replaceSubrange(place..<place + 4, with: field)
    data.replaceSubrange(4..<8, with: field)
    let path = workshop.folder.file("stream.wav")
    try data.write(to: URL(fileURLWithPath: path))
    let heard = try workshop.decode(path, piped: true)
    #expect(heard.code == 0)
    #expect(heard.header?.duration_ms == nil)
    #expect(heard.samples == wanted)
    #expect(heard.warnings.isEmpty)
  }

  @Test func anIndexAtTheEndIsReachedThroughAFileWithoutAName() throws {
    let path = try workshop.make("end.m4a", ["-c:a", "aac"])
    let before = try FileManager.default.contentsOfDirectory(atPath: workshop.folder.path)
    #expect(try workshop.decode(path, piped: true).samples == workshop.reference(path))
    let after = try FileManager.default.contentsOfDirectory(atPath: workshop.folder.path)
    #expect(after.filter { !$0.hasSuffix(".raw") } == before)

    let pipe = try workshop.pipe(giving: workshop.bytes(path))
    defer { close(pipe) }
    #expect(
      throws: DictationError(
        .storage, "/nonexistent takes no file: No such file or directory", retryable: true)
    ) {
      try AudioReader(pipe, scratchFolder: "/nonexistent")
    }
  }

  @Test func aDescriptorThatStandsAtItsEndIsReadFromTheBeginning() throws {
    let descriptor = open(Workshop.speech, O_RDONLY | O_CLOEXEC)
    defer { close(descriptor) }
    lseek(descriptor, 0, SEEK_END)
    let reader = try AudioReader(descriptor, as: .speech, scratchFolder: "/nonexistent")
    #expect(try reader.readInt16(100_000) == workshop.reference(Workshop.speech))
  }
}
