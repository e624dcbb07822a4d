// The faults of the fault microphone: what they are called, when they are due, what they do.
#include "microphone.h"

#include <unistd.h>

// Reads "stall:500"; false when it is no fault.
static bool parse_fault(const char *text, struct fault *fault) {
  static const struct {
    const char *name;
    enum fault_kind kind;
  } names[] = {{"xrun", xrun},   {"broken", broken}, {"unplug", unplug}, {"suspend:hard", suspend_hard},
               {"suspend", suspend}, {"stall", stall},   {"zero", zero}};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    size_t length = strlen(names[i].name);
    if (strncmp(text, names[i].name, length) != 0) continue;
    fault->kind = names[i].kind;
    fault->duration_ms = text[length] == ':' ? atol(text + length + 1) : -1;
    return true;
  }
  return false;
}

bool parse_schedule(struct microphone *mic, const char *text) {
  while (*text && mic->fault_count < most_faults) {
    struct fault *fault = &mic->faults[mic->fault_count++];
    char *rest;
    fault->at_ms = strtol(text, &rest, 10);
    while (*rest == ' ') rest++;
    if (!parse_fault(rest, fault)) return false;
    const char *end = strchr(rest, ';');
    if (!end) return true;
    text = end + 1;
  }
  return true;
}

// Loses sound for good, as a computer does that was busy or asleep.
static void lose(struct microphone *mic, snd_pcm_state_t state) {
  mic->origin_ns -= second / 100;
  snd_pcm_ioplug_set_state(&mic->io, state);
}

static void happen(struct microphone *mic, const struct fault *fault) {
  switch (fault->kind) {
  case no_fault: break;
  case broken: mic->is_broken = true; // fall through
  case xrun: lose(mic, SND_PCM_STATE_XRUN); break;
  case unplug:
    mic->is_gone = true;
    snd_pcm_ioplug_set_state(&mic->io, SND_PCM_STATE_DISCONNECTED);
    break;
  case suspend:
  case suspend_hard:
    mic->resume_helps = fault->kind == suspend;
    lose(mic, SND_PCM_STATE_SUSPENDED);
    break;
  case stall:
    position(mic);
    mic->stall_began_ns = now_ns();
    mic->stall_until_ns = forever;
    if (fault->duration_ms >= 0) mic->stall_until_ns = mic->stall_began_ns + fault->duration_ms * 1000000;
    break;
  case zero:
    mic->zero_from = position(mic);
    mic->zero_until = mic->zero_from + frames_of_ms(mic, fault->duration_ms);
    break;
  }
}

void check_faults(struct microphone *mic) {
  char text[64];
  ssize_t length = mic->control < 0 ? 0 : read(mic->control, text, sizeof text - 1);
  if (length > 0) {
    struct fault fault = {0};
    text[length] = 0;
    if (parse_fault(text, &fault)) happen(mic, &fault);
  }
  while (mic->next_fault < mic->fault_count && mic->io.state == SND_PCM_STATE_RUNNING) {
    const struct fault *fault = &mic->faults[mic->next_fault];
    if (position(mic) < frames_of_ms(mic, fault->at_ms)) return;
    mic->next_fault++;
    happen(mic, fault);
  }
}
