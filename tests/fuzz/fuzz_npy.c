/* SPDX-License-Identifier: BSD-3-Clause */
/* Fuzz target of the reader of .npy arrays (DeePMD folders), which takes a path: the bytes go through a file. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "io/npy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char path[64];
  nmd_npy array;
  snprintf(path, sizeof path, "/tmp/fuzz_npy.%d", (int)getpid());
  FILE *file = fopen(path, "wb");
  if (file == NULL) return 0;
  fwrite(data, 1, size, file);
  fclose(file);
  if (nmd_npy_read(path, &array) == NMD_OK) {
    int64_t count = 1;
    volatile double sum = 0;
    for (int d = 0; d < array.n_dimensions; d++) count *= array.shape[d];
    if (count != array.count) abort();
    for (int64_t i = 0; i < array.count; i++) sum += array.values[i];
    nmd_npy_free(&array);
  }
  unlink(path);
  return 0;
}
