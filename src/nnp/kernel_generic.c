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
  vd weight;           /* 1 for pairs that count, else 0 */
  vd c, theta, dtheta; /* cos(theta), theta, dtheta/dc; the last two for windows only */
  vd r, inverse;       /* r_jk */
} pair;

NMD_INLINE void angle_of(pair *p) {
  const vd one = v_set(1.0), zero = v_set(0.0), s2 = (1.0 - p->c) * (1.0 + p->c);
  p->theta = v_acos(p->c);
  p->dtheta = v_select_less(v_abs(p->c), one, -1.0 / v_sqrt(v_max(s2, v_set(1e-60))), zero);
}

NMD_INLINE pair pair_of(const nmd_scratch *s, const nmd_plan_generic *t, int j, int k, int last) {
  pair p;
  const vd one = v_set(1.0), zero = v_set(0.0);
  const vd dx = v_load(s->x + k) - s->x[j], dy = v_load(s->y + k) - s->y[j], dz = v_load(s->z + k) - s->z[j];
  for (int i = 0; i < W; i++) p.weight[i] = k + i < last && (t->a != t->b || k + i > j) ? 1.0 : 0.0;
  p.c = s->ux[j] * v_load(s->ux + k) + s->uy[j] * v_load(s->uy + k) + s->uz[j] * v_load(s->uz + k);
  p.c = v_min(v_max(p.c, v_set(-1.0)), one);
  p.theta = p.dtheta = zero;
  if (t->windows) angle_of(&p);
  const vd r2 = dx * dx + dy * dy + dz * dz;
  p.r = v_sqrt(r2);
  p.inverse =
      v_select_less(r2, v_set(1e-12), zero, 1.0 / v_max(p.r, v_set(1e-12))); /* on top of each other: no force */
  return p;
}

/* A and dA/dc, without the weight */
NMD_INLINE vd bend_value(const nmd_plan_bend *bend, const pair *p, vd *slope) {
  const vd zero = v_set(0.0), one = v_set(1.0);
  if (bend->window) {
    const v_compact window = {bend->centre, 1.0 / bend->half_width};
    const vd value = v_compact_value(bend->shape, 0, window, p->theta, slope);
    *slope *= p->dtheta;
    return v_select_less(v_abs(p->c), one, value, zero);
  }
  const vd u = v_max(0.5 + (0.5 * bend->lambda) * p->c, zero), safe = v_max(u, v_set(1e-300));
  vd low = bend->zeta == (int)bend->zeta && bend->zeta <= NMD_MAX_CHAINED ? v_power(u, (int)bend->zeta - 1)
                                                                          : v_exp((bend->zeta - 1.0) * v_log(safe));
  low = v_select_less(zero, u, low, zero);
  *slope = (0.5 * bend->lambda * bend->zeta) * low;
  return u * low;
}

static void bend_values(const nmd_plan_generic *t, const pair *p, vd *A, vd *dA) {
  for (int w = 0; w < t->n_bends; w++) {
    vd slope;
    A[w] = p->weight * bend_value(&t->bends[w], p, &slope);
    dA[w] = p->weight * slope;
  }
}

typedef struct radial { /* R(r_j), R(r_k), R(r_jk) of a factor and their slopes */
  double Cj, dCj;
  vd Ck, dCk, Cjk, dCjk;
} radial;

NMD_INLINE vd third_side(const nmd_element_plan *plan, const nmd_plan_factor *f, vd r, vd *slope) {
  if (f->compact) return v_compact_value(f->shape, f->asymmetric, v_compact_of(f->rl, f->rc), r, slope);
  const v_cutoff cut = v_cutoff_of(plan->cutoff_kind, plan->cutoff_alpha, plan->cuts[f->cut]);
  const vd fc = v_cutoff_value(plan->cutoff_kind, cut, r, slope), d = r - f->rs, zero = v_set(0.0);
  const vd e = v_select_less(r, v_set(cut.rc), v_exp(-f->eta * d * d), zero);
  *slope = e * (*slope - (2.0 * f->eta) * d * fc);
  return e * fc;
}

NMD_INLINE radial radial_of(const nmd_element_plan *plan, const nmd_plan_generic *t, const nmd_scratch *s, int factor,
                            int j, int k, const pair *p) {
  const double *value = s->value + (size_t)factor * (size_t)s->capacity;
  const double *slope = s->slope + (size_t)factor * (size_t)s->capacity;
  radial c = {value[j], slope[j], v_load(value + k), v_load(slope + k), v_set(1.0), v_set(0.0)};
  if (t->narrow && (c.Cj != 0.0 || c.dCj != 0.0)) c.Cjk = third_side(plan, &plan->factors[factor], p->r, &c.dCjk);
  return c;
}

static void pair_values(const nmd_element_plan *plan, const nmd_plan_generic *t, const nmd_scratch *s, int j, int k,
                        const pair *p, vd *A, vd *sums) {
  bend_values(t, p, A, A + t->n_bends);
  for (int i = 0; i < t->n_factors; i++) {
    const radial c = radial_of(plan, t, s, t->factors[i], j, k, p);
    if (c.Cj == 0.0) continue;
    const vd product = c.Cj * c.Ck * c.Cjk;
    for (int n = t->first_term[i]; n < t->first_term[i + 1]; n++) sums[n] += product * A[t->terms[n].bend];
  }
}

static void group_values(const nmd_element_plan *plan, const nmd_plan_generic *t, nmd_scratch *s) {
  vd *sums = (vd *)s->terms, *A = (vd *)s->bends;
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
  vd rj, rk, rjk, c;
} collapsed;

static collapsed pair_slopes(const nmd_element_plan *plan, const nmd_plan_generic *t, const nmd_scratch *s, int j,
                             int k, const pair *p, vd *A) {
  const vd zero = v_set(0.0), *dA = A + t->n_bends;
  collapsed d = {zero, zero, zero, zero};
  bend_values(t, p, A, A + t->n_bends);
  for (int i = 0; i < t->n_factors; i++) {
    const radial c = radial_of(plan, t, s, t->factors[i], j, k, p);
    vd P = zero, dP = zero;
    if (c.Cj == 0.0 && c.dCj == 0.0) continue;
    for (int n = t->first_term[i]; n < t->first_term[i + 1]; n++) {
      const double g = t->terms[n].coefficient * s->dG[t->terms[n].function];
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
    vd gx = v_set(0.0), gy = gx, gz = gx, radial_j = gx, side_j = gx;
    for (int k = t->a == t->b ? j / W * W : s->start[t->b]; k < last; k += W) {
      const pair p = pair_of(s, t, j, k, last);
      const collapsed d = pair_slopes(plan, t, s, j, k, &p, (vd *)s->bends);
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

void NMD_KERNEL(generic_gradient)(const nmd_element_plan *plan, nmd_scratch *s) {
  for (int i = 0; i < plan->n_generic; i++) group_gradient(plan, &plan->generic[i], s);
}
