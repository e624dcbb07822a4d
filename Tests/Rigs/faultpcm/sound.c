// The sound of the fault microphone: a file or a counter, in any sample format.
#include "microphone.h"

static int16_t sample(const struct microphone *mic, int64_t frame, unsigned channel) {
  if (frame >= mic->zero_from && frame < mic->zero_until) return 0;
  if (!mic->sound) return (int16_t)(uint16_t)(frame + 1000 * channel);
  int64_t of_file = (int64_t)((double)frame * mic->sound_rate / mic->io.rate);
  if (of_file >= mic->sound_frames) return 0;
  return mic->sound[of_file * mic->sound_channels + channel % mic->sound_channels];
}

void put_sample(const struct microphone *mic, void *target, int64_t frame, unsigned channel) {
  int16_t value = sample(mic, frame, channel);
  switch (mic->io.format) {
  case SND_PCM_FORMAT_S32_LE: *(int32_t *)target = (int32_t)((uint32_t)value << 16); break;
  case SND_PCM_FORMAT_S24_LE: *(int32_t *)target = value * 256; break;
  case SND_PCM_FORMAT_S24_3LE: memcpy(target, &(int32_t){value * 256}, 3); break;
  case SND_PCM_FORMAT_FLOAT_LE: *(float *)target = value / 32768.0f; break;
  case SND_PCM_FORMAT_U8: *(uint8_t *)target = (uint8_t)((value >> 8) + 128); break;
  default: *(int16_t *)target = value;
  }
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
