// The calls of alsa-lib that a capture thread makes while it runs: they mark what happens inside.
#define _GNU_SOURCE
#include "watch.h"

#include <alsa/asoundlib.h>
#include <dlfcn.h>

#define INSIDE(type, name, parameters, arguments)                                                                      \
  type name parameters {                                                                                               \
    REAL(name);                                                                                                        \
    watch_inside++;                                                                                                    \
    type result = real arguments;                                                                                      \
    watch_inside--;                                                                                                    \
    return result;                                                                                                     \
  }

INSIDE(int, snd_pcm_prepare, (snd_pcm_t * pcm), (pcm))
INSIDE(int, snd_pcm_start, (snd_pcm_t * pcm), (pcm))
INSIDE(int, snd_pcm_resume, (snd_pcm_t * pcm), (pcm))
INSIDE(snd_pcm_state_t, snd_pcm_state, (snd_pcm_t * pcm), (pcm))
INSIDE(int, snd_pcm_wait, (snd_pcm_t * pcm, int timeout), (pcm, timeout))
INSIDE(int, snd_pcm_delay, (snd_pcm_t * pcm, snd_pcm_sframes_t *delay), (pcm, delay))
INSIDE(snd_pcm_sframes_t, snd_pcm_avail, (snd_pcm_t * pcm), (pcm))
INSIDE(snd_pcm_sframes_t, snd_pcm_avail_update, (snd_pcm_t * pcm), (pcm))
INSIDE(int, snd_pcm_recover, (snd_pcm_t * pcm, int error, int silent), (pcm, error, silent))
INSIDE(int, snd_pcm_poll_descriptors_count, (snd_pcm_t * pcm), (pcm))
INSIDE(int, snd_pcm_poll_descriptors, (snd_pcm_t * pcm, struct pollfd *entries, unsigned count), (pcm, entries, count))
INSIDE(int, snd_pcm_poll_descriptors_revents,
       (snd_pcm_t * pcm, struct pollfd *entries, unsigned count, unsigned short *events),
       (pcm, entries, count, events))

snd_pcm_sframes_t snd_pcm_readi(snd_pcm_t *pcm, void *buffer, snd_pcm_uframes_t frames) {
  REAL(snd_pcm_readi);
  watch_inside++;
  snd_pcm_sframes_t result = real(pcm, buffer, frames);
  watch_inside--;
  watch_read(result);
  return result;
}

int snd_pcm_drop(snd_pcm_t *pcm) {
  REAL(snd_pcm_drop);
  watch_end();
  return real(pcm);
}

int snd_pcm_close(snd_pcm_t *pcm) {
  REAL(snd_pcm_close);
  watch_end();
  return real(pcm);
}
