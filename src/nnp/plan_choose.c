/* SPDX-License-Identifier: BSD-3-Clause */
/* Which algorithm does which angular function: a local search over what groups of functions may do, with the whole
 * plan's counted cost as the measure, since groups share streams, moments and radial factors. */
#include <string.h>

#include "base/memory.h"
#include "nnp/cost.h"
#include "nnp/plan_parts.h"

/* The wish where it can, or the next one of the list that can. */
static nmd_algorithm possible(const nmd_symmetry_function *f, nmd_algorithm wish) {
  nmd_algorithm a = wish == NMD_ALGORITHM_BEST ? NMD_ALGORITHM_MOMENTS : wish;
  while (a < NMD_ALGORITHM_GENERIC && !nmd__plan_can(f, a)) a++;
  return a;
}

typedef struct search {
  const nmd_model *model;
  const nmd_element_model *element;
  int index, n; /* of the element; its functions */
  nmd_simd simd;
  int lanes;
  nmd_algorithm *best, *trial; /* [n] */
  double cost;                 /* of `best`, us */
} search;

nmd_status nmd__plan_cost_of(const nmd_model *model, int element, const nmd_algorithm *algorithms, nmd_simd simd,
                             int lanes, const double *neighbours, double *us) {
  nmd_element_plan plan;
  nmd_cost cost = {0};
  const nmd_status status = nmd_element_plan_init(&plan, model, element, algorithms);
  if (status == NMD_OK) {
    const nmd_cost_environment e = nmd_cost_typical(&plan, neighbours, model->cutoff, lanes);
    nmd_cost_add_plan(&plan, &e, &cost);
    *us = nmd_cost_us(&cost, simd);
  }
  nmd_element_plan_free(&plan);
  return status;
}

/* Keep `trial` if it is cheaper. */
static nmd_status attempt(search *s, bool *changed) {
  double cost;
  if (memcmp(s->trial, s->best, (size_t)s->n * sizeof *s->trial) == 0) return NMD_OK;
  NMD_TRY(nmd__plan_cost_of(s->model, s->index, s->trial, s->simd, s->lanes, NULL, &cost));
  if (!(cost < s->cost * (1.0 - 1e-9))) return NMD_OK;
  memcpy(s->best, s->trial, (size_t)s->n * sizeof *s->trial);
  s->cost = cost;
  *changed = true;
  return NMD_OK;
}

/* Functions that share a stream of pairs; with the same exponent they share moments too. */
static bool together(const nmd_symmetry_function *a, const nmd_symmetry_function *b, bool same_eta) {
  return a->kind == b->kind && a->e1 == b->e1 && a->e2 == b->e2 && a->rc == b->rc && a->rs == b->rs &&
         (!same_eta || a->eta == b->eta);
}

static bool has_choice(const nmd_symmetry_function *f) { return nmd__plan_can(f, NMD_ALGORITHM_PAIRS); }

/* The functions together with `first`: by moments up to a zeta and by pairs above, for each such limit; or generic. */
static nmd_status attempt_group(search *s, int first, bool same_eta, bool *changed) {
  const nmd_symmetry_function *functions = s->element->functions;
  for (int limit = -1; limit <= NMD_MAX_ORDER; limit++) {
    bool useful = limit <= 0;
    memcpy(s->trial, s->best, (size_t)s->n * sizeof *s->trial);
    for (int f = first; f < s->n; f++) {
      const nmd_symmetry_function *g = &functions[f];
      if (!together(g, &functions[first], same_eta)) continue;
      const bool moments = g->zeta <= limit && nmd__plan_can(g, NMD_ALGORITHM_MOMENTS);
      useful = useful || (moments && g->zeta == limit);
      s->trial[f] = limit < 0 ? NMD_ALGORITHM_GENERIC : moments ? NMD_ALGORITHM_MOMENTS : NMD_ALGORITHM_PAIRS;
    }
    if (useful) NMD_TRY(attempt(s, changed));
  }
  return NMD_OK;
}

static bool first_of_group(const search *s, int f, bool same_eta) {
  const nmd_symmetry_function *functions = s->element->functions;
  if (!has_choice(&functions[f])) return false;
  for (int g = 0; g < f; g++)
    if (together(&functions[g], &functions[f], same_eta)) return false;
  return true;
}

/* From moments where they can, streams elsewhere: whole streams first, then exponent by exponent, until nothing pays.
 */
static nmd_status find_best(search *s) {
  enum { ROUNDS_MAX = 4 };
  bool changed = true;
  NMD_TRY(nmd__plan_cost_of(s->model, s->index, s->best, s->simd, s->lanes, NULL, &s->cost));
  for (int round = 0; round < ROUNDS_MAX && changed; round++) {
    changed = false;
    for (int same_eta = 0; same_eta < 2; same_eta++)
      for (int f = 0; f < s->n; f++)
        if (first_of_group(s, f, same_eta)) NMD_TRY(attempt_group(s, f, same_eta, &changed));
  }
  return NMD_OK;
}

nmd_status nmd_element_plan_choose(nmd_element_plan *plan, const nmd_model *model, int element, nmd_algorithm wish,
                                   nmd_simd simd, int lanes) {
  const nmd_element_model *self = &model->elements[element];
  nmd_status status = NMD_OK;
  search s = {.model = model, .element = self, .index = element, .n = self->n_functions, .simd = simd, .lanes = lanes};
  NMD_GOTO(NMD_ALLOC(s.best, s.n));
  NMD_GOTO(NMD_ALLOC(s.trial, s.n));
  for (int f = 0; f < s.n; f++) s.best[f] = possible(&self->functions[f], wish);
  if (wish == NMD_ALGORITHM_BEST) NMD_GOTO(find_best(&s));
  NMD_GOTO(nmd_element_plan_init(plan, model, element, s.best));
  plan->algorithms = s.best;
  s.best = NULL;
done:
  nmd_free(s.best);
  nmd_free(s.trial);
  return status;
}
