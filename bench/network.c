/* SPDX-License-Identifier: BSD-3-Clause */
/* The network of a block of atoms in three ways, energy and dE/dG, microseconds per atom: the kernel of the evaluator
 * (one atom after the other), the same arithmetic with tiles of four atoms that share each weight once it is in a
 * register, and products of matrices by BLAS with one thread. What a block costs beside the network is measured too:
 * the scratch of its other atoms is gone from the first cache when the second pass wants it.
 *
 * Compiled for the CPU it is built on (-march=native). */
#include <cblas.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nnp/simd.h" /* first: what a real is */

#include "base/memory.h"
#include "environments.h"
#include "nnp/blas.h"

enum { LAYERS = 3, ATOMS_MAX = 64, WIDEST = 72, TILE = 4, REPEATS = 7 };

typedef struct net_shape {
  const char *name;
  int n[LAYERS + 1];
} net_shape;

static const net_shape shapes[] = {
    {"54-16-16-1", {54, 16, 16, 1}}, {"43-20-20-1", {43, 20, 20, 1}}, {"66-25-25-1", {66, 25, 25, 1}}};

typedef struct padded_net { /* padded to whole vectors, rows one after the other */
  int real[LAYERS + 1], n[LAYERS + 1];
  double *weight[LAYERS], *transposed[LAYERS], *bias[LAYERS]; /* [real in][n out], [real out][n in], [n out] */
} padded_net;

typedef struct state { /* [atoms][padded] */
  double *value[LAYERS + 1], *slope[LAYERS + 1];
} state;

static nmd_status net_init(padded_net *net, const net_shape *shape) {
  for (int l = 0; l <= LAYERS; l++) {
    net->real[l] = shape->n[l];
    net->n[l] = nmd_padded(shape->n[l]);
  }
  for (int l = 0; l < LAYERS; l++) {
    NMD_TRY(NMD_ALLOC(net->weight[l], net->real[l] * net->n[l + 1]));
    NMD_TRY(NMD_ALLOC(net->transposed[l], net->real[l + 1] * net->n[l]));
    NMD_TRY(NMD_ALLOC(net->bias[l], net->n[l + 1]));
    for (int i = 0; i < net->real[l]; i++)
      for (int o = 0; o < net->real[l + 1]; o++) {
        const double w = 0.5 * (bench_random() - 0.5);
        net->weight[l][i * net->n[l + 1] + o] = w;
        net->transposed[l][o * net->n[l] + i] = w;
      }
    for (int o = 0; o < net->real[l + 1]; o++) net->bias[l][o] = 0.1 * bench_random();
  }
  return NMD_OK;
}

static nmd_status state_init(state *s, const padded_net *net) {
  for (int l = 0; l <= LAYERS; l++) {
    NMD_TRY(NMD_ALLOC(s->value[l], ATOMS_MAX * net->n[l]));
    NMD_TRY(NMD_ALLOC(s->slope[l], ATOMS_MAX * net->n[l]));
  }
  for (int i = 0; i < ATOMS_MAX * net->n[0]; i++) s->value[0][i] = bench_random();
  return NMD_OK;
}

/* y[atom][0 .. n_out) = start + sum_i x[atom][i] w[i][...], a tile of atoms and two vectors of outputs in registers */
static void tile_times(int n_in, int x_stride, int n_out, const double *x, const double *w, const double *start,
                       double *y) {
  for (int o = 0; o < n_out; o += 2 * W) {
    const int two = o + W < n_out;
    vr sum[TILE][2];
    for (int a = 0; a < TILE; a++) {
      sum[a][0] = start != NULL ? v_load(start + o) : v_set(0.0);
      sum[a][1] = start != NULL && two ? v_load(start + o + W) : v_set(0.0);
    }
    if (two)
      for (int i = 0; i < n_in; i++) {
        const vr w0 = v_load(w + (size_t)i * (size_t)n_out + o), w1 = v_load(w + (size_t)i * (size_t)n_out + o + W);
        for (int a = 0; a < TILE; a++) {
          sum[a][0] += x[a * x_stride + i] * w0;
          sum[a][1] += x[a * x_stride + i] * w1;
        }
      }
    else
      for (int i = 0; i < n_in; i++) {
        const vr w0 = v_load(w + (size_t)i * (size_t)n_out + o);
        for (int a = 0; a < TILE; a++) sum[a][0] += x[a * x_stride + i] * w0;
      }
    for (int a = 0; a < TILE; a++) {
      v_store(y + a * n_out + o, sum[a][0]);
      if (two) v_store(y + a * n_out + o + W, sum[a][1]);
    }
  }
}

