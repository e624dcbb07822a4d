// The sound of the fault microphone: a file or a counter, in any sample format.
#include "microphone.h"

static int16_t sample(const struct microphone *mic, int64_t frame, unsigned channel) {
  if (frame >= mic->zero_from && frame < mic->zero_until) return 0;
  if (!mic->sound) return (int16_t)(uint16_t)(frame + 1000 * channel);
  int64_t of_file = (int64_t)((double)frame * mic->sound_rate / mic->io.rate);
  if (of_file >= mic->sound_frames) return 0;
  return mic->sound[of_file * mic->sound_channels + channel % mic->sound_channels];
}

// Writes the lowest `count` bytes of `value`.
static void put_bytes(uint8_t *target, uint64_t value, int count, bool is_big_endian) {
  for (int i = 0; i < count; i++) target[is_big_endian ? count - 1 - i : i] = (uint8_t)(value >> 8 * i);
}

void put_sample(const struct microphone *mic, void *target, int64_t frame, unsigned channel) {
  snd_pcm_format_t format = mic->io.format;
  int16_t value = sample(mic, frame, channel);
  int bytes = snd_pcm_format_physical_width(format) / 8;
  uint64_t bits;
  if (!snd_pcm_format_linear(format)) {
    double wide = value / 32768.0;
    float narrow = (float)wide;
    uint32_t of_narrow;
    memcpy(&of_narrow, &narrow, 4);
    memcpy(&bits, &wide, 8);
    if (bytes == 4) bits = of_narrow;
  } else {
    uint32_t full = (uint32_t)(uint16_t)value << 16;
    if (snd_pcm_format_unsigned(format)) full ^= UINT32_C(1) << 31;
    bits = full >> (32 - snd_pcm_format_width(format));
  }
  put_bytes(target, bits, bytes, snd_pcm_format_big_endian(format) == 1 || snd_pcm_format_cpu_endian(format) == 0);
}

static uint32_t little_endian(const uint8_t *bytes, int count) {
  uint32_t value = 0;
  for (int i = count - 1; i >= 0; i--) value = value << 8 | bytes[i];
  return value;
}

int load(struct microphone *mic, const char *path) {
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
      size_t frame = 2 * mic->sound_channels;
      mic->sound_frames = (int64_t)fread(mic->sound, frame, length / frame, file);
    } else {
      fseek(file, length + length % 2, SEEK_CUR);
    }
  }
  fclose(file);
  return result;
}
