/* SPDX-License-Identifier: BSD-3-Clause */
/* Optimisers: operations and registry. One file an optimiser, one line in the registry. */
#ifndef NNPMD_TRAINING_OPTIMISER_H
#define NNPMD_TRAINING_OPTIMISER_H

#include "base/option.h"
#include "io/checkpoint.h"
#include "training/fit.h"

/* Every parameter struct begins with this. */
typedef struct nmd_stage_parameters {
  int64_t epochs;
} nmd_stage_parameters;

#define NMD_STAGE_EPOCHS(type, fallback_text)                                                                          \
  {                                                                                                                    \
    "epochs", NMD_OPT_INT, offsetof(type, stage.epochs), .fallback = fallback_text, .min = 1, .max = 1e6,              \
                                                         .doc = "passes over the training set in this stage"           \
  }

typedef struct nmd_optimiser_ops {
  const nmd_option_table *table;
  /* State for one member of the committee; parameters are borrowed. Collective, as epoch, save and restore. */
  nmd_status (*create)(const void *parameters, nmd_fit *fit, int member, void **out);
  void (*destroy)(void *self);
  /* One pass over the data: changes fit->members[member].weights. `epoch` counts from 0 over the whole training,
   * `progress` is (epochs of the stage done) / (epochs of the stage). */
  nmd_status (*epoch)(void *self, nmd_fit *fit, int64_t epoch, double progress);
  /* Of a member's state on each rank, before it is made. Local. */
  double (*bytes)(const void *parameters, const nmd_fit *fit);
  /* Numbers that a restart needs, as one array on root. `length` is the same on all ranks. */
  size_t (*state_length)(const void *self);
  nmd_status (*save)(const void *self, double *state);
  nmd_status (*restore)(void *self, const double *state); /* the same on all ranks */
} nmd_optimiser_ops;

int nmd_optimiser_count(void);
const nmd_optimiser_ops *nmd_optimiser_at(int index);
const nmd_option_table *const *nmd_optimiser_tables(void); /* NULL-terminated, same order */

/* Add the weights of this instant to the member's average, if the run is in its last part. */
void nmd_member_average(nmd_fit *fit, int member, int64_t epoch);

#endif
