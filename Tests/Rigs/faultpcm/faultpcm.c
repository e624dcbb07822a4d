// A microphone for tests: an ALSA capture PCM (external I/O plugin) with a clock of its own that plays a file or
// a counter, and fails when told to. Real readers open it like any device.
//
//   pcm_type.fault { lib "/folder/libasound_module_pcm_fault.so" }
//   pcm.mic { type fault  rates "48000"  channels 2  faults "500 xrun; 1500 unplug" }
//
// Settings, all optional:
//   file           16-bit WAV to play, then silence. Without it sample n of channel c is (n + 1000 c) mod 65536,
//                  as a signed number: each frame lost or doubled can be told.
//   rates          sampling rates it offers, in Hz                                        "16000"
//   channels       samples in a frame; it offers no other number                          1
//   formats        sample formats it offers, by their ALSA names                          "S16_LE"
//   burst          frames by which its position moves at once                             16
//   speed          seconds of sound in a second                                           1.0
//   drift_ppm      how much faster its clock is than the rate, in millionths              0
//   patient        1: waits for a late reader; 0: the reader gets an overrun as from hardware
//   open_errno     the open fails with this error number                                  0
//   open_delay_ms  the open takes this long                                               0
//   faults         "MS FAULT; MS FAULT …", MS milliseconds of sound after the first start
//   control        a named pipe: a FAULT written to it happens at once
//
// FAULT is one of
//   xrun           frames are lost, as when the reader was late; it can be prepared and started again
//   broken         the same, but it can not be prepared again (EIO), as when a sound server died
//   unplug         it is gone (ENODEV)
//   suspend        the computer sleeps: it can be resumed, with a gap
//   suspend:hard   the same, but a resume does not help, it has to be prepared
//   stall[:MS]     no frames come, for MS milliseconds or for ever, and it says nothing
//   zero:MS        MS milliseconds of digital silence
//
// The sound goes on while nobody reads: what is lost is missing in the capture, as with a real microphone.
#define _GNU_SOURCE
#define PIC 1
#include <alsa/asoundlib.h>
#include <alsa/pcm_external.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

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

static int64_t now_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * second + time.tv_nsec;
}

// ---- The clock

static double frames_per_second(const struct microphone *mic) {
  return mic->io.rate * mic->speed * (1 + mic->drift_ppm / 1e6);
}

static int64_t time_of(const struct microphone *mic, int64_t position) {
  return mic->origin_ns + (int64_t)((position + 0.5) / frames_per_second(mic) * second);
}

static int64_t frames_of_ms(const struct microphone *mic, int64_t ms) { return ms * mic->io.rate / 1000; }

