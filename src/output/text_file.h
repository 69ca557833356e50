/* SPDX-License-Identifier: BSD-3-Clause */
/* A text file that rank 0 writes for everybody, appended block by block and cut back on a restart. */
#ifndef NNPMD_OUTPUT_TEXT_FILE_H
#define NNPMD_OUTPUT_TEXT_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "io/file_append.h"
#include "io/pack.h"
#include "parallel/comm.h"

typedef struct nmd_text_file {
  const nmd_comm *comm; /* not owned */
  nmd_append_file file; /* rank 0 only */
  nmd_packing packing;  /* set before begin; a packed file ends with a whole member at each flush */
  nmd_buffer waiting;   /* text not yet packed */
} nmd_text_file;

/* offset < 0: a new file that begins with `header` (an existing one is kept as a numbered backup); otherwise the file
 * is cut to `offset` bytes and continued. Collective, same status everywhere. */
nmd_status nmd_text_file_begin(nmd_text_file *file, const nmd_comm *comm, const char *path, int64_t offset,
                               const char *header) NMD_MUST_USE;
nmd_status nmd_text_file_write(nmd_text_file *file, const char *text, size_t length) NMD_MUST_USE; /* text: rank 0 */
nmd_status nmd_text_file_flush(nmd_text_file *file,
                               int64_t *offset) NMD_MUST_USE; /* to disk; offset 0 on other ranks */
/* Harmless on a zeroed one; text not yet flushed is written as far as possible. Local. */
nmd_status nmd_text_file_end(nmd_text_file *file) NMD_MUST_USE;

#endif
