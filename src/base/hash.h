/* SPDX-License-Identifier: BSD-3-Clause */
/* FNV-1a hash of all that a result depends on: start from NMD_HASH_START, add texts and bytes. Tells what has changed,
 * not who changed it on purpose. */
#ifndef NNPMD_BASE_HASH_H
#define NNPMD_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#define NMD_HASH_START 14695981039346656037u

void nmd_hash_bytes(uint64_t *hash, const void *bytes, size_t length);
void nmd_hash_text(uint64_t *hash, const char *text);
void nmd_hash_line(void *hash, const char *line); /* as a nmd_text_writer (base/option.h) */

#endif
