@_spi(ExperimentalCustomExecutors) import _Concurrency

/// The threads that tasks run on, in place of Dispatch's: those look after each other with a timer, once a second,
/// for as long as the process lives. These sleep until there is something to do.
public enum TaskThreads {
  /// Has all tasks of this process run on threads of our own. Call it once, before the first task begins.
  ///
  /// It uses the runtime's own way to replace its executors, which is not yet part of Swift's stable interface:
  /// a toolchain that changes it does not compile this file, and nothing else knows of it.
  public static func install() { _createExecutors(factory: Executors.self) }
}

/// What the runtime asks for when the first task begins.
private struct Executors: ExecutorFactory {
  static let defaultExecutor: any TaskExecutor = ThreadPool()
  /// Nothing runs on the main actor: the main thread waits for signals. Whoever tried would be stopped.
  static let mainExecutor: any MainExecutor = UnimplementedMainExecutor()
}
