/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/memory.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { ALIGNMENT = 64 };
static atomic_int_fast64_t bytes_in_use;
static int64_t until_failure; /* 0: never */

void nmd__memory_fail_at(int64_t n) { until_failure = n; }

static bool fails_now(void) { return until_failure > 0 && --until_failure == 0; }

/* What precedes a block, in a cache line of its own. */
typedef struct header {
  void *start; /* as the system gave it */
  size_t bytes;
} header;

/* calloc knows which pages are zero already: those that nobody writes to take no memory, and under threads each page goes
 * to the memory of the thread that writes to it first. */
nmd_status nmd_alloc(void *out, size_t count, size_t item_size) {
  size_t bytes;
  if (__builtin_mul_overflow(count, item_size, &bytes) || bytes > (size_t)PTRDIFF_MAX - 4 * ALIGNMENT)
    NMD_FAIL(MEMORY, "cannot allocate %zu items of %zu bytes: larger than the address space", count, item_size);
  const size_t rounded = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT + ALIGNMENT;
  char *start = fails_now() ? NULL : calloc(1, rounded + ALIGNMENT);
  if (start == NULL)
    NMD_FAIL(MEMORY, "out of memory: %.3g GB wanted, %.3g GB already in use by this rank; use more ranks or nodes",
             (double)bytes * 1e-9, (double)nmd_memory_in_use() * 1e-9);
  char *block = start + (ALIGNMENT - (uintptr_t)start % ALIGNMENT) % ALIGNMENT;
  *(header *)block = (header){start, rounded};
  atomic_fetch_add_explicit(&bytes_in_use, (int_fast64_t)rounded, memory_order_relaxed);
  *(void **)out = block + ALIGNMENT;
  return NMD_OK;
}

nmd_status nmd_grow(void *array, size_t kept, size_t count, size_t item_size) {
  void *old = *(void **)array, *fresh = NULL;
  NMD_TRY(nmd_alloc(&fresh, count, item_size));
  if (old != NULL) memcpy(fresh, old, (kept < count ? kept : count) * item_size);
  nmd_free(old);
  *(void **)array = fresh;
  return NMD_OK;
}

void nmd_free(void *pointer) {
  if (pointer == NULL) return;
  const header *block = (const header *)((char *)pointer - ALIGNMENT);
  atomic_fetch_sub_explicit(&bytes_in_use, (int_fast64_t)block->bytes, memory_order_relaxed);
  free(block->start);
}

nmd_status nmd_strdup(const char *text, char **out) {
  const size_t length = strlen(text) + 1;
  NMD_TRY(nmd_alloc(out, length, 1));
  memcpy(*out, text, length);
  return NMD_OK;
}

int64_t nmd_memory_in_use(void) { return atomic_load_explicit(&bytes_in_use, memory_order_relaxed); }

double nmd_memory_peak_MB(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (double)usage.ru_maxrss / 1024; /* Linux counts in kB */
}
