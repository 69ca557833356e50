/* SPDX-License-Identifier: BSD-3-Clause */
#include "training/pass.h"

#include <cblas.h>
#include <string.h>

#include "base/memory.h"
#include "nnp/activation.h"

/* What belongs to one layer of one element; arrays [atoms][neurons], those of rows [rows][atoms][neurons]. */
typedef struct layer_arrays {
  double *x, *slope, *curvature, *back, *delta; /* back: p = dE/dx */
  double *tangent, *zdot, *beta;
} layer_arrays;

typedef struct element_arrays {
  int atoms;
  const double *G;
  double *gradient; /* dE/dG [atoms][functions] */
  double *v, *q;    /* [rows][atoms][widest] */
  layer_arrays *layers;
} element_arrays;

struct nmd_pass {
  const nmd_layout *layout;
  const nmd_dependence *dependence;
  const nmd_descriptors *d; /* none of them owned */
  const double *weights;
  element_arrays *elements;
  int atom_capacity, row_capacity; /* of every array: atoms, and rows times atoms */
  double *packed, *block;          /* scratch of one pair */
};

nmd_status nmd_pass_create(const nmd_layout *layout, const nmd_dependence *dependence, nmd_pass **out) {
  nmd_pass *p;
  *out = NULL;
  NMD_TRY(NMD_ALLOC(p, 1));
  *out = p;
  p->layout = layout;
  p->dependence = dependence;
  NMD_TRY(NMD_ALLOC(p->elements, layout->n_elements));
  for (int e = 0; e < layout->n_elements; e++) NMD_TRY(NMD_ALLOC(p->elements[e].layers, layout->elements[e].n_layers));
  NMD_TRY(NMD_ALLOC(p->packed, (size_t)(layout->n_elements + 1) * (size_t)layout->widest));
  return NMD_ALLOC(p->block, 3 * (size_t)layout->widest);
}

static void free_arrays(element_arrays *a, int n_layers) {
  nmd_free(a->gradient);
  nmd_free(a->v);
  nmd_free(a->q);
  for (int l = 0; a->layers != NULL && l < n_layers; l++) {
    layer_arrays *layer = &a->layers[l];
    double *arrays[] = {layer->x,     layer->slope,   layer->curvature, layer->back,
                        layer->delta, layer->tangent, layer->zdot,      layer->beta};
    for (int k = 0; k < NMD_COUNT(arrays); k++) nmd_free(arrays[k]);
  }
}

void nmd_pass_destroy(nmd_pass *p) {
  if (p == NULL) return;
  for (int e = 0; p->elements != NULL && e < p->layout->n_elements; e++) {
    free_arrays(&p->elements[e], p->layout->elements[e].n_layers);
    nmd_free(p->elements[e].layers);
  }
  nmd_free(p->elements);
  nmd_free(p->packed);
  nmd_free(p->block);
  nmd_free(p);
}

static nmd_status atom_room(nmd_pass *p, int atoms) {
  if (atoms <= p->atom_capacity) return NMD_OK;
  for (int e = 0; e < p->layout->n_elements; e++) {
    element_arrays *a = &p->elements[e];
    NMD_TRY(NMD_GROW(a->gradient, 0, (size_t)atoms * (size_t)p->layout->elements[e].n_inputs));
    for (int l = 0; l < p->layout->elements[e].n_layers; l++) {
      layer_arrays *layer = &a->layers[l];
      double **arrays[] = {&layer->x, &layer->slope, &layer->curvature, &layer->back, &layer->delta};
      const size_t n = (size_t)atoms * (size_t)p->layout->elements[e].layers[l].n_out;
      for (int k = 0; k < NMD_COUNT(arrays); k++) NMD_TRY(nmd_grow(arrays[k], 0, n, sizeof(double)));
    }
  }
  p->atom_capacity = atoms;
  return NMD_OK;
}

