/* SPDX-License-Identifier: BSD-3-Clause */
/* The state of a training between two epochs, its files and its checkpoint. */
#ifndef NNPMD_TRAINING_FIT_STATE_H
#define NNPMD_TRAINING_FIT_STATE_H

#include "training/fit_output.h"
#include "training/optimiser.h"

typedef struct nmd_fit_state {
  nmd_fit *fit; /* not owned */
  int stage;
  int64_t stage_start, epoch; /* first epoch of the stage; epochs done */
  int64_t first_epoch;        /* of this run */
  bool ended;
  double started, wall_before, core_before; /* s; before: of the runs that this one goes on from */
  const nmd_optimiser_ops *ops;
  void **optimisers; /* [members] of the current stage */
  void *restored;    /* checkpoint whose optimiser state is still to be handed out */
  nmd_append_file curve, families;
} nmd_fit_state;

nmd_status nmd_fit_state_open(nmd_fit_state *state) NMD_MUST_USE;                            /* new files */
nmd_status nmd_fit_state_curve(nmd_fit_state *state, const nmd_curve_row *row) NMD_MUST_USE; /* root writes */
/* The optimisers of the current stage, with their state if a checkpoint was just loaded. Collective. */
nmd_status nmd_fit_state_stage(nmd_fit_state *state) NMD_MUST_USE;
nmd_status nmd_fit_state_save(nmd_fit_state *state) NMD_MUST_USE; /* Collective */
/* Errors: CHECKPOINT (missing, of another input or data). Collective. */
nmd_status nmd_fit_state_load(nmd_fit_state *state) NMD_MUST_USE;
void nmd_fit_state_close(nmd_fit_state *state);

#endif
