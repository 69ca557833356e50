/* SPDX-License-Identifier: BSD-3-Clause */
/* Training ranges of a fitted model that goes on with more data. */
#ifndef NNPMD_TRAINING_RANGES_H
#define NNPMD_TRAINING_RANGES_H

#include "nnp/model_data.h"

/* Widen the range of each symmetry function to that of the new data, statistics[elements][functions] of raw G, and
 * change scaling and first layers together, so that energies stay what they were. On return `statistics` are those to
 * write: least and largest values of old and new data, mean and sigma of the new. Errors: MODEL_SCALING. Local. */
nmd_status nmd_ranges_widen(nmd_model *model, nmd_function_statistics *const *statistics) NMD_MUST_USE;

#endif
