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
NMD_INLINE void raise_degree(const int d, const vd *low, vd x, vd y, vd z, vd *high) {
  const int n = nmd_monomials(d - 1);
  UNROLL for (int i = 0; i < n; i++) high[i] = x * low[i];
  UNROLL for (int i = 0; i < d; i++) high[n + i] = y * low[n - d + i];
  high[n + d] = z * low[n - 1];
}

NMD_INLINE void sum_up(const vd *a, int n, double *out) {
  double sums[MAX_TOP_PADDED] __attribute__((aligned(64)));
  UNROLL for (int i = 0; i < n; i += W) v_store(sums + i, v_sum_each(a + i));
  memcpy(out, sums, (size_t)n * sizeof *out);
}

/* Moments of degrees L and L - 1 and the sum of R^2 */
NMD_INLINE void density(const int L, int n, const double *ux, const double *uy, const double *uz, const double *value,
                        double *moments, double *self) {
  const int n_top = nmd_monomials(L), n_low = nmd_monomials(L - 1);
  vd top[MAX_TOP_PADDED], low[MAX_TOP_PADDED], squares = v_set(0.0);
  UNROLL for (int i = 0; i < MAX_TOP_PADDED; i++) top[i] = low[i] = v_set(0.0);
  for (int j = 0; j < n; j += W) {
    const vd x = v_load(ux + j), y = v_load(uy + j), z = v_load(uz + j), R = v_load(value + j);
    vd a[MAX_TOP], b[MAX_TOP];
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
  *self = v_sum(squares);
}

/* The lower degrees: M_p[i] = M_(p+2)[i x^2] + M_(p+2)[i y^2] + M_(p+2)[i z^2] */
static void take_traces(int L, double *moments) {
  for (int p = L - 2; p >= 0; p--) {
    double *low = moments + nmd_first_monomial(p);
    const double *high = moments + nmd_first_monomial(p + 2);
    int i = 0;
    for (int a = p; a >= 0; a--)
      for (int c = 0; c <= p - a; c++)
        low[i++] = high[place(p + 2, a + 2, c)] + high[place(p + 2, a, c)] + high[place(p + 2, a, c + 2)];
  }
}

/* Its transpose, from the lowest degree up */
static void return_traces(int L, double *d) {
  for (int p = 0; p <= L - 2; p++) {
    const double *low = d + nmd_first_monomial(p);
    double *high = d + nmd_first_monomial(p + 2);
    int i = 0;
    for (int a = p; a >= 0; a--)
      for (int c = 0; c <= p - a; c++, i++) {
        high[place(p + 2, a + 2, c)] += low[i];
        high[place(p + 2, a, c)] += low[i];
        high[place(p + 2, a, c + 2)] += low[i];
      }
  }
}

static void set_moments(const nmd_plan_moments *set, nmd_scratch *s, int index) {
  const int first = s->start[set->species], n = s->start[set->species + 1] - first;
  const double *ux = s->ux + first, *uy = s->uy + first, *uz = s->uz + first;
  const double *value = s->value + (size_t)set->factor * (size_t)s->capacity + first;
  double *m = s->moments + set->first, *self = s->self + index;
  switch (set->order) {
    case 1: density(1, n, ux, uy, uz, value, m, self); break;
    case 2: density(2, n, ux, uy, uz, value, m, self); break;
    case 3: density(3, n, ux, uy, uz, value, m, self); break;
    case 4: density(4, n, ux, uy, uz, value, m, self); break;
    case 5: density(5, n, ux, uy, uz, value, m, self); break;
    default: density(6, n, ux, uy, uz, value, m, self); break;
  }
  take_traces(set->order, m);
}

/* G of the functions of a form; `length` is a constant where it is called. */
NMD_INLINE void form_values(const int length, const nmd_plan_form *form, const double *a, const double *b, double self,
                            double *G) {
  vd product[NMD_MAX_MOMENTS_PADDED / W], rows[W];
  double values[W] __attribute__((aligned(64)));
  const double *row = form->matrix;
  UNROLL for (int i = 0; i < length / W; i++) product[i] = v_load(a + i * W) * v_load(b + i * W);
  for (int f = 0; f < form->n_functions; f += W) {
    UNROLL for (int k = 0; k < W; k++, row += length) {
      rows[k] = v_load(row) * product[0];
      UNROLL for (int i = 1; i < length / W; i++) rows[k] += v_load(row + i * W) * product[i];
    }
    v_store(values, v_sum_each(rows) - v_load(form->self + f) * self);
    for (int k = 0; k < W && f + k < form->n_functions; k++) G[form->function[f + k]] += values[k];
  }
}

/* dE/dM of both sets from dE/dG; *dself becomes that of the sum of R^2. */
NMD_INLINE void form_gradient(const int length, const nmd_plan_form *form, const double *a, const double *b,
                              const double *dG, double *da, double *db, double *dself) {
  vd weight[NMD_MAX_MOMENTS_PADDED / W];
  double self = 0.0;
  const double *row = form->matrix;
  UNROLL for (int i = 0; i < length / W; i++) weight[i] = v_set(0.0);
  for (int f = 0; f < form->n_functions; f++, row += length) {
    const double g = dG[form->function[f]];
    UNROLL for (int i = 0; i < length / W; i++) weight[i] += g * v_load(row + i * W);
    self += g * form->self[f];
  }
  *dself -= self;
  UNROLL for (int i = 0; i < length / W; i++) { /* a and b may be the same array: one after the other */
    v_add_to(da + i * W, weight[i] * v_load(b + i * W));
    v_add_to(db + i * W, weight[i] * v_load(a + i * W));
  }
}

/* nmd_padded(nmd_first_monomial(order + 1)) for the orders 1 to 6 */
#define FORM_LENGTHS(X) X(8) X(16) X(24) X(40) X(56) X(88)

static void one_form(const nmd_plan_form *form, const nmd_element_plan *plan, nmd_scratch *s) {
  const double *a = s->moments + plan->moments[form->a].first, *b = s->moments + plan->moments[form->b].first;
  switch (form->length) {
#define X(length)                                                                                                      \
  case length: form_values(length, form, a, b, s->self[form->a], s->G); break;
    FORM_LENGTHS(X)
#undef X
  }
}

static void one_form_gradient(const nmd_plan_form *form, const nmd_element_plan *plan, nmd_scratch *s) {
  const int first_a = plan->moments[form->a].first, first_b = plan->moments[form->b].first;
  const double *a = s->moments + first_a, *b = s->moments + first_b;
  double *da = s->dmoments + first_a, *db = s->dmoments + first_b;
  switch (form->length) {
#define X(length)                                                                                                      \
  case length: form_gradient(length, form, a, b, s->dG, da, db, &s->dself[form->a]); break;
    FORM_LENGTHS(X)
#undef X
  }
}

void NMD_KERNEL(moments)(const nmd_element_plan *plan, nmd_scratch *s) {
  for (int i = 0; i < plan->n_moments; i++) set_moments(&plan->moments[i], s, i);
  for (int i = 0; i < plan->n_forms; i++) one_form(&plan->forms[i], plan, s);
}

/* Coefficients of the three derivatives of sum_i d_i n^i, degree `degree`, on the monomials one degree below */
static double *derivative_coefficients(int degree, const double *d, double *out) {
  for (int a = degree - 1; a >= 0; a--)
    for (int c = 0; c <= degree - 1 - a; c++) {
      *out++ = (a + 1) * d[place(degree, a + 1, c)];
      *out++ = (degree - a - c) * d[place(degree, a, c)];
      *out++ = (c + 1) * d[place(degree, a, c + 1)];
    }
  return out;
}

/* n monomials: gradient += coefficients (x, y, z by turns) times monomials */
NMD_INLINE void add_derivatives(const int n, const double *coefficients, const vd *m, vd g[3]) {
  g[0] = g[1] = g[2] = v_set(0.0);
  UNROLL for (int i = 0; i < n; i++) {
    g[0] += coefficients[3 * i] * m[i];
    g[1] += coefficients[3 * i + 1] * m[i];
    g[2] += coefficients[3 * i + 2] * m[i];
  }
}

/* Neighbour by neighbour the gradient of R (P_L(n) + P_(L-1)(n)) + dself R^2, P homogeneous: n . grad P_L = L P_L. */
NMD_INLINE void density_gradient(const int L, int first, int n, const double *value, const double *slope, double dself,
                                 const double *coefficients, nmd_scratch *s) {
  const int n_top = nmd_monomials(L - 1), n_low = nmd_monomials(L - 2);
  const double constant = L == 1 ? coefficients[3 * (n_top + n_low)] : 0.0; /* P_0 */
  for (int j = first; j < first + n; j += W) {
    const vd x = v_load(s->ux + j), y = v_load(s->uy + j), z = v_load(s->uz + j);
    const vd R = v_load(value + j), dR = v_load(slope + j), scale = R * v_load(s->inverse + j);
    vd a[MAX_TOP], b[MAX_TOP], g[3], h[3];
    a[0] = b[0] = v_set(1.0);
    UNROLL for (int d = 1; d < L - 1; d++) {
      raise_degree(d, a, x, y, z, b);
      UNROLL for (int i = 0; i < nmd_monomials(d); i++) a[i] = b[i];
    }
    if (L > 1) raise_degree(L - 1, a, x, y, z, b);
    add_derivatives(n_top, coefficients, b, g);
    add_derivatives(n_low, coefficients + 3 * n_top, a, h);
    const vd top = x * g[0] + y * g[1] + z * g[2], low = x * h[0] + y * h[1] + z * h[2];
    vd P = top * (1.0 / L) + constant;
    if (L > 1) P += low * (1.0 / (L > 1 ? L - 1 : 1));
    v_add_to(s->gx + j, scale * (g[0] + h[0]));
    v_add_to(s->gy + j, scale * (g[1] + h[1]));
    v_add_to(s->gz + j, scale * (g[2] + h[2]));
    v_add_to(s->radial + j, dR * (P + (2.0 * dself) * R) - scale * (top + low));
  }
}

static void set_gradient(const nmd_plan_moments *set, nmd_scratch *s, int index) {
  const int first = s->start[set->species], n = s->start[set->species + 1] - first, L = set->order;
  const double *value = s->value + (size_t)set->factor * (size_t)s->capacity;
  const double *slope = s->slope + (size_t)set->factor * (size_t)s->capacity, dself = s->dself[index];
  double *d = s->dmoments + set->first, *c = s->coefficients + set->first_gradient, *end;
  return_traces(L, d);
  end = derivative_coefficients(L, d + nmd_first_monomial(L), c);
  if (L > 1) end = derivative_coefficients(L - 1, d + nmd_first_monomial(L - 1), end);
  *end = d[0];
  switch (L) {
    case 1: density_gradient(1, first, n, value, slope, dself, c, s); break;
    case 2: density_gradient(2, first, n, value, slope, dself, c, s); break;
    case 3: density_gradient(3, first, n, value, slope, dself, c, s); break;
    case 4: density_gradient(4, first, n, value, slope, dself, c, s); break;
    case 5: density_gradient(5, first, n, value, slope, dself, c, s); break;
    default: density_gradient(6, first, n, value, slope, dself, c, s); break;
  }
}

void NMD_KERNEL(moments_gradient)(const nmd_element_plan *plan, nmd_scratch *s) {
  for (int i = 0; i < plan->moments_length; i += W) v_store(s->dmoments + i, v_set(0.0));
  for (int i = 0; i < plan->n_moments; i++) s->dself[i] = 0.0;
  for (int i = 0; i < plan->n_forms; i++) one_form_gradient(&plan->forms[i], plan, s);
  for (int i = 0; i < plan->n_moments; i++) set_gradient(&plan->moments[i], s, i);
}
