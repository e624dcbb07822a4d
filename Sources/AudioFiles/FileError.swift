public import DictationTypes
public import Glibc
import Linux

/// The sentence for a refusal of the file system: `path` cannot be `action` ("read", "made", "written").
public func fileError(_ path: String, _ action: String, code: Int32 = errno) -> DictationError {
  if code == ENOSPC || code == EDQUOT { return diskIsFull(path) }
  return DictationError(
    .storage,
    "\(path) cannot be \(action): \(systemError(code)). Mend its owner and mode, or look after the disk",
    retryable: true)
}

/// The sentence for a disk that has no room for `path`.
public func diskIsFull(_ path: String) -> DictationError {
  DictationError(.storage, "\(path) cannot be written: the disk is full. Free space on it", retryable: true)
}
