internal import CLinux
import Glibc

/// Zeroed memory for a thread that must not wait for the disk: its pages stay in memory from their first use on, where
/// the limit on locked memory allows it. Elsewhere it is ordinary memory.
public final class ResidentMemory: @unchecked Sendable {
  // Safe: both are set once. Who may touch the bytes is its owner's affair.

  /// The first byte, at the start of a page.
  public let base: UnsafeMutableRawPointer
  /// The size, in whole pages.
  public let count: Int
  /// Whether the pages are locked.
  public let isLocked: Bool

  /// How much it is, and whether it is locked.
  public var residence: (bytes: Int, isLocked: Bool) { (count, isLocked) }

  /// At least `bytes` bytes. Stops the process when the address space is used up, as every allocation does.
  public init(bytes: Int) {
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    count = (max(1, bytes) + page - 1) / page * page
    let mapped = mmap(nil, count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let mapped, mapped != MAP_FAILED else { preconditionFailure("mmap: \(systemError())") }
    base = mapped
    isLocked = linux_lock_on_fault(base, count) == 0
  }

  deinit { munmap(base, count) }
}

/// Brings the calling thread's whole stack into memory, and locks it there where the limit on locked memory allows it.
/// Returns how many bytes it has, and whether they are locked. For a thread with a small stack of its own.
public func keepStackInMemory() -> (bytes: Int, isLocked: Bool) {
  var bytes = 0
  let isLocked = linux_lock_stack(&bytes) == 0
  return (bytes, isLocked)
}

/// Undoes `keepStackInMemory`, before the thread ends: the system's library gives the stack to other threads.
public func releaseStack() { linux_unlock_stack() }
