/* SPDX-License-Identifier: BSD-3-Clause */
/* Fuzz target of the checkpoint container. The hash at the end would refuse nearly every mutation, so it is put right
 * first: what is fuzzed is what lies behind it. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "io/checkpoint.h"
#include "io/checkpoint_layout.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look(const nmd_checkpoint *checkpoint) {
  for (int k = 0; k < nmd_checkpoint_count(checkpoint); k++) {
    const char *name = nmd_checkpoint_name(checkpoint, k);
    const void *bytes;
    size_t count;
    volatile uint8_t sum = 0;
    if (!nmd_checkpoint_has(checkpoint, name)) abort();
    if (nmd_checkpoint_view(checkpoint, name, 1, &bytes, &count) != NMD_OK) continue;
    for (size_t i = 0; i < count; i++) sum += ((const uint8_t *)bytes)[i];
  }
}

static void parse(const void *bytes, size_t size) {
  nmd_checkpoint *checkpoint;
  if (nmd_checkpoint_parse("fuzz", bytes, size, &checkpoint) != NMD_OK) return;
  look(checkpoint);
  nmd_checkpoint_destroy(checkpoint);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  parse(data, size);
  if (size < NMD__CHECKPOINT_HASH_SIZE) return 0;
  uint8_t *copy = malloc(size);
  if (copy == NULL) return 0;
  memcpy(copy, data, size);
  const size_t body = size - NMD__CHECKPOINT_HASH_SIZE;
  const uint64_t hash = nmd__checkpoint_hash(copy, body);
  memcpy(copy + body, &hash, sizeof hash);
  parse(copy, size);
  free(copy);
  return 0;
}