static nmd_status row_room(nmd_pass *p, int rows_times_atoms) {
  if (rows_times_atoms <= p->row_capacity) return NMD_OK;
  const size_t n = (size_t)rows_times_atoms;
  for (int e = 0; e < p->layout->n_elements; e++) {
    element_arrays *a = &p->elements[e];
    NMD_TRY(NMD_GROW(a->v, 0, n * (size_t)p->layout->elements[e].n_inputs));
    NMD_TRY(NMD_GROW(a->q, 0, n * (size_t)p->layout->widest));
    for (int l = 0; l < p->layout->elements[e].n_layers; l++) {
      layer_arrays *layer = &a->layers[l];
      double **arrays[] = {&layer->tangent, &layer->zdot, &layer->beta};
      for (int k = 0; k < NMD_COUNT(arrays); k++)
        NMD_TRY(nmd_grow(arrays[k], 0, n * (size_t)p->layout->elements[e].layers[l].n_out, sizeof(double)));
    }
  }
  p->row_capacity = rows_times_atoms;
  return NMD_OK;
}

/* c [rows][n_out] = a [rows][n_in] W */
static void times_weights(const nmd_layer_layout *l, const double *weights, int rows, const double *a, double beta,
                          double *c) {
  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, rows, l->n_out, l->n_in, 1.0, a, l->n_in, weights + l->weight,
              l->n_out, beta, c, l->n_out);
}

/* c [rows][n_in] = a [rows][n_out] W^T */
static void times_transposed(const nmd_layer_layout *l, const double *weights, int rows, const double *a, double *c) {
  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, rows, l->n_in, l->n_out, 1.0, a, l->n_out, weights + l->weight,
              l->n_out, 0.0, c, l->n_in);
}

/* w [n_in][n_out] += a [rows][n_in]^T b [rows][n_out] */
static void add_outer(const nmd_layer_layout *l, int rows, const double *a, const double *b, double beta, double *w) {
  cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, l->n_in, l->n_out, rows, 1.0, a, l->n_in, b, l->n_out, beta, w,
              l->n_out);
}

static void add_columns(int rows, int n, const double *a, double *sums) {
  for (int o = 0; o < n; o++) sums[o] = 0.0;
  for (int r = 0; r < rows; r++)
    for (int o = 0; o < n; o++) sums[o] += a[r * n + o];
}

static void activate(const nmd_layer_layout *l, int atoms, bool slopes, layer_arrays *a) {
  for (int k = 0; k < atoms * l->n_out; k++) {
    const double z = a->x[k];
    a->x[k] = nmd_activation_value(l->activation, z, &a->slope[k]);
    if (!slopes) continue;
    a->curvature[k] =
        l->activation == NMD_ACT_TANH ? -2.0 * a->x[k] * a->slope[k] : nmd_activation_curvature(l->activation, z);
  }
}

static double forward_element(const nmd_pass *p, const nmd_element_layout *e, bool slopes, element_arrays *a) {
  const double *below = a->G;
  for (int l = 0; l < e->n_layers; l++) {
    const nmd_layer_layout *layer = &e->layers[l];
    for (int i = 0; i < a->atoms; i++)
      memcpy(a->layers[l].x + (size_t)i * (size_t)layer->n_out, p->weights + layer->bias,
             (size_t)layer->n_out * sizeof(double));
    times_weights(layer, p->weights, a->atoms, below, 1.0, a->layers[l].x);
    activate(layer, a->atoms, slopes, &a->layers[l]);
    below = a->layers[l].x;
  }
  double energy = 0.0;
  for (int i = 0; i < a->atoms; i++) energy += below[i];
  return energy;
}

static void backward_element(const nmd_pass *p, const nmd_element_layout *e, element_arrays *a) {
  for (int l = e->n_layers - 1; l >= 0; l--) {
    const nmd_layer_layout *layer = &e->layers[l];
    layer_arrays *arrays = &a->layers[l];
    const int n = a->atoms * layer->n_out;
    if (l == e->n_layers - 1)
      for (int k = 0; k < n; k++) arrays->back[k] = 1.0;
    for (int k = 0; k < n; k++) arrays->delta[k] = arrays->back[k] * arrays->slope[k];
    times_transposed(layer, p->weights, a->atoms, arrays->delta, l > 0 ? a->layers[l - 1].back : a->gradient);
  }
}

nmd_status nmd_pass_forward(nmd_pass *p, const nmd_descriptors *d, const double *weights, bool slopes, double *energy) {
  NMD_TRY(atom_room(p, d->n));
  p->d = d;
  p->weights = weights;
  *energy = 0.0;
  for (int e = 0; e < p->layout->n_elements; e++) {
    element_arrays *a = &p->elements[e];
    a->atoms = d->first_atom[e + 1] - d->first_atom[e];
    a->G = d->G[e];
    if (a->atoms == 0) continue;
    *energy += forward_element(p, &p->layout->elements[e], slopes, a);
    if (slopes) backward_element(p, &p->layout->elements[e], a);
  }
  return NMD_OK;
}

