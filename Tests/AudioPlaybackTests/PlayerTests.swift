import AudioCapture
import AudioPlayback
import DictationTypes
import Foundation
import Linux
import TestSupport
import Testing

/// On a real PulseAudio, whose microphone hears what is played.
@Suite struct PlayerTests {
  /// The server mixes the sound with a silent stream, in integers: its rounding is allowed one step of 65,536.
  @Test(arguments: [1, 2]) func allThatIsPlayedIsHeardAndNothingElse(channels: Int) async throws {
    let name = "exact\(channels)"
    let server = try await soundServer(channels: channels, names: [name])
    let ear = try await Ear(name, channels: channels)
    let noise = Noise(frames: 24_000, channels: channels)
    // The monitor of a null sink misses up to 3 ms when a stream joins, so silence goes before it.
    let silence = [Int16](repeating: 0, count: 4_800 * channels)
    try await Player().play(silence + noise.samples, noise.format, device: name)
    // It ends when the last frame has been heard: at that moment the microphone is stopped.
    let heard = await ear.stop()
    let start = try #require(heard.firstIndex { abs(Int($0)) > 1 })
    #expect(heard[start...].count >= noise.mono.count)
    #expect(zip(heard[start...], noise.mono).allSatisfy { abs(Int($0) - Int($1)) <= 1 })
    #expect(heard[start...].dropFirst(noise.mono.count).allSatisfy { abs(Int($0)) <= 1 })
    withExtendedLifetime(server) {}
  }

  /// However unevenly they come.
  @Test func whatIsReadAsItIsPlayedIsHeard() async throws {
    let server = try await soundServer(names: ["read"])
    let ear = try await Ear("read", channels: 1)
    let noise = Noise(frames: 30_000, channels: 1)
    let open: @Sendable () -> SoundSource = {
      var pieces = [4_800, 1, 7, 9_000, 12, 20_980][...]
      var taken = 0
      return { _ in
        guard let count = pieces.popFirst() else { return [] }
        defer { taken += count == 4_800 ? 0 : count }
        return count == 4_800
          ? [Int16](repeating: 0, count: count) : Array(noise.samples[taken..<taken + count])
      }
    }
    try await Player().play(open, noise.format, device: "read")
    let heard = await ear.stop()
    let start = try #require(heard.firstIndex { abs(Int($0)) > 1 })
    #expect(heard[start...].count >= noise.mono.count)
    #expect(zip(heard[start...], noise.mono).allSatisfy { abs(Int($0) - Int($1)) <= 1 })
    withExtendedLifetime(server) {}
  }

  @Test func whatCannotBeReadEndsIt() async throws {
    let server = try await soundServer(names: ["unread"])
    let damage = DictationError(.storage, "it is damaged")
    for pieces in 0..<2 {
      let open: @Sendable () throws(DictationError) -> SoundSource = { () throws(DictationError) in
        guard pieces > 0 else { throw damage }
        var rest = pieces
        return { _ throws(DictationError) in
          guard rest > 0 else { throw damage }
          rest -= 1
          return [Int16](repeating: 100, count: 4_800)
        }
      }
      await #expect(throws: damage) { try await Player().play(open, .speech, device: "unread") }
    }
    withExtendedLifetime(server) {}
  }

  @Test func anotherRateIsConvertedByTheServer() async throws {
    let server = try await soundServer(names: ["converted"])
    let ear = try await Ear("converted", channels: 1)
    let sine = (0..<8_000).map { Int16(10_000 * sin(2 * .pi * 440 * Double($0) / 16_000)) }
    try await Player().play(sine, .speech, device: "converted")
    let loud = await ear.stop().filter { abs(Int($0)) > 100 }
    #expect(abs(loud.count - 24_000) < 600)
    #expect(abs(Int(loud.max() ?? 0) - 10_000) < 200)
    withExtendedLifetime(server) {}
  }

  /// Ten minutes: it is not over before something is done to it, however loaded the machine is.
  private let endless = [Int16](repeating: 8_000, count: 9_600_000)

  @Test func aCancelledPlaybackFallsSilent() async throws {
    let server = try await soundServer(names: ["cancelled"])
    let ear = try await Ear("cancelled", channels: 1)
    let playing = Task { try await Player().play(endless, .speech, device: "cancelled") }
    #expect(await eventually { await ear.loudFrames > 4_800 })
    playing.cancel()
    await #expect(throws: DictationError(.cancelled, "playing was cancelled")) { try await playing.value }
    let before = await ear.frames
    #expect(await eventually { await ear.frames > before + 24_000 })
    let heard = await ear.stop()
    #expect(heard.suffix(12_000).allSatisfy { abs(Int($0)) <= 1 })
    #expect(heard.filter { abs(Int($0)) > 1 }.count < endless.count)
    withExtendedLifetime(server) {}
  }

