/* SPDX-License-Identifier: BSD-3-Clause */
/* One pass through the network of an element, forward and backward. Rows of weights are added up with the outputs in
 * the lanes; the transposed weights serve the way back. */
#include "nnp/kernel_parts.h"

enum { BLOCK = 4 }; /* output vectors held in registers, twice: even and odd rows apart hide the latency */

/* y[0 .. n_out) = start + sum_i x_i w[i][...]; n_out is a multiple of NMD_LANES */
NMD_INLINE void rows_block(const int blocks, int n_in, const double *x, const double *w, size_t stride,
                           const double *start, double *y) {
  vr even[BLOCK], odd[BLOCK];
  int i = 0;
  for (int b = 0; b < blocks; b++) {
    even[b] = start ? v_load(start + b * W) : v_set(0.0);
    odd[b] = v_set(0.0);
  }
  for (; i + 1 < n_in; i += 2, w += 2 * stride)
    for (int b = 0; b < blocks; b++) {
      even[b] += x[i] * v_load(w + b * W);
      odd[b] += x[i + 1] * v_load(w + stride + b * W);
    }
  for (int b = 0; b < blocks; b++) {
    if (i < n_in) even[b] += x[i] * v_load(w + b * W);
    v_store(y + b * W, even[b] + odd[b]);
  }
}

static void rows_times(int n_in, int n_out, const double *x, const double *w, const double *start, double *y) {
  int o = 0;
  const size_t stride = (size_t)n_out;
  for (; o + BLOCK * W <= n_out; o += BLOCK * W)
    rows_block(BLOCK, n_in, x, w + o, stride, start ? start + o : NULL, y + o);
  const int left = (n_out - o) / W;
  start = start ? start + o : NULL;
  if (left == 3) rows_block(3, n_in, x, w + o, stride, start, y + o);
  if (left == 2) rows_block(2, n_in, x, w + o, stride, start, y + o);
  if (left == 1) rows_block(1, n_in, x, w + o, stride, start, y + o);
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

static void forward(const nmd_network *net, const double *G, double *work) {
  const double *in = work;
  for (int i = 0; i < net->n_inputs; i += W)
    v_store(work + i, v_load(net->factor + i) * (v_load(G + i) - v_load(net->shift + i)) + v_load(net->offset + i));
  for (int l = 0; l < net->n_layers; l++) {
    const nmd_network_layer *layer = &net->layers[l];
    const int all = net->members * layer->n_out;
    const size_t size = (size_t)layer->real_in * (size_t)layer->n_out;
    double *out = work + layer->first, *slope = out + all;
    if (l == 0) rows_times(layer->real_in, all, in, layer->weight, layer->bias, out);
    for (int k = 0; l > 0 && k < net->members; k++)
      rows_times(layer->real_in, layer->n_out, in + k * layer->n_in, layer->weight + (size_t)k * size,
                 layer->bias + k * layer->n_out, out + k * layer->n_out);
    for (int i = 0; i < all; i += W) {
      vr df;
      v_store(out + i, activate(layer->activation, v_load(out + i), &df));
      v_store(slope + i, df);
    }
    in = out;
  }
}

/* The slopes of the last layer are dE/d(input of the neuron) already; those below become so. */
static void backward(const nmd_network *net, double *work, double *dG) {
  for (int l = net->n_layers - 1; l >= 0; l--) {
    const nmd_network_layer *layer = &net->layers[l];
    const size_t size = (size_t)layer->real_out * (size_t)layer->n_in;
    const double *delta = work + layer->first + net->members * layer->n_out;
    double *below = l > 0 ? work + net->layers[l - 1].first : dG;
    for (int k = 0; k < net->members; k++) /* the members' dG add up */
      rows_times(layer->real_out, layer->n_in, delta + k * layer->n_out, layer->transposed + (size_t)k * size,
                 l > 0 || k == 0 ? NULL : dG, l > 0 ? below + k * layer->n_in : dG);
    double *slope = below + net->members * layer->n_in;
    for (int i = 0; l > 0 && i < net->members * layer->n_in; i += W)
      v_store(slope + i, v_load(slope + i) * v_load(below + i));
  }
  for (int i = 0; i < net->n_inputs; i += W) v_store(dG + i, v_load(dG + i) * v_load(net->factor + i));
}

void NMD_KERNEL(network)(const nmd_network *net, const double *G, double *work, double *energy, const double *weight,
                         double *dG) {
  const nmd_network_layer *last = &net->layers[net->n_layers - 1];
  double *out = work + last->first, *slope = out + net->members * last->n_out;
  forward(net, G, work);
  for (int k = 0; k < net->members; k++) {
    energy[k] = net->energy_factor[k] * out[k * last->n_out];
    if (weight != NULL) slope[k * last->n_out] *= net->energy_factor[k] * weight[k];
  }
  if (weight != NULL) backward(net, work, dG);
}
