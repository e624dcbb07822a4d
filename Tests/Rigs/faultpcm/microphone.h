// What the parts of the fault microphone share.
#ifndef MICROPHONE_H
#define MICROPHONE_H
#define PIC 1
#include <alsa/asoundlib.h>
#include <alsa/pcm_external.h>
#include <stdbool.h>
#include <stdint.h>

enum { most_faults = 32, most_choices = 8 };
static const int64_t second = 1000000000;
static const int64_t forever = INT64_MAX / 4;

enum fault_kind { no_fault, xrun, broken, unplug, suspend, suspend_hard, stall, zero };

struct fault {
  int64_t at_ms;
  enum fault_kind kind;
  int64_t duration_ms; // negative: for ever
};

struct microphone {
  snd_pcm_ioplug_t io;
  int timer;   // readable when a period is there or a fault is due
  int control; // the named pipe, or -1

  int16_t *sound; // interleaved samples of the file, or NULL for the counter
  int64_t sound_frames;
  unsigned sound_rate, sound_channels;

  unsigned rates[most_choices], formats[most_choices];
  unsigned rate_count, format_count;
  long channels, burst, drift_ppm, patient, open_errno, open_delay_ms;
  double speed;

  struct fault faults[most_faults];
  int fault_count, next_fault;
  bool is_broken, is_gone, resume_helps;

  // The clock. A position counts frames since the first start; the PCM's pointer counts from `pointer_base`.
  bool was_started;
  int64_t origin_ns;    // when position 0 was
  int64_t pointer_base; // the position at which the PCM was last started
  int64_t held;         // the last position that was shown
  int64_t stall_until_ns, stall_began_ns;
  int64_t zero_from, zero_until; // positions
  snd_pcm_uframes_t wake_at;     // frames that wake the reader
};

// clock.c

int64_t now_ns(void);

// Frames in `ms` milliseconds of sound.
int64_t frames_of_ms(const struct microphone *mic, int64_t ms);

// Frames since the first start. It stands still in a stall, moves in bursts, and waits for the reader when the
// microphone is patient.
int64_t position(struct microphone *mic);

// Frames that the reader has not taken.
int64_t available(struct microphone *mic);

// Sets the timer to the moment at which enough frames will be there for a reader that has taken `taken` more,
// or at which the next fault is due.
void arm(struct microphone *mic, snd_pcm_uframes_t taken);

// faults.c

// Reads "500 xrun; 1500 stall:200"; false when it is no schedule.
bool parse_schedule(struct microphone *mic, const char *text);

// Lets everything happen that is due.
void check_faults(struct microphone *mic);

// sound.c

// Reads a WAV file of 16-bit samples. Returns 0 or a negative error number.
int load(struct microphone *mic, const char *path);

// Writes one sample of a frame (counted from the first start) in the format that was agreed.
void put_sample(const struct microphone *mic, void *target, int64_t frame, unsigned channel);

#endif
