/* SPDX-License-Identifier: BSD-3-Clause */
/* Everything of one neighbour alone: cut-off functions, radial factors, radial symmetry functions.
 *
 * J. Behler, J. Chem. Phys. 134, 074106 (2011), eqs 6-8; compact functions: M. P. Bircher, A. Singraber, C. Dellago,
 * Mach. Learn.: Sci. Technol. 2, 035026 (2021). */
#include "nnp/kernel_cutoff.h"
#include "nnp/kernel_parts.h"

#define CUTOFF_LOOP(kind)                                                                                              \
  case kind:                                                                                                           \
    for (int i = 0; i < n; i += W) {                                                                                   \
      vr slope;                                                                                                        \
      const vr distance = v_load(r + i), zero = v_set(0.0), value = v_cutoff_value(kind, c, distance, &slope);         \
      v_store(fc + i, v_select_less(distance, v_set(c.rc), value, zero));                                              \
      v_store(dfc + i, v_select_less(distance, v_set(c.rc), slope, zero));                                             \
    }                                                                                                                  \
    break;

static void cutoff_values(nmd_cutoff_kind kind, v_cutoff c, int n, const real *r, real *fc, real *dfc) {
  switch (kind) {
    CUTOFF_LOOP(NMD_CUTOFF_HARD)
    CUTOFF_LOOP(NMD_CUTOFF_COSINE)
    CUTOFF_LOOP(NMD_CUTOFF_TANH3)
    CUTOFF_LOOP(NMD_CUTOFF_TANH3_NORMALISED)
    CUTOFF_LOOP(NMD_CUTOFF_EXP)
    CUTOFF_LOOP(NMD_CUTOFF_POLY1)
    CUTOFF_LOOP(NMD_CUTOFF_POLY2)
    CUTOFF_LOOP(NMD_CUTOFF_POLY3)
    CUTOFF_LOOP(NMD_CUTOFF_POLY4)
  }
}

/* R = exp(-eta (r - rs)^2) fc and its slope; returns sum_j R. */
NMD_INLINE double gaussian_values(real eta, real rs, int n, const real *r, const real *fc, const real *dfc, real *value,
                                  real *slope, bool keep) {
  vr sum = v_set(0.0);
  for (int i = 0; i < n; i += W) {
    const vr d = v_load(r + i) - rs, f = v_load(fc + i), e = v_exp(-eta * d * d), R = e * f;
    sum += R;
    if (keep) v_store(value + i, R);
    v_store(slope + i, e * (v_load(dfc + i) - (2 * eta) * d * f));
  }
  return v_sum(sum);
}

NMD_INLINE double compact_loop(nmd_cutoff_kind kind, const nmd_plan_factor *f, int n, const real *r, real *value,
                               real *slope) {
  const v_compact c = v_compact_of(f->rl, f->rc);
  vr sum = v_set(0.0);
  for (int i = 0; i < n; i += W) {
    vr df;
    const vr C = v_compact_value(kind, f->asymmetric, c, v_load(r + i), &df);
    sum += C;
    v_store(value + i, C);
    v_store(slope + i, df);
  }
  return v_sum(sum);
}

static double compact_values(const nmd_plan_factor *f, int n, const real *r, real *value, real *slope) {
  switch (f->shape) {
    case NMD_CUTOFF_POLY1: return compact_loop(NMD_CUTOFF_POLY1, f, n, r, value, slope);
    case NMD_CUTOFF_POLY2: return compact_loop(NMD_CUTOFF_POLY2, f, n, r, value, slope);
    case NMD_CUTOFF_POLY3: return compact_loop(NMD_CUTOFF_POLY3, f, n, r, value, slope);
    case NMD_CUTOFF_POLY4: return compact_loop(NMD_CUTOFF_POLY4, f, n, r, value, slope);
    default: return compact_loop(NMD_CUTOFF_EXP, f, n, r, value, slope);
  }
}

