// The clock of the fault microphone: which frame the sound has reached, and when it will reach another one.
#define _GNU_SOURCE
#include "microphone.h"

#include <sys/timerfd.h>
#include <time.h>

int64_t now_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * second + time.tv_nsec;
}

static double frames_per_second(const struct microphone *mic) {
  return mic->io.rate * mic->speed * (1 + mic->drift_ppm / 1e6);
}

static int64_t time_of(const struct microphone *mic, int64_t position) {
  return mic->origin_ns + (int64_t)((position + 0.5) / frames_per_second(mic) * second);
}

int64_t frames_of_ms(const struct microphone *mic, int64_t ms) { return ms * mic->io.rate / 1000; }

int64_t position(struct microphone *mic) {
  int64_t now = now_ns();
  if (mic->stall_until_ns) {
    if (now < mic->stall_until_ns) return mic->held;
    mic->origin_ns += mic->stall_until_ns - mic->stall_began_ns;
    mic->stall_until_ns = 0;
  }
  int64_t reached = (int64_t)((now - mic->origin_ns) / (double)second * frames_per_second(mic));
  reached -= reached % mic->burst;
  if (mic->patient && mic->io.state == SND_PCM_STATE_RUNNING) {
    int64_t most = mic->pointer_base + (int64_t)mic->io.appl_ptr + (int64_t)mic->io.buffer_size;
    if (reached > most) {
      mic->origin_ns += (int64_t)((reached - most) / frames_per_second(mic) * second);
      reached = most;
    }
  }
  if (reached > mic->held) mic->held = reached;
  return mic->held;
}

int64_t available(struct microphone *mic) {
  return position(mic) - mic->pointer_base - (int64_t)mic->io.appl_ptr;
}

void arm(struct microphone *mic, snd_pcm_uframes_t taken) {
  int64_t wanted = mic->pointer_base + (int64_t)(mic->io.appl_ptr + taken + mic->wake_at);
  int64_t when = time_of(mic, (wanted + mic->burst - 1) / mic->burst * mic->burst);
  if (mic->stall_until_ns) when += mic->stall_until_ns - mic->stall_began_ns;
  if (mic->next_fault < mic->fault_count) {
    int64_t fault = time_of(mic, frames_of_ms(mic, mic->faults[mic->next_fault].at_ms));
    if (fault < when) when = fault;
  }
  if (when < 1) when = 1;
  struct itimerspec setting = {.it_value = {.tv_sec = when / second, .tv_nsec = when % second}};
  timerfd_settime(mic->timer, TFD_TIMER_ABSTIME, &setting, NULL);
}
