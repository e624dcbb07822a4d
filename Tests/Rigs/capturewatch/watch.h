// What the parts of the capture watch share.
#ifndef WATCH_H
#define WATCH_H
#include <stdbool.h>

enum act { allocations, frees, maps, locks, waits, writes, prints, polls, wakes, act_count };

// On the capture thread: depth in alsa-lib's calls. What happens there is alsa-lib's and its plugins' doing.
extern __thread int watch_inside __attribute__((tls_model("initial-exec")));

// Counts `act`, when it happens on a capture thread that runs.
void watch_count(enum act act);

// A read of the PCM has returned `frames`.
void watch_read(long frames);

// The PCM is being stopped or closed: what was counted is reported, once.
void watch_end(void);

// The function that the wrapper around it stands for.
#define REAL(name)                                                                                                     \
  static __typeof__(&name) real;                                                                                      \
  if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

#endif
