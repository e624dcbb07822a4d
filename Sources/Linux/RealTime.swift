internal import CLinux

/// Gives the calling thread real-time priority (SCHED_FIFO) `wanted`, 1 to 99, or what the limit RLIMIT_RTPRIO allows
/// of it. Returns the priority that it has now; nil when the system allows none. Processes that it starts have none.
public func runInRealTime(priority wanted: Int) -> Int? {
  let allowed = min(wanted, limitOfPriority)
  // The privileged may exceed the limit.
  for priority in Set([wanted, allowed]).sorted(by: >) where priority > 0 {
    if linux_run_in_real_time(Int32(priority)) == 0 { return priority }
  }
  return nil
}

/// The highest real-time priority that the unprivileged may have here: RLIMIT_RTPRIO. 0: none.
public var limitOfPriority: Int { Int(linux_limit_of_priority()) }

/// How many bytes the unprivileged may lock here: RLIMIT_MEMLOCK. `Int.max`: any number.
public var limitOfLockedMemory: Int { Int(linux_limit_of_locked_memory()) }