static void activate(const padded_net *net, const state *s, int layer, int atoms) {
  double *value = s->value[layer], *slope = s->slope[layer];
  for (int i = 0; i < atoms * net->n[layer]; i += W) {
    vr y = v_load(value + i);
    if (layer < LAYERS) y = v_tanh(y);
    v_store(value + i, y);
    vr slope_of = v_set(1.0);
    if (layer < LAYERS) slope_of = 1.0 - y * y;
    v_store(slope + i, slope_of);
  }
}

static void multiply_slopes(const padded_net *net, const state *s, int layer, int atoms) {
  for (int i = 0; i < atoms * net->n[layer]; i += W)
    v_store(s->slope[layer] + i, v_load(s->slope[layer] + i) * v_load(s->value[layer] + i));
}

static void run_tiles(const padded_net *net, const state *s, int atoms) {
  for (int l = 0; l < LAYERS; l++) {
    for (int a = 0; a < atoms; a += TILE)
      tile_times(net->real[l], net->n[l], net->n[l + 1], s->value[l] + a * net->n[l], net->weight[l], net->bias[l],
                 s->value[l + 1] + a * net->n[l + 1]);
    activate(net, s, l + 1, atoms);
  }
  for (int l = LAYERS - 1; l >= 0; l--) { /* dE/d(value) replaces the value; dE/dG ends in slope[0] */
    double *to = l > 0 ? s->value[l] : s->slope[0];
    for (int a = 0; a < atoms; a += TILE)
      tile_times(net->real[l + 1], net->n[l + 1], net->n[l], s->slope[l + 1] + a * net->n[l + 1], net->transposed[l],
                 NULL, to + a * net->n[l]);
    if (l > 0) multiply_slopes(net, s, l, atoms);
  }
}

static void run_blas(const padded_net *net, const state *s, int atoms) {
  for (int l = 0; l < LAYERS; l++) {
    for (int a = 0; a < atoms; a++)
      memcpy(s->value[l + 1] + a * net->n[l + 1], net->bias[l], (size_t)net->n[l + 1] * sizeof(double));
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, atoms, net->n[l + 1], net->real[l], 1.0, s->value[l],
                net->n[l], net->weight[l], net->n[l + 1], 1.0, s->value[l + 1], net->n[l + 1]);
    activate(net, s, l + 1, atoms);
  }
  for (int l = LAYERS - 1; l >= 0; l--) {
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, atoms, net->n[l], net->real[l + 1], 1.0, s->slope[l + 1],
                net->n[l + 1], net->transposed[l], net->n[l], 0.0, l > 0 ? s->value[l] : s->slope[0], net->n[l]);
    if (l > 0) multiply_slopes(net, s, l, atoms);
  }
}

typedef struct kernel_net { /* the evaluator's own */
  const nmd_kernels *kernels;
  nmd_network network;
  double *work;
} kernel_net;

static nmd_status kernel_net_init(kernel_net *k, const padded_net *net) {
  static double ones[WIDEST], zeros[WIDEST];
  static nmd_layer layers[LAYERS];
  nmd_element_model element = {
      .n_functions = net->real[0], .scale_factor = ones, .scale_shift = zeros, .n_layers = LAYERS, .layers = layers};
  const nmd_element_model *elements[] = {&element};
  const double factor = 1.0;
  for (int i = 0; i < WIDEST; i++) ones[i] = 1.0;
  for (int l = 0; l < LAYERS; l++) {
    layers[l] = (nmd_layer){net->real[l], net->real[l + 1], l < LAYERS - 1 ? NMD_ACT_TANH : NMD_ACT_IDENTITY, NULL,
                            net->bias[l]};
    NMD_TRY(NMD_ALLOC(layers[l].weight, net->real[l] * net->real[l + 1]));
    for (int i = 0; i < net->real[l]; i++)
      for (int o = 0; o < net->real[l + 1]; o++)
        layers[l].weight[i * net->real[l + 1] + o] = net->weight[l][i * net->n[l + 1] + o];
  }
  k->kernels = nmd_kernels_choose(NMD_SIMD_BEST, NMD_PRECISION_DOUBLE);
  NMD_TRY(nmd_network_init(&k->network, elements, &factor, 1));
  for (int l = 0; l < LAYERS; l++) nmd_free(layers[l].weight);
  return NMD_ALLOC(k->work, k->network.work_length);
}

