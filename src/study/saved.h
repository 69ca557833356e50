/* SPDX-License-Identifier: BSD-3-Clause */
/* Numbers of finished tasks, each in a small file of its own, so that a study that was killed goes on where it ended
 * and ends with the same bytes. The hash (base/hash.h) is of all that a result depends on. */
#ifndef NNPMD_STUDY_SAVED_H
#define NNPMD_STUDY_SAVED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/* values [n] to FOLDER/NAME, whole or not at all, so that they come back bit for bit. Local. Errors: WRITE. */
nmd_status nmd_saved_write(const char *folder, const char *name, uint64_t hash, int n,
                           const double *values) NMD_MUST_USE;
/* Read them back; false if they are not there, not whole, or of another hash. Local. */
bool nmd_saved_read(const char *folder, const char *name, uint64_t hash, int n, double *values);

#endif
