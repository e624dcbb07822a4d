import Foundation
import Linux

/// Waits for `condition`, which may block, on a thread of its own, so that none of the pool's is blocked.
public func waits(_ condition: @escaping @Sendable () -> Bool) async -> Bool {
  await onThread("test", condition)
}

/// Waits until `condition` holds, for what sends no event (a file that another program writes).
/// Returns false when `seconds` have passed: a generous bound for a loaded machine, not a measurement.
public func eventually(within seconds: Double = 300, _ condition: () throws -> Bool) rethrows -> Bool {
  let deadline = Date(timeIntervalSinceNow: seconds)
  while try !condition() {
    if Date() > deadline { return false }
    usleep(5_000)
  }
  return true
}

/// The same for a condition that is asked of an actor; it never blocks a thread of the pool. Tests that do may keep the
/// pool from everything else for long: what counts is how often was asked, 200 times a second at most.
public func eventually(
  within seconds: Double = 300, isolation: isolated (any Actor)? = #isolation,
  _ condition: () async throws -> Bool
) async rethrows -> Bool {
  for _ in 0..<Int(seconds * 200) {
    if try await condition() { return true }
    try? await Task.sleep(for: .milliseconds(5))
  }
  return try await condition()
}
