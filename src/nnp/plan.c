/* SPDX-License-Identifier: BSD-3-Clause */
#include "nnp/plan.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "nnp/plan_parts.h"

/* Room for item n of an array that grows by doubling. */
static nmd_status make_room(void *array, int n, size_t item_size) {
  if (n >= 4 && (n & (n - 1)) != 0) return NMD_OK;
  return nmd_grow(array, (size_t)n, n < 4 ? 4 : 2 * (size_t)n, item_size);
}
#define NMD_ROOM(array, n) make_room((void *)&(array), n, sizeof *(array))

nmd_status nmd__plan_cut(nmd_element_plan *plan, double rc, int *index) {
  for (*index = 0; *index < plan->n_cuts; ++*index)
    if (plan->cuts[*index] == rc) return NMD_OK;
  NMD_TRY(NMD_ROOM(plan->cuts, plan->n_cuts));
  plan->cuts[plan->n_cuts++] = rc;
  return NMD_OK;
}

static bool same_factor(const nmd_plan_factor *a, const nmd_plan_factor *b) {
  if (a->compact != b->compact) return false;
  if (!a->compact) return a->cut == b->cut && a->eta == b->eta && a->rs == b->rs;
  return a->rl == b->rl && a->rc == b->rc && a->shape == b->shape && a->asymmetric == b->asymmetric;
}

static nmd_status find_factor(nmd_element_plan *plan, const nmd_symmetry_function *f, int *index) {
  nmd_plan_factor wanted = {.compact = f->kind >= NMD_COMPACT_RADIAL};
  if (wanted.compact) {
    wanted.rl = f->rl;
    wanted.rc = f->rc;
    wanted.shape = f->compact;
    wanted.asymmetric = f->asymmetric;
  } else {
    wanted.eta = f->eta;
    wanted.rs = f->rs;
    NMD_TRY(nmd__plan_cut(plan, f->rc, &wanted.cut));
  }
  for (*index = 0; *index < plan->n_factors; ++*index)
    if (same_factor(&plan->factors[*index], &wanted)) return NMD_OK;
  NMD_TRY(NMD_ROOM(plan->factors, plan->n_factors));
  plan->factors[plan->n_factors++] = wanted;
  return NMD_OK;
}

static nmd_status find_use(nmd_element_plan *plan, int factor, int species, bool value, int *index) {
  for (*index = 0; *index < plan->n_uses; ++*index) {
    nmd_plan_use *use = &plan->uses[*index];
    if (use->factor != factor || use->species != species) continue;
    use->value = use->value || value;
    return NMD_OK;
  }
  NMD_TRY(NMD_ROOM(plan->uses, plan->n_uses));
  plan->uses[plan->n_uses++] = (nmd_plan_use){factor, species, value};
  return NMD_OK;
}

static nmd_status add_radial(nmd_element_plan *plan, const nmd_model *model, int function,
                             const nmd_symmetry_function *f) {
  const bool weighted = f->kind == NMD_RADIAL_WEIGHTED || f->kind == NMD_COMPACT_RADIAL_WEIGHTED;
  int factor, use;
  NMD_TRY(find_factor(plan, f, &factor));
  for (int s = 0; s < plan->n_species; s++) {
    if (!weighted && s != f->e1) continue;
    NMD_TRY(find_use(plan, factor, s, false, &use));
    NMD_TRY(NMD_ROOM(plan->sums, plan->n_sums));
    plan->sums[plan->n_sums++] =
        (nmd_plan_sum){function, use, weighted ? (double)model->elements[s].atomic_number : 1.0};
  }
  return NMD_OK;
}

static nmd_status find_generic(nmd_element_plan *plan, bool narrow, int a, int b, nmd_plan_generic **group) {
  for (int i = 0; i < plan->n_generic; i++) {
    *group = &plan->generic[i];
    if ((*group)->narrow == narrow && (*group)->a == a && (*group)->b == b) return NMD_OK;
  }
  NMD_TRY(NMD_ROOM(plan->generic, plan->n_generic));
  *group = &plan->generic[plan->n_generic++];
  **group = (nmd_plan_generic){.narrow = narrow, .a = a, .b = b};
  return NMD_OK;
}

static nmd_plan_bend bend_of(const nmd_symmetry_function *f) {
  const double degree = 3.14159265358979323846 / 180.0;
  if (f->kind < NMD_COMPACT_RADIAL) return (nmd_plan_bend){.lambda = f->lambda, .zeta = f->zeta};
  return (nmd_plan_bend){.window = true,
                         .centre = 0.5 * (f->theta_l + f->theta_r) * degree,
                         .half_width = 0.5 * (f->theta_r - f->theta_l) * degree,
                         .shape = f->compact};
}

