/* SPDX-License-Identifier: BSD-3-Clause */
/* From moments to G and from dE/dG back to dE/d(moments). In double for both precisions: the pairs j = k are taken off
 * what may be nearly as large. */
#include "nnp/kernel_parts.h"

#define UNROLL _Pragma("GCC unroll 32")

/* G of the functions of a form; `length` is a constant where it is called. */
NMD_INLINE void form_values(const int length, const nmd_plan_form *form, const double *a, const double *b, double self,
                            double *G) {
  vr product[NMD_MAX_MOMENTS_PADDED / W], rows[W];
  double values[W] __attribute__((aligned(64)));
  const double *row = form->matrix;
  UNROLL for (int i = 0; i < length / W; i++) product[i] = v_load(a + i * W) * v_load(b + i * W);
  for (int f = 0; f < form->n_functions; f += W) {
    UNROLL for (int k = 0; k < W; k++, row += length) {
      rows[k] = v_set(0.0);
      if (f + k >= form->n_functions) continue;
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
  vr weight[NMD_MAX_MOMENTS_PADDED / W];
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

void NMD_KERNEL(forms)(const nmd_element_plan *plan, nmd_scratch *s) {
  for (int i = 0; i < plan->n_forms; i++) one_form(&plan->forms[i], plan, s);
}

void NMD_KERNEL(forms_gradient)(const nmd_element_plan *plan, nmd_scratch *s) {
  for (int i = 0; i < plan->moments_length; i += W) v_store(s->dmoments + i, v_set(0.0));
  for (int i = 0; i < plan->n_moments; i++) s->dself[i] = 0.0;
  for (int i = 0; i < plan->n_forms; i++) one_form_gradient(&plan->forms[i], plan, s);
}
