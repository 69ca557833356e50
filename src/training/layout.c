/* SPDX-License-Identifier: BSD-3-Clause */
#include "training/layout.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"

static nmd_status element_init(nmd_element_layout *e, const nmd_element_model *model, size_t first) {
  size_t at = first;
  e->n_inputs = model->n_functions;
  e->first = first;
  NMD_TRY(NMD_ALLOC(e->layers, model->n_layers));
  e->n_layers = model->n_layers;
  for (int l = 0; l < e->n_layers; l++) {
    const nmd_layer *from = &model->layers[l];
    const size_t n_weights = (size_t)from->n_in * (size_t)from->n_out;
    e->layers[l] = (nmd_layer_layout){from->n_in, from->n_out, from->activation, at, at + n_weights};
    at += n_weights + (size_t)from->n_out;
  }
  e->size = at - first;
  return NMD_OK;
}

nmd_status nmd_layout_init(nmd_layout *layout, const nmd_model *model) {
  *layout = (nmd_layout){0};
  NMD_TRY(NMD_ALLOC(layout->elements, model->n_elements));
  layout->n_elements = model->n_elements;
  for (int e = 0; e < model->n_elements; e++) {
    nmd_element_layout *element = &layout->elements[e];
    NMD_TRY(element_init(element, &model->elements[e], layout->n));
    layout->n += element->size;
    if (element->n_layers > layout->n_layers_max) layout->n_layers_max = element->n_layers;
    for (int l = 0; l < element->n_layers; l++) {
      if (element->layers[l].n_in > layout->widest) layout->widest = element->layers[l].n_in;
      if (element->layers[l].n_out > layout->widest) layout->widest = element->layers[l].n_out;
    }
  }
  return NMD_OK;
}

void nmd_layout_free(nmd_layout *layout) {
  for (int e = 0; e < layout->n_elements; e++) nmd_free(layout->elements[e].layers);
  nmd_free(layout->elements);
  *layout = (nmd_layout){0};
}

void nmd_layout_to_model(const nmd_layout *layout, const double *weights, nmd_model *model) {
  for (int e = 0; e < layout->n_elements; e++)
    for (int l = 0; l < layout->elements[e].n_layers; l++) {
      const nmd_layer_layout *from = &layout->elements[e].layers[l];
      nmd_layer *to = &model->elements[e].layers[l];
      memcpy(to->weight, weights + from->weight, (from->bias - from->weight) * sizeof(double));
      memcpy(to->bias, weights + from->bias, (size_t)from->n_out * sizeof(double));
    }
}

void nmd_layout_from_model(const nmd_layout *layout, const nmd_model *model, double *weights) {
  for (int e = 0; e < layout->n_elements; e++)
    for (int l = 0; l < layout->elements[e].n_layers; l++) {
      const nmd_layer_layout *to = &layout->elements[e].layers[l];
      const nmd_layer *from = &model->elements[e].layers[l];
      memcpy(weights + to->weight, from->weight, (to->bias - to->weight) * sizeof(double));
      memcpy(weights + to->bias, from->bias, (size_t)to->n_out * sizeof(double));
    }
}

/* One column (the weights into neuron o) gets a random direction and the given length. */
static void scale_column(double *weight, int n_in, int n_out, int o, double length) {
  double norm = 0.0;
  for (int i = 0; i < n_in; i++) norm += weight[i * n_out + o] * weight[i * n_out + o];
  norm = norm > 0.0 ? length / sqrt(norm) : 0.0;
  for (int i = 0; i < n_in; i++) weight[i * n_out + o] *= norm;
}

static void random_layer(const nmd_layer_layout *layer, bool last, uint64_t seed, double *weights) {
  double *weight = weights + layer->weight, *bias = weights + layer->bias, u[2];
  const double beta = last ? 0.5 : 0.7 * pow(layer->n_out, 1.0 / layer->n_in) * sqrt((double)layer->n_in) * 0.7;
  for (size_t k = layer->weight; k < layer->bias + (size_t)layer->n_out; k++) {
    nmd_random_uniform2(seed, NMD_STREAM_WEIGHTS, 0, (int64_t)k, 0, u);
    weights[k] = 2.0 * u[0] - 1.0;
  }
  for (int o = 0; o < layer->n_out; o++) {
    scale_column(weight, layer->n_in, layer->n_out, o, beta);
    bias[o] = last ? 0.0 : bias[o];
  }
}

void nmd_layout_random(const nmd_layout *layout, uint64_t seed, double *weights) {
  for (int e = 0; e < layout->n_elements; e++) {
    const nmd_element_layout *element = &layout->elements[e];
    for (int l = 0; l < element->n_layers; l++)
      random_layer(&element->layers[l], l == element->n_layers - 1, seed, weights);
  }
}
