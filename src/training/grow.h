/* SPDX-License-Identifier: BSD-3-Clause */
/* A fitted model with more symmetry functions. */
#ifndef NNPMD_TRAINING_GROW_H
#define NNPMD_TRAINING_GROW_H

#include "nnp/model_data.h"

/* Before any scaling: what `model`, still untrained, has from the fitted model `old` beside its weights: energies of
 * atoms and the network's unit. Errors: CONFLICT (other elements, cut-off kind or hidden layers; a function of `old`
 * that `model` lacks). Local. */
nmd_status nmd_grow_begin(const nmd_model *old, nmd_model *model) NMD_MUST_USE;

/* When `model` has its scaling: weights of `old`, those of the first layers for the new scaling, zero for functions
 * that `old` lacks, so that energies are those of `old`. Local. */
void nmd_grow_weights(const nmd_model *old, nmd_model *model);

#endif
