import AudioExport
import DictationTypes
import Linux
import MediaFiles

/// Turns the plan of a job into a file. One thread decodes and mixes, another one encodes.
struct Rendering {
  let job: ExportJob

  /// How many frames are mixed at a time, and how many such blocks wait to be encoded.
  private static let block = 8192
  private static let capacity = 8

  init(_ job: ExportJob) { self.job = job }

  /// Writes the whole file to `descriptor`.
  func run(into descriptor: Int32) throws(DictationError) {
    let gain = job.normalizes ? try measuredGain() : 1
    let chapters = job.plan.clips.filter { !$0.isMuted }.map {
      AudioWriter.Chapter(start: $0.offset, end: $0.end, title: $0.title)
    }
    let format = job.plan.format
    let usual = ExportJob.usualBitrate(job.type, format)
    let writer = try AudioWriter(
      descriptor, type: job.type, format: format,
      bitrate: job.bitrate.map { ExportJob.limit($0, job.type, format) } ?? usual, tags: job.tags,
      chapters: chapters)
    var meter = ProgressMeter(.encode, of: job.plan.frames)
    try each(gain: gain, isLimited: job.normalizes || job.plan.needsLimiter, warns: true) {
      (block) throws(DictationError) in
      try writer.write(block)
      meter.add(block.count / format.channels)
    }
    try writer.finish()
  }

  /// The factor that brings the mix to the usual loudness. Silence stays what it is.
  private func measuredGain() throws(DictationError) -> Float {
    let loudness = try LoudnessMeter(job.plan.format)
    var meter = ProgressMeter(.measure, of: job.plan.frames)
    try each(gain: 1, isLimited: false, warns: false) { (block) throws(DictationError) in
      loudness.add(block)
      meter.add(block.count / job.plan.format.channels)
    }
    guard let measured = loudness.loudness else {
      warn("it is too quiet to be measured, and stays as loud as it is")
      return 1
    }
    return decibels(ExportJob.loudness - measured)
  }

  /// Gives the mix to `body`, block by block. It is made on another thread meanwhile.
  private func each(
    gain: Float, isLimited: Bool, warns: Bool, _ body: ([Float]) throws(DictationError) -> Void
  ) throws(DictationError) {
    let queue = BlockQueue(capacity: Self.capacity)
    let (job, block) = (job, Self.block)
    WorkerThread(name: "export-mix") {
      do throws(DictationError) {
        try mix(job, block, gain: gain, isLimited: isLimited, warns: warns) { queue.put(.success($0)) }
        queue.put(.success([]))
      } catch {
        queue.put(.failure(error))
      }
    }.detach()
    while case let samples = try queue.take().get(), !samples.isEmpty { try body(samples) }
  }
}

/// Mixes the clips of `job`, `frames` at a time.
private func mix(
  _ job: ExportJob, _ frames: Int, gain: Float, isLimited: Bool, warns: Bool, _ give: ([Float]) -> Void
) throws(DictationError) {
  let rate = job.plan.format.sampleRate
  let mixer = Mixer(job.plan) { (clip) throws(DictationError) in
    guard job.skipsDamaged else { return try ClipReader(clip, sampleRate: rate) }
    return try ForgivingReader(clip, sampleRate: rate) { if warns { warn($0) } }
  }
  var limiter = isLimited ? Limiter(sampleRate: rate, channels: job.plan.format.channels) : nil
  while case var block = try mixer.next(frames), !block.isEmpty {
    if gain != 1 { for index in block.indices { block[index] *= gain } }
    if limiter != nil { block = limiter!.process(block) }
    // At the beginning nothing may come out of it yet.
    if !block.isEmpty { give(block) }
  }
  if let rest = limiter?.finish(), !rest.isEmpty { give(rest) }
}

/// Tells something that whoever asked should know.
private func warn(_ sentence: String) {
  var report = ExportReport()
  report.warning = sentence
  _ = writeAll(1, jsonLine(report))
}

/// Tells how far a pass is, at most ten times a second, and always at its end.
private struct ProgressMeter {
  private let phase: ExportReport.Phase
  private let total: Int
  private var done = 0
  private var last: UInt64 = 0
  private static let interval: UInt64 = 100_000_000

  init(_ phase: ExportReport.Phase, of total: Int) { (self.phase, self.total) = (phase, total) }

  mutating func add(_ frames: Int) {
    done += frames
    let now = monotonicNanoseconds()
    guard now - last >= Self.interval || done >= total else { return }
    last = now
    var report = ExportReport()
    (report.phase, report.frames) = (phase, done)
    _ = writeAll(1, jsonLine(report))
  }
}
