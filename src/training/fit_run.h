/* SPDX-License-Identifier: BSD-3-Clause */
/* The loop over stages and epochs. */
#ifndef NNPMD_TRAINING_FIT_RUN_H
#define NNPMD_TRAINING_FIT_RUN_H

#include "training/fit.h"

typedef struct nmd_fit_run_options {
  bool restart;       /* go on from the checkpoint of the output folder */
  double max_seconds; /* stop with a checkpoint (INTERRUPTED) after so much wall time; 0: never */
} nmd_fit_run_options;

/* Train, write the best model so far after each epoch that improves it. Collective. Errors: EXPLODED (the last good
 * weights are on the disk), CHECKPOINT, WRITE, MEMORY, INTERRUPTED. */
nmd_status nmd_fit_run(nmd_fit *fit, const nmd_fit_run_options *options) NMD_MUST_USE;

#endif
