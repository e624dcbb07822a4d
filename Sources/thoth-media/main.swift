import DictationTypes
import Glibc
import Linux

// The helper of the daemon that knows libav: it takes files apart, and puts them together. What a file may do to a codec
// ends this process and not the daemon.
runInBackground()
switch CommandLine.arguments.dropFirst().first {
case "decode": exit(decode(Array(CommandLine.arguments.dropFirst(2))))
case "export": exit(export())
default:
  tell(
    HelperMessage(
      kind: ErrorKind.internalError.rawValue, message: "thoth-media is a part of thoth: `thoth --help`"))
  exit(2)
}
