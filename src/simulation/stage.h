/* SPDX-License-Identifier: BSD-3-Clause */
/* A stage of a run: an ensemble, its length and its time step. */
#ifndef NNPMD_SIMULATION_STAGE_H
#define NNPMD_SIMULATION_STAGE_H

#include "base/option.h"
#include "dynamics/ensemble.h"

typedef enum nmd_large_move { NMD_MOVE_STOP, NMD_MOVE_WARN, NMD_MOVE_SHORTEN } nmd_large_move;

/* Keys of every stage, in front of the ensemble's own. */
typedef struct nmd_stage_common {
  double duration;      /* fs, 0: not given */
  int64_t steps;        /* 0: not given */
  double timestep;      /* fs */
  double velocities;    /* K: draw new velocities at the start of the stage; < 0: keep them */
  nmd_text_list frozen; /* groups that do not move in this stage; owned by `parameters` */
  int64_t remove_drift; /* steps between removals of the total momentum, 0: never */
  double largest_move;  /* A in a step, 0: no limit */
  int on_large_move;    /* nmd_large_move */
} nmd_stage_common;

typedef struct nmd_stage {
  const nmd_ensemble_ops *ops;
  const nmd_option_table *table;
  void *parameters;     /* nmd_stage_common, then the ensemble's; owned */
  const void *own;      /* the ensemble's part of it */
  nmd_stage_common common;
  int64_t steps;        /* length */
  uint32_t frozen;      /* bits of the groups */
  const nmd_yaml_node *node; /* where it is written, for messages; not owned */
} nmd_stage;

/* One of each ensemble, then `repeat`; NULL-terminated. */
const nmd_option_table *const *nmd_stage_tables(void);
/* The list `stages:` with what `repeat` says written out: *stages [*n] is grown and filled from *n on; owner: the caller, also
 * on failure (nmd_stage_free each, nmd_free). Local. */
nmd_status nmd_stages_parse(const nmd_yaml_node *list, const nmd_groups *groups, nmd_stage **stages, int *n) NMD_MUST_USE;
void nmd_stage_free(nmd_stage *stage);

#endif