// The position now: it stands still in a stall, moves in bursts, and waits for the reader when it is patient.
static int64_t position(struct microphone *mic) {
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

static int64_t available(struct microphone *mic) {
  return position(mic) - mic->pointer_base - (int64_t)mic->io.appl_ptr;
}

// Sets the timer to the moment at which enough frames will be there or the next fault is due.
static void arm(struct microphone *mic) {
  int64_t wanted = mic->pointer_base + (int64_t)(mic->io.appl_ptr + mic->wake_at);
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

// ---- Faults

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

// Reads "500 xrun; 1500 stall:200"; false when it is no schedule.
static bool parse_schedule(struct microphone *mic, const char *text) {
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

static void happen(struct microphone *mic, const struct fault *fault) {
  switch (fault->kind) {
  case no_fault: break;
  case broken: mic->is_broken = true; // fall through
  case xrun: snd_pcm_ioplug_set_state(&mic->io, SND_PCM_STATE_XRUN); break;
  case unplug:
    mic->is_gone = true;
    snd_pcm_ioplug_set_state(&mic->io, SND_PCM_STATE_DISCONNECTED);
    break;
  case suspend:
  case suspend_hard:
    mic->resume_helps = fault->kind == suspend;
    snd_pcm_ioplug_set_state(&mic->io, SND_PCM_STATE_SUSPENDED);
    break;
  case stall:
    position(mic);
    mic->stall_began_ns = now_ns();
    mic->stall_until_ns = mic->stall_began_ns + (fault->duration_ms < 0 ? forever : fault->duration_ms * 1000000);
    break;
  case zero:
    mic->zero_from = position(mic);
    mic->zero_until = mic->zero_from + frames_of_ms(mic, fault->duration_ms);
    break;
  }
}

// Lets everything happen that is due.
static void check_faults(struct microphone *mic) {
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

// ---- The sound

static int16_t sample(const struct microphone *mic, int64_t frame, unsigned channel) {
  if (frame >= mic->zero_from && frame < mic->zero_until) return 0;
  if (!mic->sound) return (int16_t)(uint16_t)(frame + 1000 * channel);
  int64_t of_file = (int64_t)((double)frame * mic->sound_rate / mic->io.rate);
  if (of_file >= mic->sound_frames) return 0;
  return mic->sound[of_file * mic->sound_channels + channel % mic->sound_channels];
}

static void put(snd_pcm_format_t format, void *target, int16_t value) {
  switch (format) {
  case SND_PCM_FORMAT_S32_LE: *(int32_t *)target = (int32_t)((uint32_t)value << 16); break;
  case SND_PCM_FORMAT_S24_LE: *(int32_t *)target = value * 256; break;
  case SND_PCM_FORMAT_S24_3LE: memcpy(target, &(int32_t){value * 256}, 3); break;
  case SND_PCM_FORMAT_FLOAT_LE: *(float *)target = value / 32768.0f; break;
  case SND_PCM_FORMAT_U8: *(uint8_t *)target = (uint8_t)((value >> 8) + 128); break;
  default: *(int16_t *)target = value;
  }
}

static snd_pcm_sframes_t on_transfer(snd_pcm_ioplug_t *io, const snd_pcm_channel_area_t *areas,
                                     snd_pcm_uframes_t offset, snd_pcm_uframes_t size) {
  struct microphone *mic = io->private_data;
  int64_t first = mic->pointer_base + (int64_t)io->appl_ptr;
  for (snd_pcm_uframes_t i = 0; i < size; i++)
    for (unsigned channel = 0; channel < io->channels; channel++) {
      const snd_pcm_channel_area_t *area = &areas[channel];
      char *target = (char *)area->addr + (area->first + (offset + i) * area->step) / 8;
      put(io->format, target, sample(mic, first + (int64_t)i, channel));
    }
  return (snd_pcm_sframes_t)size;
}

static uint32_t little_endian(const uint8_t *bytes, int count) {
  uint32_t value = 0;
  for (int i = count - 1; i >= 0; i--) value = value << 8 | bytes[i];
  return value;
}

// Reads a WAV file of 16-bit samples. Returns 0 or a negative error number.
static int load(struct microphone *mic, const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file) return -errno;
  uint8_t header[12], chunk[8], format[16];
  int result = fread(header, 1, 12, file) == 12 && !memcmp(header, "RIFF", 4) ? 0 : -EINVAL;
  while (result == 0 && !mic->sound) {
    if (fread(chunk, 1, 8, file) != 8) result = -EINVAL;
    uint32_t length = little_endian(chunk + 4, 4);
    if (result < 0) break;
    if (!memcmp(chunk, "fmt ", 4) && length >= 16 && fread(format, 1, 16, file) == 16) {
      mic->sound_channels = little_endian(format + 2, 2);
      mic->sound_rate = little_endian(format + 4, 4);
      fseek(file, length - 16, SEEK_CUR);
    } else if (!memcmp(chunk, "data", 4) && mic->sound_channels) {
      mic->sound = malloc(length + 1);
      mic->sound_frames = (int64_t)fread(mic->sound, 2 * mic->sound_channels, length / 2 / mic->sound_channels, file);
    } else {
      fseek(file, length + length % 2, SEEK_CUR);
    }
  }
  fclose(file);
  return result;
}

// ---- The PCM

static int on_prepare(snd_pcm_ioplug_t *io) {
  struct microphone *mic = io->private_data;
  if (mic->is_gone) return -ENODEV;
  if (mic->is_broken) return -EIO;
  if (!mic->wake_at) mic->wake_at = io->period_size;
  mic->pointer_base = mic->held;
  return 0;
}

static int on_start(snd_pcm_ioplug_t *io) {
  struct microphone *mic = io->private_data;
  if (!mic->was_started) mic->origin_ns = now_ns();
  mic->was_started = true;
  mic->pointer_base = position(mic);
  arm(mic);
  return 0;
}

static int on_stop(snd_pcm_ioplug_t *io) {
  (void)io;
  return 0;
}

static int on_resume(snd_pcm_ioplug_t *io) {
  struct microphone *mic = io->private_data;
  if (!mic->resume_helps) return -ENOSYS; // alsa-lib returns 0 to the reader all the same
  int64_t before = mic->held;
  mic->pointer_base += position(mic) - before;
  snd_pcm_ioplug_set_state(io, SND_PCM_STATE_RUNNING);
  arm(mic);
  return 0;
}

static snd_pcm_sframes_t on_pointer(snd_pcm_ioplug_t *io) {
  struct microphone *mic = io->private_data;
  check_faults(mic);
  if (io->state == SND_PCM_STATE_XRUN) return -EPIPE;
  if (io->state != SND_PCM_STATE_RUNNING) return mic->held - mic->pointer_base;
  return available(mic) > (int64_t)io->buffer_size ? -EPIPE : mic->held - mic->pointer_base;
}

static int on_delay(snd_pcm_ioplug_t *io, snd_pcm_sframes_t *delay) {
  *delay = available(io->private_data);
  return 0;
}

static int on_software_parameters(snd_pcm_ioplug_t *io, snd_pcm_sw_params_t *parameters) {
  struct microphone *mic = io->private_data;
  return snd_pcm_sw_params_get_avail_min(parameters, &mic->wake_at);
}

static int on_poll(snd_pcm_ioplug_t *io, struct pollfd *descriptors, unsigned count, unsigned short *events) {
  (void)descriptors, (void)count;
  struct microphone *mic = io->private_data;
  check_faults(mic);
  *events = 0;
  if (io->state == SND_PCM_STATE_DISCONNECTED) *events = POLLERR | POLLHUP;
  else if (io->state != SND_PCM_STATE_RUNNING) *events = POLLIN | POLLERR;
  else if (available(mic) >= (int64_t)mic->wake_at) *events = POLLIN;
  else arm(mic);
  return 0;
}

static int on_close(snd_pcm_ioplug_t *io) {
  struct microphone *mic = io->private_data;
  if (mic->control >= 0) close(mic->control);
  if (mic->timer >= 0) close(mic->timer);
  if (io->poll_fd >= 0) close(io->poll_fd);
  free(mic->sound);
  free(mic);
  return 0;
}

static const snd_pcm_ioplug_callback_t callbacks = {
    .start = on_start,
    .stop = on_stop,
    .pointer = on_pointer,
    .transfer = on_transfer,
    .prepare = on_prepare,
    .resume = on_resume,
    .sw_params = on_software_parameters,
    .poll_revents = on_poll,
    .delay = on_delay,
    .close = on_close,
};

// ---- Opening

static bool parse_rates(struct microphone *mic, const char *text) {
  for (mic->rate_count = 0; mic->rate_count < most_choices; mic->rate_count++) {
    char *rest;
    unsigned rate = (unsigned)strtoul(text, &rest, 10);
    if (!rate) break;
    mic->rates[mic->rate_count] = rate;
    text = rest;
  }
  return mic->rate_count > 0;
}

static bool parse_formats(struct microphone *mic, const char *text) {
  char names[128];
  snprintf(names, sizeof names, "%s", text);
  char *rest = names;
  mic->format_count = 0;
  for (char *name; (name = strsep(&rest, " ")) && mic->format_count < most_choices;) {
    snd_pcm_format_t format = snd_pcm_format_value(name);
    if (format == SND_PCM_FORMAT_UNKNOWN) return false;
    mic->formats[mic->format_count++] = (unsigned)format;
  }
  return true;
}

// Takes one setting. Returns 0 or a negative error number.
static int set(struct microphone *mic, const char *key, snd_config_t *value) {
  const struct {
    const char *key;
    long *target;
  } numbers[] = {{"channels", &mic->channels},   {"burst", &mic->burst},
                 {"drift_ppm", &mic->drift_ppm}, {"patient", &mic->patient},
                 {"open_errno", &mic->open_errno}, {"open_delay_ms", &mic->open_delay_ms}};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
    if (!strcmp(key, numbers[i].key)) return snd_config_get_integer(value, numbers[i].target);
  if (!strcmp(key, "speed")) return snd_config_get_ireal(value, &mic->speed);

  const char *text;
  if (snd_config_get_string(value, &text) < 0) return -EINVAL;
  if (!strcmp(key, "file")) return load(mic, text);
  if (!strcmp(key, "rates")) return parse_rates(mic, text) ? 0 : -EINVAL;
  if (!strcmp(key, "formats")) return parse_formats(mic, text) ? 0 : -EINVAL;
  if (!strcmp(key, "faults")) return parse_schedule(mic, text) ? 0 : -EINVAL;
  if (!strcmp(key, "control")) {
    // Open for writing too: a pipe without a writer would be readable all the time.
    mic->control = open(text, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    return mic->control < 0 ? -errno : 0;
  }
  return -EINVAL;
}

static int read_settings(struct microphone *mic, snd_config_t *settings) {
  snd_config_iterator_t entry, next;
  snd_config_for_each(entry, next, settings) {
    snd_config_t *value = snd_config_iterator_entry(entry);
    const char *key;
    if (snd_config_get_id(value, &key) < 0) continue;
    if (!strcmp(key, "type") || !strcmp(key, "comment") || !strcmp(key, "hint")) continue;
    int result = set(mic, key, value);
    if (result < 0) {
      SNDERR("fault microphone: %s cannot be set: %s", key, snd_strerror(result));
      return result;
    }
  }
  return 0;
}

// One descriptor to poll for both the timer and the control pipe.
static int make_descriptor(struct microphone *mic) {
  mic->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  mic->io.poll_fd = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event readable = {.events = EPOLLIN};
  int result = epoll_ctl(mic->io.poll_fd, EPOLL_CTL_ADD, mic->timer, &readable);
  if (result == 0 && mic->control >= 0)
    result = epoll_ctl(mic->io.poll_fd, EPOLL_CTL_ADD, mic->control, &readable);
  return result < 0 ? -errno : 0;
}

static int set_constraints(struct microphone *mic) {
  const unsigned access[] = {SND_PCM_ACCESS_RW_INTERLEAVED, SND_PCM_ACCESS_MMAP_INTERLEAVED};
  snd_pcm_ioplug_t *io = &mic->io;
  int result = snd_pcm_ioplug_set_param_list(io, SND_PCM_IOPLUG_HW_ACCESS, 2, access);
  if (result == 0)
    result = snd_pcm_ioplug_set_param_list(io, SND_PCM_IOPLUG_HW_FORMAT, mic->format_count, mic->formats);
  if (result == 0) result = snd_pcm_ioplug_set_param_list(io, SND_PCM_IOPLUG_HW_RATE, mic->rate_count, mic->rates);
  if (result == 0)
    result = snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_CHANNELS, mic->channels, mic->channels);
  if (result == 0) result = snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_PERIOD_BYTES, 64, 1 << 18);
  if (result == 0) result = snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_PERIODS, 2, 1024);
  return result;
}

static int open_microphone(struct microphone *mic, snd_config_t *settings, const char *name,
                           snd_pcm_stream_t stream, int mode) {
  int result = read_settings(mic, settings);
  if (result < 0) return result;
  usleep((useconds_t)mic->open_delay_ms * 1000);
  if (mic->open_errno) return -(int)mic->open_errno;
  result = make_descriptor(mic);
  if (result < 0) return result;
  mic->io.version = SND_PCM_IOPLUG_VERSION;
  mic->io.name = "Fault microphone";
  mic->io.flags = SND_PCM_IOPLUG_FLAG_BOUNDARY_WA | SND_PCM_IOPLUG_FLAG_MONOTONIC;
  mic->io.poll_events = POLLIN;
  mic->io.callback = &callbacks;
  mic->io.private_data = mic;
  return snd_pcm_ioplug_create(&mic->io, name, stream, mode);
}

SND_PCM_PLUGIN_DEFINE_FUNC(fault) {
  (void)root;
  if (stream != SND_PCM_STREAM_CAPTURE) return -EINVAL;
  struct microphone *mic = calloc(1, sizeof *mic);
  if (!mic) return -ENOMEM;
  *mic = (struct microphone){.timer = -1, .control = -1, .channels = 1, .burst = 16, .speed = 1,
                             .rates = {16000}, .rate_count = 1,
                             .formats = {SND_PCM_FORMAT_S16_LE}, .format_count = 1, .io = {.poll_fd = -1}};
  int result = open_microphone(mic, conf, name, stream, mode);
  if (result < 0) {
    on_close(&(snd_pcm_ioplug_t){.private_data = mic, .poll_fd = mic->io.poll_fd});
    return result;
  }
  result = set_constraints(mic);
  if (result < 0) {
    snd_pcm_ioplug_delete(&mic->io);
    return result;
  }
  *pcmp = mic->io.pcm;
  return 0;
}

SND_PCM_PLUGIN_SYMBOL(fault);
