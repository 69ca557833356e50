/* SPDX-License-Identifier: BSD-3-Clause */
/* The container of a checkpoint: named binary sections in one checksummed file. What is in the sections is known to the
 * modules that write them; this file only sees to it that a reader gets exactly the bytes written or a clear error.
 *
 * Layout, in the byte order of the machine (a marker tells it): header (magic, marker, version, file size, number of
 * sections), table (name, offset, size of each), the sections at multiples of 64 bytes, xxHash64 of all bytes before.
 * Hash: Y. Collet, https://github.com/Cyan4973/xxHash (XXH64, seed 0). */
#ifndef NNPMD_IO_CHECKPOINT_H
#define NNPMD_IO_CHECKPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

enum { NMD_CHECKPOINT_VERSION = 1, NMD_CHECKPOINT_NAME_MAX = 47, NMD_CHECKPOINT_SECTIONS_MAX = 4096 };

/* Writing: collect the sections, then save all at once, piece by piece: there is never a second copy of a lent one. */
typedef struct nmd_checkpoint_writer nmd_checkpoint_writer;
nmd_status nmd_checkpoint_writer_create(nmd_checkpoint_writer **writer) NMD_MUST_USE;
/* Copies `size` bytes (0 is fine). Errors: INTERNAL (name empty, too long or there already), MEMORY. */
nmd_status nmd_checkpoint_writer_add(nmd_checkpoint_writer *writer, const char *name, const void *bytes, size_t size)
    NMD_MUST_USE;
/* The same without a copy: `bytes` must stay as they are until the writer has saved. Errors: INTERNAL, MEMORY. */
nmd_status nmd_checkpoint_writer_lend(nmd_checkpoint_writer *writer, const char *name, const void *bytes, size_t size)
    NMD_MUST_USE;
/* The finished file image, owned by the writer until its next call or end. Errors: MEMORY. */
nmd_status nmd_checkpoint_writer_image(nmd_checkpoint_writer *writer, const void **bytes, size_t *size) NMD_MUST_USE;
/* Write it with nmd_file_write_atomic, keeping `keep` files in all. Errors: WRITE, MEMORY. */
nmd_status nmd_checkpoint_writer_save(nmd_checkpoint_writer *writer, const char *path, int keep) NMD_MUST_USE;
void nmd_checkpoint_writer_destroy(nmd_checkpoint_writer *writer); /* NULL-safe */

/* Reading. Every damage is a CHECKPOINT error that names the file, the reason and what to do. */
typedef struct nmd_checkpoint nmd_checkpoint;
nmd_status nmd_checkpoint_read(const char *path, nmd_checkpoint **checkpoint) NMD_MUST_USE;
/* From bytes in memory (rank 0 reads, all parse), which are copied; `name` stands for the path. */
nmd_status nmd_checkpoint_parse(const char *name, const void *bytes, size_t size, nmd_checkpoint **checkpoint)
    NMD_MUST_USE;
void nmd_checkpoint_destroy(nmd_checkpoint *checkpoint); /* NULL-safe */

int nmd_checkpoint_count(const nmd_checkpoint *checkpoint);
const char *nmd_checkpoint_name(const nmd_checkpoint *checkpoint, int index);
/* The whole file image, to send it to other ranks. */
void nmd_checkpoint_image(const nmd_checkpoint *checkpoint, const void **bytes, size_t *size);
bool nmd_checkpoint_has(const nmd_checkpoint *checkpoint, const char *name);
/* Copy section `name` of exactly `size` bytes to `out`. Errors: CHECKPOINT (no such section, other size). */
nmd_status nmd_checkpoint_get(const nmd_checkpoint *checkpoint, const char *name, void *out, size_t size) NMD_MUST_USE;
/* Borrow a section (64-byte aligned) and its size, which must be a multiple of item_size. Errors: CHECKPOINT. */
nmd_status nmd_checkpoint_view(const nmd_checkpoint *checkpoint, const char *name, size_t item_size,
                               const void **bytes, size_t *count) NMD_MUST_USE;

#endif
