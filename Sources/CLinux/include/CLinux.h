// What Swift's Glibc module lacks: calls and constants behind _GNU_SOURCE, and macros it cannot import.
// _GNU_SOURCE stays in the .c file: here it would change every header that an importer sees.
#ifndef CLINUX_H
#define CLINUX_H

#include <stdint.h>
// Not sys/types.h: the types in it would be taken for this module's instead of Glibc's.
#include <stddef.h>

/// eventfd(2), close-on-exec and non-blocking. Returns the descriptor, or -1 with errno.
int linux_eventfd(void);

/// timerfd_create(2) on CLOCK_BOOTTIME, close-on-exec. Returns the descriptor, or -1 with errno.
int linux_timerfd(void);

/// timerfd_settime(2): once, at `time` in nanoseconds of the clock; 0 switches it off.
void linux_timerfd_set(int timer, uint64_t time);

/// accept4(2) with SOCK_CLOEXEC | SOCK_NONBLOCK.
int linux_accept(int listener);

/// pipe2(2) with O_CLOEXEC. descriptors: [read end, write end].
int linux_pipe(int descriptors[2]);

/// SO_PEERCRED: the user id of the process at the other end of a Unix socket, or -1 with errno.
int64_t linux_peer_uid(int socket);

/// sendmsg(2) of `length` bytes with descriptors (SCM_RIGHTS), without SIGPIPE: the bytes sent, or -1 with errno.
long linux_send_descriptors(int socket, const void *bytes, size_t length, const int *descriptors, int count);

/// recvmsg(2) of bytes and of descriptors, which are close-on-exec. `*count` is how many there is room for, and then how
/// many came; of more, none comes. The bytes received, 0 at the end, or -1 with errno.
long linux_receive_descriptors(int socket, void *bytes, size_t length, int *descriptors, int *count);

/// signalfd(2) for the given signals (blocked in the calling thread), close-on-exec and non-blocking.
int linux_signalfd(const int *signals, int count);

/// pthread_setname_np(3) for the calling thread; the name is cut at 15 bytes.
void linux_name_thread(const char *name);

/// mlock2(2) with MLOCK_ONFAULT: pages stay in memory from their first use. 0, or -1 with errno.
int linux_lock_on_fault(const void *address, size_t length);

/// mlock(2) of the calling thread's whole stack, which brings it into memory; where that is not allowed it is only
/// brought there. Tells its size. 0 when it is locked, else -1.
int linux_lock_stack(intptr_t *bytes);

/// munlock(2) of the calling thread's whole stack.
void linux_unlock_stack(void);

/// SCHED_FIFO at `priority` for the calling thread, and not for processes that it starts. 0 or an error number.
int linux_run_in_real_time(int priority);

/// The soft limits RLIMIT_RTPRIO and, in bytes, RLIMIT_MEMLOCK; INT64_MAX when there is none.
int64_t linux_limit_of_priority(void);
int64_t linux_limit_of_locked_memory(void);

/// Has this process take only what others leave: 10 nicer, SCHED_IDLE, and the idle class of ioprio_set(2). What is not
/// allowed is left out.
void linux_run_in_background(void);

/// Has this process end with SIGKILL when its parent does (PR_SET_PDEATHSIG). False when the parent, `parent`, has ended
/// already.
int linux_end_with(int parent);

/// renameat2(2) with RENAME_NOREPLACE: fails with EEXIST when `to` exists, and with EINVAL where the file system cannot
/// tell. 0, or -1 with errno.
int linux_rename_new(const char *from, const char *to);

/// Has execve(2), socket(2), ptrace(2) and their like fail with EPERM in this process from now on (seccomp(2)), and no
/// program gain rights (PR_SET_NO_NEW_PRIVS). On processors other than x86-64 and ARM64 only the latter.
void linux_limit_reach(void);

/// memfd_create(2), close-on-exec: a file in memory that has no name. Returns the descriptor, or -1 with errno.
int linux_memory_file(void);

/// pidfd_open(2), close-on-exec: readable when the process has ended. Returns the descriptor, or -1 with errno.
int linux_process_descriptor(int process);

/// inotify_init1(2) with IN_CLOEXEC.
int linux_inotify(void);

/// posix_spawn_file_actions_addclosefrom_np(3): the child closes every descriptor from `first` on.
/// `actions` is a posix_spawn_file_actions_t.
int linux_spawn_close_from(void *actions, int first);

/// POSIX_SPAWN_SETSID: posix_spawn(3) starts the child in a session of its own.
extern const int32_t linux_spawn_setsid;

#endif
