// A microphone for tests: an ALSA capture PCM (external I/O plugin) with a clock of its own that plays a file
// or a counter, and fails when told to. Real readers open it like any device.
//
//   pcm_type.fault { lib "/folder/libasound_module_pcm_fault.so" }
//   pcm.mic { type fault  rates "48000"  channels 2  faults "500 xrun; 1500 unplug" }
//
// Settings, all optional:
//   file           16-bit WAV to play, then silence. Without it sample n of channel c is n + 1000 c, cut to
//                  16 bits: each frame lost or doubled can be told.
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
#include "microphone.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

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
  arm(mic, 0);
  return 0;
}

static int on_stop(snd_pcm_ioplug_t *io) { return io ? 0 : -EINVAL; }

static int on_resume(snd_pcm_ioplug_t *io) {
  struct microphone *mic = io->private_data;
  if (!mic->resume_helps) return -ENOSYS; // alsa-lib returns 0 to the reader all the same
  int64_t before = mic->held;
  mic->pointer_base += position(mic) - before;
  snd_pcm_ioplug_set_state(io, SND_PCM_STATE_RUNNING);
  arm(mic, 0);
  return 0;
}

static snd_pcm_sframes_t on_transfer(snd_pcm_ioplug_t *io, const snd_pcm_channel_area_t *areas,
                                     snd_pcm_uframes_t offset, snd_pcm_uframes_t size) {
  struct microphone *mic = io->private_data;
  int64_t first = mic->pointer_base + (int64_t)io->appl_ptr;
  for (snd_pcm_uframes_t i = 0; i < size; i++)
    for (unsigned channel = 0; channel < io->channels; channel++) {
      const snd_pcm_channel_area_t *area = &areas[channel];
      char *target = (char *)area->addr + (area->first + (offset + i) * area->step) / 8;
      put_sample(mic, target, first + (int64_t)i, channel);
    }
  arm(mic, size);
  return (snd_pcm_sframes_t)size;
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
  else arm(mic, 0);
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
  if (result == 0)
    result = snd_pcm_ioplug_set_param_list(io, SND_PCM_IOPLUG_HW_RATE, mic->rate_count, mic->rates);
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
