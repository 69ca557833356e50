/* SPDX-License-Identifier: BSD-3-Clause */
/* A whole run inside of a program: stages as in an input of nnpmd, on a structure in memory; nothing is written. */
#ifndef NNPMD_SIMULATION_INNER_RUN_H
#define NNPMD_SIMULATION_INNER_RUN_H

#include "simulation/simulation.h"

typedef struct nmd_inner_run {
  const nmd_structure *structure;          /* of rank 0; velocities are those of the stages */
  const nmd_yaml_node *potential, *stages; /* as in an input; borrowed */
  int64_t seed;
} nmd_inner_run;

/* Called after every step of every stage, on all ranks; what it returns other than OK ends the run. */
typedef nmd_status nmd_inner_watch(void *context, const nmd_simulation *simulation);

/* All stages to their ends. The log is mute meanwhile. The same run gives the same bits. Collective. Errors: those of
 * nmd_simulation_create and of steps (EXPLODED: the forces are beyond reason), those of watch. */
nmd_status nmd_inner_run_all(const nmd_comm *comm, const nmd_inner_run *run, nmd_inner_watch *watch,
                             void *context) NMD_MUST_USE;

#endif
