/* SPDX-License-Identifier: BSD-3-Clause */
/* Packing text for a file that grows: each call makes a whole gzip member or zstd frame, which unpacks by itself, so
 * that a file of them can be cut behind any and continued. */
#ifndef NNPMD_IO_PACK_H
#define NNPMD_IO_PACK_H

#include <stdbool.h>

#include "io/buffer.h"

typedef enum nmd_packing { NMD_PACK_NONE, NMD_PACK_GZIP, NMD_PACK_ZSTD } nmd_packing;

/* By the end of a file name: .gz, .zst, or neither. */
nmd_packing nmd_packing_of_name(const char *path);
bool nmd_packing_available(nmd_packing packing); /* in this build */
/* Append the packed bytes to *out. The same input gives the same bytes. Errors: MEMORY. */
nmd_status nmd_pack(nmd_packing packing, const void *bytes, size_t length, nmd_buffer *out) NMD_MUST_USE;

#endif
