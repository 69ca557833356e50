/* SPDX-License-Identifier: BSD-3-Clause */
/* Compact angular functions: G = sum_{j<k} C(r_ij) C(r_ik) [C(r_jk)] A(theta); the bracket belongs to the narrow ones.
 * M. P. Bircher, A. Singraber, C. Dellago, Mach. Learn.: Sci. Technol. 2, 035026 (2021). One angle per pair, one window
 * per distinct (theta_l, theta_r, shape), one C(r_jk) per distinct radial factor. Pairs on a line (|cos| >= 1 in
 * floating point) are left out, as n2p2 does. */
#include "nnp/kernel_cutoff.h"
#include "nnp/kernel_parts.h"

enum { MAX_WINDOWS = 64 }; /* per sweep over the windows of a pair */

typedef struct pair {  /* one j, a vector of k */
  vd weight;           /* 1 for pairs that count, else 0 */
  vd c, theta, dtheta; /* cos(theta), theta, dtheta/dc */
  vd r, inverse;       /* r_jk */
} pair;

NMD_INLINE pair pair_of(const nmd_scratch *s, int j, int k, int last, bool equal) {
  pair p;
  const vd one = v_set(1.0), zero = v_set(0.0);
  const vd dx = v_load(s->x + k) - s->x[j], dy = v_load(s->y + k) - s->y[j], dz = v_load(s->z + k) - s->z[j];
  for (int i = 0; i < W; i++) p.weight[i] = k + i < last && (!equal || k + i > j) ? 1.0 : 0.0;
  p.c = s->ux[j] * v_load(s->ux + k) + s->uy[j] * v_load(s->uy + k) + s->uz[j] * v_load(s->uz + k);
  const vd s2 = (1.0 - p.c) * (1.0 + p.c);
  p.weight = v_select_less(v_abs(p.c), one, p.weight, zero);
  p.c = v_min(v_max(p.c, v_set(-1.0)), one);
  p.theta = v_acos(p.c);
  p.dtheta = v_select_less(zero, p.weight, -1.0 / v_sqrt(v_max(s2, v_set(1e-60))), zero);
  const vd r2 = dx * dx + dy * dy + dz * dz;
  p.r = v_sqrt(r2);
  p.inverse =
      v_select_less(r2, v_set(1e-12), zero, 1.0 / v_max(p.r, v_set(1e-12))); /* on top of each other: no force */
  return p;
}

/* A(theta) of each window from `first`, times the weight, and dA/dc */
static void window_values(const nmd_plan_compact *t, const pair *p, vd *A, vd *dA) {
  for (int w = 0; w < t->n_windows; w++) {
    const nmd_plan_window *window = &t->windows[w];
    vd slope;
    A[w] = p->weight *
           v_compact_value(window->shape, 0, (v_compact){window->centre, 1.0 / window->half_width}, p->theta, &slope);
    dA[w] = slope * p->dtheta;
  }
}

typedef struct radial { /* C(r_j), C(r_k), C(r_jk) of a factor and their slopes */
  double Cj, dCj;
  vd Ck, dCk, Cjk, dCjk;
} radial;

NMD_INLINE radial radial_of(const nmd_element_plan *plan, const nmd_plan_compact *t, const nmd_scratch *s, int factor,
                            int j, int k, const pair *p) {
  const nmd_plan_factor *f = &plan->factors[factor];
  const double *value = s->value + (size_t)factor * (size_t)s->capacity;
  const double *slope = s->slope + (size_t)factor * (size_t)s->capacity;
  radial c = {value[j], slope[j], v_load(value + k), v_load(slope + k), v_set(1.0), v_set(0.0)};
  if (t->narrow && c.Cj != 0.0)
    c.Cjk = v_compact_value(f->shape, f->asymmetric, v_compact_of(f->rl, f->rc), p->r, &c.dCjk);
  return c;
}

static void pair_values(const nmd_element_plan *plan, const nmd_plan_compact *t, const nmd_scratch *s, int j, int k,
                        const pair *p, vd *A, vd *sums) {
  window_values(t, p, A, A + t->n_windows);
  for (int i = 0; i < t->n_factors; i++) {
    const radial c = radial_of(plan, t, s, t->factors[i], j, k, p);
    if (c.Cj == 0.0) continue;
    const vd product = c.Cj * c.Ck * c.Cjk;
    for (int n = t->first_term[i]; n < t->first_term[i + 1]; n++) sums[n] += product * A[t->terms[n].window];
  }
}

