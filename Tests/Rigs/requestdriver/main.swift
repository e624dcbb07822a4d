// Drives the request manager for scripts/bench, which cannot call Swift. Each mode prints one JSON object a line.
//
//     requestdriver throughput URL COUNT BYTES PARALLEL   how long COUNT uploads of BYTES take, PARALLEL at a time
//     requestdriver faults URL COUNT                      whether COUNT requests to a fault server end as they should
//     requestdriver cancel URL COUNT                      sends one request after the other; a line on standard input
//                                                         cancels it, and the times of that are printed, in ns

import Glibc
import Linux

let arguments = CommandLine.arguments
guard arguments.count >= 4, let count = Int(arguments[3]) else {
  _ = writeAll(2, Array("requestdriver throughput|faults|cancel URL COUNT …: see main.swift\n".utf8))
  exit(2)
}
let url = arguments[2]

switch arguments[1] {
case "throughput" where arguments.count == 6:
  await throughput(url, count, bytes: Int(arguments[4]) ?? 0, parallel: Int(arguments[5]) ?? 2)
case "faults": await faults(url, count)
case "cancel": await cancellations(url, count)
default: exit(2)
}
