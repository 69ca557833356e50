/* SPDX-License-Identifier: BSD-3-Clause */
/* Symmetry functions of a centre i with neighbours j, k (theta the angle j-i-k, fc the cut-off function, C the compact
 * function, Z the atomic number of a neighbour):
 *
 *   radial           sum_j exp(-eta (r_ij - rs)^2) fc(r_ij)                                  type 2;  12: times Z_j
 *   wide angular     2^(1-zeta) sum_{j<k} (1 + lambda cos theta)^zeta
 *                    exp(-eta [(r_ij-rs)^2 + (r_ik-rs)^2]) fc(r_ij) fc(r_ik)                  type 9
 *   narrow angular   the same with r_jk in exponent and cut-off                              type 3;  13: times Z_j Z_k
 *   compact          sum_j C(r_ij),  sum_{j<k} C(r_ij) C(r_ik) [C(r_jk)] A(theta)            types 20 to 25
 *
 * J. Behler, J. Chem. Phys. 134, 074106 (2011); M. Gastegger et al., J. Chem. Phys. 148, 241709 (2018) (weighted);
 * M. P. Bircher, A. Singraber, C. Dellago, Mach. Learn.: Sci. Technol. 2, 035026 (2021) (compact).
 * Energy of the centre: a feed-forward network of the scaled functions; gradients by the chain rule, function by
 * function. */
#include "nnp/reference.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "nnp/activation.h"
#include "nnp/cutoff.h"
#include "nnp/model_data.h"

/* One centre's environment and the place of its gradients (NULL: none wanted). */
typedef struct centre {
  const nmd_model *model;
  int n;
  const double *dx, *dy, *dz;
  const int *element;
  double *r;
  double *gx, *gy, *gz;
} centre;

/* A factor of a term with its slope. */
typedef struct factor {
  double f, slope;
} factor;

static bool is_weighted(nmd_function_kind k) {
  return k == NMD_RADIAL_WEIGHTED || k == NMD_NARROW_WEIGHTED || k >= NMD_COMPACT_RADIAL_WEIGHTED;
}
static bool is_radial(nmd_function_kind k) {
  return k == NMD_RADIAL || k == NMD_RADIAL_WEIGHTED || k == NMD_COMPACT_RADIAL || k == NMD_COMPACT_RADIAL_WEIGHTED;
}
static bool is_narrow(nmd_function_kind k) {
  return k == NMD_NARROW || k == NMD_NARROW_WEIGHTED || k == NMD_COMPACT_NARROW || k == NMD_COMPACT_NARROW_WEIGHTED;
}
static bool is_compact(nmd_function_kind k) { return k >= NMD_COMPACT_RADIAL; }

/* Everything of a function that depends on one distance: exp(-eta (r-rs)^2) fc(r), or C(r). */
static factor radial_factor(const nmd_model *model, const nmd_symmetry_function *s, double r) {
  factor a = {0.0, 0.0};
  if (r >= s->rc) return a;
  if (is_compact(s->kind)) {
    a.f = nmd_compact_value(s->compact, s->asymmetric, s->rl, s->rc, r, &a.slope);
    return a;
  }
  double slope;
  const double fc = nmd_cutoff_value(model->cutoff_kind, model->cutoff_alpha, s->rc, r, &slope);
  const double d = r - s->rs, g = exp(-s->eta * d * d);
  a.f = g * fc;
  a.slope = g * (slope - 2.0 * s->eta * d * fc);
  return a;
}

