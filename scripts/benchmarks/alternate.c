// Runs several commands in turn and tells of each run how long it took, from before its start to its end, and its
// peak memory. Usage: alternate ROUNDS COMMAND… [-- COMMAND…]…
//
// One line a round: for each command NANOSECONDS KILOBYTES CODE. It is small and linked statically: a child's peak
// memory, as the kernel counts it, includes what its parent had when it forked.
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static long long now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void run(char **command, const posix_spawn_file_actions_t *quiet) {
  pid_t child;
  int status;
  struct rusage usage;
  long long start = now();
  if (posix_spawn(&child, command[0], quiet, NULL, command, environ)) exit(1);
  if (wait4(child, &status, 0, &usage) < 0) exit(1);
  printf("%lld %ld %d ", now() - start, usage.ru_maxrss, WIFEXITED(status) ? WEXITSTATUS(status) : 255);
}

int main(int count, char **words) {
  if (count < 3) return 2;
  char **commands[16] = {&words[2]};
  int number = 1;
  for (int i = 2; i < count && number < 16; i++) {
    if (strcmp(words[i], "--")) continue;
    words[i] = NULL;
    commands[number++] = &words[i + 1];
  }
  posix_spawn_file_actions_t quiet;
  posix_spawn_file_actions_init(&quiet);
  posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", O_WRONLY, 0);
  for (int round = atoi(words[1]); round > 0; round--) {
    for (int i = 0; i < number; i++) run(commands[i], &quiet);
    printf("\n");
  }
}
