// Why the wrappers exist: Swift can neither write C's variadic functions nor read the macros that hide alloca.
#include <alsa/asoundlib.h>

static inline void thoth_alsa_error_is_silent(const char *file, int line, const char *function, int error,
                                              const char *format, ...) {
  (void)file, (void)line, (void)function, (void)error, (void)format;
}

/// Keeps alsa-lib from writing its errors to standard error: they come back as error numbers too.
static inline void thoth_silence_alsa(void) { snd_lib_error_set_handler(thoth_alsa_error_is_silent); }
