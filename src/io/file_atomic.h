/* SPDX-License-Identifier: BSD-3-Clause */
/* Files that appear whole or not at all: written under another name, brought to the disk, then renamed.
 * At every instant, a crash included, `path` is the old or the new file. */
#ifndef NNPMD_IO_FILE_ATOMIC_H
#define NNPMD_IO_FILE_ATOMIC_H

#include <stddef.h>

#include "base/status.h"

/* Replace `path` by `length` bytes; the `keep` - 1 files before it stay as path.1 (the latest), path.2, ...
 * keep <= 1: only the new one. Errors: WRITE (the old file is untouched), MEMORY. */
nmd_status nmd_file_write_atomic(const char *path, const void *bytes, size_t length, int keep) NMD_MUST_USE;
/* Move path to path.1, path.1 to path.2, ... up to path.<count>, whose old content is lost. A missing path is no error.
 * Errors: WRITE, MEMORY. */
nmd_status nmd_file_rotate(const char *path, int count) NMD_MUST_USE;
/* The same with the contents in n parts, one behind the other. */
typedef struct nmd_file_part {
  const void *bytes;
  size_t length;
} nmd_file_part;
nmd_status nmd_file_write_atomic_parts(const char *path, const nmd_file_part *parts, int n, int keep) NMD_MUST_USE;

#endif