/* dE/dG of a centre for the lists of its pairs, one after the other. */
static void pack_gradient(const nmd_pass *p, int element, const double *gradient) {
  const nmd_dependence *d = p->dependence;
  for (int k = 0; k <= d->n_elements; k++) {
    const int list = nmd_dependence_index(d, element, k);
    double *to = p->packed + (size_t)k * (size_t)p->layout->widest;
    for (int f = 0; f < d->count[list]; f++) to[f] = gradient[d->lists[list][f]];
  }
}

static double dot(int n, const double *a, const double *b) {
  double sum[4] = {0};
  int k = 0;
  for (; k + 4 <= n; k += 4)
    for (int i = 0; i < 4; i++) sum[i] += a[k + i] * b[k + i];
  for (; k < n; k++) sum[0] += a[k] * b[k];
  return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

static void centre_forces(nmd_pass *p, int element, int sorted, const double *gradient, double (*force)[3]) {
  const nmd_descriptors *d = p->d;
  const int n_lists = p->dependence->n_elements + 1;
  pack_gradient(p, element, gradient);
  for (int pair = d->first[sorted]; pair < d->first[sorted + 1]; pair++) {
    const int list = d->list[pair], count = p->dependence->count[list];
    const double *block = nmd_descriptors_block(d, pair, count, p->block);
    const double *g = p->packed + (size_t)(list % n_lists) * (size_t)p->layout->widest;
    double *f = force[d->neighbour[pair]];
    for (int c = 0; c < 3; c++) f[c] -= dot(count, g, block + c * count);
  }
}

void nmd_pass_forces(nmd_pass *p, double (*force)[3], double *virial) {
  const nmd_descriptors *d = p->d;
  memset(force, 0, (size_t)d->n * sizeof *force);
  if (virial != NULL && d->strain != NULL) memset(virial, 0, 6 * sizeof *virial);
  for (int e = 0; e < p->layout->n_elements; e++) {
    const size_t n = (size_t)p->layout->elements[e].n_inputs;
    for (int i = 0; i < p->elements[e].atoms; i++) {
      const double *gradient = p->elements[e].gradient + (size_t)i * n;
      centre_forces(p, e, d->first_atom[e] + i, gradient, force);
      for (int a = 0; virial != NULL && d->strain != NULL && a < 6; a++)
        virial[a] -= dot((int)n, gradient, d->strain[e] + ((size_t)i * 6 + (size_t)a) * n);
    }
  }
}

void nmd_pass_energy_row(nmd_pass *p, double *row) {
  for (int e = 0; e < p->layout->n_elements; e++) {
    const nmd_element_layout *element = &p->layout->elements[e];
    const element_arrays *a = &p->elements[e];
    if (a->atoms == 0) memset(row + element->first, 0, element->size * sizeof(double));
    for (int l = 0; l < element->n_layers && a->atoms > 0; l++) {
      const nmd_layer_layout *layer = &element->layers[l];
      add_outer(layer, a->atoms, l > 0 ? a->layers[l - 1].x : a->G, a->layers[l].delta, 0.0, row + layer->weight);
      add_columns(a->atoms, layer->n_out, a->layers[l].delta, row + layer->bias);
    }
  }
}

/* v of one centre: minus coefficients times derivatives, for each row. */
static void centre_directions(nmd_pass *p, int element, int local, int n_rows, const double *coefficients) {
  const nmd_descriptors *d = p->d;
  element_arrays *a = &p->elements[element];
  const size_t n = (size_t)p->layout->elements[element].n_inputs, width = 3 * (size_t)d->n + 6;
  const int sorted = d->first_atom[element] + local;
  for (int pair = d->first[sorted]; pair < d->first[sorted + 1]; pair++) {
    const int list = d->list[pair], count = p->dependence->count[list], *functions = p->dependence->lists[list];
    const double *block = NULL;
    for (int r = 0; r < n_rows; r++) {
      const double *c = coefficients + (size_t)r * width + 3 * (size_t)d->neighbour[pair];
      if (c[0] == 0.0 && c[1] == 0.0 && c[2] == 0.0) continue;
      if (block == NULL) block = nmd_descriptors_block(d, pair, count, p->block);
      double *v = a->v + ((size_t)r * (size_t)a->atoms + (size_t)local) * n;
      for (int k = 0; k < count; k++)
        v[functions[k]] -= c[0] * block[k] + c[1] * block[count + k] + c[2] * block[2 * count + k];
    }
  }
  for (int r = 0; d->strain != NULL && r < n_rows; r++) {
    const double *s = coefficients + (size_t)r * width + 3 * (size_t)d->n;
    double *v = a->v + ((size_t)r * (size_t)a->atoms + (size_t)local) * n;
    for (int c = 0; c < 6; c++)
      if (s[c] != 0.0) cblas_daxpy((int)n, -s[c], d->strain[element] + ((size_t)local * 6 + (size_t)c) * n, 1, v, 1);
  }
}

static void tangents(const nmd_pass *p, const nmd_element_layout *e, int n_rows, element_arrays *a) {
  const double *below = a->v;
  for (int l = 0; l < e->n_layers; l++) {
    const nmd_layer_layout *layer = &e->layers[l];
    layer_arrays *arrays = &a->layers[l];
    const size_t n = (size_t)a->atoms * (size_t)layer->n_out;
    times_weights(layer, p->weights, n_rows * a->atoms, below, 0.0, arrays->zdot);
    for (int r = 0; r < n_rows; r++)
      for (size_t k = 0; k < n; k++)
        arrays->tangent[(size_t)r * n + k] = arrays->slope[k] * arrays->zdot[(size_t)r * n + k];
    below = arrays->tangent;
  }
}

static void layer_rows(const nmd_layer_layout *layer, const element_arrays *a, int l, int n_rows, double *rows,
                       size_t stride) {
  const double *x = l > 0 ? a->layers[l - 1].x : a->G, *t = l > 0 ? a->layers[l - 1].tangent : a->v;
  const size_t n_in = (size_t)a->atoms * (size_t)layer->n_in, n_out = (size_t)a->atoms * (size_t)layer->n_out;
  for (int r = 0; r < n_rows; r++) {
    double *row = rows + (size_t)r * stride;
    const double *beta = a->layers[l].beta + (size_t)r * n_out;
    add_outer(layer, a->atoms, t + (size_t)r * n_in, a->layers[l].delta, 0.0, row + layer->weight);
    add_outer(layer, a->atoms, x, beta, 1.0, row + layer->weight);
    add_columns(a->atoms, layer->n_out, beta, row + layer->bias);
  }
}

static void element_rows(const nmd_pass *p, const nmd_element_layout *e, int n_rows, element_arrays *a, double *rows,
                         size_t stride) {
  tangents(p, e, n_rows, a);
  for (int l = e->n_layers - 1; l >= 0; l--) {
    const nmd_layer_layout *layer = &e->layers[l];
    layer_arrays *arrays = &a->layers[l];
    const size_t n = (size_t)a->atoms * (size_t)layer->n_out;
    for (int r = 0; r < n_rows; r++)
      for (size_t k = 0; k < n; k++) {
        const size_t at = (size_t)r * n + k;
        const double q = l == e->n_layers - 1 ? 0.0 : a->q[at];
        arrays->beta[at] = q * arrays->slope[k] + arrays->back[k] * arrays->curvature[k] * arrays->zdot[at];
      }
    layer_rows(layer, a, l, n_rows, rows, stride);
    if (l > 0) times_transposed(layer, p->weights, n_rows * a->atoms, arrays->beta, a->q);
  }
}

nmd_status nmd_pass_force_rows(nmd_pass *p, int n_rows, const double *coefficients, double *rows, size_t stride) {
  NMD_TRY(row_room(p, n_rows * p->d->n));
  for (int e = 0; e < p->layout->n_elements; e++) {
    const nmd_element_layout *element = &p->layout->elements[e];
    element_arrays *a = &p->elements[e];
    if (a->atoms == 0)
      for (int r = 0; r < n_rows; r++)
        memset(rows + (size_t)r * stride + element->first, 0, element->size * sizeof(double));
    if (a->atoms == 0) continue;
    memset(a->v, 0, (size_t)n_rows * (size_t)a->atoms * (size_t)element->n_inputs * sizeof *a->v);
    for (int i = 0; i < a->atoms; i++) centre_directions(p, e, i, n_rows, coefficients);
    element_rows(p, element, n_rows, a, rows, stride);
  }
  return NMD_OK;
}
