import DictationTypes
import Foundation
import Linux
import TestSupport
import Testing

@testable import AudioCapture

/// A microphone that lives on: what it gives is compared with what the devices behind it produced.
@Suite struct MicrophoneTests {
  private let folder: TemporaryFolder
  /// The microphone to fall back to counts from 20,000 on, so that its frames can be told from others'.
  private let standIn: FaultMicrophone

  init() throws {
    let folder = try TemporaryFolder()
    self.folder = folder
    let samples = (0..<320_000).map { Int16(20_000 + $0 % 10_000) }
    try WaveFile.write(samples, rate: 16_000, to: folder.file("stand-in.wav"))
    standIn = try FaultMicrophone(
      .init {
        $0.file = folder.file("stand-in.wav")
        $0.isPatient = true
      })
  }

  @Test func oneThatWorksGivesEveryFrame() throws {
    let device = try FaultMicrophone(.init { $0.isPatient = true })
    let heard = Heard(Microphone(device: device.name, fallback: standIn.name)) {
      if $0.samples.count >= 16_000 { $1.stop() }
    }
    #expect(heard.end == .stopped)
    #expect(heard.pieces == [Piece(device: device.name, samples: Array(0..<Int16(heard.samples.count)))])
    #expect(heard.notices.isEmpty)
  }

  @Test(arguments: ["nonesuch", "busy", "gone", "mute"])
  func theDefaultTakesThePlaceOfOneThatCannotBeHad(kind: String) throws {
    let device = try FaultMicrophone(
      .init {
        if kind == "busy" { $0.openErrno = EBUSY }
        if kind == "gone" { $0.openErrno = ENODEV }
        if kind == "mute" { $0.faults = "0 stall" }
      })
    let name = kind == "nonesuch" ? kind : device.name
    var limits = MicrophoneLimits()
    limits.capture.firstFrameMilliseconds = 300
    let heard = Heard(Microphone(device: name, fallback: standIn.name, limits: limits)) {
      if $0.samples.count >= 1_600 { $1.stop() }
    }
    #expect(heard.end == .stopped)
    #expect(heard.samples.first == 20_000)
    let notice = try #require(heard.notices.first)
    #expect(notice.what == .fallback)
    #expect(notice.asked == name)
    #expect(notice.device == standIn.name)
    #expect(notice.reason?.contains(name) == true)
    #expect(heard.notices.count == 1)
  }

  @Test func whenNoneIsThereTheOneAskedForIsNamed() throws {
    let device = try FaultMicrophone(.init { $0.openErrno = EBUSY })
    try standIn.become(.init { $0.openErrno = ENODEV })
    let heard = Heard(Microphone(device: device.name, fallback: standIn.name))
    guard case .openFailed(let error) = heard.end else {
      Issue.record("ended by \(heard.end)")
      return
    }
    #expect(error.message.contains("\(device.name) is in use"))
    #expect(heard.notices.isEmpty)
  }

  /// Every frame that came before and after is there once; the gap is told.
  @Test(arguments: ["unplug", "broken", "stall"]) func oneThatComesBackGoesOn(fault: String) throws {
    let device = try FaultMicrophone(.init { $0.isPatient = true })
    var hasHappened = false
    let heard = Heard(Microphone(device: device.name, fallback: standIn.name)) { heard, control in
      if heard.samples.count >= 8_000, !hasHappened {
        hasHappened = true
        device.happen(fault)
      }
      if heard.pieces.count == 2, heard.pieces[1].samples.count >= 8_000 { control.stop() }
    }
    #expect(heard.end == .stopped)
    #expect(heard.notices.map(\.what) == [fault == "stall" ? .stalled : .deviceLost, .resumed])
    #expect(heard.pieces.count == 2)
    for piece in heard.pieces {
      #expect(piece.device == device.name)
      #expect(piece.samples == Array(0..<Int16(piece.samples.count)))
    }
    let gap = try #require(heard.gaps.first)
    #expect(heard.gaps.count == 1)
    #expect(gap.atMs == heard.pieces[0].samples.count / 16)
    #expect(gap.gapMs >= (fault == "stall" ? 900 : 0))
    #expect(heard.notices.last?.gapMs == gap.gapMs)
  }

