import AudioSegmentation
import DictationTypes
import Glibc
import Library
import Linux
import SpeechRecognition
import TextFilter
import Words

/// The way of one file: decoded by a helper, heard and cut by a thread, transcribed segment by segment, stored.
struct FileWork: Sendable {
  let source: MediaSource
  let request: FileRequest
  let settings: JobSettings
  let asker: SegmentAsker
  let words: DictionaryStore
  let storage: Storage
  /// Nil: it cannot be continued.
  let journal: TranscriptionJournal?
  /// Where the helper may keep what of a pipe has to be read twice.
  let scratchFolder: String
  let meter: FileMeter

  /// What was said in it.
  ///
  /// - Throws: why that cannot be told. What was transcribed until then is in the journal.
  func run() async throws(FileFailure) -> FileTranscript {
    let known = request.resumes ? journal?.read() : nil
    if !request.resumes { journal?.restart() }
    // What is to be stored and was not is heard once more.
    if let known, let ending = known.ending, ending.item != nil || !request.saves {
      var transcript = transcript(of: Array(known.segments.values), ending)
      transcript.item = ending.item
      return transcript
    }
    let (descriptor, hearing) = try about { () throws(DictationError) in try begin() }
    defer { close(descriptor) }
    return try await transcript(of: hearing, known?.segments ?? [:])
  }

  private func begin() throws(DictationError) -> (Int32, FileHearing) {
    let descriptor = try source.open()
    do throws(DictationError) {
      let hearing = try FileHearing(
        descriptor, track: request.track, isEndless: source.isEndless, scratchFolder: scratchFolder, meter)
      return (descriptor, hearing)
    } catch {
      close(descriptor)
      throw error
    }
  }

  /// What fails in `body` is the file's fault.
  private func about<Value>(
    file isAboutFile: Bool = true, _ body: () throws(DictationError) -> Value
  ) throws(FileFailure) -> Value {
    do throws(DictationError) { return try body() } catch {
      throw FileFailure(error, isAboutFile: isAboutFile)
    }
  }

  private func transcript(
    of hearing: FileHearing, _ known: [Range<Int>: TranscriptionJournal.Entry]
  ) async throws(FileFailure) -> FileTranscript {
    let library = request.saves ? storage.library : nil
    let listening = Task { () async -> Result<FileHearing.End, DictationError> in
      do throws(DictationError) {
        return .success(try await hearing.listen(settings.aggressiveness, keepingIn: library))
      } catch {
        return .failure(error)
      }
    }
    let answers = await withTaskCancellationHandler {
      await entries(of: hearing, known)
    } onCancel: {
      hearing.cancel()
    }
    let listened = await listening.value
    do throws(FileFailure) {
      let entries = try about(file: false) { () throws(DictationError) in try answers.get() }
      let end = try about { () throws(DictationError) in try listened.get() }
      var ending = TranscriptionJournal.Ending(end)
      var transcript = transcript(of: entries, ending)
      if request.saves { await store(&transcript, end) }
      ending.item = transcript.item
      journal?.note(ending)
      return transcript
    } catch {
      if case .success(let end) = listened { end.audio?.abandon() }
      throw error
    }
  }

  // MARK: - Segments

  /// All segments with their texts; or the first failure, which ends the file.
  private func entries(
    of hearing: FileHearing, _ known: [Range<Int>: TranscriptionJournal.Entry]
  ) async -> Result<[TranscriptionJournal.Entry], DictationError> {
    await withTaskGroup(of: Result<TranscriptionJournal.Entry, DictationError>.self) { group in
      var found = Found()
      var open = 0
      while let part = await hearing.next() {
        if let entry = known[part.span.range] {
          meter.ended(part.start)
          found.add(.success(entry))
          continue
        }
        // What has ended is taken at once: of a long file there would be thousands.
        if open >= asker.jobs, let answer = await group.next() {
          found.add(answer)
          open -= 1
        }
        // Before the task: what waits for its turn waits in the file.
        await asker.permits.acquire()
        open += 1
        group.addTask {
          defer { asker.permits.release() }
          let answer = await self.entry(for: part)
          if case .failure = answer { hearing.cancel() }
          return answer
        }
      }
      for await answer in group { found.add(answer) }
      return found.result
    }
  }

