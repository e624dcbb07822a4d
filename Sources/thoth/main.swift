import CommandLine
import Glibc
import Linux

// The client: parses, asks the daemon, prints what it answers, ends with the code it is told.
let words = Array(Swift.CommandLine.arguments.dropFirst())
do {
  switch try parse(words) {
  case .print(let text):
    exit(
      exitCode { () throws(ClientError) in
        try printOut(text)
        return 0
      })
  case .request(let request):
    exit(run(request))
  }
} catch {
  write(2, "thoth: \(error)\n")
  exit(2)
}
