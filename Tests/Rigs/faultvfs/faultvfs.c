#include "CFaultVFS.h"

#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct fault_file {
  sqlite3_file base;
  const char *path;
  sqlite3_file *real;
};

static sqlite3_vfs fault_vfs;
static atomic_int every, code_of_failures, operations, failures;
static pthread_mutex_t folder_mutex = PTHREAD_MUTEX_INITIALIZER;
static char synced_folder[512];

static sqlite3_vfs *standard(void) { return fault_vfs.pAppData; }
static sqlite3_file *real(sqlite3_file *file) { return ((struct fault_file *)file)->real; }

/// The result of the operation that comes now.
static int fate(void) {
  int nth = atomic_load(&every);
  if (nth == 0 || atomic_fetch_add(&operations, 1) % nth != nth - 1) return SQLITE_OK;
  atomic_fetch_add(&failures, 1);
  return atomic_load(&code_of_failures);
}

static void copy_synced(const char *path) {
  pthread_mutex_lock(&folder_mutex);
  if (synced_folder[0] != 0 && path != NULL) {
    char target[1024];
    snprintf(target, sizeof target, "%s/%s", synced_folder, strrchr(path, '/') + 1);
    int from = open(path, O_RDONLY | O_CLOEXEC), to = open(target, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    // Closing a descriptor of a file drops this process's locks on it: the log is never locked, and the database
    // only by connections that a test of power cuts does not have beside.
    char bytes[65536];
    for (ssize_t count; from >= 0 && (count = read(from, bytes, sizeof bytes)) > 0;) {
      if (write(to, bytes, (size_t)count) != count) break;
    }
    if (from >= 0) close(from);
    if (to >= 0) close(to);
  }
  pthread_mutex_unlock(&folder_mutex);
}

/// The next sync of a new file syncs the folder too, so the name is gone by then.
static void forget_synced(const char *path) {
  pthread_mutex_lock(&folder_mutex);
  if (synced_folder[0] != 0) {
    char target[1024];
    snprintf(target, sizeof target, "%s/%s", synced_folder, strrchr(path, '/') + 1);
    unlink(target);
  }
  pthread_mutex_unlock(&folder_mutex);
}

static int file_close(sqlite3_file *file) { return real(file)->pMethods->xClose(real(file)); }
static int file_read(sqlite3_file *file, void *bytes, int count, sqlite3_int64 offset) {
  return real(file)->pMethods->xRead(real(file), bytes, count, offset);
}
static int file_write(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset) {
  int code = fate();
  if (code == SQLITE_OK) return real(file)->pMethods->xWrite(real(file), bytes, count, offset);
  real(file)->pMethods->xWrite(real(file), bytes, count / 2, offset);
  return code;
}
static int file_truncate(sqlite3_file *file, sqlite3_int64 size) {
  int code = fate();
  return code == SQLITE_OK ? real(file)->pMethods->xTruncate(real(file), size) : code;
}
static int file_sync(sqlite3_file *file, int flags) {
  int code = fate();
  if (code == SQLITE_OK) code = real(file)->pMethods->xSync(real(file), flags);
  if (code == SQLITE_OK) copy_synced(((struct fault_file *)file)->path);
  return code;
}
static int file_size(sqlite3_file *file, sqlite3_int64 *size) {
  return real(file)->pMethods->xFileSize(real(file), size);
}
static int file_lock(sqlite3_file *file, int lock) { return real(file)->pMethods->xLock(real(file), lock); }
static int file_unlock(sqlite3_file *file, int lock) { return real(file)->pMethods->xUnlock(real(file), lock); }
static int file_check_lock(sqlite3_file *file, int *answer) {
  return real(file)->pMethods->xCheckReservedLock(real(file), answer);
}
static int file_control(sqlite3_file *file, int operation, void *argument) {
  return real(file)->pMethods->xFileControl(real(file), operation, argument);
}
static int file_sector_size(sqlite3_file *file) { return real(file)->pMethods->xSectorSize(real(file)); }
static int file_characteristics(sqlite3_file *file) {
  return real(file)->pMethods->xDeviceCharacteristics(real(file));
}
static int file_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **memory) {
  return real(file)->pMethods->xShmMap(real(file), page, size, extend, memory);
}
static int file_shm_lock(sqlite3_file *file, int offset, int count, int flags) {
  return real(file)->pMethods->xShmLock(real(file), offset, count, flags);
}
static void file_shm_barrier(sqlite3_file *file) { real(file)->pMethods->xShmBarrier(real(file)); }
static int file_shm_unmap(sqlite3_file *file, int deletes) {
  return real(file)->pMethods->xShmUnmap(real(file), deletes);
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_check_lock,
    .xFileControl = file_control,
    .xSectorSize = file_sector_size,
    .xDeviceCharacteristics = file_characteristics,
    .xShmMap = file_shm_map,
    .xShmLock = file_shm_lock,
    .xShmBarrier = file_shm_barrier,
    .xShmUnmap = file_shm_unmap,
};

static int vfs_open(sqlite3_vfs *vfs, sqlite3_filename path, sqlite3_file *file, int flags, int *given) {
  (void)vfs;
  struct fault_file *fault = (struct fault_file *)file;
  fault->path = path;
  fault->real = (sqlite3_file *)(fault + 1);
  int code = standard()->xOpen(standard(), path, fault->real, flags, given);
  fault->base.pMethods = code == SQLITE_OK ? &methods : NULL;
  return code;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *path, int syncs_folder) {
  (void)vfs;
  int code = standard()->xDelete(standard(), path, syncs_folder);
  if (code == SQLITE_OK) forget_synced(path);
  return code;
}

static void fill(void) {
  sqlite3_vfs *found = sqlite3_vfs_find(NULL);
  fault_vfs = *found;
  fault_vfs.zName = "fault";
  fault_vfs.pAppData = found;
  fault_vfs.szOsFile = (int)sizeof(struct fault_file) + found->szOsFile;
  fault_vfs.xOpen = vfs_open;
  fault_vfs.xDelete = vfs_delete;
  sqlite3_vfs_register(&fault_vfs, 0);
}

void fault_vfs_register(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, fill);
}

void fault_vfs_fail_every(int nth, int code) {
  atomic_store(&every, nth);
  atomic_store(&code_of_failures, code);
}

int fault_vfs_failures(void) { return atomic_load(&failures); }

void fault_vfs_keep_synced(const char *folder) {
  pthread_mutex_lock(&folder_mutex);
  snprintf(synced_folder, sizeof synced_folder, "%s", folder == NULL ? "" : folder);
  pthread_mutex_unlock(&folder_mutex);
}
