/* SPDX-License-Identifier: BSD-3-Clause */
#include "training/ranges.h"

#include <math.h>

/* An input of the network was x = f (G - s) + b and becomes x' = f' (G - s') + b. So x = r x' + c with r = f / f' and
 * c = f (s' - s) + b (1 - r): weights from this input take the factor r, biases take up c times the old weights. */
static void follow(nmd_layer *first, int input, double ratio, double constant) {
  double *weight = first->weight + (size_t)input * (size_t)first->n_out;
  for (int k = 0; k < first->n_out; k++) {
    first->bias[k] += constant * weight[k];
    weight[k] *= ratio;
  }
}

/* What the model's scaling was made of; its mean and sigma where the rule uses them. */
static nmd_function_statistics old_statistics(const nmd_model *model, int e, int f) {
  const nmd_element_model *element = &model->elements[e];
  return (nmd_function_statistics){.min = element->low[f],
                                   .max = element->high[f],
                                   .mean = element->scale_shift[f],
                                   .sigma = (model->scaling.max - model->scaling.min) / element->scale_factor[f]};
}

static nmd_status widen(nmd_model *model, int e, int f, nmd_function_statistics *statistics) {
  nmd_element_model *element = &model->elements[e];
  const double factor = element->scale_factor[f], shift = element->scale_shift[f];
  if (statistics->min > statistics->max) *statistics = old_statistics(model, e, f); /* no such atom in the new data */
  statistics->min = fmin(statistics->min, element->low[f]);
  statistics->max = fmax(statistics->max, element->high[f]);
  NMD_TRY(nmd_model_set_scaling(model, e, f, statistics));
  const double ratio = factor / element->scale_factor[f];
  follow(&element->layers[0], f, ratio,
         factor * (element->scale_shift[f] - shift) + element->scale_base * (1.0 - ratio));
  return NMD_OK;
}

nmd_status nmd_ranges_widen(nmd_model *model, nmd_function_statistics *const *statistics) {
  for (int e = 0; e < model->n_elements; e++)
    for (int f = 0; f < model->elements[e].n_functions; f++) NMD_TRY(widen(model, e, f, &statistics[e][f]));
  return NMD_OK;
}
