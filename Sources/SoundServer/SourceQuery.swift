internal import CPulse
import Glibc
internal import Linux

/// The sources of the user's PulseAudio, or of PipeWire in its place, the default one first.
///
/// It connects, asks and disconnects: nothing is left open. A server that does not run is not started. It waits for
/// the server's answers, but not longer than `milliseconds`.
///
/// - Parameter server: the address as in PULSE_SERVER; nil: the user's own.
public func soundSources(
  of server: String? = nil, within milliseconds: Int = 1_000
) throws(SoundServerFailure) -> [SoundSource] {
  guard let library = loadLibrary() else { throw .notInstalled }
  let query = try SourceQuery(library, deadline: monotonicNanoseconds() + UInt64(milliseconds) * 1_000_000)
  try query.connect(to: server)
  return try query.sources()
}

private let loaded = Lock<pulse_library?>(nil)

/// libpulse, loaded by the first who asks; nil as long as it is not installed.
private func loadLibrary() -> pulse_library? {
  loaded.withLock { library in
    if library == nil { library = pulse_load()?.pointee }
    return library
  }
}

/// One conversation with the server, on the thread that has it.
private final class SourceQuery {
  private let library: pulse_library
  private let deadline: UInt64
  private let loop: OpaquePointer
  private let context: OpaquePointer

  init(_ library: pulse_library, deadline: UInt64) throws(SoundServerFailure) {
    self.library = library
    self.deadline = deadline
    guard let loop = library.mainloop_new() else { throw .notRunning }
    guard let context = library.context_new(library.mainloop_get_api(loop), "thoth") else {
      library.mainloop_free(loop)
      throw .notRunning
    }
    (self.loop, self.context) = (loop, context)
  }

  deinit {
    library.context_disconnect(context)
    library.context_unref(context)
    library.mainloop_free(loop)
  }

  func connect(to server: String?) throws(SoundServerFailure) {
    guard library.context_connect(context, server, PA_CONTEXT_NOAUTOSPAWN, nil) == 0 else {
      throw .notRunning
    }
    while library.context_get_state(context) != PA_CONTEXT_READY { try turn() }
  }

  func sources() throws(SoundServerFailure) -> [SoundSource] {
    let answer = Answer(library)
    let pointer = Unmanaged.passUnretained(answer).toOpaque()
    try withExtendedLifetime(answer) { () throws(SoundServerFailure) in
      try wait(
        library.context_get_server_info(
          context,
          { _, info, pointer in
            guard let info, let pointer else { return }
            Answer.at(pointer).defaultName = info.pointee.default_source_name.map { String(cString: $0) }
          }, pointer))
      try wait(
        library.context_get_source_info_list(
          context,
          { _, info, end, pointer in
            guard end == 0, let info, let pointer else { return }
            Answer.at(pointer).add(info.pointee)
          }, pointer))
    }
    return answer.sources.filter(\.isDefault) + answer.sources.filter { !$0.isDefault }
  }

  private func wait(_ operation: OpaquePointer?) throws(SoundServerFailure) {
    guard let operation else { throw .notRunning }
    defer { library.operation_unref(operation) }
    while library.operation_get_state(operation) == PA_OPERATION_RUNNING { try turn() }
  }

  /// Lets libpulse work once, when there is something to do or the time is over.
  private func turn() throws(SoundServerFailure) {
    let now = monotonicNanoseconds()
    guard now < deadline else { throw .hangs }
    // Microseconds, rounded up.
    let remaining = Int32(clamping: (deadline - now) / 1_000 + 1)
    guard library.mainloop_prepare(loop, remaining) >= 0, library.mainloop_poll(loop) >= 0,
      library.mainloop_dispatch(loop) >= 0
    else { throw .notRunning }
    let state = library.context_get_state(context)
    if state == PA_CONTEXT_FAILED || state == PA_CONTEXT_TERMINATED { throw .notRunning }
  }
}

/// What the server has told so far.
private final class Answer {
  private let library: pulse_library
  var defaultName: String?
  private(set) var sources: [SoundSource] = []

  init(_ library: pulse_library) { self.library = library }

  static func at(_ pointer: UnsafeMutableRawPointer) -> Answer {
    Unmanaged<Answer>.fromOpaque(pointer).takeUnretainedValue()
  }

  func add(_ info: pa_source_info) {
    if let source = SoundSource(info, library: library, default: defaultName) { sources.append(source) }
  }
}