static bool same_bend(const nmd_plan_bend *a, const nmd_plan_bend *b) {
  return a->window == b->window && a->centre == b->centre && a->half_width == b->half_width && a->shape == b->shape &&
         a->lambda == b->lambda && a->zeta == b->zeta;
}

static nmd_status add_generic_term(nmd_plan_generic *group, int factor, const nmd_symmetry_function *f, int function,
                                   double coefficient) {
  const nmd_plan_bend bend = bend_of(f);
  int i, w;
  for (i = 0; i < group->n_factors && group->factors[i] != factor; i++) continue;
  if (i == group->n_factors) {
    NMD_TRY(NMD_ROOM(group->factors, i));
    group->factors[group->n_factors++] = factor;
  }
  for (w = 0; w < group->n_bends && !same_bend(&group->bends[w], &bend); w++) continue;
  if (w == group->n_bends) {
    NMD_TRY(NMD_ROOM(group->bends, w));
    group->bends[group->n_bends++] = bend;
  }
  group->windows = group->windows || bend.window;
  NMD_TRY(NMD_ROOM(group->terms, group->n_terms));
  group->terms[group->n_terms++] = (nmd_plan_generic_term){i, w, function, coefficient};
  return NMD_OK;
}

static nmd_status add_generic(nmd_element_plan *plan, const nmd_model *model, int function,
                              const nmd_symmetry_function *f) {
  const bool weighted = f->e1 < 0;
  int factor, use;
  NMD_TRY(find_factor(plan, f, &factor));
  for (int a = 0; a < plan->n_species; a++)
    for (int b = a; b < plan->n_species; b++) {
      nmd_plan_generic *group;
      if (!weighted && (a != f->e1 || b != f->e2)) continue;
      NMD_TRY(find_use(plan, factor, a, true, &use));
      NMD_TRY(find_use(plan, factor, b, true, &use));
      NMD_TRY(find_generic(plan, nmd__is_narrow(f->kind), a, b, &group));
      const double z2 = (double)model->elements[a].atomic_number * model->elements[b].atomic_number;
      const double power = f->kind < NMD_COMPACT_RADIAL ? 2.0 : 1.0; /* 2^(1 - zeta) (1 + lambda c)^zeta = 2 u^zeta */
      NMD_TRY(add_generic_term(group, factor, f, function, weighted ? power * z2 : power));
    }
  return NMD_OK;
}

/* Counting sort of a group's terms by factor. */
static nmd_status finish_generic(nmd_plan_generic *group) {
  nmd_plan_generic_term *sorted;
  int n = 0;
  NMD_TRY(NMD_ALLOC(group->first_term, group->n_factors + 1));
  NMD_TRY(NMD_ALLOC(sorted, group->n_terms));
  for (int i = 0; i < group->n_factors; i++) {
    group->first_term[i] = n;
    for (int t = 0; t < group->n_terms; t++)
      if (group->terms[t].factor == i) sorted[n++] = group->terms[t];
  }
  group->first_term[group->n_factors] = n;
  nmd_free(group->terms);
  group->terms = sorted;
  return NMD_OK;
}

bool nmd__is_narrow(nmd_function_kind kind) {
  return kind == NMD_NARROW || kind == NMD_NARROW_WEIGHTED || kind == NMD_COMPACT_NARROW ||
         kind == NMD_COMPACT_NARROW_WEIGHTED;
}

bool nmd__plan_can(const nmd_symmetry_function *f, nmd_algorithm algorithm) {
  if (f->kind == NMD_RADIAL || f->kind == NMD_RADIAL_WEIGHTED || f->kind == NMD_COMPACT_RADIAL ||
      f->kind == NMD_COMPACT_RADIAL_WEIGHTED)
    return false;
  if (algorithm == NMD_ALGORITHM_MOMENTS)
    return f->kind == NMD_WIDE && f->zeta == floor(f->zeta) && f->zeta >= 1.0 && f->zeta <= NMD_MAX_ORDER &&
           fabs(f->lambda) <= 1.0;
  return algorithm == NMD_ALGORITHM_GENERIC || f->kind < NMD_COMPACT_RADIAL;
}

static nmd_status find_moments(nmd_element_plan *plan, int factor, int species, int order, int *index) {
  for (*index = 0; *index < plan->n_moments; ++*index) {
    nmd_plan_moments *set = &plan->moments[*index];
    if (set->factor != factor || set->species != species) continue;
    if (set->order < order) set->order = order;
    return NMD_OK;
  }
  NMD_TRY(NMD_ROOM(plan->moments, plan->n_moments));
  plan->moments[plan->n_moments++] = (nmd_plan_moments){.species = species, .factor = factor, .order = order};
  return NMD_OK;
}

