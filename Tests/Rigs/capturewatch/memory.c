// Memory: malloc and its relatives, through glibc's own names for them, since dlsym(3) itself allocates.
#define _GNU_SOURCE
#include "watch.h"

#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <sys/mman.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *block);

void *malloc(size_t size) {
  watch_count(allocations);
  return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
  watch_count(allocations);
  return __libc_calloc(count, size);
}

void *realloc(void *block, size_t size) {
  watch_count(allocations);
  return __libc_realloc(block, size);
}

void *reallocarray(void *block, size_t count, size_t size) {
  size_t bytes;
  watch_count(allocations);
  if (!__builtin_mul_overflow(count, size, &bytes)) return __libc_realloc(block, bytes);
  errno = ENOMEM;
  return NULL;
}

void *aligned_alloc(size_t alignment, size_t size) {
  watch_count(allocations);
  return __libc_memalign(alignment, size);
}

void *memalign(size_t alignment, size_t size) {
  watch_count(allocations);
  return __libc_memalign(alignment, size);
}

int posix_memalign(void **block, size_t alignment, size_t size) {
  watch_count(allocations);
  void *made = __libc_memalign(alignment, size);
  if (!made) return ENOMEM;
  *block = made;
  return 0;
}

void free(void *block) {
  if (block) watch_count(frees);
  __libc_free(block);
}

void *mmap(void *address, size_t length, int protection, int flags, int descriptor, off_t offset) {
  REAL(mmap);
  watch_count(maps);
  return real(address, length, protection, flags, descriptor, offset);
}

int munmap(void *address, size_t length) {
  REAL(munmap);
  watch_count(maps);
  return real(address, length);
}
