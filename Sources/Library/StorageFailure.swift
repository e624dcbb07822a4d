import AudioFiles
import CSQLite
import DictationTypes
import Glibc
import Linux

/// The sentence for a refusal of SQLite, with the way out.
///
/// `code` is an extended result code (https://www.sqlite.org/rescode.html), `systemCode` the errno behind it or 0.
func storageError(_ code: Int32, systemCode: Int32, path: String, detail: String) -> DictationError {
  switch code & 0xff {
  case SQLITE_FULL: return diskIsFull(path)
  case SQLITE_IOERR where systemCode == ENOSPC || systemCode == EDQUOT: return diskIsFull(path)
  case SQLITE_BUSY, SQLITE_LOCKED:
    return DictationError(
      .storage, "\(path) is locked by another program: end what has it open, then try again", retryable: true)
  case SQLITE_CORRUPT, SQLITE_NOTADB:
    return DictationError(
      .storage, "\(path) is damaged: `thoth doctor --fix` rebuilds it and keeps the old one aside")
  case SQLITE_READONLY, SQLITE_PERM, SQLITE_AUTH:
    return DictationError(
      .storage, "\(path) is read-only: mend its owner and mode, or the mount of its disk", retryable: true)
  case SQLITE_CANTOPEN, SQLITE_IOERR:
    let reason = systemCode == 0 ? detail : systemError(systemCode)
    return DictationError(
      .storage,
      "\(path) cannot be read or written: \(reason). Mend its owner and mode, or look after the disk",
      retryable: true)
  default: return DictationError(.internalError, "\(path): \(detail) (SQLite code \(code))")
  }
}
