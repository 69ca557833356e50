/* SPDX-License-Identifier: BSD-3-Clause */
/* Wide angular functions by moments of the neighbour density (plan.h), linear in the number of neighbours.
 *
 * On the unit sphere the monomials of degrees L and L - 1 contain all lower ones: x^2 + y^2 + z^2 = 1, so the lower
 * moments are traces of those two. Both sweeps therefore touch (L + 1)^2 numbers a neighbour, as many as spherical
 * harmonics up to L would, but with products alone. Backward: dG/dM is pulled up the same traces, and what each
 * neighbour has to do is to evaluate the gradient of two homogeneous polynomials. */
#include "nnp/kernel_parts.h"

#define UNROLL _Pragma("GCC unroll 32")
enum { MAX_TOP = 28 /* monomials of degree NMD_MAX_ORDER */, MAX_TOP_PADDED = 32 };

/* Place of x^a y^b z^c within its degree */
static inline int place(int degree, int a, int c) { return (degree - a) * (degree - a + 1) / 2 + c; }

/* Monomials of degree d from those of degree d - 1 */
NMD_INLINE void raise_degree(const int d, const vr *low, vr x, vr y, vr z, vr *high) {
  const int n = nmd_monomials(d - 1);
  UNROLL for (int i = 0; i < n; i++) high[i] = x * low[i];
  UNROLL for (int i = 0; i < d; i++) high[n + i] = y * low[n - d + i];
  high[n + d] = z * low[n - 1];
}

NMD_INLINE void sum_up(const vr *a, int n, double *out) {
  real sums[MAX_TOP_PADDED] __attribute__((aligned(64)));
  UNROLL for (int i = 0; i < n; i += W) v_store(sums + i, v_sum_each(a + i));
  for (int i = 0; i < n; i++) out[i] = (double)sums[i];
}

/* The lower degrees: M_p[i] = M_(p+2)[i x^2] + M_(p+2)[i y^2] + M_(p+2)[i z^2] */
NMD_INLINE void take_traces(const int L, double *moments) {
  UNROLL for (int p = L - 2; p >= 0; p--) {
    double *low = moments + nmd_first_monomial(p);
    const double *high = moments + nmd_first_monomial(p + 2);
    int i = 0;
    UNROLL for (int a = p; a >= 0; a--) UNROLL for (int c = 0; c <= p - a; c++) low[i++] =
        high[place(p + 2, a + 2, c)] + high[place(p + 2, a, c)] + high[place(p + 2, a, c + 2)];
  }
}

/* Its transpose, from the lowest degree up */
NMD_INLINE void return_traces(const int L, double *d) {
  UNROLL for (int p = 0; p <= L - 2; p++) {
    const double *low = d + nmd_first_monomial(p);
    double *high = d + nmd_first_monomial(p + 2);
    int i = 0;
    UNROLL for (int a = p; a >= 0; a--) UNROLL for (int c = 0; c <= p - a; c++, i++) {
      high[place(p + 2, a + 2, c)] += low[i];
      high[place(p + 2, a, c)] += low[i];
      high[place(p + 2, a, c + 2)] += low[i];
    }
  }
}

/* Moments of all degrees up to L and the sum of R^2 */
NMD_INLINE void density(const int L, int n, const real *ux, const real *uy, const real *uz, const real *value,
                        double *moments, double *self) {
  const int n_top = nmd_monomials(L), n_low = nmd_monomials(L - 1);
  vr top[MAX_TOP_PADDED], low[MAX_TOP_PADDED], squares = v_set(0.0);
  UNROLL for (int i = 0; i < MAX_TOP_PADDED; i++) top[i] = low[i] = v_set(0.0);
  for (int j = 0; j < n; j += W) {
    const vr x = v_load(ux + j), y = v_load(uy + j), z = v_load(uz + j), R = v_load(value + j);
    vr a[MAX_TOP], b[MAX_TOP];
    squares += R * R;
    a[0] = R;
    UNROLL for (int d = 1; d < L; d++) {
      raise_degree(d, a, x, y, z, b);
      UNROLL for (int i = 0; i < nmd_monomials(d); i++) a[i] = b[i];
    }
    UNROLL for (int i = 0; i < n_low; i++) low[i] += a[i];
    raise_degree(L, a, x, y, z, b);
    UNROLL for (int i = 0; i < n_top; i++) top[i] += b[i];
  }
  sum_up(low, n_low, moments + nmd_first_monomial(L - 1));
  sum_up(top, n_top, moments + nmd_first_monomial(L));
  take_traces(L, moments);
  *self = v_sum(squares);
}

static void set_moments(const nmd_element_plan *plan, const nmd_plan_moments *set, nmd_scratch *s, int index) {
  const int first = s->start[set->species], n = nmd__neighbours_of(s, set->species, plan->factors[set->factor].near);
  const real *ux = s->ux + first, *uy = s->uy + first, *uz = s->uz + first;
  const real *value = s->value + (size_t)set->factor * (size_t)s->capacity + first;
  double *m = s->moments + set->first, *self = s->self + index;
  switch (set->order) {
    case 1: density(1, n, ux, uy, uz, value, m, self); break;
    case 2: density(2, n, ux, uy, uz, value, m, self); break;
    case 3: density(3, n, ux, uy, uz, value, m, self); break;
    case 4: density(4, n, ux, uy, uz, value, m, self); break;
    case 5: density(5, n, ux, uy, uz, value, m, self); break;
    default: density(6, n, ux, uy, uz, value, m, self); break;
  }
}