static double use_values(const nmd_element_plan *plan, const nmd_plan_use *use, nmd_scratch *s) {
  const nmd_plan_factor *f = &plan->factors[use->factor];
  const int i = s->start[use->species], n = nmd__neighbours_of(s, use->species, f->near);
  const size_t stride = (size_t)s->capacity, at = (size_t)use->factor * stride + (size_t)i;
  if (f->compact) return compact_values(f, n, s->r + i, s->value + at, s->slope + at);
  const real *fc = s->fc + (size_t)f->cut * stride + i, *dfc = s->dfc + (size_t)f->cut * stride + i;
  if (use->value)
    return gaussian_values((real)f->eta, (real)f->rs, n, s->r + i, fc, dfc, s->value + at, s->slope + at, true);
  return gaussian_values((real)f->eta, (real)f->rs, n, s->r + i, fc, dfc, NULL, s->slope + at, false);
}

static void cut_values(const nmd_element_plan *plan, int c, nmd_scratch *s) {
  const v_cutoff cut = v_cutoff_of(plan->cutoff_kind, plan->cutoff_alpha, plan->cuts[c]);
  real *fc = s->fc + (size_t)c * (size_t)s->capacity, *dfc = s->dfc + (size_t)c * (size_t)s->capacity;
  if (plan->cuts[c] > plan->near) {
    cutoff_values(plan->cutoff_kind, cut, s->n, s->r, fc, dfc);
    return;
  }
  for (int b = 0; b < plan->n_species; b++) {
    const int i = s->start[b];
    cutoff_values(plan->cutoff_kind, cut, nmd__neighbours_of(s, b, true), s->r + i, fc + i, dfc + i);
  }
}

void NMD_KERNEL(radial)(const nmd_element_plan *plan, nmd_scratch *s) {
  for (int c = 0; c < plan->n_cuts; c++) cut_values(plan, c, s);
  for (int u = 0; u < plan->n_uses; u++) s->sums[u] = use_values(plan, &plan->uses[u], s);
  for (int i = 0; i < plan->n_sums; i++)
    s->G[plan->sums[i].function] += plan->sums[i].coefficient * s->sums[plan->sums[i].use];
}

enum { TOGETHER = 16 }; /* uses of a species added up in a register before memory is touched */

typedef struct pull { /* dE/d(sum of a use) and the slopes of its factor */
  const real *slope;
  real weight;
} pull;

static void add_pulls(const pull *pulls, int n, int from, int to, real *radial) {
  for (int i = from; i < to; i += W) {
    vr even = v_load(radial + i), odd = v_set(0.0);
    int k = 0;
    for (; k + 1 < n; k += 2) {
      even += pulls[k].weight * v_load(pulls[k].slope + i);
      odd += pulls[k + 1].weight * v_load(pulls[k + 1].slope + i);
    }
    if (k < n) even += pulls[k].weight * v_load(pulls[k].slope + i);
    v_store(radial + i, even + odd);
  }
}

/* The uses of a species whose factors are near ones, or those whose are not. */
static void species_gradient(const nmd_element_plan *plan, int species, bool near, const double *weight,
                             nmd_scratch *s) {
  const int first = s->start[species], last = first + nmd__neighbours_of(s, species, near);
  pull pulls[TOGETHER];
  int n = 0;
  for (int u = 0; u < plan->n_uses && last > first; u++) {
    const nmd_plan_use *use = &plan->uses[u];
    if (use->species != species || weight[u] == 0.0) continue; /* no weight: an angular factor */
    if (plan->factors[use->factor].near != near) continue;
    pulls[n++] = (pull){s->slope + (size_t)use->factor * (size_t)s->capacity, (real)weight[u]};
    if (n < TOGETHER) continue;
    add_pulls(pulls, n, first, last, s->radial);
    n = 0;
  }
  if (n > 0) add_pulls(pulls, n, first, last, s->radial);
}

void NMD_KERNEL(radial_gradient)(const nmd_element_plan *plan, nmd_scratch *s) {
  double *weight = s->sums;
  for (int u = 0; u < plan->n_uses; u++) weight[u] = 0.0;
  for (int i = 0; i < plan->n_sums; i++)
    weight[plan->sums[i].use] += plan->sums[i].coefficient * s->dG[plan->sums[i].function];
  for (int b = 0; b < plan->n_species; b++) {
    species_gradient(plan, b, false, weight, s);
    if (plan->near > 0.0) species_gradient(plan, b, true, weight, s);
  }
}
