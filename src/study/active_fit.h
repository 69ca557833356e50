/* SPDX-License-Identifier: BSD-3-Clause */
/* The training of a cycle: nnpmd-train as a function, with inputs that can be run by hand. */
#ifndef NNPMD_STUDY_ACTIVE_FIT_H
#define NNPMD_STUDY_ACTIVE_FIT_H

#include "study/active_record.h"

/* Make the folder `model` of a cycle: cycle 0 trains a committee in one go (so that its members share their scaling),
 * later ones take each member on from the cycle before, members dealt out to the ranks. Goes on from checkpoints that
 * are there. Collective. Errors: those of nnpmd-train. */
nmd_status nmd_active_train(const nmd_active *active, int64_t cycle) NMD_MUST_USE;

#endif
