internal import CLinux
import Glibc

/// Has this process, and every thread that it starts from now on, take only what others leave of processor and disk.
public func runInBackground() { linux_run_in_background() }

/// Has this process end as soon as its parent does; it ends at once when that has happened. `parent`: the parent's id, as
/// it told.
public func endWithParent(_ parent: Int32) { if linux_end_with(parent) == 0 { exit(1) } }

/// Limits this process: the address space in bytes, unless it is limited to less already, and no core dumps.
public func limitMemory(to bytes: UInt64) {
  var none = rlimit(rlim_cur: 0, rlim_max: 0)
  setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
  // The shadow memory of a sanitizer is terabytes of address space.
  guard dlsym(nil, "__asan_init") == nil, dlsym(nil, "__tsan_init") == nil else { return }
  var limit = rlimit()
  getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
  let most = min(limit.rlim_cur, rlim_t(bytes))
  limit = rlimit(rlim_cur: most, rlim_max: most)
  setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
}

/// Whether more than three quarters of the address space that this process may have are taken.
public func isMemoryScarce() -> Bool {
  var limit = rlimit()
  getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
  // The first number is the address space in pages (proc_pid_statm(5)).
  let told = String(decoding: readFile("/proc/self/statm") ?? [], as: UTF8.self)
  let pages = told.split(separator: " ").first.flatMap { UInt64($0) } ?? 0
  return pages * UInt64(sysconf(Int32(_SC_PAGESIZE))) > limit.rlim_cur / 4 * 3
}

/// Has this process, for good, get no other program started, no socket opened, and hardly any descriptors: for one that
/// reads what others have written. What the kernel does not know is left out.
public func limitReach() {
  var most = rlimit(rlim_cur: 16, rlim_max: 16)
  setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &most)
  linux_limit_reach()
}

/// Has this process end with SIGPROF when it has taken `seconds` of processor time from now on, unless that is put off by
/// another call: for code that may not come back.
public func endAfterProcessorTime(seconds: Int) {
  var limit = itimerval(it_interval: timeval(), it_value: timeval(tv_sec: seconds, tv_usec: 0))
  setitimer(__itimer_which_t(ITIMER_PROF.rawValue), &limit, nil)
}
