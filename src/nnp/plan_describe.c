/* SPDX-License-Identifier: BSD-3-Clause */
/* What a plan costs, and what it looks like to a reader. */
#include <stdio.h>

#include "nnp/plan.h"
#include "system/element.h"

/* Counted in the kernels: instructions of a vector of neighbours or pairs. */
double nmd_element_plan_operations(const nmd_element_plan *plan, int n, int lanes) {
  const double per_species = plan->n_species > 0 ? (double)n / plan->n_species : 0.0, width = lanes;
  const double vectors = per_species / width + 0.5; /* of one species; the last one is half full */
  double sum = 400.0 + 12.0 * n + 60.0 * plan->n_cuts * n / width + 28.0 * plan->n_uses * vectors;
  for (int i = 0; i < plan->n_moments; i++) {
    const double number = (plan->moments[i].order + 1) * (plan->moments[i].order + 1);
    sum += 7.0 * number * vectors + 12.0 * number;
  }
  for (int i = 0; i < plan->n_forms; i++) {
    const nmd_plan_form *form = &plan->forms[i];
    sum += 2.0 * nmd_padded(form->n_functions) * form->length / width + 60.0;
  }
  for (int i = 0; i < plan->n_triples; i++) {
    const nmd_plan_triples *t = &plan->triples[i];
    const double pairs = per_species * per_species * (t->a == t->b ? 0.5 : 1.0);
    const double count = t->narrow ? 0.45 : 1.0;
    const double each =
        80.0 + 20.0 * t->n_eta + 2.0 * (t->angular.n_steps + t->angular_gradient.n_steps) + 5.0 * t->n_terms;
    sum += pairs / width * (60.0 + count * each);
  }
  for (int i = 0; i < plan->n_generic; i++) {
    const nmd_plan_generic *t = &plan->generic[i];
    const double pairs = per_species * per_species * (t->a == t->b ? 0.5 : 1.0);
    sum += pairs / width * (250.0 + 50.0 * t->n_bends + 70.0 * t->n_factors + 4.0 * t->n_terms);
  }
  return sum;
}

typedef struct writer {
  nmd_text_writer *write;
  void *context;
  const nmd_model *model;
} writer;

static const char *symbol(const writer *w, int element) {
  return nmd_element_symbol(w->model->elements[element].atomic_number);
}

static void describe_moments(const writer *w, const nmd_element_plan *plan) {
  char line[200];
  for (int i = 0; i < plan->n_forms; i++) {
    const nmd_plan_form *form = &plan->forms[i];
    const nmd_plan_moments *a = &plan->moments[form->a], *b = &plan->moments[form->b];
    const nmd_plan_factor *f = &plan->factors[a->factor];
    snprintf(line, sizeof line, "    wide %s-%s, eta %g rs %g rc %g: moments to order %d, %d functions\n",
             symbol(w, a->species), symbol(w, b->species), f->eta, f->rs, plan->cuts[f->cut], a->order,
             form->n_functions);
    w->write(w->context, line);
  }
}

static void describe_triples(const writer *w, const nmd_element_plan *plan) {
  char line[200];
  for (int i = 0; i < plan->n_triples; i++) {
    const nmd_plan_triples *t = &plan->triples[i];
    snprintf(line, sizeof line, "    %s %s-%s, rs %g rc %g: pair by pair, %d eta, %d (lambda, zeta), %d functions\n",
             t->narrow ? "narrow" : "wide", symbol(w, t->a), symbol(w, t->b), t->rs, t->rc, t->n_eta, t->n_angles,
             t->n_terms);
    w->write(w->context, line);
  }
  for (int i = 0; i < plan->n_generic; i++) {
    const nmd_plan_generic *t = &plan->generic[i];
    snprintf(line, sizeof line, "    generic %s %s-%s: %d radial factors, %d angular ones, %d functions\n",
             t->narrow ? "narrow" : "wide", symbol(w, t->a), symbol(w, t->b), t->n_factors, t->n_bends, t->n_terms);
    w->write(w->context, line);
  }
}

void nmd_element_plan_describe(const nmd_element_plan *plan, const nmd_model *model, int element,
                               nmd_text_writer *write, void *context) {
  const writer w = {write, context, model};
  char line[200];
  snprintf(line, sizeof line, "  %s: %d functions, cut-off %g A; %d cut-off radii, %d radial factors, %d radial sums\n",
           symbol(&w, element), plan->n_functions, plan->cutoff, plan->n_cuts, plan->n_factors, plan->n_sums);
  write(context, line);
  describe_moments(&w, plan);
  describe_triples(&w, plan);
}
