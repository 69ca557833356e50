/* SPDX-License-Identifier: BSD-3-Clause */
/* What a training takes, known before it is allocated. */
#ifndef NNPMD_TRAINING_FIT_MEMORY_H
#define NNPMD_TRAINING_FIT_MEMORY_H

#include "training/fit.h"

/* Bytes on a rank of the optimisers of all members in the hungriest stage. Local. */
double nmd_fit_optimiser_bytes(const nmd_fit *fit);
/* Log the memory of descriptors, optimisers and both. Collective. */
void nmd_fit_log_memory(const nmd_fit *fit);

#endif
