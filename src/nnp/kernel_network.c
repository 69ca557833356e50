/* SPDX-License-Identifier: BSD-3-Clause */
/* One pass through the network of an element, forward and backward, for one centre or for a block of them. Rows of
 * weights are added up with the outputs in the lanes; the transposed weights serve the way back. A block loads each
 * weight once for all its centres, which is what counts once the weights of a committee (75 kB for four of 48-20-16-1)
 * no longer fit into the first cache. The operations of a centre and their order are the same in both, and so are its
 * bits. */
#include "nnp/kernel_parts.h"

/* Output vectors held in registers, twice: even and odd rows apart hide the latency, and so do the centres of a block.
 */
enum { ALONE = 4, IN_BLOCK = W >= 8 ? 2 : 1 };

typedef struct rows { /* y[0 .. n_out) = start + sum_i x_i w[i][...] for each centre; n_out is a multiple of NMD_LANES
                       */
  int n_in, n_out;
  size_t each, start_each; /* from one centre's x and y to the next one's; from its start */
  const double *x, *w, *start;
  double *y;
} rows;

NMD_INLINE void rows_block(const int centres, const int vectors, const rows r) {
  vr even[NMD_BLOCK][ALONE], odd[NMD_BLOCK][ALONE];
  const size_t stride = (size_t)r.n_out;
  const double *w = r.w;
  int i = 0;
  for (int c = 0; c < centres; c++)
    for (int b = 0; b < vectors; b++) {
      even[c][b] = r.start ? v_load(r.start + (size_t)c * r.start_each + b * W) : v_set(0.0);
      odd[c][b] = v_set(0.0);
    }
  for (; i + 1 < r.n_in; i += 2, w += 2 * stride)
    for (int b = 0; b < vectors; b++) {
      const vr first = v_load(w + b * W), second = v_load(w + stride + b * W);
      for (int c = 0; c < centres; c++) {
        even[c][b] += r.x[(size_t)c * r.each + (size_t)i] * first;
        odd[c][b] += r.x[(size_t)c * r.each + (size_t)i + 1] * second;
      }
    }
  for (int c = 0; c < centres; c++)
    for (int b = 0; b < vectors; b++) {
      if (i < r.n_in) even[c][b] += r.x[(size_t)c * r.each + (size_t)i] * v_load(w + b * W);
      v_store(r.y + (size_t)c * r.each + b * W, even[c][b] + odd[c][b]);
    }
}

NMD_INLINE rows rows_from(rows r, int o) {
  r.w += o;
  r.y += o;
  if (r.start) r.start += o;
  return r;
}

NMD_INLINE void rows_times(const int centres, const rows r) {
  const int most = centres == 1 ? ALONE : IN_BLOCK;
  int o = 0;
  for (; o + most * W <= r.n_out; o += most * W) rows_block(centres, most, rows_from(r, o));
  const int left = (r.n_out - o) / W;
  if (most > 3 && left == 3) rows_block(centres, 3, rows_from(r, o));
  if (most > 2 && left == 2) rows_block(centres, 2, rows_from(r, o));
  if (most > 1 && left == 1) rows_block(centres, 1, rows_from(r, o));
}

/* ln(1 + exp x): x from 35 on, 0 to -35, as n2p2 does */
NMD_INLINE vr softplus(vr x, vr *slope) {
  const vr t = v_exp(-v_abs(x)), zero = v_set(0.0), one = v_set(1.0);
  const vr logistic = v_select_less(x, zero, t, one) / (1.0 + t), limit = v_set(35.0);
  *slope = v_select_less(limit, x, one, v_select_less(x, -limit, zero, logistic));
  /* log of the rounded 1 + t, corrected for the rounding */
  const vr sum = 1.0 + t, value = v_max(x, zero) + v_log(sum) + (t - (sum - 1.0)) / sum;
  return v_select_less(limit, x, x, v_select_less(x, -limit, zero, value));
}

NMD_INLINE vr logistic(vr x, vr *slope) {
  const vr t = v_exp(-v_abs(x)), zero = v_set(0.0), one = v_set(1.0), inverse = 1.0 / (1.0 + t), limit = v_set(35.0);
  const vr value = v_select_less(x, zero, t * inverse, inverse), outside = v_select_less(limit, v_abs(x), zero, one);
  *slope = outside * (t * inverse * inverse);
  return v_select_less(limit, x, one, v_select_less(x, -limit, zero, value));
}

NMD_INLINE vr cosine(vr x, vr *slope) {
  vr value = x;
  for (int i = 0; i < W; i++) {
    value[i] = cos(x[i]);
    (*slope)[i] = -sin(x[i]);
  }
  return value;
}

NMD_INLINE vr activate(nmd_activation kind, vr x, vr *slope) {
  const vr zero = v_set(0.0), one = v_set(1.0);
  vr y;
  *slope = one;
  switch (kind) {
    case NMD_ACT_IDENTITY: return x;
    case NMD_ACT_TANH:
      y = v_tanh(x);
      *slope = 1.0 - y * y;
      return y;
    case NMD_ACT_LOGISTIC: return logistic(x, slope);
    case NMD_ACT_SOFTPLUS: return softplus(x, slope);
    case NMD_ACT_RELU: *slope = v_select_less(zero, x, one, zero); return v_max(x, zero);
    case NMD_ACT_GAUSSIAN:
      y = v_exp(-0.5 * x * x);
      *slope = -x * y;
      return y;
    case NMD_ACT_COSINE: return cosine(x, slope);
    case NMD_ACT_REVERSED_LOGISTIC:
      y = 1.0 - logistic(x, slope);
      *slope = -*slope;
      return y;
    case NMD_ACT_EXP:
      y = v_exp(-x);
      *slope = -y;
      return y;
    case NMD_ACT_HARMONIC: *slope = 2.0 * x; return x * x;
  }
  return x;
}

