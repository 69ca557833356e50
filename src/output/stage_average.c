/* SPDX-License-Identifier: BSD-3-Clause */
#include "output/stage_average.h"

#include <string.h>

#include "base/log.h"

/* What a saved state begins with; sums of the blocks follow. */
typedef struct average_head {
  int64_t width, stage, samples, length, count[NMD_BLOCKS_MAX];
} average_head;

static size_t sums_bytes(const nmd_blocks *blocks) {
  return (size_t)NMD_BLOCKS_MAX * (size_t)blocks->width * sizeof *blocks->sum;
}

nmd_status nmd__stage_average_sample(nmd__stage_average *average, nmd_blocks *blocks, int stage) {
  const int width = blocks->width;
  if (average->stage != stage) {
    average->stage = stage;
    average->samples = 0;
    nmd_blocks_free(blocks);
    NMD_TRY(nmd_blocks_init(blocks, width));
  }
  average->samples++;
  return NMD_OK;
}

nmd_status nmd__stage_average_save(nmd__stage_average *average, const nmd_blocks *blocks) {
  average_head head = {
      .width = blocks->width, .stage = average->stage, .samples = average->samples, .length = blocks->length};
  nmd_buffer_clear(&average->state);
  if (average->every == 0) return NMD_OK;
  memcpy(head.count, blocks->count, sizeof head.count);
  nmd_buffer_bytes(&average->state, &head, sizeof head);
  nmd_buffer_bytes(&average->state, blocks->sum, sums_bytes(blocks));
  return average->state.status;
}

void nmd__stage_average_restore(nmd__stage_average *average, nmd_blocks *blocks, const void *bytes, size_t n,
                                const char *who) {
  average_head head = {0};
  if (average->every == 0 || n < sizeof head) return;
  memcpy(&head, bytes, sizeof head);
  if (head.width != blocks->width || n != sizeof head + sums_bytes(blocks) || head.length < 1) {
    nmd_log_warning("%s: bins or elements have changed: the averages begin anew", who);
    return;
  }
  average->stage = head.stage;
  average->samples = head.samples;
  blocks->length = head.length;
  memcpy(blocks->count, head.count, sizeof blocks->count);
  memcpy(blocks->sum, (const char *)bytes + sizeof head, sums_bytes(blocks));
}
