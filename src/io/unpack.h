/* SPDX-License-Identifier: BSD-3-Clause */
/* A file as a stream of bytes, unpacked on the way: plain, gzip or zstd by content, several members one after another.
 */
#ifndef NNPMD_IO_UNPACK_H
#define NNPMD_IO_UNPACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

typedef struct nmd_unpack nmd_unpack;

/* Takes over `fd` (closed on errors too). `name` stands for the path in messages and must live as long.
 * Errors: MEMORY, READ; for zstd data in a program without libzstd FILE_FORMAT. */
nmd_status nmd_unpack_open(int fd, const char *name, nmd_unpack **unpack) NMD_MUST_USE;
/* Fill `out`; *got < size only at the end. Errors: READ, FILE_FORMAT (broken data), FILE_TRUNCATED, MEMORY. */
nmd_status nmd_unpack_read(nmd_unpack *unpack, void *out, size_t size, size_t *got) NMD_MUST_USE;
/* No byte of the file unpacks to more than this; 1: plain. Known after the first read. */
int64_t nmd_unpack_ratio(const nmd_unpack *unpack);
void nmd_unpack_close(nmd_unpack *unpack); /* NULL-safe */

#endif
