/* SPDX-License-Identifier: BSD-3-Clause */
/* Numbers of finished tasks, each in a small file of its own, so that a study that was killed goes on where it ended
 * and ends with the same bytes. */
#ifndef NNPMD_STUDY_SAVED_H
#define NNPMD_STUDY_SAVED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/* FNV-1a hash of all that a result depends on: start from the first value, add texts and bytes. */
#define NMD_HASH_START 14695981039346656037u
void nmd_hash_bytes(uint64_t *hash, const void *bytes, size_t length);
/* The same for texts, as the sink of nmd_potential_ops.describe: context is the uint64_t. */
void nmd_hash_text(void *context, const char *text);

/* values [n] to FOLDER/NAME, whole or not at all, so that they come back bit for bit. Local. Errors: WRITE. */
nmd_status nmd_saved_write(const char *folder, const char *name, uint64_t hash, int n,
                           const double *values) NMD_MUST_USE;
/* Read them back; false if they are not there, not whole, or of another hash. Local. */
bool nmd_saved_read(const char *folder, const char *name, uint64_t hash, int n, double *values);

#endif