void NMD_KERNEL(moments)(const nmd_element_plan *plan, nmd_scratch *s) {
  for (int i = 0; i < plan->n_moments; i++) set_moments(plan, &plan->moments[i], s, i);
}

/* Coefficients of the three derivatives of sum_i d_i n^i, degree `degree`, on the monomials one degree below */
NMD_INLINE real *derivative_coefficients(const int degree, const double *d, real *out) {
  UNROLL for (int a = degree - 1; a >= 0; a--) UNROLL for (int c = 0; c <= degree - 1 - a; c++) {
    *out++ = (real)((a + 1) * d[place(degree, a + 1, c)]);
    *out++ = (real)((degree - a - c) * d[place(degree, a, c)]);
    *out++ = (real)((c + 1) * d[place(degree, a, c + 1)]);
  }
  return out;
}

/* n monomials: gradient += coefficients (x, y, z by turns) times monomials */
NMD_INLINE void add_derivatives(const int n, const real *coefficients, const vr *m, vr g[3]) {
  g[0] = g[1] = g[2] = v_set(0.0);
  UNROLL for (int i = 0; i < n; i++) {
    g[0] += coefficients[3 * i] * m[i];
    g[1] += coefficients[3 * i + 1] * m[i];
    g[2] += coefficients[3 * i + 2] * m[i];
  }
}

/* Neighbour by neighbour the gradient of R (P_L(n) + P_(L-1)(n)) + dself R^2, P homogeneous: n . grad P_L = L P_L. */
NMD_INLINE void density_gradient(const int L, int first, int n, const real *value, const real *slope, double dself,
                                 double *dmoments, real *coefficients, nmd_scratch *s) {
  const int n_top = nmd_monomials(L - 1), n_low = nmd_monomials(L - 2);
  return_traces(L, dmoments);
  real *end = derivative_coefficients(L, dmoments + nmd_first_monomial(L), coefficients);
  if (L > 1) end = derivative_coefficients(L - 1, dmoments + nmd_first_monomial(L - 1), end);
  *end = (real)dmoments[0];
  const real constant = L == 1 ? coefficients[3 * (n_top + n_low)] : 0; /* P_0 */
  const real per_top = (real)(1.0 / L), per_low = (real)(1.0 / (L > 1 ? L - 1 : 1)), twice = (real)(2.0 * dself);
  for (int j = first; j < first + n; j += W) {
    const vr x = v_load(s->ux + j), y = v_load(s->uy + j), z = v_load(s->uz + j);
    const vr R = v_load(value + j), dR = v_load(slope + j), scale = R * v_load(s->inverse + j);
    vr a[MAX_TOP], b[MAX_TOP], g[3], h[3];
    a[0] = b[0] = v_set(1.0);
    UNROLL for (int d = 1; d < L - 1; d++) {
      raise_degree(d, a, x, y, z, b);
      UNROLL for (int i = 0; i < nmd_monomials(d); i++) a[i] = b[i];
    }
    if (L > 1) raise_degree(L - 1, a, x, y, z, b);
    add_derivatives(n_top, coefficients, b, g);
    add_derivatives(n_low, coefficients + 3 * n_top, a, h);
    const vr top = x * g[0] + y * g[1] + z * g[2], low = x * h[0] + y * h[1] + z * h[2];
    vr P = top * per_top + constant;
    if (L > 1) P += low * per_low;
    v_add_to(s->gx + j, scale * (g[0] + h[0]));
    v_add_to(s->gy + j, scale * (g[1] + h[1]));
    v_add_to(s->gz + j, scale * (g[2] + h[2]));
    v_add_to(s->radial + j, dR * (P + twice * R) - scale * (top + low));
  }
}

static void set_gradient(const nmd_element_plan *plan, const nmd_plan_moments *set, nmd_scratch *s, int index) {
  const int first = s->start[set->species], n = nmd__neighbours_of(s, set->species, plan->factors[set->factor].near);
  const real *value = s->value + (size_t)set->factor * (size_t)s->capacity;
  const real *slope = s->slope + (size_t)set->factor * (size_t)s->capacity;
  const double dself = s->dself[index];
  double *d = s->dmoments + set->first;
  real *c = s->coefficients + set->first_gradient;
  switch (set->order) {
    case 1: density_gradient(1, first, n, value, slope, dself, d, c, s); break;
    case 2: density_gradient(2, first, n, value, slope, dself, d, c, s); break;
    case 3: density_gradient(3, first, n, value, slope, dself, d, c, s); break;
    case 4: density_gradient(4, first, n, value, slope, dself, d, c, s); break;
    case 5: density_gradient(5, first, n, value, slope, dself, d, c, s); break;
    default: density_gradient(6, first, n, value, slope, dself, d, c, s); break;
  }
}

void NMD_KERNEL(moments_gradient)(const nmd_element_plan *plan, nmd_scratch *s) {
  for (int i = 0; i < plan->n_moments; i++) set_gradient(plan, &plan->moments[i], s, i);
}
