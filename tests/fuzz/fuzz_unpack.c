/* SPDX-License-Identifier: BSD-3-Clause */
/* Fuzz target of unpacking: plain, gzip and zstd, by content, through a file in memory. */
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "io/unpack.h"

enum { PIECE = 5000, MOST = 1 << 24 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static char piece[PIECE];
  nmd_unpack *unpack;
  const int fd = memfd_create("fuzz", 0);
  if (fd < 0 || write(fd, data, size) != (ssize_t)size || lseek(fd, 0, SEEK_SET) != 0) abort();
  if (nmd_unpack_open(fd, "fuzz", &unpack) != NMD_OK) return 0;
  size_t got = PIECE, total = 0;
  while (got == PIECE && total < MOST) {
    if (nmd_unpack_read(unpack, piece, PIECE, &got) != NMD_OK) break;
    if (got > PIECE || nmd_unpack_ratio(unpack) < 1) abort();
    total += got;
  }
  nmd_unpack_close(unpack);
  return 0;
}
