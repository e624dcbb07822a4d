// Swift cannot import SQLITE_TRANSIENT, a cast of -1 to a function pointer.
#include <sqlite3.h>

static inline int thoth_bind_text(sqlite3_stmt *statement, int index, const char *text, sqlite3_uint64 bytes) {
  return sqlite3_bind_text64(statement, index, text, bytes, SQLITE_TRANSIENT, SQLITE_UTF8);
}
