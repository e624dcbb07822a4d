#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

int linux_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

int linux_timerfd(void) { return timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC); }

void linux_timerfd_set(int timer, uint64_t time) {
  struct itimerspec setting = {.it_value = {.tv_sec = time / 1000000000, .tv_nsec = time % 1000000000}};
  timerfd_settime(timer, TFD_TIMER_ABSTIME, &setting, NULL);
}

int linux_accept(int listener) { return accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK); }

int linux_pipe(int descriptors[2]) { return pipe2(descriptors, O_CLOEXEC); }

int64_t linux_peer_uid(int socket) {
  struct ucred credentials;
  socklen_t length = sizeof credentials;
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &length) < 0) return -1;
  return credentials.uid;
}

// The most that one message may carry (SCM_MAX_FD of the kernel).
enum { most_descriptors = 253 };
union control {
  struct cmsghdr header;
  char space[CMSG_SPACE(most_descriptors * sizeof(int))];
};

long linux_send_descriptors(int socket, const void *bytes, size_t length, const int *descriptors, int count) {
  if (count > most_descriptors) {
    errno = EINVAL;
    return -1;
  }
  union control control = {0};
  struct iovec part = {(void *)bytes, length};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  if (count > 0) {
    message.msg_control = &control;
    message.msg_controllen = CMSG_SPACE(count * sizeof(int));
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(count * sizeof(int));
    memcpy(CMSG_DATA(header), descriptors, count * sizeof(int));
  }
  return sendmsg(socket, &message, MSG_NOSIGNAL);
}

long linux_receive_descriptors(int socket, void *bytes, size_t length, int *descriptors, int *count) {
  union control control;
  struct iovec part = {bytes, length};
  struct msghdr message = {
      .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
  long received = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  int room = *count;
  *count = 0;
  if (received < 0) return -1;
  for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    int arrived = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    int found[most_descriptors];
    memcpy(found, CMSG_DATA(header), arrived * sizeof(int));
    for (int i = 0; i < arrived; i++) {
      if (arrived <= room) {
        descriptors[(*count)++] = found[i];
      } else {
        close(found[i]);
      }
    }
    if (arrived <= room) room -= arrived;
  }
  return received;
}

int linux_signalfd(const int *signals, int count) {
  sigset_t set;
  sigemptyset(&set);
  for (int i = 0; i < count; i++) sigaddset(&set, signals[i]);
  if (pthread_sigmask(SIG_BLOCK, &set, NULL) != 0) return -1;
  return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

void linux_name_thread(const char *name) {
  char cut[16];
  snprintf(cut, sizeof cut, "%s", name);
  pthread_setname_np(pthread_self(), cut);
}

int linux_lock_on_fault(const void *address, size_t length) { return mlock2(address, length, MLOCK_ONFAULT); }

// The calling thread's stack without its guard pages, which cannot be touched.
static bool find_stack(char **start, size_t *length) {
  pthread_attr_t attributes;
  void *address;
  size_t guard;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return false;
  pthread_attr_getstack(&attributes, &address, length);
  pthread_attr_getguardsize(&attributes, &guard);
  pthread_attr_destroy(&attributes);
  if (guard >= *length) return false;
  *start = (char *)address + guard;
  *length -= guard;
  return true;
}

int linux_lock_stack(intptr_t *bytes) {
  char *start;
  size_t length;
  if (!find_stack(&start, &length)) return -1;
  *bytes = (intptr_t)length;
  if (mlock(start, length) == 0) return 0;
  (void)madvise(start, length, MADV_POPULATE_WRITE);
  return -1;
}

void linux_unlock_stack(void) {
  char *start;
  size_t length;
  if (find_stack(&start, &length)) (void)munlock(start, length);
}

int linux_run_in_real_time(int priority) {
  const struct sched_param parameters = {.sched_priority = priority};
  return pthread_setschedparam(pthread_self(), SCHED_FIFO | SCHED_RESET_ON_FORK, &parameters);
}

static int64_t soft_limit(__rlimit_resource_t resource) {
  struct rlimit limit;
  if (getrlimit(resource, &limit) != 0) return 0;
  return limit.rlim_cur == RLIM_INFINITY ? INT64_MAX : (int64_t)limit.rlim_cur;
}

int64_t linux_limit_of_priority(void) { return soft_limit(RLIMIT_RTPRIO); }

int64_t linux_limit_of_locked_memory(void) { return soft_limit(RLIMIT_MEMLOCK); }

int linux_memory_file(void) { return memfd_create("thoth", MFD_CLOEXEC); }

int linux_process_descriptor(int process) { return pidfd_open(process, 0); }

int linux_inotify(void) { return inotify_init1(IN_CLOEXEC); }

int linux_spawn_close_from(void *actions, int first) {
  return posix_spawn_file_actions_addclosefrom_np(actions, first);
}

const int32_t linux_spawn_setsid = POSIX_SPAWN_SETSID;

void linux_run_in_background(void) {
  // From linux/ioprio.h, which Debian's headers have only since 5.15: IOPRIO_WHO_PROCESS, IOPRIO_CLASS_IDLE << 13.
  enum { who_process = 1, idle_class = 3 << 13 };
  struct sched_param parameters = {0};
  setpriority(PRIO_PROCESS, 0, 10);
  sched_setscheduler(0, SCHED_IDLE, &parameters);
  syscall(SYS_ioprio_set, who_process, 0, idle_class);
}

int linux_end_with(int parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  return getppid() == parent;
}

int linux_rename_new(const char *from, const char *to) { return renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE); }

void linux_limit_reach(void) {
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
#if defined(__x86_64__)
  const uint32_t processor = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
  const uint32_t processor = AUDIT_ARCH_AARCH64;
#else
  return;
#endif
#if defined(__x86_64__) || defined(__aarch64__)
// Goes on with the line behind when the call has another number.
#define REFUSE(call)                                                                                                   \
  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (call), 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM)
  struct sock_filter lines[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, processor, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
#if defined(__x86_64__)
      // The numbers of x32 (__X32_SYSCALL_BIT) are other ways to the same calls.
      BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
#endif
      REFUSE(SYS_execve),
      REFUSE(SYS_execveat),
      REFUSE(SYS_socket),
      REFUSE(SYS_socketpair),
#if !__has_feature(address_sanitizer) // whose search for leaks needs it
      REFUSE(SYS_ptrace),
#endif
      REFUSE(SYS_process_vm_writev),
      REFUSE(SYS_io_uring_setup),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
#undef REFUSE
  const struct sock_fprog program = {sizeof lines / sizeof *lines, lines};
  prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
#endif
}
