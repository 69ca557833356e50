/* SPDX-License-Identifier: BSD-3-Clause */
/* The angular parts of the plan: groups of triples and the forms of the moments. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "nnp/plan_parts.h"

static int find_exponent(const nmd_plan_triples *group, double eta) {
  int i = 0;
  while (i < group->n_eta && group->eta[i] != eta) i++;
  return i;
}

static int find_angle(const nmd_plan_triples *group, double lambda, double zeta) {
  int i = 0;
  while (i < group->n_angles && (group->angles[i].lambda != lambda || group->angles[i].zeta != zeta)) i++;
  return i;
}

/* With rs = 0 any number of eta shares the sum of squares r_ij^2 + r_ik^2 + r_jk^2; with a shift each eta is a group.
 */
static bool fits(const nmd_plan_triples *group, bool narrow, int a, int b, int cut, const nmd_symmetry_function *f) {
  if (group->narrow != narrow || group->a != a || group->b != b || group->cut != cut || group->rs != f->rs)
    return false;
  const int exponent = find_exponent(group, f->eta);
  if (exponent == group->n_eta && (f->rs != 0.0 || exponent == NMD_MAX_EXPONENTS)) return false;
  return find_angle(group, f->lambda, f->zeta) < NMD_MAX_ANGLES;
}

static nmd_status find_triples(nmd_element_plan *plan, bool narrow, int a, int b, const nmd_symmetry_function *f,
                               nmd_plan_triples **group) {
  int cut;
  NMD_TRY(nmd__plan_cut(plan, f->rc, &cut));
  for (int i = 0; i < plan->n_triples; i++) {
    *group = &plan->triples[i];
    if (fits(*group, narrow, a, b, cut, f)) return NMD_OK;
  }
  NMD_TRY(NMD_GROW(plan->triples, plan->n_triples, plan->n_triples + 1));
  *group = &plan->triples[plan->n_triples++];
  **group = (nmd_plan_triples){.narrow = narrow, .a = a, .b = b, .cut = cut, .rc = f->rc, .rs = f->rs};
  NMD_TRY(NMD_ALLOC((*group)->eta, NMD_MAX_EXPONENTS));
  return NMD_ALLOC((*group)->angles, NMD_MAX_ANGLES);
}

static nmd_status add_term(nmd_plan_triples *group, const nmd_symmetry_function *f, int function, double coefficient) {
  const int exponent = find_exponent(group, f->eta), angle = find_angle(group, f->lambda, f->zeta);
  if (exponent == group->n_eta) group->eta[group->n_eta++] = f->eta;
  if (angle == group->n_angles)
    group->angles[group->n_angles++] = (nmd_plan_angle){.lambda = f->lambda, .zeta = f->zeta};
  NMD_TRY(NMD_GROW(group->terms, group->n_terms, group->n_terms + 1));
  group->terms[group->n_terms++] = (nmd_plan_term){exponent, angle, function, coefficient};
  return NMD_OK;
}

nmd_status nmd__plan_add_triple(nmd_element_plan *plan, const nmd_model *model, int function,
                                const nmd_symmetry_function *f) {
  const bool weighted = f->kind == NMD_NARROW_WEIGHTED, narrow = f->kind != NMD_WIDE;
  for (int a = 0; a < plan->n_species; a++)
    for (int b = a; b < plan->n_species; b++) {
      nmd_plan_triples *group;
      if (!weighted && (a != f->e1 || b != f->e2)) continue;
      NMD_TRY(find_triples(plan, narrow, a, b, f, &group));
      const double z2 = (double)model->elements[a].atomic_number * model->elements[b].atomic_number;
      /* 2^(1 - zeta) (1 + lambda c)^zeta = 2 u^zeta */
      NMD_TRY(add_term(group, f, function, weighted ? 2.0 * z2 : 2.0));
    }
  return NMD_OK;
}