  @Test func theDefaultGoesOnForOneThatIsGone() throws {
    let device = try FaultMicrophone(
      .init {
        $0.isPatient = true
        $0.rates = [48_000]
        $0.channels = 2
      })
    var hasHappened = false
    let heard = Heard(Microphone(device: device.name, fallback: standIn.name)) { heard, control in
      if heard.samples.count >= 48_000, !hasHappened {
        hasHappened = true
        try? device.become(.init { $0.openErrno = ENODEV })
        device.happen("unplug")
      }
      if heard.pieces.count == 2, heard.pieces[1].samples.count >= 8_000 { control.stop() }
    }
    #expect(heard.notices.map(\.what) == [.deviceLost, .fallback])
    #expect(heard.notices.last?.asked == device.name)
    #expect(heard.formats == [AudioFormat(sampleRate: 48_000, channels: 2), .speech])
    #expect(heard.pieces.map(\.device) == [device.name, standIn.name])
    #expect(
      heard.pieces.last?.samples.prefix(8_000).elementsEqual((0..<8_000).map { Int16(20_000 + $0) }) == true)
  }

  @Test func whenNoneComesBackItEnds() throws {
    let device = try FaultMicrophone(.init { $0.isPatient = true })
    try standIn.become(.init { $0.openErrno = ENODEV })
    var limits = MicrophoneLimits()
    limits.searchMilliseconds = 500
    let heard = Heard(Microphone(device: device.name, fallback: standIn.name, limits: limits)) { heard, _ in
      guard heard.samples.count >= 8_000 else { return }
      try? device.become(.init { $0.openErrno = ENODEV })
      device.happen("unplug")
    }
    guard case .deviceLost(let error) = heard.end else {
      Issue.record("ended by \(heard.end)")
      return
    }
    #expect(error.message.contains(device.name))
    #expect(heard.notices.map(\.what) == [.deviceLost])
    #expect(heard.samples.count >= 8_000)
  }

  @Test func aStopEndsASearchAtOnce() throws {
    let device = try FaultMicrophone(.init { $0.isPatient = true })
    try standIn.become(.init { $0.openErrno = ENODEV })
    var limits = MicrophoneLimits()
    limits.searchMilliseconds = 3_600_000
    limits.longestPauseMilliseconds = 3_600_000
    var stopper: WorkerThread?
    let heard = Heard(Microphone(device: device.name, fallback: standIn.name, limits: limits)) {
      heard, control in
      guard heard.samples.count >= 8_000, stopper == nil else { return }
      try? device.become(.init { $0.openErrno = ENODEV })
      device.happen("unplug")
      stopper = WorkerThread(name: "stopper") {
        usleep(300_000)
        control.stop()
      }
    }
    stopper?.join()
    #expect(heard.end == .stopped)
    #expect(heard.notices.map(\.what) == [.deviceLost])
  }

  /// A capture that has gone silent is replaced by one that hears. Nothing that was heard is lost or doubled.
  @Test func oneThatHasFallenSilentIsOpenedAnew() throws {
    let device = try FaultMicrophone(.init { $0.isPatient = true })
    var limits = MicrophoneLimits()
    limits.silenceMilliseconds = 300
    var hasHappened = false
    let heard = Heard(Microphone(device: device.name, fallback: standIn.name, limits: limits)) {
      heard, control in
      if heard.samples.count >= 8_000, !hasHappened {
        hasHappened = true
        device.happen("zero:3600000")
      }
      if heard.notices.last?.what == .sound, heard.pieces.last!.samples.count >= 8_000 { control.stop() }
    }
    #expect(heard.notices.map(\.what) == [.silent, .sound])
    #expect(heard.pieces.count == 2)
    let before = heard.pieces[0].samples
    let zeros = before.reversed().prefix { $0 == 0 }.count
    #expect(Array(before.dropLast(zeros)) == Array(0..<Int16(before.count - zeros)))
    let after = heard.pieces[1].samples
    #expect(after.count >= 8_000)
    #expect(after == Array(0..<Int16(after.count)))
  }

  /// A pause in what a monitor hears: the second capture hears the same, and the first one is kept.
  @Test func oneThatIsOnlyQuietIsKept() throws {
    let path = folder.file("pause.wav")
    let sound =
      (1...16_000).map { Int16($0) } + [Int16](repeating: 0, count: 32_000) + (1...16_000).map { Int16($0) }
    try WaveFile.write(sound, rate: 16_000, to: path)
    // The second one has zeros alone, like a muted one.
    let device = try FaultMicrophone(
      .init {
        $0.file = path
        $0.isPatient = true
      })
    var limits = MicrophoneLimits()
    limits.silenceMilliseconds = 200
    let heard = Heard(Microphone(device: device.name, fallback: standIn.name, limits: limits)) {
      heard, control in
      if heard.samples.count >= 8_000 {
        try? device.become(.init { $0.faults = "0 zero:3600000" })
      }
      if heard.samples.count >= sound.count { control.stop() }
    }
    #expect(heard.notices.map(\.what) == [.silent, .sound])
    #expect(heard.pieces.count == 1)
    #expect(Array(heard.samples.prefix(sound.count)) == sound)
  }

  @Test func aDeviceForOneCaptureOnlyIsKeptWhenItIsSilent() throws {
    let device = try FaultMicrophone(.init { $0.faults = "0 zero:3600000" })
    var limits = MicrophoneLimits()
    limits.silenceMilliseconds = 100
    var isBusy = false
    let microphone = Microphone(device: device.name, fallback: standIn.name, limits: limits)
    let heard = Heard(microphone) { heard, control in
      if !isBusy {
        isBusy = true
        try? device.become(.init { $0.openErrno = EBUSY })
      }
      if heard.samples.count >= 32_000 { control.stop() }
    }
    #expect(heard.notices.map(\.what) == [.silent])
    #expect(heard.pieces.count == 1)
    #expect(!microphone.hasHeardSound)
    #expect(heard.samples.allSatisfy { $0 == 0 })
  }

  @Test func aPatientOneWaitsForItsDevice() throws {
    let device = try FaultMicrophone(.init { $0.openErrno = ENODEV })
    try standIn.become(.init { $0.openErrno = ENODEV })
    let microphone = Microphone(device: device.name, fallback: standIn.name, limits: .patient)
    let control = microphone.control
    let plugger = WorkerThread(name: "plugger") {
      usleep(300_000)
      try? device.become(.init { $0.isPatient = true })
    }
    let heard = Heard(microphone) { if $0.samples.count >= 1_600 { $1.stop() } }
    plugger.join()
    #expect(heard.end == .stopped)
    #expect(heard.samples.first == 0)
    _ = control
  }

  @Test func onesPatienceEndsWhenItIsWanted() throws {
    let device = try FaultMicrophone(.init { $0.openErrno = ENODEV })
    try standIn.become(.init { $0.openErrno = ENODEV })
    let microphone = Microphone(device: device.name, fallback: standIn.name, limits: .patient)
    microphone.control.hasten()
    guard case .openFailed = Heard(microphone).end else {
      Issue.record("it went on")
      return
    }
  }

  @Test func aSearchTriesAllInRoundsAndEnds() {
    var search = DeviceSearch(["a", "b", "a"], until: 1_000_000_000, longestPause: 400)
    let tries = (0..<12).compactMap { _ in search.next(now: 0) }
    #expect(tries.map(\.device) == Array(repeating: ["a", "b"], count: 6).flatMap { $0 })
    #expect(tries.map(\.pause) == [0, 0, 50, 0, 100, 0, 200, 0, 400, 0, 400, 0])
    #expect(search.next(now: 700_000_000) == nil)
  }
}

