/* SPDX-License-Identifier: BSD-3-Clause */
/* Blocks of linearised observations for the Kalman filter. */
#ifndef NNPMD_TRAINING_ROWS_H
#define NNPMD_TRAINING_ROWS_H

#include "training/fit.h"

typedef enum nmd_row_selection { NMD_ROWS_COMPONENT, NMD_ROWS_PROJECTION } nmd_row_selection;

typedef struct nmd_row_block {
  const nmd_comm *comm; /* not owned */
  int n_slots, n; /* a slot for each stream, of rank slot % ranks; rows of all, those of absent samples are zero */
  size_t n_weights;
  double *h;             /* [n][n_weights] d(model)/dw of the weighted observation */
  double *residual;      /* [n] weighted label minus model; before the noise, in one piece with it */
  double *noise;         /* [n] factor of the noise */
  int *lengths, *starts; /* [ranks]: of a message */
} nmd_row_block;

typedef struct nmd_row_request {
  int force_rows, stress_rows;
  nmd_row_selection selection;
  double threshold, outlier;
  uint64_t seed;
  int64_t step;
  const nmd_metrics *errors; /* of the last epoch: rms errors for thresholds and outliers */
} nmd_row_request;

nmd_status nmd_row_block_init(nmd_row_block *block, const nmd_comm *comm, int n_slots, int rows_of_slot,
                              size_t n_weights) NMD_MUST_USE;
void nmd_row_block_free(nmd_row_block *block);
void nmd_row_block_clear(nmd_row_block *block);
/* The rows of an own sample into place `slot` of the block. Errors: EXPLODED, MEMORY. Local. */
nmd_status nmd_rows_add(nmd_fit *fit, const nmd_row_request *request, int sample, const double *weights, int slot,
                        nmd_row_block *block) NMD_MUST_USE;
/* Every rank gets all rows. Collective. */
void nmd_row_block_share(nmd_row_block *block);

#endif
