import CommandLine
import Glibc
import Linux

/// The files of a request that the daemon cannot open by their names: standard input, and pipes, as `<(…)` of the shell
/// makes them. They are opened here, and sent with the request.
struct OpenedFiles: ~Copyable {
  private(set) var descriptors: [Int32] = []

  /// Opens those of `request`, and notes in it which they are.
  init(of request: inout ControlRequest) throws(ClientError) {
    guard request.takesMedia else { return }
    for (number, path) in request.arguments.enumerated() where Self.isForUsAlone(path) {
      guard descriptors.count < ControlRequest.descriptorLimit else {
        throw ClientError(
          message:
            "more than \(ControlRequest.descriptorLimit) pipes at a time: name files, or ask several times",
          exitCode: 2)
      }
      if path == "-" && isatty(0) == 1 {
        throw ClientError(
          message: "standard input is the terminal: pipe audio into it, as in `thoth transcribe - < FILE`",
          exitCode: 2)
      }
      let descriptor = path == "-" ? fcntl(0, F_DUPFD_CLOEXEC, 3) : open(path, O_RDONLY | O_CLOEXEC)
      guard descriptor >= 0 else {
        let name = path == "-" ? "standard input" : path
        throw ClientError(message: "\(name) cannot be read: \(systemError())", exitCode: 2)
      }
      descriptors.append(descriptor)
      request.opened.append(number)
    }
  }

  deinit { descriptors.forEach { close($0) } }

  private static func isForUsAlone(_ path: String) -> Bool {
    // What these names mean depends on who asks.
    if path == "-" || path.hasPrefix("/dev/") || path.hasPrefix("/proc/") { return true }
    var found = stat()
    guard stat(path, &found) == 0 else { return false }
    return ![S_IFREG, S_IFDIR].contains(found.st_mode & S_IFMT)
  }
}
