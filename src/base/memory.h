/* SPDX-License-Identifier: BSD-3-Clause */
/* Allocation: 64-byte aligned, zeroed, counted; a failure names the size. */
#ifndef NNPMD_BASE_MEMORY_H
#define NNPMD_BASE_MEMORY_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/* *out becomes a zeroed array of count items, 64-byte aligned (never NULL, also for count 0). Owner: the caller.
 * Errors: MEMORY. `out` is the address of any object pointer. */
nmd_status nmd_alloc(void *out, size_t count, size_t item_size) NMD_MUST_USE;
/* Grow *array (made by nmd_alloc or NULL) to `count` items, keeping the first `kept`; the new part is zeroed. */
nmd_status nmd_grow(void *array, size_t kept, size_t count, size_t item_size) NMD_MUST_USE;
void nmd_free(void *pointer); /* NULL-safe */
/* Copy of a string; Errors: MEMORY. Free with nmd_free. */
nmd_status nmd_strdup(const char *text, char **out) NMD_MUST_USE;
int64_t nmd_memory_in_use(void); /* bytes allocated through this interface and not yet freed, this process */
double nmd_memory_peak_MB(void);  /* most memory this process had resident so far, libraries included */
/* For tests: the n-th allocation of this process from now on fails, once; 0: none does. Not with threads. */
void nmd__memory_fail_at(int64_t n);

#define NMD_ALLOC(pointer, count) nmd_alloc((void *)&(pointer), (size_t)(count), sizeof *(pointer))
#define NMD_GROW(pointer, kept, count) nmd_grow((void *)&(pointer), (size_t)(kept), (size_t)(count), sizeof *(pointer))

#endif
