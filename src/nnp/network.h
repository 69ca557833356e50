/* SPDX-License-Identifier: BSD-3-Clause */
/* The network of an element, laid out for the kernels: rows padded to whole vectors, scaling of G folded in.
 *
 * One centre at a time. The weights of a typical network (54-16-16-1) are 9 kB and stay in the first cache, so a batch
 * as the inner dimension would save no memory traffic, and a centre's bits would come to depend on the batch. */
#ifndef NNPMD_NNP_NETWORK_H
#define NNPMD_NNP_NETWORK_H

#include "base/status.h"
#include "nnp/model_data.h"

typedef struct nmd_network_layer {
  int n_in, n_out; /* padded to whole vectors */
  int real_in, real_out;
  nmd_activation activation;
  double *weight;     /* [real_in][n_out] */
  double *transposed; /* [real_out][n_in] */
  double *bias;       /* [n_out] */
  int first;          /* of this layer's output in the work array; its slope follows n_out later */
} nmd_network_layer;

typedef struct nmd_network {
  int n_inputs; /* padded */
  int n_layers;
  nmd_network_layer *layers;
  double *factor, *offset; /* [n_inputs]: input = factor * G + offset ... */
  double *shift;           /* ... of G - shift */
  double energy_factor;
  int work_length; /* doubles of the work array */
} nmd_network;

nmd_status nmd_network_init(nmd_network *network, const nmd_element_model *element, double energy_factor) NMD_MUST_USE;
void nmd_network_free(nmd_network *network);
double nmd_network_operations(const nmd_network *network); /* multiply-adds, forward and backward */

#endif
