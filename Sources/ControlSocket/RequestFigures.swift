import Requests

extension RequestStatus {
  /// What is not in order, or waits: a line for each host where that is so.
  var complaints: [String] {
    hosts.compactMap { host in
      let waiting = host.queued > 0 ? ["\(host.queued) requests wait"] : []
      let breaker: [String] =
        switch host.breaker {
        case .closed: []
        case .open:
          [
            "failed too often: left alone for \(((host.closedForMs ?? 0) + 999) / 1000) s, or until the next dictation"
          ]
        case .halfOpen: ["failed too often: a request is on its way to see whether it works again"]
        }
      let all = breaker + waiting
      return all.isEmpty ? nil : "requests to \(host.host): " + all.joined(separator: "; ")
    }
  }

  /// All figures as a table.
  var table: String {
    let head = [
      "host", "breaker", "going", "waiting", "sent", "again", "failed", "errors", "p50", "p95", "p99", "up",
      "down",
    ]
    let rows = hosts.map { host in
      [
        host.host, host.breaker.rawValue, "\(host.inFlight)", "\(host.queued)", "\(host.requests)",
        "\(host.retries)", "\(host.failures)", host.errorRate.map { "\(Int(($0 * 100).rounded())) %" } ?? "-",
        milliseconds(host.latencyMs?.p50), milliseconds(host.latencyMs?.p95),
        milliseconds(host.latencyMs?.p99),
        kilobytes(host.bytesSent), kilobytes(host.bytesReceived),
      ]
    }
    let widths = head.indices.map { column in ([head] + rows).map { $0[column].count }.max() ?? 0 }
    let lines = ([head] + rows).map { row in
      let cells = zip(row, widths).map { cell, width in
        cell + String(repeating: " ", count: width - cell.count)
      }
      return String(cells.joined(separator: "  ").reversed().drop { $0 == " " }.reversed())
    }
    return (["\(inFlight) requests go, \(queued) wait, \(joined) have joined another"] + lines)
      .joined(separator: "\n")
  }

  private func milliseconds(_ value: Double?) -> String { value.map { "\(Int($0.rounded())) ms" } ?? "-" }

  private func kilobytes(_ bytes: Int) -> String { "\((bytes + 500) / 1000) kB" }
}
