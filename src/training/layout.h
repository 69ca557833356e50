/* SPDX-License-Identifier: BSD-3-Clause */
/* All weights of a model as one vector: element after element, layer after layer, weights [n_in][n_out] then biases,
 * which is also the order of the weights files. */
#ifndef NNPMD_TRAINING_LAYOUT_H
#define NNPMD_TRAINING_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

#include "nnp/model_data.h"

typedef struct nmd_layer_layout {
  int n_in, n_out;
  nmd_activation activation;
  size_t weight, bias; /* places in the vector */
} nmd_layer_layout;

typedef struct nmd_element_layout {
  int n_inputs, n_layers;
  nmd_layer_layout *layers; /* owned */
  size_t first, size;       /* this element's part of the vector */
} nmd_element_layout;

typedef struct nmd_layout {
  int n_elements, n_layers_max, widest; /* layers of the deepest network; neurons or inputs of the widest layer */
  size_t n;                             /* weights in all */
  nmd_element_layout *elements;         /* owned */
} nmd_layout;

nmd_status nmd_layout_init(nmd_layout *layout, const nmd_model *model) NMD_MUST_USE;
void nmd_layout_free(nmd_layout *layout);
void nmd_layout_to_model(const nmd_layout *layout, const double *weights, nmd_model *model);
void nmd_layout_from_model(const nmd_layout *layout, const nmd_model *model, double *weights);
/* Start in the manner of D. Nguyen, B. Widrow, Proc. IJCNN 3, 21 (1990): the weights into a neuron have a random
 * direction and the length 0.7 n_out^(1/n_in), here times 0.7 sqrt(n_in), since scaled symmetry functions fill only
 * about a seventh of their range; biases uniform in -1..1, none at the output. A function of the seed. */
void nmd_layout_random(const nmd_layout *layout, uint64_t seed, double *weights);

#endif
