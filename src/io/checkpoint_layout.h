/* SPDX-License-Identifier: BSD-3-Clause */
/* Inside io: the bytes of a checkpoint file. */
#ifndef NNPMD_IO_CHECKPOINT_LAYOUT_H
#define NNPMD_IO_CHECKPOINT_LAYOUT_H

#include <stdint.h>

#include "io/checkpoint.h"

#define NMD__CHECKPOINT_MAGIC "nnpmdCKP"
enum { NMD__CHECKPOINT_ALIGN = 64, NMD__CHECKPOINT_HASH_SIZE = 8 };
static const uint32_t nmd__checkpoint_marker = 0x01020304u;

typedef struct nmd__checkpoint_header {
  char magic[8];
  uint32_t marker;     /* tells the byte order */
  uint32_t version;
  uint64_t file_size;  /* with the hash */
  uint64_t sections;
  uint64_t unused[4];  /* zero */
} nmd__checkpoint_header;

typedef struct nmd__checkpoint_entry {
  char name[NMD_CHECKPOINT_NAME_MAX + 1]; /* NUL-terminated, filled up with NUL */
  uint64_t offset, size;
} nmd__checkpoint_entry;

_Static_assert(sizeof(nmd__checkpoint_header) == 64 && sizeof(nmd__checkpoint_entry) == 64, "layout of a file");

uint64_t nmd__checkpoint_hash(const void *bytes, size_t size);
static inline uint64_t nmd__checkpoint_round(uint64_t size) {
  return (size + NMD__CHECKPOINT_ALIGN - 1) / NMD__CHECKPOINT_ALIGN * NMD__CHECKPOINT_ALIGN;
}

#endif
