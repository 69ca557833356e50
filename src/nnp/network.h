/* SPDX-License-Identifier: BSD-3-Clause */
/* The network of an element, laid out for the kernels: rows padded to whole vectors, scaling of G folded in. The
 * networks of a committee with one shape lie side by side and are worked on layer by layer, which hides the latencies
 * of each.
 *
 * A single model takes one centre at a time: the weights of a typical network (54-16-16-1) are 9 kB and stay in the
 * first cache, and so does what the centre needs for its second pass; a block of centres would save 1 to 4 % of an
 * evaluation at most. The weights of a committee do not stay there (75 kB for four of 48-20-16-1), so NMD_BLOCK centres
 * share each load of them: that halves the time of the networks (docs/performance.md).
 */
#ifndef NNPMD_NNP_NETWORK_H
#define NNPMD_NNP_NETWORK_H

#include "base/status.h"
#include "nnp/model_data.h"

typedef struct nmd_network_layer { /* arrays of K = members networks */
  int n_in, n_out;                 /* padded to whole vectors */
  int real_in, real_out;
  nmd_activation activation;
  double *weight;     /* first layer [real_in][K][n_out], others [K][real_in][n_out] */
  double *transposed; /* [K][real_out][n_in] */
  double *bias;       /* [K][n_out] */
  int first;          /* of this layer's output [K][n_out] in the work array; its slope follows behind it */
} nmd_network_layer;

typedef struct nmd_network {
  int members;  /* K */
  int n_inputs; /* padded */
  int n_layers;
  nmd_network_layer *layers;
  double *factor, *offset; /* [n_inputs]: input = factor * G + offset ... */
  double *shift;           /* ... of G - shift */
  double *energy_factor;   /* [K] */
  int work_length;         /* doubles of the work array */
} nmd_network;

/* elements [K]: models of one element with the same scaling and shape (nmd_network_same_shape). Errors: MEMORY. */
nmd_status nmd_network_init(nmd_network *network, const nmd_element_model *const *elements,
                            const double *energy_factors, int members) NMD_MUST_USE;
void nmd_network_free(nmd_network *network);
bool nmd_network_same_shape(const nmd_element_model *a, const nmd_element_model *b);
double nmd_network_operations(const nmd_network *network); /* multiply-adds, forward and backward, all members */

#endif
