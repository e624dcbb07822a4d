// Captures as thoth does, with another period: what does a period cost, and how evenly does a thread wake up?
//
//   capture DEVICE RATE PERIOD_MS SECONDS PRIORITY       (PRIORITY 0: none in real time)
//
// Prints: period in frames, buffer in frames, CPU time of the thread in ns, overruns, frames; then the time of each
// read in ns, CLOCK_MONOTONIC, one a line.
#include <alsa/asoundlib.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <time.h>

enum { most = 1 << 20 };
static int64_t times[most];

static int64_t now_ns(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

static void check(long result, const char *what) {
  if (result >= 0) return;
  fprintf(stderr, "%s: %s\n", what, snd_strerror((int)result));
  exit(1);
}

int main(int count, char **arguments) {
  if (count != 6) return 2;
  unsigned rate = (unsigned)atoi(arguments[2]);
  double seconds = atof(arguments[4]);
  snd_pcm_uframes_t period = (snd_pcm_uframes_t)(rate * atof(arguments[3]) / 1000), buffer = rate;
  snd_pcm_t *pcm;
  snd_pcm_hw_params_t *hardware;
  snd_pcm_sw_params_t *software;
  snd_pcm_hw_params_alloca(&hardware);
  snd_pcm_sw_params_alloca(&software);
  check(snd_pcm_open(&pcm, arguments[1], SND_PCM_STREAM_CAPTURE, SND_PCM_NONBLOCK), "open");
  check(snd_pcm_hw_params_any(pcm, hardware), "parameters");
  check(snd_pcm_hw_params_set_access(pcm, hardware, SND_PCM_ACCESS_RW_INTERLEAVED), "access");
  check(snd_pcm_hw_params_set_format(pcm, hardware, SND_PCM_FORMAT_S16_LE), "format");
  check(snd_pcm_hw_params_set_channels(pcm, hardware, 1), "channels");
  check(snd_pcm_hw_params_set_rate(pcm, hardware, rate, 0), "rate");
  check(snd_pcm_hw_params_set_period_size_near(pcm, hardware, &period, NULL), "period");
  check(snd_pcm_hw_params_set_buffer_size_near(pcm, hardware, &buffer), "buffer");
  check(snd_pcm_hw_params(pcm, hardware), "hardware parameters");
  check(snd_pcm_get_params(pcm, &buffer, &period), "what was agreed");
  check(snd_pcm_sw_params_current(pcm, software), "software parameters");
  check(snd_pcm_sw_params_set_avail_min(pcm, software, period), "wake-up");
  check(snd_pcm_sw_params(pcm, software), "software parameters");

  int entries = snd_pcm_poll_descriptors_count(pcm);
  struct pollfd descriptors[entries];
  int16_t *frames = malloc(2 * period * sizeof *frames);
  if (atoi(arguments[5]))
    check(-pthread_setschedparam(pthread_self(), SCHED_FIFO,
                                 &(struct sched_param){.sched_priority = atoi(arguments[5])}), "priority");
  check(snd_pcm_prepare(pcm), "prepare");
  check(snd_pcm_start(pcm), "start");
  int64_t before = now_ns(CLOCK_THREAD_CPUTIME_ID), end = now_ns(CLOCK_MONOTONIC) + (int64_t)(seconds * 1e9);
  long reads = 0, overruns = 0;
  int64_t total = 0;
  while (now_ns(CLOCK_MONOTONIC) < end && reads < most) {
    unsigned short events;
    snd_pcm_poll_descriptors(pcm, descriptors, (unsigned)entries);
    poll(descriptors, (nfds_t)entries, 1000);
    snd_pcm_poll_descriptors_revents(pcm, descriptors, (unsigned)entries, &events);
    snd_pcm_sframes_t got = snd_pcm_readi(pcm, frames, 2 * period);
    if (got == -EAGAIN || got == 0) {
      poll(NULL, 0, 1);
    } else if (got < 0) {
      overruns++;
      check(snd_pcm_recover(pcm, (int)got, 1), "recover");
      check(snd_pcm_start(pcm), "start");
    } else {
      times[reads++] = now_ns(CLOCK_MONOTONIC);
      total += got;
    }
  }
  int64_t used = now_ns(CLOCK_THREAD_CPUTIME_ID) - before;
  printf("%lu %lu %lld %ld %lld\n", period, buffer, (long long)used, overruns, (long long)total);
  for (long i = 0; i < reads; i++) printf("%lld\n", (long long)times[i]);
  snd_pcm_close(pcm);
  return 0;
}