/* The factor of the angle, with its slope in cos theta. */
static factor angular_factor(const nmd_symmetry_function *s, double cosine) {
  factor a = {0.0, 0.0};
  if (is_compact(s->kind)) {
    if (cosine <= -1.0 || cosine >= 1.0) return a;
    const double degrees = 180.0 / 3.14159265358979323846;
    a.f = nmd_compact_value(s->compact, false, s->theta_l, s->theta_r, acos(cosine) * degrees, &a.slope);
    a.slope *= -degrees / sqrt(1.0 - cosine * cosine);
    return a;
  }
  const double base = 1.0 + s->lambda * cosine;
  if (base <= 0.0) return a;
  const double norm = pow(2.0, 1.0 - s->zeta);
  a.f = norm * pow(base, s->zeta);
  a.slope = norm * s->zeta * s->lambda * pow(base, s->zeta - 1.0);
  return a;
}

static double weight_of(const centre *c, int j) { return c->model->elements[c->element[j]].atomic_number; }

/* Adds weight * d(term)/dx_j for a term that depends on |x_j| only; `slope` is its derivative. */
static void add_radial_gradient(const centre *c, int j, double slope) {
  c->gx[j] += slope * c->dx[j] / c->r[j];
  c->gy[j] += slope * c->dy[j] / c->r[j];
  c->gz[j] += slope * c->dz[j] / c->r[j];
}

/* d(cos theta)/dx_j = x_k / (r_j r_k) - cos theta x_j / r_j^2 */
static void add_angular_gradient(const centre *c, int j, int k, double cosine, double slope) {
  const double a = slope / (c->r[j] * c->r[k]), b = slope * cosine / (c->r[j] * c->r[j]);
  c->gx[j] += a * c->dx[k] - b * c->dx[j];
  c->gy[j] += a * c->dy[k] - b * c->dy[j];
  c->gz[j] += a * c->dz[k] - b * c->dz[j];
}

/* A term that depends on r_jk: pulls j and k in opposite directions. */
static void add_pair_gradient(const centre *c, int j, int k, double r_jk, double slope) {
  if (r_jk == 0.0) return;
  const double a = slope / r_jk;
  const double x = a * (c->dx[j] - c->dx[k]), y = a * (c->dy[j] - c->dy[k]), z = a * (c->dz[j] - c->dz[k]);
  c->gx[j] += x;
  c->gy[j] += y;
  c->gz[j] += z;
  c->gx[k] -= x;
  c->gy[k] -= y;
  c->gz[k] -= z;
}

/* Sum of a radial function; with gradients if `weight` = dE/dG is given. */
static double radial_sum(const centre *c, const nmd_symmetry_function *s, const double *weight) {
  double sum = 0.0;
  for (int j = 0; j < c->n; j++) {
    if (s->e1 >= 0 && c->element[j] != s->e1) continue;
    const factor a = radial_factor(c->model, s, c->r[j]);
    const double z = is_weighted(s->kind) ? weight_of(c, j) : 1.0;
    sum += z * a.f;
    if (weight != NULL && a.slope != 0.0) add_radial_gradient(c, j, *weight * z * a.slope);
  }
  return sum;
}

static double angular_term(const centre *c, const nmd_symmetry_function *s, int j, int k, const factor *fj,
                           const double *weight) {
  const factor fk = radial_factor(c->model, s, c->r[k]);
  const double x = c->dx[j] - c->dx[k], y = c->dy[j] - c->dy[k], z = c->dz[j] - c->dz[k];
  const double r_jk = sqrt(x * x + y * y + z * z);
  factor fjk = {1.0, 0.0};
  if (is_narrow(s->kind)) {
    if (r_jk >= s->rc) return 0.0;
    fjk = radial_factor(c->model, s, r_jk);
  }
  const double cosine = (c->dx[j] * c->dx[k] + c->dy[j] * c->dy[k] + c->dz[j] * c->dz[k]) / (c->r[j] * c->r[k]);
  const factor fa = angular_factor(s, cosine);
  const double zz = is_weighted(s->kind) ? weight_of(c, j) * weight_of(c, k) : 1.0;
  if (weight != NULL) {
    const double w = *weight * zz;
    add_radial_gradient(c, j, w * fj->slope * fk.f * fjk.f * fa.f);
    add_radial_gradient(c, k, w * fj->f * fk.slope * fjk.f * fa.f);
    add_pair_gradient(c, j, k, r_jk, w * fj->f * fk.f * fjk.slope * fa.f);
    add_angular_gradient(c, j, k, cosine, w * fj->f * fk.f * fjk.f * fa.slope);
    add_angular_gradient(c, k, j, cosine, w * fj->f * fk.f * fjk.f * fa.slope);
  }
  return zz * fj->f * fk.f * fjk.f * fa.f;
}

