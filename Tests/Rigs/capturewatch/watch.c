// The capture watch: preloaded into a program, it counts what a capture thread does that may make it wait, from its
// second successful read of the PCM until the PCM is stopped. What happens inside a call of alsa-lib is counted apart.
//
//   LD_PRELOAD=libcapturewatch.so  CAPTURE_WATCH=FILE  [CAPTURE_WATCH_TIMES=FILE]  [CAPTURE_WATCH_THREAD=NAME]  program
//
// A capture thread is one of that name, or else "thoth-capture". For each capture a line of JSON is appended to the first file, with
// the first calls of the thread's own that were counted and where they came from; the second one gets the time
// (CLOCK_MONOTONIC, ns) and the number of frames of each read, as pairs of 64-bit integers.
//
// It cannot see a lock that is a spin on an atomic, and no call that a library makes inside itself.
#define _GNU_SOURCE
#include "watch.h"

#include <execinfo.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

enum { most_reads = 1 << 20, most_offences = 8, most_callers = 12 };

static const char *const names[act_count] = {"allocations", "frees",  "maps",  "locks", "waits",
                                             "writes",      "prints", "polls", "wakes"};

struct offence {
  enum act act;
  int depth;
  void *callers[most_callers];
};

struct read_entry {
  int64_t time_ns, frames;
};

struct watch {
  long reads;
  int64_t frames;
  long own[act_count], of_alsa[act_count];
  struct offence offences[most_offences];
  int offence_count;
  struct read_entry entries[most_reads];
};

#define LOCAL __thread __attribute__((tls_model("initial-exec")))
__thread int watch_inside __attribute__((tls_model("initial-exec")));
static LOCAL struct watch *watch;
static LOCAL bool is_counting, is_over;

// The first backtrace loads a library.
__attribute__((constructor)) static void prepare(void) {
  void *caller;
  backtrace(&caller, 1);
}

static int64_t now_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

void watch_count(enum act act) {
  if (!is_counting) return;
  if (watch_inside) {
    watch->of_alsa[act]++;
    return;
  }
  watch->own[act]++;
  if (act == polls || act == wakes || watch->offence_count == most_offences) return;
  is_counting = false;
  struct offence *offence = &watch->offences[watch->offence_count++];
  offence->act = act;
  offence->depth = backtrace(offence->callers, most_callers);
  is_counting = true;
}

void watch_read(long frames) {
  if (frames <= 0 || is_over) return;
  if (!watch) {
    char name[16] = "";
    prctl(PR_GET_NAME, name);
    const char *wanted = getenv("CAPTURE_WATCH_THREAD");
    is_over = strcmp(name, wanted ? wanted : "thoth-capture") != 0 || !getenv("CAPTURE_WATCH");
    if (is_over) return;
    watch = mmap(NULL, sizeof *watch, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (watch == MAP_FAILED) abort();
  }
  if (watch->reads < most_reads) watch->entries[watch->reads] = (struct read_entry){now_ns(), frames};
  watch->frames += frames;
  if (++watch->reads == 2) is_counting = true;
}

static void write_counts(FILE *file, const char *whose, const long *counts) {
  fprintf(file, ",\"%s\":{", whose);
  for (int act = 0; act < act_count; act++) fprintf(file, "%s\"%s\":%ld", act ? "," : "", names[act], counts[act]);
  fprintf(file, "}");
}

static void write_offences(FILE *file) {
  fprintf(file, ",\"offences\":[");
  for (int i = 0; i < watch->offence_count; i++) {
    const struct offence *offence = &watch->offences[i];
    fprintf(file, "%s\"%s", i ? "," : "", names[offence->act]);
    char **symbols = backtrace_symbols(offence->callers, offence->depth);
    for (int caller = 2; symbols && caller < offence->depth; caller++) fprintf(file, " < %s", symbols[caller]);
    fprintf(file, "\"");
    free(symbols);
  }
  fprintf(file, "]");
}

static void report(void) {
  char *line = NULL;
  size_t length = 0;
  FILE *file = open_memstream(&line, &length);
  fprintf(file, "{\"reads\":%ld,\"frames\":%lld", watch->reads, (long long)watch->frames);
  write_counts(file, "own", watch->own);
  write_counts(file, "alsa", watch->of_alsa);
  write_offences(file);
  fprintf(file, "}\n");
  fclose(file);
  int target = open(getenv("CAPTURE_WATCH"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (target < 0 || write(target, line, length) != (ssize_t)length) abort();
  close(target);
  free(line);
}

static void report_times(void) {
  const char *path = getenv("CAPTURE_WATCH_TIMES");
  if (!path) return;
  FILE *file = fopen(path, "ab");
  long count = watch->reads < most_reads ? watch->reads : most_reads;
  if (!file || fwrite(watch->entries, sizeof *watch->entries, (size_t)count, file) != (size_t)count) abort();
  fclose(file);
}

void watch_end(void) {
  if (!watch || is_over) return;
  is_counting = false;
  is_over = true;
  report();
  report_times();
  munmap(watch, sizeof *watch);
  watch = NULL;
}
