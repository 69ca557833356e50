/* SPDX-License-Identifier: BSD-3-Clause */
/* Inside simulation: what outputs have in a checkpoint beside the lengths of their files. */
#ifndef NNPMD_SIMULATION_STATE_OUTPUTS_H
#define NNPMD_SIMULATION_STATE_OUTPUTS_H

#include "io/checkpoint.h"
#include "simulation/simulation.h"

/* Place of the output with this path among the n_saved of a checkpoint, or -1. Local. Errors: CHECKPOINT. */
nmd_status nmd__state_output_find(const nmd_checkpoint *file, int64_t n_saved, const char *path,
                                  int64_t *place) NMD_MUST_USE;
/* Sections state0, ... of the outputs that have something, lent until the writer has saved. Rank 0. */
nmd_status nmd__state_outputs_add(const nmd_simulation *s, nmd_checkpoint_writer *writer) NMD_MUST_USE;
/* Back from `file` (rank 0) to the outputs of the same paths. Collective, same status everywhere. */
nmd_status nmd__state_outputs_restore(nmd_simulation *s, const nmd_checkpoint *file, int64_t n_saved) NMD_MUST_USE;

#endif
