// A capture thread that does known things between two reads, and some before and after: a test of the capture watch.
//
//   known DEVICE FILE
//
// Counted must be: 4 allocations, 3 frees, 2 maps, 3 locks, 2 waits, 2 writes, 2 prints, 1 wake, 1 poll.
#define _GNU_SOURCE
#include <alsa/asoundlib.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t shared = PTHREAD_RWLOCK_INITIALIZER;
static pthread_cond_t never = PTHREAD_COND_INITIALIZER;
static const char *path;

static void act(int file, int event, FILE *log) {
  void *volatile block = malloc(10);
  block = realloc(block, 100000);
  free(block);
  block = calloc(3, 7);
  free(block);
  if (posix_memalign((void **)&block, 64, 64)) abort();
  free(block);
  free(NULL);
  munmap(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 4096);
  pthread_mutex_lock(&lock);
  pthread_cond_timedwait(&never, &lock, &(struct timespec){0});
  pthread_mutex_unlock(&lock);
  pthread_mutex_trylock(&lock);
  pthread_mutex_unlock(&lock);
  pthread_rwlock_rdlock(&shared);
  pthread_rwlock_unlock(&shared);
  int word = 1;
  syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 2, NULL, NULL, 0); // not the value: returns at once
  if (write(file, "a", 1) != 1 || dup2(file, 2) != 2 || write(2, "b", 1) != 1) abort();
  if (write(event, &(uint64_t){1}, 8) != 8) abort();
  fprintf(log, "%d", 1);
  fputs("two", log);
  poll(NULL, 0, 0);
}

static void *capture(void *device) {
  pthread_setname_np(pthread_self(), "thoth-capture");
  snd_pcm_t *pcm;
  if (snd_pcm_open(&pcm, device, SND_PCM_STREAM_CAPTURE, 0) < 0) abort();
  if (snd_pcm_set_params(pcm, SND_PCM_FORMAT_S16_LE, SND_PCM_ACCESS_RW_INTERLEAVED, 1, 16000, 0, 100000) < 0) abort();
  int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600), event = eventfd(0, EFD_CLOEXEC);
  FILE *log = fopen(path, "a");
  int16_t frames[160];
  if (snd_pcm_readi(pcm, frames, 160) != 160) abort();
  act(file, event, log);
  if (snd_pcm_readi(pcm, frames, 160) != 160) abort();
  act(file, event, log);
  if (snd_pcm_readi(pcm, frames, 160) != 160) abort();
  snd_pcm_drop(pcm);
  act(file, event, log);
  snd_pcm_close(pcm);
  return NULL;
}

int main(int count, char **arguments) {
  if (count != 3) return 2;
  path = arguments[2];
  pthread_t thread;
  pthread_create(&thread, NULL, capture, arguments[1]);
  void *volatile other = malloc(1); // another thread's
  free(other);
  pthread_join(thread, NULL);
  return 0;
}