static void run_kernel(const kernel_net *k, const padded_net *net, const state *s, int atoms) {
  const double weight = 1.0;
  double energy;
  for (int a = 0; a < atoms; a++) {
    k->kernels->network(&k->network, s->value[0] + a * net->n[0], k->work, &energy, &weight,
                        s->slope[0] + a * net->n[0]);
    s->value[LAYERS][a * net->n[LAYERS]] = energy;
  }
}

typedef enum net_way { KERNEL, TILES, BLAS } net_way;

static void run(net_way way, const kernel_net *k, const padded_net *net, const state *s, int atoms) {
  if (way == KERNEL) run_kernel(k, net, s, atoms);
  if (way == TILES) run_tiles(net, s, atoms);
  if (way == BLAS) run_blas(net, s, atoms);
}

/* Least microseconds per atom of several repeats */
static double time_way(net_way way, const kernel_net *k, const padded_net *net, const state *s, int atoms) {
  const int sweeps = 20000 / atoms;
  double best = 1e30;
  for (int r = 0; r < REPEATS; r++) {
    const double start = bench_cpu_seconds();
    for (int i = 0; i < sweeps; i++) run(way, k, net, s, atoms);
    best = fmin(best, (bench_cpu_seconds() - start) / sweeps / atoms * 1e6);
  }
  return best;
}

/* The three ways agree: largest difference of dE/dG. */
static double check(const kernel_net *k, const padded_net *net, const state *s) {
  double worst = 0.0, kept[WIDEST];
  run(KERNEL, k, net, s, TILE);
  memcpy(kept, s->slope[0], (size_t)net->real[0] * sizeof(double));
  for (int w = TILES; w <= (int)BLAS; w++) {
    run((net_way)w, k, net, s, TILE);
    for (int i = 0; i < net->real[0]; i++) worst = fmax(worst, fabs(s->slope[0][i] - kept[i]));
  }
  return worst;
}

/* Microseconds to read `size` kB that lie in the second cache rather than the first, per reading. */
static double reload_us(int kB) {
  enum { BLOCK = 16 };
  const int n = kB * 128;
  double *data, best = 1e30;
  volatile double keep = 0.0;
  if (NMD_ALLOC(data, BLOCK * n) != NMD_OK) return 0.0;
  double near = 1e30;
  for (int r = 0; r < REPEATS; r++) {
    for (int far = 0; far < 2; far++) {
      const double start = bench_cpu_seconds();
      for (int i = 0; i < 4000; i++) {
        vr sum[4] = {v_set(0.0), v_set(0.0), v_set(0.0), v_set(0.0)};
        const double *p = data + (far ? i % BLOCK : 0) * n;
        for (int j = 0; j < n; j += 4 * W)
          for (int c = 0; c < 4; c++) sum[c] += v_load(p + j + c * W);
        keep += v_sum(sum[0] + sum[1] + sum[2] + sum[3]);
      }
      const double us = (bench_cpu_seconds() - start) / 4000 * 1e6;
      if (far)
        best = fmin(best, us);
      else
        near = fmin(near, us);
    }
  }
  nmd_free(data);
  return best - near;
}

int main(void) {
  static const int blocks[] = {8, 16, 32, 64};
  nmd_blas_single_thread();
  printf("microseconds per atom, energy and dE/dG; FMA peak %.1f GF/s; %s\n", bench_fma_peak(), nmd_blas_name());
  printf("  %-12s %10s", "network", "kernel");
  for (int b = 0; b < 4; b++) printf("  tiles/%-2d", blocks[b]);
  for (int b = 0; b < 4; b++) printf("   BLAS/%-2d", blocks[b]);
  printf("  largest difference\n");
  for (int i = 0; i < (int)(sizeof shapes / sizeof shapes[0]); i++) {
    padded_net n;
    state s;
    kernel_net k;
    if (net_init(&n, &shapes[i]) != NMD_OK || state_init(&s, &n) != NMD_OK || kernel_net_init(&k, &n) != NMD_OK)
      return 1;
    const double difference = check(&k, &n, &s);
    printf("  %-12s %10.3f", shapes[i].name, time_way(KERNEL, &k, &n, &s, ATOMS_MAX));
    for (int b = 0; b < 4; b++) printf("  %8.3f", time_way(TILES, &k, &n, &s, blocks[b]));
    for (int b = 0; b < 4; b++) printf("  %8.3f", time_way(BLAS, &k, &n, &s, blocks[b]));
    printf("  %.1e\n", difference);
  }
  printf("reading a centre's scratch from the second cache instead of the first: 16 kB %.3f us, 24 kB %.3f us\n",
         reload_us(16), reload_us(24));
  return 0;
}