  /// The segments that have their texts, and the first failure.
  private struct Found {
    private var entries: [TranscriptionJournal.Entry] = []
    private var failure: DictationError?

    /// All segments; or the failure, which says more than that others were cancelled because of it.
    var result: Result<[TranscriptionJournal.Entry], DictationError> {
      failure.map { .failure($0) } ?? .success(entries)
    }

    mutating func add(_ answer: Result<TranscriptionJournal.Entry, DictationError>) {
      switch answer {
      case .success(let entry): entries.append(entry)
      case .failure(let error): if failure == nil || failure?.kind == .cancelled { failure = error }
      }
    }
  }

  private func entry(for part: SpeechPart) async -> Result<TranscriptionJournal.Entry, DictationError> {
    do throws(DictationError) {
      let transcript = try await asker.transcript(of: part)
      let entry = TranscriptionJournal.Entry(part.span, transcript)
      journal?.note(entry)
      meter.ended(part.start)
      return .success(entry)
    } catch {
      return .failure(error)
    }
  }

  // MARK: - The text

  private func transcript(
    of entries: [TranscriptionJournal.Entry], _ ending: TranscriptionJournal.Ending
  ) -> FileTranscript {
    let segments = entries.sorted { $0.begin < $1.begin }.map(\.segment)
    let text = FileText(segments, edit: edited)
    let first = segments.first?.transcript
    return FileTranscript(
      text: text.text, rawText: text.rawText, segments: text.sentences, words: text.words,
      language: mainLanguage(of: segments)?.code, engine: first?.engine ?? "", model: first?.model ?? "",
      durationMs: ending.durationMs, warnings: ending.warnings)
  }

  /// `text` after the rules.
  private func edited(_ text: String, _ language: String?) -> String {
    if request.isRaw { return text }
    let ruled = applyRules(onOneLine(text), settings.filter, language: language)
    return settings.filter.dictionary ? words.compiled.apply(ruled).text : ruled
  }

  // MARK: - The library

  /// Stores text and audio. What the disk refuses is told; the text is there all the same. The item may be one that is
  /// there: a run that was killed behind this, before the journal knew of it, comes here again.
  private func store(_ transcript: inout FileTranscript, _ end: FileHearing.End) async {
    let now = unixMilliseconds()
    var item = Item(
      id: newJobID(), kind: .import, createdAt: min(now, end.recordedAt ?? source.modifiedAt ?? now),
      state: transcript.text.isEmpty ? .discarded : .completed)
    item.result = transcript.result
    item.tags = ["file": source.place].merging(request.tags) { $1 }
    transcript.storageError = end.storageError
    do throws(DictationError) {
      if let audio = end.audio {
        transcript.item = try await storage.library.storeImport(item, audio)
      } else {
        try await storage.library.save(item, durably: true)
        transcript.item = item.id
      }
    } catch {
      transcript.storageError = error
    }
  }
}

extension FileTranscript {
  /// What is stored of it.
  var result: DictationResult {
    var heard = Transcript(text: text, language: language, engine: engine, model: model)
    heard.rawText = rawText
    heard.words = words
    var result = DictationResult(text: text, transcript: heard, durationMs: durationMs, timingsMs: Timings())
    result.segments = segments
    return result
  }
}

extension TranscriptionJournal.Entry {
  /// What was heard in the part of the file at `span`.
  fileprivate init(_ span: SpeechSpan, _ transcript: Transcript) {
    (begin, end) = (span.range.lowerBound, span.range.upperBound)
    pauseBefore = span.pauseBefore
    self.transcript = transcript
  }

  /// The same, in milliseconds.
  fileprivate var segment: SegmentTranscript {
    SegmentTranscript(
      transcript, start: AudioFormat.speech.milliseconds(frames: begin),
      end: AudioFormat.speech.milliseconds(frames: end), pauseBefore: pauseBefore)
  }
}

extension TranscriptionJournal.Ending {
  fileprivate init(_ end: FileHearing.End) { self.init(durationMs: end.durationMs, warnings: end.warnings) }
}
