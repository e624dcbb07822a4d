// Locks, waits, and what writes: to files, terminals, pipes and sockets, and by standard I/O.
#define _GNU_SOURCE
#include "watch.h"

#include <dlfcn.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#define COUNTED(act, type, name, parameters, arguments)                                                                \
  type name parameters {                                                                                               \
    REAL(name);                                                                                                        \
    watch_count(act);                                                                                                  \
    return real arguments;                                                                                             \
  }

// ---- Locks and waits

COUNTED(locks, int, pthread_mutex_lock, (pthread_mutex_t * lock), (lock))
COUNTED(locks, int, pthread_mutex_trylock, (pthread_mutex_t * lock), (lock))
COUNTED(locks, int, pthread_mutex_timedlock, (pthread_mutex_t * lock, const struct timespec *until), (lock, until))
COUNTED(locks, int, pthread_rwlock_rdlock, (pthread_rwlock_t * lock), (lock))
COUNTED(locks, int, pthread_rwlock_tryrdlock, (pthread_rwlock_t * lock), (lock))
COUNTED(locks, int, pthread_rwlock_wrlock, (pthread_rwlock_t * lock), (lock))
COUNTED(locks, int, pthread_rwlock_trywrlock, (pthread_rwlock_t * lock), (lock))
COUNTED(locks, int, pthread_spin_lock, (pthread_spinlock_t * lock), (lock))
COUNTED(waits, int, sem_wait, (sem_t * semaphore), (semaphore))
COUNTED(waits, int, sem_timedwait, (sem_t * semaphore, const struct timespec *until), (semaphore, until))
COUNTED(waits, int, nanosleep, (const struct timespec *time, struct timespec *rest), (time, rest))
COUNTED(waits, int, usleep, (useconds_t time), (time))
COUNTED(polls, int, poll, (struct pollfd * entries, nfds_t count, int timeout), (entries, count, timeout))

// dlsym would give the oldest version of these two, which takes another kind of variable.
#define NEWEST(name)                                                                                                   \
  static __typeof__(&name) real;                                                                                      \
  if (!real) real = (__typeof__(&name))dlvsym(RTLD_NEXT, #name, "GLIBC_2.3.2");                                        \
  if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

int pthread_cond_wait(pthread_cond_t *condition, pthread_mutex_t *lock) {
  NEWEST(pthread_cond_wait);
  watch_count(waits);
  return real(condition, lock);
}

int pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *lock, const struct timespec *until) {
  NEWEST(pthread_cond_timedwait);
  watch_count(waits);
  return real(condition, lock, until);
}

// Swift's own mutex and Dispatch reach the kernel's futex this way.
long syscall(long number, ...) {
  REAL(syscall);
  va_list list;
  va_start(list, number);
  long a[6];
  for (int i = 0; i < 6; i++) a[i] = va_arg(list, long);
  va_end(list);
  int operation = (int)a[1] & FUTEX_CMD_MASK;
  bool is_wake = operation == FUTEX_WAKE || operation == FUTEX_WAKE_OP || operation == FUTEX_UNLOCK_PI;
  if (number == SYS_futex) watch_count(is_wake ? locks : waits);
  return real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

// ---- Writing

// Waking another thread by an eventfd is no writing: it has no type of file.
static enum act kind_of(int descriptor) {
  struct stat found;
  return fstat(descriptor, &found) == 0 && !(found.st_mode & S_IFMT) ? wakes : writes;
}

ssize_t write(int descriptor, const void *bytes, size_t count) {
  REAL(write);
  watch_count(kind_of(descriptor));
  return real(descriptor, bytes, count);
}

COUNTED(writes, ssize_t, writev, (int to, const struct iovec *parts, int count), (to, parts, count))
COUNTED(writes, ssize_t, pwrite, (int to, const void *bytes, size_t count, off_t at), (to, bytes, count, at))
COUNTED(writes, ssize_t, send, (int to, const void *bytes, size_t count, int flags), (to, bytes, count, flags))
COUNTED(writes, ssize_t, sendmsg, (int to, const struct msghdr *message, int flags), (to, message, flags))
COUNTED(prints, int, vfprintf, (FILE * file, const char *format, va_list list), (file, format, list))
COUNTED(prints, int, vdprintf, (int to, const char *format, va_list list), (to, format, list))
COUNTED(prints, int, fputs, (const char *text, FILE *file), (text, file))
COUNTED(prints, int, fputc, (int byte, FILE *file), (byte, file))
COUNTED(prints, int, puts, (const char *text), (text))
COUNTED(prints, int, fflush, (FILE * file), (file))
COUNTED(prints, size_t, fwrite, (const void *bytes, size_t size, size_t count, FILE *file), (bytes, size, count, file))

// The variadic ones, plain and as headers write them for programs that are built with checks.
#define PRINT(name, parameters, act)                                                                                   \
  int name parameters {                                                                                                \
    va_list list;                                                                                                      \
    va_start(list, format);                                                                                            \
    int result = act;                                                                                                  \
    va_end(list);                                                                                                      \
    return result;                                                                                                     \
  }

PRINT(printf, (const char *format, ...), vfprintf(stdout, format, list))
PRINT(fprintf, (FILE * file, const char *format, ...), vfprintf(file, format, list))
PRINT(dprintf, (int to, const char *format, ...), vdprintf(to, format, list))
PRINT(__printf_chk, (int level, const char *format, ...), ((void)level, vfprintf(stdout, format, list)))
PRINT(__fprintf_chk, (FILE * file, int level, const char *format, ...), ((void)level, vfprintf(file, format, list)))

void syslog(int priority, const char *format, ...) {
  watch_count(prints);
  va_list list;
  va_start(list, format);
  vsyslog(priority, format, list);
  va_end(list);
}
