/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/hash.h"

#include <string.h>

void nmd_hash_bytes(uint64_t *hash, const void *bytes, size_t length) {
  const unsigned char *byte = bytes;
  for (size_t k = 0; k < length; k++) *hash = (*hash ^ byte[k]) * 1099511628211u;
}

void nmd_hash_text(uint64_t *hash, const char *text) { nmd_hash_bytes(hash, text, strlen(text)); }

void nmd_hash_line(void *hash, const char *line) { nmd_hash_text(hash, line); }