/* First round: which sets and forms there are; the matrices follow in nmd__plan_fill_forms. */
static nmd_status add_wide(nmd_element_plan *plan, int function, const nmd_symmetry_function *f) {
  int factor, use, a, b, i;
  NMD_TRY(find_factor(plan, f, &factor));
  NMD_TRY(find_use(plan, factor, f->e1, true, &use));
  NMD_TRY(find_use(plan, factor, f->e2, true, &use));
  NMD_TRY(find_moments(plan, factor, f->e1, (int)f->zeta, &a));
  NMD_TRY(find_moments(plan, factor, f->e2, (int)f->zeta, &b));
  for (i = 0; i < plan->n_forms; i++)
    if (plan->forms[i].a == a && plan->forms[i].b == b) break;
  if (i == plan->n_forms) {
    NMD_TRY(NMD_ROOM(plan->forms, i));
    plan->forms[plan->n_forms++] = (nmd_plan_form){.a = a, .b = b};
  }
  nmd_plan_form *form = &plan->forms[i];
  NMD_TRY(NMD_ROOM(form->function, form->n_functions));
  form->function[form->n_functions++] = function;
  plan->angular_functions++;
  return NMD_OK;
}

static nmd_status add_function(nmd_element_plan *plan, const nmd_model *model, int function,
                               const nmd_symmetry_function *f, nmd_algorithm algorithm) {
  if (f->rc > plan->cutoff) plan->cutoff = f->rc;
  if (!nmd__plan_can(f, NMD_ALGORITHM_GENERIC)) return add_radial(plan, model, function, f);
  NMD_ASSERT(nmd__plan_can(f, algorithm));
  if (algorithm == NMD_ALGORITHM_MOMENTS) return add_wide(plan, function, f);
  if (algorithm == NMD_ALGORITHM_PAIRS) return nmd__plan_add_triple(plan, model, function, f);
  return add_generic(plan, model, function, f);
}

/* Near are those below three quarters of the cut-off: less than half of all neighbours. Functions of pairs go through
 * all neighbours of a species, so there is no order with them. */
static void find_near(nmd_element_plan *plan) {
  if (plan->n_triples + plan->n_generic > 0) return;
  for (int i = 0; i < plan->n_factors; i++) {
    nmd_plan_factor *f = &plan->factors[i];
    const double reach = f->compact ? f->rc : plan->cuts[f->cut];
    f->near = reach <= 0.75 * plan->cutoff;
    if (f->near) plan->near = fmax(plan->near, reach);
  }
}

nmd_status nmd_element_plan_init(nmd_element_plan *plan, const nmd_model *model, int element,
                                 const nmd_algorithm *algorithms) {
  const nmd_element_model *self = &model->elements[element];
  *plan = (nmd_element_plan){.n_species = model->n_elements,
                             .n_functions = self->n_functions,
                             .cutoff_kind = model->cutoff_kind,
                             .cutoff_alpha = model->cutoff_alpha};
  for (int i = 0; i < self->n_functions; i++) NMD_TRY(add_function(plan, model, i, &self->functions[i], algorithms[i]));
  for (int i = 0; i < plan->n_triples; i++) NMD_TRY(nmd__plan_finish_triples(&plan->triples[i]));
  for (int i = 0; i < plan->n_generic; i++) NMD_TRY(finish_generic(&plan->generic[i]));
  find_near(plan);
  return nmd__plan_fill_forms(plan, self);
}

static void free_triples(nmd_plan_triples *group) {
  nmd_free(group->eta);
  nmd_free(group->angles);
  nmd_free(group->terms);
  nmd_free(group->first_term);
  nmd_free(group->exponential);
  nmd_free(group->radial.steps);
  nmd_free(group->angular.steps);
  nmd_free(group->angular_gradient.steps);
}

void nmd_element_plan_free(nmd_element_plan *plan) {
  for (int i = 0; i < plan->n_forms; i++) {
    nmd_free(plan->forms[i].function);
    nmd_free(plan->forms[i].matrix);
    nmd_free(plan->forms[i].self);
  }
  for (int i = 0; i < plan->n_triples; i++) free_triples(&plan->triples[i]);
  for (int i = 0; i < plan->n_generic; i++) {
    nmd_free(plan->generic[i].factors);
    nmd_free(plan->generic[i].bends);
    nmd_free(plan->generic[i].terms);
    nmd_free(plan->generic[i].first_term);
  }
  nmd_free(plan->algorithms);
  nmd_free(plan->cuts);
  nmd_free(plan->factors);
  nmd_free(plan->uses);
  nmd_free(plan->sums);
  nmd_free(plan->moments);
  nmd_free(plan->forms);
  nmd_free(plan->triples);
  nmd_free(plan->generic);
  *plan = (nmd_element_plan){0};
}
