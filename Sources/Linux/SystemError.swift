public import Glibc

/// The sentence of the C library for `code` (errno by default).
public func systemError(_ code: Int32 = errno) -> String { String(cString: strerror(code)) }

/// A monotonic time in nanoseconds (CLOCK_MONOTONIC), for durations.
public func monotonicNanoseconds() -> UInt64 {
  var now = timespec()
  clock_gettime(CLOCK_MONOTONIC, &now)
  return UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec)
}

/// Nanoseconds since the computer was started (CLOCK_BOOTTIME), those in which it slept included.
public func bootNanoseconds() -> UInt64 {
  var now = timespec()
  clock_gettime(CLOCK_BOOTTIME, &now)
  return UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec)
}

/// The wall clock in milliseconds since 1970 (CLOCK_REALTIME), for ids and time stamps.
public func unixMilliseconds() -> UInt64 {
  var now = timespec()
  clock_gettime(CLOCK_REALTIME, &now)
  return UInt64(now.tv_sec) * 1000 + UInt64(now.tv_nsec) / 1_000_000
}