static void group_values(const nmd_element_plan *plan, const nmd_plan_compact *t, nmd_scratch *s) {
  vd *sums = (vd *)s->terms, *A = (vd *)s->windows;
  const int last = s->start[t->b] + s->count[t->b];
  for (int n = 0; n < t->n_terms; n++) sums[n] = v_set(0.0);
  for (int j = s->start[t->a]; j < s->start[t->a] + s->count[t->a]; j++)
    for (int k = t->a == t->b ? j / W * W : s->start[t->b]; k < last; k += W) {
      const pair p = pair_of(s, j, k, last, t->a == t->b);
      pair_values(plan, t, s, j, k, &p, A, sums);
    }
  for (int n = 0; n < t->n_terms; n++) s->G[t->terms[n].function] += t->terms[n].coefficient * v_sum(sums[n]);
}

void NMD_KERNEL(compact)(const nmd_element_plan *plan, nmd_scratch *s) {
  for (int i = 0; i < plan->n_compact; i++) group_values(plan, &plan->compact[i], s);
}

typedef struct collapsed { /* dE/d of what a pair depends on */
  vd rj, rk, rjk, c;
} collapsed;

static collapsed pair_slopes(const nmd_element_plan *plan, const nmd_plan_compact *t, const nmd_scratch *s, int j,
                             int k, const pair *p, vd *A) {
  const vd zero = v_set(0.0), *dA = A + t->n_windows;
  collapsed d = {zero, zero, zero, zero};
  window_values(t, p, A, A + t->n_windows);
  for (int i = 0; i < t->n_factors; i++) {
    const radial c = radial_of(plan, t, s, t->factors[i], j, k, p);
    vd P = zero, dP = zero;
    if (c.Cj == 0.0 && c.dCj == 0.0) continue;
    for (int n = t->first_term[i]; n < t->first_term[i + 1]; n++) {
      const double g = t->terms[n].coefficient * s->dG[t->terms[n].function];
      P += g * A[t->terms[n].window];
      dP += g * dA[t->terms[n].window];
    }
    d.rj += c.dCj * c.Ck * c.Cjk * P;
    d.rk += c.Cj * c.dCk * c.Cjk * P;
    d.rjk += c.Cj * c.Ck * c.dCjk * P;
    d.c += c.Cj * c.Ck * c.Cjk * dP;
  }
  return d;
}

/* The gradient of j and of a vector of k from the slopes of their pairs: as in kernel_triples.c. */
static void group_gradient(const nmd_element_plan *plan, const nmd_plan_compact *t, nmd_scratch *s) {
  const int last = s->start[t->b] + s->count[t->b];
  for (int j = s->start[t->a]; j < s->start[t->a] + s->count[t->a]; j++) {
    vd gx = v_set(0.0), gy = gx, gz = gx, radial_j = gx, side_j = gx;
    for (int k = t->a == t->b ? j / W * W : s->start[t->b]; k < last; k += W) {
      const pair p = pair_of(s, j, k, last, t->a == t->b);
      const collapsed d = pair_slopes(plan, t, s, j, k, &p, (vd *)s->windows);
      const vd inverse = v_load(s->inverse + k), side = d.rjk * p.inverse, B = d.c * s->inverse[j] * inverse - side;
      gx += B * v_load(s->x + k);
      gy += B * v_load(s->y + k);
      gz += B * v_load(s->z + k);
      radial_j += d.rj - d.c * p.c * s->inverse[j];
      side_j += side;
      v_add_to(s->gx + k, B * s->x[j]);
      v_add_to(s->gy + k, B * s->y[j]);
      v_add_to(s->gz + k, B * s->z[j]);
      v_add_to(s->radial + k, d.rk - d.c * p.c * inverse + side * v_load(s->r + k));
    }
    s->gx[j] += v_sum(gx);
    s->gy[j] += v_sum(gy);
    s->gz[j] += v_sum(gz);
    s->radial[j] += v_sum(radial_j) + v_sum(side_j) * s->r[j];
  }
}

void NMD_KERNEL(compact_gradient)(const nmd_element_plan *plan, nmd_scratch *s) {
  for (int i = 0; i < plan->n_compact; i++) group_gradient(plan, &plan->compact[i], s);
}
