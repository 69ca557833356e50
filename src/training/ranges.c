/* SPDX-License-Identifier: BSD-3-Clause */
#include "training/ranges.h"

#include <math.h>

#include "training/input_scaling.h"

/* The weights of an input and the biases, for another scaling of it. */
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
  const nmd_input_scaling before = nmd_input_scaling_of(element, f);
  if (statistics->min > statistics->max) *statistics = old_statistics(model, e, f); /* no such atom in the new data */
  statistics->min = fmin(statistics->min, element->low[f]);
  statistics->max = fmax(statistics->max, element->high[f]);
  NMD_TRY(nmd_model_set_scaling(model, e, f, statistics));
  double constant;
  const double ratio = nmd_input_change(before, nmd_input_scaling_of(element, f), &constant);
  follow(&element->layers[0], f, ratio, constant);
  return NMD_OK;
}

nmd_status nmd_ranges_widen(nmd_model *model, nmd_function_statistics *const *statistics) {
  for (int e = 0; e < model->n_elements; e++)
    for (int f = 0; f < model->elements[e].n_functions; f++) NMD_TRY(widen(model, e, f, &statistics[e][f]));
  return NMD_OK;
}
