/* SPDX-License-Identifier: BSD-3-Clause */
/* Inputs of a network, x = factor (G - shift) + base, and how they follow when the scaling changes. */
#ifndef NNPMD_TRAINING_INPUT_SCALING_H
#define NNPMD_TRAINING_INPUT_SCALING_H

#include "nnp/model_data.h"

typedef struct nmd_input_scaling {
  double factor, shift, base;
} nmd_input_scaling;

static inline nmd_input_scaling nmd_input_scaling_of(const nmd_element_model *element, int function) {
  return (nmd_input_scaling){element->scale_factor[function], element->scale_shift[function], element->scale_base};
}

/* x of `from` = ratio x' + constant with x' of `to`: a weight on x becomes ratio times as large on x', and the bias
 * takes up constant times the weight. Returns ratio. */
static inline double nmd_input_change(nmd_input_scaling from, nmd_input_scaling to, double *constant) {
  const double ratio = from.factor / to.factor;
  *constant = from.factor * (to.shift - from.shift) + from.base - ratio * to.base;
  return ratio;
}

#endif
