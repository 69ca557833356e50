/* SPDX-License-Identifier: BSD-3-Clause */
/* A plan as a table for readers: what each group of functions costs, by which algorithm, and what else it could cost.
 */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "nnp/cost.h"
#include "nnp/plan_parts.h"

typedef struct describer {
  const nmd_element_plan *plan;
  const nmd_model *model;
  int element;
  nmd_simd simd;
  const double *neighbours;
  nmd_cost_environment environment;
  nmd_algorithm *trial; /* [n_functions] */
  double whole;         /* us of the plan */
  nmd_text_writer *write;
  void *context;
} describer;

static const char *symbol(const describer *d, int element) {
  return nmd_element_symbol(d->model->elements[element].atomic_number);
}

static double us(const describer *d, const nmd_cost *cost) { return nmd_cost_us(cost, d->simd); }

static void say(const describer *d, double cost, const char *what, const char *how, double other, const char *by) {
  char line[256];
  int n = snprintf(line, sizeof line, "  %8.3f  %s%s%s", cost, what, how[0] != '\0' ? ": " : "", how);
  if (other > 0.0) n += snprintf(line + n, sizeof line - (size_t)n, " (%s %.3f)", by, other);
  snprintf(line + n, sizeof line - (size_t)n, "\n");
  d->write(d->context, line);
}

static const nmd_symmetry_function *function_of(const describer *d, int f) {
  return &d->model->elements[d->element].functions[f];
}

/* d->trial holds another plan: what a group that costs `own` now would cost with it. */
static nmd_status other_cost(const describer *d, double own, double *other) {
  double whole;
  NMD_TRY(nmd__plan_cost_of(d->model, d->element, d->trial, d->simd, d->environment.lanes, d->neighbours, &whole));
  *other = own + whole - d->whole;
  return NMD_OK;
}

static void keep_plan(const describer *d) {
  memcpy(d->trial, d->plan->algorithms, (size_t)d->plan->n_functions * sizeof *d->trial);
}

static int forms_of_set(const nmd_element_plan *plan, int set) {
  int n = 0;
  for (int i = 0; i < plan->n_forms; i++) n += (plan->forms[i].a == set) + (plan->forms[i].b == set);
  return n;
}

/* A form and its share of the sets it is made of. */
static double form_cost(const describer *d, const nmd_plan_form *form, int index) {
  nmd_cost cost = {0}, a = {0}, b = {0};
  nmd_cost_add_form(d->plan, index, &d->environment, &cost);
  nmd_cost_add_set(d->plan, form->a, &d->environment, &a);
  nmd_cost_add_set(d->plan, form->b, &d->environment, &b);
  return us(d, &cost) + us(d, &a) / forms_of_set(d->plan, form->a) + us(d, &b) / forms_of_set(d->plan, form->b);
}

static nmd_status describe_moments(const describer *d) {
  const nmd_element_plan *plan = d->plan;
  for (int i = 0; i < plan->n_forms; i++) {
    const nmd_plan_form *form = &plan->forms[i];
    const nmd_plan_moments *a = &plan->moments[form->a], *b = &plan->moments[form->b];
    const nmd_plan_factor *f = &plan->factors[a->factor];
    const double own = form_cost(d, form, i);
    char what[100], how[80];
    double other;
    keep_plan(d);
    for (int k = 0; k < form->n_functions; k++) d->trial[form->function[k]] = NMD_ALGORITHM_PAIRS;
    NMD_TRY(other_cost(d, own, &other));
    snprintf(what, sizeof what, "wide %s-%s, eta %.4g rs %.3g rc %.4g", symbol(d, a->species), symbol(d, b->species),
             f->eta, f->rs, plan->cuts[f->cut]);
    snprintf(how, sizeof how, "%d functions by moments to order %d", form->n_functions, a->order);
    say(d, own, what, how, other, "pairs");
  }
  return NMD_OK;
}

static nmd_status describe_triples(const describer *d) {
  for (int i = 0; i < d->plan->n_triples; i++) {
    const nmd_plan_triples *t = &d->plan->triples[i];
    const char *by = "generic";
    char what[100], how[80];
    nmd_cost cost = {0};
    double other;
    nmd_cost_add_triples(d->plan, i, &d->environment, &cost);
    keep_plan(d);
    for (int k = 0; k < t->n_terms; k++) {
      const bool moments = nmd__plan_can(function_of(d, t->terms[k].function), NMD_ALGORITHM_MOMENTS);
      if (moments) by = "moments where possible";
      if (!t->narrow && !moments) continue; /* stays a pair */
      d->trial[t->terms[k].function] = moments ? NMD_ALGORITHM_MOMENTS : NMD_ALGORITHM_GENERIC;
    }
    if (by[0] == 'g')
      for (int k = 0; k < t->n_terms; k++) d->trial[t->terms[k].function] = NMD_ALGORITHM_GENERIC;
    NMD_TRY(other_cost(d, us(d, &cost), &other));
    snprintf(what, sizeof what, "%s %s-%s, %d eta, rs %.3g rc %.4g", t->narrow ? "narrow" : "wide", symbol(d, t->a),
             symbol(d, t->b), t->n_eta, t->rs, t->rc);
    snprintf(how, sizeof how, "%d functions, %d (lambda, zeta), by pairs", t->n_terms, t->n_angles);
    say(d, us(d, &cost), what, how, other, by);
  }
  return NMD_OK;
}