NMD_INLINE void scale_inputs(const nmd_network *net, const double *G, double *work) {
  for (int i = 0; i < net->n_inputs; i += W)
    v_store(work + i, v_load(net->factor + i) * (v_load(G + i) - v_load(net->shift + i)) + v_load(net->offset + i));
}

NMD_INLINE void activate_layer(const nmd_network_layer *layer, int all, double *out) {
  double *slope = out + all;
  for (int i = 0; i < all; i += W) {
    vr df;
    v_store(out + i, activate(layer->activation, v_load(out + i), &df));
    v_store(slope + i, df);
  }
}

/* From the scaled inputs at the head of each centre's work array */
NMD_INLINE void forward(const int centres, const nmd_network *net, double *work) {
  const size_t each = (size_t)net->work_length;
  const double *in = work;
  for (int l = 0; l < net->n_layers; l++) {
    const nmd_network_layer *layer = &net->layers[l];
    const int all = net->members * layer->n_out, n_in = layer->real_in;
    const size_t size = (size_t)n_in * (size_t)layer->n_out;
    double *out = work + layer->first;
    if (l == 0) rows_times(centres, (rows){n_in, all, each, 0, in, layer->weight, layer->bias, out});
    for (int k = 0; l > 0 && k < net->members; k++)
      rows_times(centres, (rows){n_in, layer->n_out, each, 0, in + k * layer->n_in, layer->weight + (size_t)k * size,
                                 layer->bias + k * layer->n_out, out + k * layer->n_out});
    for (int c = 0; c < centres; c++) activate_layer(layer, all, out + (size_t)c * each);
    in = out;
  }
}

/* The slopes of the last layer are dE/d(input of the neuron) already; those below become so. What is left at the head
 * of the work arrays is dE/d(scaled input). */
NMD_INLINE void backward(const int centres, const nmd_network *net, double *work) {
  const size_t each = (size_t)net->work_length;
  for (int l = net->n_layers - 1; l >= 0; l--) {
    const nmd_network_layer *layer = &net->layers[l];
    const size_t size = (size_t)layer->real_out * (size_t)layer->n_in;
    const double *delta = work + layer->first + net->members * layer->n_out;
    double *below = l > 0 ? work + net->layers[l - 1].first : work;
    for (int k = 0; k < net->members; k++) { /* at the inputs those of the members add up */
      double *y = l > 0 ? below + k * layer->n_in : below;
      rows_times(centres, (rows){layer->real_out, layer->n_in, each, each, delta + k * layer->n_out,
                                 layer->transposed + (size_t)k * size, l > 0 || k == 0 ? NULL : y, y});
    }
    double *slope = below + net->members * layer->n_in;
    for (int c = 0; l > 0 && c < centres; c++)
      for (int i = 0; i < net->members * layer->n_in; i += W) {
        double *s = slope + (size_t)c * each + i;
        v_store(s, v_load(s) * v_load(below + (size_t)c * each + i));
      }
  }
}

/* Energies of the members, and what the way back starts from. */
NMD_INLINE void finish(const nmd_network *net, double *work, double *energy, const double *weight) {
  const nmd_network_layer *last = &net->layers[net->n_layers - 1];
  double *out = work + last->first, *slope = out + net->members * last->n_out;
  for (int k = 0; k < net->members; k++) {
    energy[k] = net->energy_factor[k] * out[k * last->n_out];
    if (weight != NULL) slope[k * last->n_out] *= net->energy_factor[k] * weight[k];
  }
}

NMD_INLINE void unscale(const nmd_network *net, const double *work, double *dG) {
  for (int i = 0; i < net->n_inputs; i += W) v_store(dG + i, v_load(work + i) * v_load(net->factor + i));
}

void NMD_KERNEL(network)(const nmd_network *net, const double *G, double *work, double *energy, const double *weight,
                         double *dG) {
  scale_inputs(net, G, work);
  forward(1, net, work);
  finish(net, work, energy, weight);
  if (weight == NULL) return;
  backward(1, net, work);
  unscale(net, work, dG);
}

void NMD_KERNEL(network_block)(const nmd_network *net, nmd_scratch *block, const double *weight) {
  double *work = block->network;
  const size_t each = (size_t)net->work_length;
  for (int c = 0; c < NMD_BLOCK; c++) scale_inputs(net, block[c].G, work + (size_t)c * each);
  forward(NMD_BLOCK, net, work);
  for (int c = 0; c < NMD_BLOCK; c++) finish(net, work + (size_t)c * each, block[c].member_energy, weight);
  if (weight == NULL) return;
  backward(NMD_BLOCK, net, work);
  for (int c = 0; c < NMD_BLOCK; c++) unscale(net, work + (size_t)c * each, block[c].dG);
}