static bool elements_fit(const centre *c, const nmd_symmetry_function *s, int j, int k) {
  if (s->e1 < 0) return true;
  const int a = c->element[j], b = c->element[k];
  return (a == s->e1 && b == s->e2) || (a == s->e2 && b == s->e1);
}

static double angular_sum(const centre *c, const nmd_symmetry_function *s, const double *weight) {
  double sum = 0.0;
  for (int j = 0; j < c->n; j++) {
    if (c->r[j] >= s->rc) continue;
    const factor fj = radial_factor(c->model, s, c->r[j]);
    for (int k = j + 1; k < c->n; k++)
      if (c->r[k] < s->rc && elements_fit(c, s, j, k)) sum += angular_term(c, s, j, k, &fj, weight);
  }
  return sum;
}

static double function_sum(const centre *c, const nmd_symmetry_function *s, const double *weight) {
  return is_radial(s->kind) ? radial_sum(c, s, weight) : angular_sum(c, s, weight);
}

/* Energy of the network in model units; `slopes` (of all neurons) is scratch; dE/dG goes to `gradient`. */
static double network_energy(const nmd_element_model *e, const double *G, double *neurons, double *slopes, double *back,
                             double *gradient) {
  double *a = neurons;
  for (int i = 0; i < e->n_functions; i++) a[i] = e->scale_factor[i] * (G[i] - e->scale_shift[i]) + e->scale_base;
  int at = 0;
  for (int l = 0; l < e->n_layers; l++) {
    const nmd_layer *layer = &e->layers[l];
    double *next = a + layer->n_in;
    for (int k = 0; k < layer->n_out; k++) {
      double sum = layer->bias[k];
      for (int j = 0; j < layer->n_in; j++) sum += layer->weight[(size_t)j * (size_t)layer->n_out + (size_t)k] * a[j];
      next[k] = nmd_activation_value(layer->activation, sum, &slopes[at + k]);
    }
    at += layer->n_out;
    a = next;
  }
  const double energy = a[0];
  back[0] = 1.0;
  for (int l = e->n_layers - 1; l >= 0; l--) { /* back: dE/d(output of layer l) becomes dE/d(its input) */
    const nmd_layer *layer = &e->layers[l];
    at -= layer->n_out;
    for (int k = 0; k < layer->n_out; k++) slopes[at + k] *= back[k];
    for (int j = 0; j < layer->n_in; j++) {
      back[j] = 0.0;
      for (int k = 0; k < layer->n_out; k++)
        back[j] += slopes[at + k] * layer->weight[(size_t)j * (size_t)layer->n_out + (size_t)k];
    }
  }
  for (int i = 0; i < e->n_functions; i++) gradient[i] = back[i] * e->scale_factor[i];
  return energy;
}

static void count_extrapolations(const nmd_element_model *e, int centre_index, const double *G,
                                 nmd_environment_results *results) {
  const double eps = 1000.0 * 2.220446e-16;
  for (int i = 0; i < e->n_functions; i++) {
    if (G[i] + eps >= e->low[i] && G[i] - eps <= e->high[i]) continue;
    if (results->extrapolations != NULL && results->n_extrapolations < results->capacity)
      results->extrapolations[results->n_extrapolations] = (nmd_extrapolation){
          .centre = centre_index, .function = i, .value = G[i], .low = e->low[i], .high = e->high[i]};
    results->n_extrapolations++;
  }
}

