/* SPDX-License-Identifier: BSD-3-Clause */
/* Writing scaling.data and weights.NNN.data in the format of n2p2: 17 digits, read back to the same numbers. */
#ifndef NNPMD_NNP_MODEL_WRITE_H
#define NNPMD_NNP_MODEL_WRITE_H

#include "nnp/model_data.h"

/* scaling.data of the whole model; statistics[e][f] of each element and function. Local. */
void nmd_model_write_scaling(const nmd_model *model, const nmd_function_statistics *const *statistics,
                             nmd_text_writer *write, void *context);
/* weights.NNN.data of one element, from the model's layers. Local. */
void nmd_model_write_weights(const nmd_model *model, int element, nmd_text_writer *write, void *context);

#endif
