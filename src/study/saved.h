/* SPDX-License-Identifier: BSD-3-Clause */
/* Numbers of finished tasks, each in a small file of its own, so that a study that was killed goes on where it ended
 * and ends with the same bytes. */
#ifndef NNPMD_STUDY_SAVED_H
#define NNPMD_STUDY_SAVED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "potential/potential.h"

/* FNV-1a hash of all that a result depends on: start from the first value, add texts and bytes. */
#define NMD_HASH_START 14695981039346656037u
void nmd_hash_bytes(uint64_t *hash, const void *bytes, size_t length);
void nmd_hash_text(uint64_t *hash, const char *text);
/* What a potential says of itself, but for the folders of its models: a study goes on with a potential that was moved. Other
 * weights in a model of the same shape are for the caller to tell, by an energy or a relaxed cell. */
void nmd_hash_potential(uint64_t *hash, const nmd_potential *potential);

/* values [n] to FOLDER/NAME, whole or not at all, so that they come back bit for bit. Local. Errors: WRITE. */
nmd_status nmd_saved_write(const char *folder, const char *name, uint64_t hash, int n,
                           const double *values) NMD_MUST_USE;
/* Read them back; false if they are not there, not whole, or of another hash. Local. */
bool nmd_saved_read(const char *folder, const char *name, uint64_t hash, int n, double *values);

#endif
