/* SPDX-License-Identifier: BSD-3-Clause */
#include "nnp/evaluate.h"

#include <string.h>

#include "nnp/evaluator_data.h"

static const double tolerance = 1000.0 * 2.220446e-16; /* of the training range, as n2p2 has it */

static void count_extrapolations(const nmd_element_model *element, int centre, const double *G,
                                 nmd_environment_results *results) {
  for (int f = 0; f < element->n_functions; f++) {
    if (!(G[f] + tolerance < element->low[f]) && !(G[f] - tolerance > element->high[f])) continue;
    if (results->extrapolations != NULL && results->n_extrapolations < results->capacity)
      results->extrapolations[results->n_extrapolations] =
          (nmd_extrapolation){centre, f, G[f], element->low[f], element->high[f]};
    results->n_extrapolations++;
  }
}

/* G of the centre in the scratch */
static nmd_status values(nmd_evaluator *e, const nmd_element_plan *plan, const nmd_environments *environments,
                         int centre) {
  const nmd_kernels *k = e->kernels;
  nmd_scratch *s = &e->scratch;
  memset(s->G, 0, (size_t)nmd_padded(plan->n_functions) * sizeof *s->G);
  k->gather(plan, environments, centre, s);
  k->radial(plan, s);
  if (plan->n_forms > 0) k->moments(plan, s);
  if (plan->n_triples > 0) {
    NMD_TRY(nmd__scratch_streams(plan, s));
    k->triples(plan, s);
  }
  if (plan->n_generic > 0) k->generic(plan, s);
  return NMD_OK;
}

static void gradients(nmd_evaluator *e, const nmd_element_plan *plan, int first, int n,
                      nmd_environment_results *results) {
  const nmd_kernels *k = e->kernels;
  nmd_scratch *s = &e->scratch;
  const size_t bytes = (size_t)n * sizeof(double);
  k->radial_gradient(plan, s);
  if (plan->n_forms > 0) k->moments_gradient(plan, s);
  if (plan->n_triples > 0) k->triples_gradient(plan, s);
  if (plan->n_generic > 0) k->generic_gradient(plan, s);
  memset(results->gx + first, 0, bytes); /* of the neighbours beyond the cut-off */
  memset(results->gy + first, 0, bytes);
  memset(results->gz + first, 0, bytes);
  k->scatter(plan, s, results->gx + first, results->gy + first, results->gz + first);
}

nmd_status nmd_evaluate(nmd_evaluator *e, const nmd_environments *environments, nmd_environment_results *results) {
  const int element = environments->element, *first = environments->first;
  const nmd_element_plan *plan = &e->plans[element];
  const nmd_network *network = &e->networks[element];
  nmd_scratch *s = &e->scratch;
  int most = 0;
  for (int c = 0; c < environments->n; c++)
    if (first[c + 1] - first[c] > most) most = first[c + 1] - first[c];
  NMD_TRY(nmd__scratch_neighbours(e, most));
  results->n_extrapolations = 0;
  for (int c = 0; c < environments->n; c++) {
    const bool forces = results->gx != NULL;
    NMD_TRY(values(e, plan, environments, c));
    if (results->G != NULL)
      memcpy(results->G + (size_t)c * (size_t)plan->n_functions, s->G, (size_t)plan->n_functions * sizeof *s->G);
    count_extrapolations(&e->model->elements[element], c, s->G, results);
    results->energy[c] = e->kernels->network(network, s->G, s->network, forces ? s->dG : NULL);
    if (forces) gradients(e, plan, first[c], first[c + 1] - first[c], results);
  }
  return NMD_OK;
}