static nmd_status fill_centre(const nmd_environments *environments, int index, centre *c) {
  const int first = environments->first[index];
  c->n = environments->first[index + 1] - first;
  c->dx = environments->dx + first;
  c->dy = environments->dy + first;
  c->dz = environments->dz + first;
  c->element = environments->neighbour_element + first;
  for (int j = 0; j < c->n; j++) {
    c->r[j] = sqrt(c->dx[j] * c->dx[j] + c->dy[j] * c->dy[j] + c->dz[j] * c->dz[j]);
    if (!(c->r[j] > 0.0))
      NMD_FAIL(OVERLAP, "neighbour %d of centre %d is on top of it; move one of the atoms", j, index);
  }
  return NMD_OK;
}

typedef struct scratch {
  double *r, *G, *dE, *neurons, *slopes, *back;
} scratch;

static nmd_status scratch_init(const nmd_element_model *e, const nmd_environments *environments, scratch *s) {
  int most = 0, neurons = 0, widest = e->n_functions;
  for (int i = 0; i < environments->n; i++) {
    const int n = environments->first[i + 1] - environments->first[i];
    if (n > most) most = n;
  }
  for (int l = 0; l < e->n_layers; l++) {
    neurons += e->layers[l].n_out;
    if (e->layers[l].n_out > widest) widest = e->layers[l].n_out;
  }
  NMD_TRY(NMD_ALLOC(s->r, most));
  NMD_TRY(NMD_ALLOC(s->G, e->n_functions));
  NMD_TRY(NMD_ALLOC(s->dE, e->n_functions));
  NMD_TRY(NMD_ALLOC(s->neurons, e->n_functions + neurons));
  NMD_TRY(NMD_ALLOC(s->slopes, neurons));
  return NMD_ALLOC(s->back, widest);
}

static void scratch_free(scratch *s) {
  nmd_free(s->r);
  nmd_free(s->G);
  nmd_free(s->dE);
  nmd_free(s->neurons);
  nmd_free(s->slopes);
  nmd_free(s->back);
}

static void evaluate_centre(const nmd_element_model *e, int index, centre *c, scratch *s,
                            nmd_environment_results *results) {
  for (int i = 0; i < e->n_functions; i++) s->G[i] = function_sum(c, &e->functions[i], NULL);
  if (results->G != NULL)
    memcpy(results->G + (size_t)index * (size_t)e->n_functions, s->G, (size_t)e->n_functions * sizeof *s->G);
  count_extrapolations(e, index, s->G, results);
  results->energy[index] = c->model->energy_factor * network_energy(e, s->G, s->neurons, s->slopes, s->back, s->dE);
  if (c->gx == NULL) return;
  for (int i = 0; i < e->n_functions; i++) {
    const double weight = c->model->energy_factor * s->dE[i];
    function_sum(c, &e->functions[i], &weight);
  }
}

nmd_status nmd_reference_evaluate(const nmd_model *model, const nmd_environments *environments,
                                  nmd_environment_results *results) {
  const nmd_element_model *e = &model->elements[environments->element];
  const int total = environments->first[environments->n];
  nmd_status status = NMD_OK;
  scratch s = {0};
  results->n_extrapolations = 0;
  if (results->gx != NULL) {
    memset(results->gx, 0, (size_t)total * sizeof(double));
    memset(results->gy, 0, (size_t)total * sizeof(double));
    memset(results->gz, 0, (size_t)total * sizeof(double));
  }
  NMD_GOTO(scratch_init(e, environments, &s));
  for (int i = 0; i < environments->n; i++) {
    centre c = {.model = model, .r = s.r};
    NMD_GOTO(fill_centre(environments, i, &c));
    if (results->gx != NULL) {
      c.gx = results->gx + environments->first[i];
      c.gy = results->gy + environments->first[i];
      c.gz = results->gz + environments->first[i];
    }
    evaluate_centre(e, i, &c, &s, results);
  }
done:
  scratch_free(&s);
  return status;
}