static void sort_exponents(nmd_plan_triples *group) {
  for (int i = 1; i < group->n_eta; i++)
    for (int k = i; k > 0 && group->eta[k - 1] > group->eta[k]; k--) {
      const double eta = group->eta[k];
      group->eta[k] = group->eta[k - 1];
      group->eta[k - 1] = eta;
      for (int t = 0; t < group->n_terms; t++) {
        nmd_plan_term *term = &group->terms[t];
        if (term->exponent == k)
          term->exponent = k - 1;
        else if (term->exponent == k - 1)
          term->exponent = k;
      }
    }
}

static bool angle_before(const nmd_plan_angle *a, const nmd_plan_angle *b) {
  return a->lambda != b->lambda ? a->lambda < b->lambda : a->zeta < b->zeta;
}

static void sort_angles(nmd_plan_triples *group) {
  for (int i = 1; i < group->n_angles; i++)
    for (int k = i; k > 0 && angle_before(&group->angles[k], &group->angles[k - 1]); k--) {
      const nmd_plan_angle angle = group->angles[k];
      group->angles[k] = group->angles[k - 1];
      group->angles[k - 1] = angle;
      for (int t = 0; t < group->n_terms; t++) {
        nmd_plan_term *term = &group->terms[t];
        if (term->angle == k)
          term->angle = k - 1;
        else if (term->angle == k - 1)
          term->angle = k;
      }
    }
}

nmd_status nmd__plan_finish_triples(nmd_plan_triples *group) {
  nmd_plan_term *sorted;
  int n = 0;
  NMD_TRY(NMD_ALLOC(group->first_term, group->n_eta + 1));
  NMD_TRY(NMD_ALLOC(sorted, group->n_terms));
  sort_exponents(group);
  sort_angles(group);
  for (int e = 0; e < group->n_eta; e++) {
    group->first_term[e] = n;
    for (int t = 0; t < group->n_terms; t++)
      if (group->terms[t].exponent == e) sorted[n++] = group->terms[t];
  }
  group->first_term[group->n_eta] = n;
  nmd_free(group->terms);
  group->terms = sorted;
  return nmd__plan_write_programs(group);
}

static double factorial(int n) { return n < 2 ? 1.0 : n * factorial(n - 1); }

/* A row of a form: coefficients of M^a_i M^b_i for 2 u^zeta; each pair once, so half of it for equal species. */
static void fill_row(double *row, double *self, const nmd_symmetry_function *f, bool equal) {
  const int zeta = (int)f->zeta;
  int i = 0;
  for (int p = 0; p <= zeta; p++) {
    const double binomial = factorial(zeta) / (factorial(p) * factorial(zeta - p));
    const double power = binomial * pow(f->lambda, p) * ldexp(equal ? 1.0 : 2.0, -zeta);
    for (int a = p; a >= 0; a--)
      for (int b = p - a; b >= 0; b--)
        row[i++] = power * factorial(p) / (factorial(a) * factorial(b) * factorial(p - a - b));
  }
  *self = equal ? pow(0.5 * (1.0 + f->lambda), zeta) : 0.0;
}

nmd_status nmd__plan_fill_forms(nmd_element_plan *plan, const nmd_element_model *element) {
  for (int i = 0; i < plan->n_moments; i++) {
    nmd_plan_moments *set = &plan->moments[i];
    set->first = plan->moments_length;
    set->first_gradient = plan->gradient_length;
    plan->moments_length += nmd_padded(nmd_first_monomial(set->order + 1));
    plan->gradient_length += nmd_padded(3 * (nmd_monomials(set->order - 1) + nmd_monomials(set->order - 2)) + 1);
  }
  for (int i = 0; i < plan->n_forms; i++) {
    nmd_plan_form *form = &plan->forms[i];
    double order = 0.0;
    for (int f = 0; f < form->n_functions; f++) order = fmax(order, element->functions[form->function[f]].zeta);
    form->length = nmd_padded(nmd_first_monomial((int)order + 1));
    NMD_TRY(NMD_ALLOC(form->matrix, nmd_padded(form->n_functions) * form->length));
    NMD_TRY(NMD_ALLOC(form->self, nmd_padded(form->n_functions)));
    for (int f = 0; f < form->n_functions; f++)
      fill_row(form->matrix + (size_t)f * (size_t)form->length, &form->self[f], &element->functions[form->function[f]],
               form->a == form->b);
  }
  return NMD_OK;
}
