/* SPDX-License-Identifier: BSD-3-Clause */
/* Angular functions of any form, pair by pair: G = sum_{j<k} coefficient R(r_ij) R(r_ik) [R(r_jk)] A(c), the bracket
 * for narrow ones. R is any radial factor, since a Gaussian of a sum of squares is a product too; A is a power of (1 +
 * lambda c)/2 (J. Behler, J. Chem. Phys. 134, 074106 (2011)) or a window in theta (M. P. Bircher, A. Singraber, C.
 * Dellago, Mach. Learn.: Sci. Technol. 2, 035026 (2021)). One angle per pair, one value per distinct A and one R(r_jk)
 * per distinct factor; nothing is kept between the passes. Windows leave out pairs on a line (|c| >= 1 in floating
 * point), as n2p2 does. */
#include "nnp/kernel_cutoff.h"
#include "nnp/kernel_parts.h"

typedef struct pair {  /* one j, a vector of k */
  vr weight;           /* 1 for pairs that count, else 0 */
  vr c, theta, dtheta; /* cos(theta), theta, dtheta/dc; the last two for windows only */
  vr r, inverse;       /* r_jk */
} pair;

/* s2: sin^2 from the vector product, as 1 - c^2 would lose what matters near a line */
NMD_INLINE void angle_of(pair *p, vr s2) {
  const vr one = v_set(1.0), zero = v_set(0.0);
  p->theta = v_acos(p->c, s2);
  p->dtheta = v_select_less(v_abs(p->c), one, (real)-1 / v_sqrt(v_max(s2, v_set(NMD_TINY))), zero);
}

NMD_INLINE pair pair_of(const nmd_scratch *s, const nmd_plan_generic *t, int j, int k, int last) {
  pair p;
  const vr one = v_set(1.0), zero = v_set(0.0);
  const vr dx = v_load(s->x + k) - s->x[j], dy = v_load(s->y + k) - s->y[j], dz = v_load(s->z + k) - s->z[j];
  for (int i = 0; i < W; i++) p.weight[i] = k + i < last && (t->a != t->b || k + i > j) ? 1.0 : 0.0;
  const real ax = s->ux[j], ay = s->uy[j], az = s->uz[j];
  const vr bx = v_load(s->ux + k), by = v_load(s->uy + k), bz = v_load(s->uz + k);
  p.c = ax * bx + ay * by + az * bz;
  p.c = v_min(v_max(p.c, v_set(-1.0)), one);
  p.theta = p.dtheta = zero;
  if (t->windows) {
    const vr nx = ay * bz - az * by, ny = az * bx - ax * bz, nz = ax * by - ay * bx;
    angle_of(&p, nx * nx + ny * ny + nz * nz);
  }
  const vr r2 = dx * dx + dy * dy + dz * dz;
  p.r = v_sqrt(r2);
  p.inverse = v_select_less(r2, v_set((real)1e-12), zero,
                            1.0 / v_max(p.r, v_set((real)1e-12))); /* on top of each other: no force */
  return p;
}

/* A and dA/dc, without the weight */
NMD_INLINE vr bend_value(const nmd_plan_bend *bend, const pair *p, vr *slope) {
  const vr zero = v_set(0.0), one = v_set(1.0);
  if (bend->window) {
    const v_compact window = {(real)bend->centre, (real)(1.0 / bend->half_width)};
    const vr value = v_compact_value(bend->shape, 0, window, p->theta, slope);
    *slope *= p->dtheta;
    return v_select_less(v_abs(p->c), one, value, zero);
  }
  const real zeta = (real)bend->zeta, half = (real)(0.5 * bend->lambda);
  const vr u = v_max((real)0.5 + half * p->c, zero), safe = v_max(u, v_set(NMD_SMALLEST));
  vr low = bend->zeta == (int)bend->zeta && bend->zeta <= NMD_MAX_CHAINED ? v_power(u, (int)bend->zeta - 1)
                                                                          : v_exp((zeta - 1) * v_log(safe));
  low = v_select_less(zero, u, low, zero);
  *slope = (half * zeta) * low;
  return u * low;
}

static void bend_values(const nmd_plan_generic *t, const pair *p, vr *A, vr *dA) {
  for (int w = 0; w < t->n_bends; w++) {
    vr slope;
    A[w] = p->weight * bend_value(&t->bends[w], p, &slope);
    dA[w] = p->weight * slope;
  }
}

typedef struct radial { /* R(r_j), R(r_k), R(r_jk) of a factor and their slopes */
  real Cj, dCj;
  vr Ck, dCk, Cjk, dCjk;
} radial;

NMD_INLINE vr third_side(const nmd_element_plan *plan, const nmd_plan_factor *f, vr r, vr *slope) {
  if (f->compact) return v_compact_value(f->shape, f->asymmetric, v_compact_of(f->rl, f->rc), r, slope);
  const v_cutoff cut = v_cutoff_of(plan->cutoff_kind, plan->cutoff_alpha, plan->cuts[f->cut]);
  const real eta = (real)f->eta, rs = (real)f->rs;
  const vr fc = v_cutoff_value(plan->cutoff_kind, cut, r, slope), d = r - rs, zero = v_set(0.0);
  const vr e = v_select_less(r, v_set(cut.rc), v_exp(-eta * d * d), zero);
  *slope = e * (*slope - (2 * eta) * d * fc);
  return e * fc;
}

