/* SPDX-License-Identifier: BSD-3-Clause */
/* An output file that grows by whole blocks and can be continued after a restart.
 *
 * A block that does not fit (disk full) is taken back, so that the file always ends with a whole block. The offset goes
 * into the checkpoint; a continued run cuts the file there, and what a crashed run wrote later is written anew. */
#ifndef NNPMD_IO_FILE_APPEND_H
#define NNPMD_IO_FILE_APPEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

typedef struct nmd_append_file {
  char *path;      /* owned; NULL: closed */
  int fd;
  int64_t offset;  /* bytes in the file, all in whole blocks */
} nmd_append_file;

/* Make the file anew with `header` (may be NULL). An old non-empty file is moved to path.1 (path.1 to path.2, ...)
 * when keep_old is 1 or more, that many; else it is lost. Errors: WRITE, MEMORY. */
nmd_status nmd_append_create(const char *path, const void *header, size_t length, int keep_old,
                             nmd_append_file *file) NMD_MUST_USE;
/* Open the file and cut it at `offset`. Errors: CHECKPOINT (missing, or shorter than the checkpoint says), WRITE. */
nmd_status nmd_append_resume(const char *path, int64_t offset, nmd_append_file *file) NMD_MUST_USE;
/* Add one block; `sync` waits until it is on the disk. After an error the file is as before. Errors: WRITE. */
nmd_status nmd_append_write(nmd_append_file *file, const void *block, size_t length, bool sync) NMD_MUST_USE;
nmd_status nmd_append_sync(nmd_append_file *file) NMD_MUST_USE; /* Errors: WRITE */
/* Close; errors of delayed writing surface here. Harmless on a zeroed one. Errors: WRITE. */
nmd_status nmd_append_close(nmd_append_file *file) NMD_MUST_USE;

#endif
