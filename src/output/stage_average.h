/* SPDX-License-Identifier: BSD-3-Clause */
/* Inside output: an average over the samples of a stage, with errors from blocks, that a checkpoint keeps. Rank 0's. */
#ifndef NNPMD_OUTPUT_STAGE_AVERAGE_H
#define NNPMD_OUTPUT_STAGE_AVERAGE_H

#include <stdbool.h>

#include "analysis/blocks.h"
#include "io/buffer.h"

typedef struct nmd__stage_average {
  int64_t every;  /* samples between two blocks that are written; 0: no averages */
  int64_t stage;  /* the samples are of; -1: none yet */
  int64_t samples;
  nmd_buffer state; /* of the last save */
} nmd__stage_average;

/* Before the numbers of a sample are added to `blocks`: a new stage begins anew. Local. Errors: MEMORY. */
nmd_status nmd__stage_average_sample(nmd__stage_average *average, nmd_blocks *blocks, int stage) NMD_MUST_USE;
/* Is it time to write, after that many samples? */
static inline bool nmd__stage_average_due(const nmd__stage_average *average) {
  return average->every > 0 && average->samples % average->every == 0;
}
/* Into average->state, and back; a state of another width is left alone, with a warning that begins with `who`. Local. */
nmd_status nmd__stage_average_save(nmd__stage_average *average, const nmd_blocks *blocks) NMD_MUST_USE;
void nmd__stage_average_restore(nmd__stage_average *average, nmd_blocks *blocks, const void *bytes, size_t n,
                                const char *who);

#endif