  @Test func aServerThatHangsHoldsNobodyUp() async throws {
    let server = try await soundServer(names: ["hanging"])
    let ear = try await Ear("hanging", channels: 1)
    var limits = PlaybackLimits()
    limits.openMilliseconds = 400
    limits.stallMilliseconds = 400
    limits.closeMilliseconds = 100
    let player = Player(limits: limits)
    let playing = Task { try await player.play(endless, .speech, device: "hanging") }
    #expect(await eventually { await ear.loudFrames > 4_800 })
    server.freeze(true)
    await expectFailure("takes no sound") { try await playing.value }
    let cancelled = Task { try await player.play(endless, .speech, device: "hanging") }
    cancelled.cancel()
    await expectFailure("cancelled") { try await cancelled.value }
    // Two threads hang now, and a third is not put at stake.
    await expectFailure("takes no sound") {
      try await player.play(endless, .speech, device: "hanging")
    }
    server.freeze(false)
    let short = Noise(frames: 480, channels: 1)
    // They have ended once it is heard again.
    #expect(
      await eventually { (try? await player.play(short.samples, short.format, device: "hanging")) != nil })
    _ = await ear.stop()
  }

  @Test func aServerThatDiesEndsThePlayback() async throws {
    let server = try await soundServer(names: ["dying"])
    let ear = try await Ear("dying", channels: 1)
    let playing = Task { try await Player().play(endless, .speech, device: "dying") }
    #expect(await eventually { await ear.loudFrames > 4_800 })
    server.kill()
    await expectFailure("went away") { try await playing.value }
    await expectFailure("The sound server behind dying does not answer") {
      try await Player().play(endless, .speech, device: "dying")
    }
    _ = await ear.stop()
  }

  @Test func whatIsNoLoudspeakerIsTold() async throws {
    _ = ALSAConfiguration.ofThisProcess
    for device in ["nowhere", "null"] {
      await expectFailure("There is no loudspeaker behind \(device)") {
        try await Player().play([1, 2, 3], .speech, device: device)
      }
    }
    try await Player().play([], .speech, device: "nowhere")
  }

  private func expectFailure(_ words: String, _ body: () async throws -> Void) async {
    do {
      try await body()
      Issue.record("it did not fail")
    } catch {
      #expect("\(error)".contains(words))
    }
  }
}

/// Starts a server without blocking a thread of the pool.
private func soundServer(channels: Int = 1, names: [String]) async throws -> SoundServer {
  try await withCheckedThrowingContinuation { continuation in
    WorkerThread(name: "server") {
      continuation.resume(with: Result { try SoundServer(channels: channels, names: names) })
    }.detach()
  }
}

/// Noise has no two places that look alike; it begins loud, to be found in the silence.
private struct Noise {
  let samples: [Int16]
  let format: AudioFormat
  /// What a microphone of one channel hears.
  let mono: [Int16]

  init(frames: Int, channels: Int) {
    var generator = SystemRandomNumberGenerator()
    mono = [20_000] + (1..<frames).map { _ in Int16.random(in: -20_000...20_000, using: &generator) }
    samples = mono.flatMap { [Int16](repeating: $0, count: channels) }
    format = AudioFormat(sampleRate: 48_000, channels: channels)
  }
}

/// A microphone that is listened to until `stop`.
private final class Ear: Sendable {
  private let session: CaptureSession
  private let heard = Lock<[Int16]>([])
  private let ended = WakeEvent()

  /// Returns when sound flows. Of several channels the first is heard.
  init(_ device: String, channels: Int) async throws {
    session = CaptureSession(device: device)
    WorkerThread(name: "ear") { [self] in
      let buffer = UnsafeMutableBufferPointer<Int16>.allocate(capacity: 16_384)
      defer { buffer.deallocate() }
      listen(buffer)
      session.close()
      ended.signal()
    }.detach()
    try #require(await eventually { await self.frames > 4_800 })
  }

  private func listen(_ buffer: UnsafeMutableBufferPointer<Int16>) {
    while true {
      switch session.next(into: buffer) {
      case .opened: continue
      case .ended: return
      case .frames(let count):
        let step = session.format?.channels ?? 1
        let samples = stride(from: 0, to: count * step, by: step).map { buffer[$0] }
        heard.withLock { $0 += samples }
      }
    }
  }

  /// How many frames have been heard.
  var frames: Int { get async { heard.withLock { $0.count } } }
  /// How many of them are no silence.
  var loudFrames: Int { get async { heard.withLock { $0.lazy.filter { abs(Int($0)) > 1 }.count } } }

  private var hasEnded: Bool { get async { ended.wait(milliseconds: 0) } }

  /// What was heard until now.
  func stop() async -> [Int16] {
    session.stop()
    _ = await eventually { await self.hasEnded }
    return heard.withLock { $0 }
  }
}