/// What came from one device without a break.
struct Piece: Equatable {
  let device: String
  var samples: [Int16] = []
}

/// A microphone read to its end by the thread that calls; of several channels the first is kept.
struct Heard {
  var pieces: [Piece] = []
  var formats: [AudioFormat] = []
  var notices: [AudioNotice] = []
  var gaps: [AudioGap] = []
  var end = CaptureEnd.stopped

  /// `onFrames` is called with all so far whenever frames have come.
  init(_ microphone: Microphone, onFrames: (Heard, MicrophoneControl) -> Void = { _, _ in }) {
    let buffer = UnsafeMutableBufferPointer<Int16>.allocate(capacity: 4096)
    defer { buffer.deallocate() }
    var next: (AudioFormat, String)?
    var isRunning = true
    while isRunning {
      switch microphone.next(into: buffer) {
      case .opened(let format, let device): next = (format, device)
      case .frames(let count):
        if let (format, device) = next {
          formats.append(format)
          pieces.append(Piece(device: device))
          next = nil
        }
        let channels = formats.last!.channels
        pieces[pieces.count - 1].samples += (0..<count).map { buffer[$0 * channels] }
        onFrames(self, microphone.control)
      case .notice(let notice): notices.append(notice)
      case .ended(let cause):
        end = cause
        isRunning = false
      }
    }
    gaps = microphone.gaps
    microphone.close()
  }

  var samples: [Int16] { pieces.flatMap(\.samples) }
}