NMD_INLINE radial radial_of(const nmd_element_plan *plan, const nmd_plan_generic *t, const nmd_scratch *s, int factor,
                            int j, int k, const pair *p) {
  const real *value = s->value + (size_t)factor * (size_t)s->capacity;
  const real *slope = s->slope + (size_t)factor * (size_t)s->capacity;
  radial c = {value[j], slope[j], v_load(value + k), v_load(slope + k), v_set(1.0), v_set(0.0)};
  if (t->narrow && (c.Cj != 0 || c.dCj != 0)) c.Cjk = third_side(plan, &plan->factors[factor], p->r, &c.dCjk);
  return c;
}

static void pair_values(const nmd_element_plan *plan, const nmd_plan_generic *t, const nmd_scratch *s, int j, int k,
                        const pair *p, vr *A, vr *sums) {
  bend_values(t, p, A, A + t->n_bends);
  for (int i = 0; i < t->n_factors; i++) {
    const radial c = radial_of(plan, t, s, t->factors[i], j, k, p);
    if (c.Cj == 0) continue;
    const vr product = c.Cj * c.Ck * c.Cjk;
    for (int n = t->first_term[i]; n < t->first_term[i + 1]; n++) sums[n] += product * A[t->terms[n].bend];
  }
}

static void group_values(const nmd_element_plan *plan, const nmd_plan_generic *t, nmd_scratch *s) {
  vr *sums = (vr *)s->terms, *A = (vr *)s->bends;
  const int last = s->start[t->b] + s->count[t->b];
  for (int n = 0; n < t->n_terms; n++) sums[n] = v_set(0.0);
  for (int j = s->start[t->a]; j < s->start[t->a] + s->count[t->a]; j++)
    for (int k = t->a == t->b ? j / W * W : s->start[t->b]; k < last; k += W) {
      const pair p = pair_of(s, t, j, k, last);
      pair_values(plan, t, s, j, k, &p, A, sums);
    }
  for (int n = 0; n < t->n_terms; n++) s->G[t->terms[n].function] += t->terms[n].coefficient * v_sum(sums[n]);
}

void NMD_KERNEL(generic)(const nmd_element_plan *plan, nmd_scratch *s) {
  for (int i = 0; i < plan->n_generic; i++) group_values(plan, &plan->generic[i], s);
}

typedef struct collapsed { /* dE/d of what a pair depends on */
  vr rj, rk, rjk, c;
} collapsed;

static collapsed pair_slopes(const nmd_element_plan *plan, const nmd_plan_generic *t, const nmd_scratch *s, int j,
                             int k, const pair *p, vr *A) {
  const vr zero = v_set(0.0), *dA = A + t->n_bends;
  collapsed d = {zero, zero, zero, zero};
  bend_values(t, p, A, A + t->n_bends);
  for (int i = 0; i < t->n_factors; i++) {
    const radial c = radial_of(plan, t, s, t->factors[i], j, k, p);
    vr P = zero, dP = zero;
    if (c.Cj == 0 && c.dCj == 0) continue;
    for (int n = t->first_term[i]; n < t->first_term[i + 1]; n++) {
      const real g = (real)(t->terms[n].coefficient * s->dG[t->terms[n].function]);
      P += g * A[t->terms[n].bend];
      dP += g * dA[t->terms[n].bend];
    }
    d.rj += c.dCj * c.Ck * c.Cjk * P;
    d.rk += c.Cj * c.dCk * c.Cjk * P;
    d.rjk += c.Cj * c.Ck * c.dCjk * P;
    d.c += c.Cj * c.Ck * c.Cjk * dP;
  }
  return d;
}

/* The gradient of j and of a vector of k from the slopes of their pairs: as in kernel_triples.c. */
static void group_gradient(const nmd_element_plan *plan, const nmd_plan_generic *t, nmd_scratch *s) {
  const int last = s->start[t->b] + s->count[t->b];
  for (int j = s->start[t->a]; j < s->start[t->a] + s->count[t->a]; j++) {
    vr gx = v_set(0.0), gy = gx, gz = gx, radial_j = gx, side_j = gx;
    for (int k = t->a == t->b ? j / W * W : s->start[t->b]; k < last; k += W) {
      const pair p = pair_of(s, t, j, k, last);
      const collapsed d = pair_slopes(plan, t, s, j, k, &p, (vr *)s->bends);
      const vr inverse = v_load(s->inverse + k), side = d.rjk * p.inverse, B = d.c * s->inverse[j] * inverse - side;
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
    s->gx[j] += (real)v_sum(gx);
    s->gy[j] += (real)v_sum(gy);
    s->gz[j] += (real)v_sum(gz);
    s->radial[j] += (real)(v_sum(radial_j) + v_sum(side_j) * (double)s->r[j]);
  }
}

void NMD_KERNEL(generic_gradient)(const nmd_element_plan *plan, nmd_scratch *s) {
  for (int i = 0; i < plan->n_generic; i++) group_gradient(plan, &plan->generic[i], s);
}
