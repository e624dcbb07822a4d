internal import CLinux

/// Keeps the pages of `region` in memory from their first use on, for a thread that must not wait for the disk.
/// Where the limit on locked memory does not allow it, nothing happens. munlock(2) undoes it.
public func keepInMemory(_ region: UnsafeRawBufferPointer) {
  linux_lock_on_fault(region.baseAddress, region.count)
}