static nmd_status describe_generic(const describer *d) {
  for (int i = 0; i < d->plan->n_generic; i++) {
    const nmd_plan_generic *t = &d->plan->generic[i];
    char what[100], how[80];
    nmd_cost cost = {0};
    double other = 0.0;
    nmd_cost_add_generic(d->plan, i, &d->environment, &cost);
    keep_plan(d);
    for (int k = 0; k < t->n_terms; k++)
      if (nmd__plan_can(function_of(d, t->terms[k].function), NMD_ALGORITHM_PAIRS))
        d->trial[t->terms[k].function] = NMD_ALGORITHM_PAIRS;
    if (memcmp(d->trial, d->plan->algorithms, (size_t)d->plan->n_functions * sizeof *d->trial) != 0)
      NMD_TRY(other_cost(d, us(d, &cost), &other));
    snprintf(what, sizeof what, "%s %s-%s", t->narrow ? "narrow" : "wide", symbol(d, t->a), symbol(d, t->b));
    snprintf(how, sizeof how, "%d functions of %d radial and %d angular factors, generic", t->n_terms, t->n_factors,
             t->n_bends);
    say(d, us(d, &cost), what, how, other, "pairs");
  }
  return NMD_OK;
}

static void describe_radial(const describer *d) {
  const nmd_element_plan *plan = d->plan;
  nmd_cost cost = {0};
  char what[120];
  nmd_cost_add_radial(plan, &d->environment, &cost);
  snprintf(what, sizeof what, "neighbours and radial: %d cut-off radii, %d factors, %d sums", plan->n_cuts,
           plan->n_factors, plan->n_sums);
  say(d, us(d, &cost), what, "", 0.0, "");
}

static void describe_network(const describer *d, const nmd_network *network, int n_networks) {
  nmd_cost cost = {0};
  char what[120];
  int n = snprintf(what, sizeof what, "network %d", d->plan->n_functions);
  for (int k = 0; k < n_networks; k++) nmd_cost_add_network(&network[k], d->environment.lanes, &cost);
  for (int l = 0; l < network->n_layers && n < (int)sizeof what; l++)
    n += snprintf(what + n, sizeof what - (size_t)n, "-%d", network->layers[l].real_out);
  const int members = n_networks * network->members;
  if (members > 1 && n < (int)sizeof what) snprintf(what + n, sizeof what - (size_t)n, ", committee of %d", members);
  say(d, us(d, &cost), what, "", 0.0, "");
}

static nmd_status describe_all(describer *d, const nmd_network *networks, int n_networks) {
  nmd_cost cost = {0};
  char line[160];
  nmd_cost_add_plan(d->plan, &d->environment, &cost);
  d->whole = us(d, &cost);
  for (int k = 0; k < n_networks; k++) nmd_cost_add_network(&networks[k], d->environment.lanes, &cost);
  snprintf(line, sizeof line, "  %s: %.2f us per atom; %d functions, cut-off %.5g A\n", symbol(d, d->element),
           us(d, &cost), d->plan->n_functions, d->plan->cutoff);
  d->write(d->context, line);
  describe_radial(d);
  NMD_TRY(describe_moments(d));
  NMD_TRY(describe_triples(d));
  NMD_TRY(describe_generic(d));
  describe_network(d, networks, n_networks);
  return NMD_OK;
}

nmd_status nmd_cost_describe(const nmd_element_plan *plan, const nmd_network *networks, int n_networks,
                             const nmd_model *model, int element, nmd_simd simd, const double *neighbours, int lanes,
                             nmd_text_writer *write, void *context) {
  describer d = {.plan = plan,
                 .model = model,
                 .element = element,
                 .simd = simd,
                 .neighbours = neighbours,
                 .environment = nmd_cost_typical(plan, neighbours, model->cutoff, lanes),
                 .write = write,
                 .context = context};
  NMD_TRY(NMD_ALLOC(d.trial, plan->n_functions));
  const nmd_status status = describe_all(&d, networks, n_networks);
  nmd_free(d.trial);
  return status;
}
