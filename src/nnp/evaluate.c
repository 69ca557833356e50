/* SPDX-License-Identifier: BSD-3-Clause */
#include "nnp/evaluate.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "nnp/evaluator_data.h"

typedef struct slack { /* a value is outside from absolute + relative * range beyond a limit */
  double absolute, relative;
} slack;

/* In double n2p2's; in mixed precision a function that is at its limit may come out beyond by rounding. */
static slack slack_of(nmd_precision precision) {
  return precision == NMD_PRECISION_MIXED ? (slack){1e-6, 1e-5} : (slack){1000.0 * 2.220446e-16, 0.0};
}

static inline int outside(slack t, double G, double low, double high) {
  const double tolerance = t.absolute + t.relative * (high - low);
  return (G + tolerance < low) | (G - tolerance > high);
}

static void count_extrapolations(nmd_precision precision, const nmd_element_model *element, int centre, const double *G,
                                 nmd_environment_results *results) {
  const slack t = slack_of(precision);
  const double *low = element->low, *high = element->high;
  int any = 0;
  for (int f = 0; f < element->n_functions; f++) any |= outside(t, G[f], low[f], high[f]); /* in vectors */
  for (int f = 0; any && f < element->n_functions; f++) {
    if (!outside(t, G[f], low[f], high[f])) continue;
    if (results->extrapolations != NULL && results->n_extrapolations < results->capacity)
      results->extrapolations[results->n_extrapolations] = (nmd_extrapolation){centre, f, G[f], low[f], high[f]};
    results->n_extrapolations++;
  }
}

/* G of the centre in the scratch */
static nmd_status values(const nmd_evaluator *e, const nmd_element_plan *plan, const nmd_environments *environments,
                         int centre, nmd_scratch *s) {
  const nmd_kernels *k = e->kernels;
  memset(s->G, 0, (size_t)nmd_padded(plan->n_functions) * sizeof *s->G);
  k->gather(plan, environments, centre, s);
  k->radial(plan, s);
  if (plan->n_forms > 0) {
    k->moments(plan, s);
    k->forms(plan, s);
  }
  if (plan->n_triples > 0) {
    NMD_TRY(nmd__scratch_streams(e, plan, s));
    k->triples(plan, s);
  }
  if (plan->n_generic > 0) k->generic(plan, s);
  return NMD_OK;
}

/* Of the energy whose dE/dG is in the scratch, on the centre's n neighbours. */
static void gradients(const nmd_kernels *k, const nmd_element_plan *plan, nmd_scratch *s, int n, double *gx, double *gy,
                      double *gz) {
  const size_t bytes = (size_t)n * sizeof(double);
  k->radial_gradient(plan, s);
  if (plan->n_forms > 0) {
    k->forms_gradient(plan, s);
    k->moments_gradient(plan, s);
  }
  if (plan->n_triples > 0) k->triples_gradient(plan, s);
  if (plan->n_generic > 0) k->generic_gradient(plan, s);
  memset(gx, 0, bytes); /* of the neighbours beyond the cut-off */
  memset(gy, 0, bytes);
  memset(gz, 0, bytes);
  k->scatter(plan, s, gx, gy, gz);
}

static void note_spread(const double *energy, int n, int c, double mean, nmd_environment_results *results) {
  double sum = 0.0;
  for (int k = 0; k < n; k++) sum += (energy[k] - mean) * (energy[k] - mean);
  if (results->sigma != NULL) results->sigma[c] = n > 1 ? sqrt(sum / (n - 1)) : 0.0;
  if (results->member_energy != NULL)
    memcpy(results->member_energy + (size_t)c * (size_t)n, energy, (size_t)n * sizeof *energy);
}

/* Energies of all members for the G in the scratches of a block; with `forces`, dG of the energy that is wanted. */
static void run_networks(nmd_evaluator *e, int element, bool forces) {
  const nmd_network *networks = &e->networks[element * e->n_networks];
  const int n = e->n_networks, each = e->n_members / n, padded = nmd_padded(e->plans[element].n_functions);
  nmd_scratch *s = e->scratch;
  if (e->block > 1) {
    e->kernels->network_block(networks, s, forces ? s->member_weight : NULL);
    return;
  }
  for (int k = 0; k < n; k++) {
    double *dG = k == 0 ? s->dG : s->dG_member;
    e->kernels->network(&networks[k], s->G, s->network, s->member_energy + k * each,
                        forces ? s->member_weight + k * each : NULL, dG);
    for (int i = 0; k > 0 && forces && i < padded; i++) s->dG[i] += dG[i];
  }
}

static double atom_energy(const nmd_evaluator *e, int element, int c, double *energy,
                          nmd_environment_results *results) {
  const int n = e->n_members;
  double mean = 0.0;
  for (int k = 0; k < n; k++) {
    energy[k] += e->extra_offset[element * n + k];
    mean += energy[k] / n;
  }
  note_spread(energy, n, c, mean, results);
  return results->member == 0 ? mean : energy[results->member - 1];
}

/* `n` centres from `c` on, at most a block of them; what the rest of the block's scratches hold goes along unused. */
static nmd_status evaluate_block(nmd_evaluator *e, const nmd_environments *environments, int c, int n,
                                 nmd_environment_results *results) {
  const int element = environments->element, *first = environments->first + c;
  const nmd_element_plan *plan = &e->plans[element];
  const bool forces = results->gx != NULL;
  for (int b = 0; b < n; b++) {
    nmd_scratch *s = &e->scratch[b];
    NMD_TRY(values(e, plan, environments, c + b, s));
    if (results->G != NULL)
      memcpy(results->G + (size_t)(c + b) * (size_t)plan->n_functions, s->G, (size_t)plan->n_functions * sizeof *s->G);
    count_extrapolations(e->kernels->precision, &e->model->elements[element], c + b, s->G, results);
  }
  run_networks(e, element, forces);
  for (int b = 0; b < n; b++) {
    nmd_scratch *s = &e->scratch[b];
    results->energy[c + b] = atom_energy(e, element, c + b, s->member_energy, results);
    if (forces)
      gradients(e->kernels, plan, s, first[b + 1] - first[b], results->gx + first[b], results->gy + first[b],
                results->gz + first[b]);
  }
  return NMD_OK;
}

static nmd_status evaluate(nmd_evaluator *e, const nmd_environments *environments, nmd_environment_results *results) {
  const int *first = environments->first;
  double *weight = e->scratch[0].member_weight;
  int most = 0;
  for (int c = 0; c < environments->n; c++)
    if (first[c + 1] - first[c] > most) most = first[c + 1] - first[c];
  NMD_TRY(nmd__scratch_neighbours(e, most));
  results->n_extrapolations = 0;
  for (int k = 0; k < e->n_members; k++)
    weight[k] = results->member == 0 ? 1.0 / e->n_members : results->member == k + 1 ? 1.0 : 0.0;
  for (int c = 0; c < environments->n; c += e->block) {
    const int left = environments->n - c;
    NMD_TRY(evaluate_block(e, environments, c, left < e->block ? left : e->block, results));
  }
  return NMD_OK;
}

nmd_status nmd_evaluate(nmd_evaluator *e, const nmd_environments *environments, nmd_environment_results *results) {
  const unsigned state = e->kernels->begin();
  const nmd_status status = evaluate(e, environments, results);
  e->kernels->end(state);
  return status;
}

int nmd_evaluator_collect(const nmd_evaluator *e, const nmd_environment_source *from, double *dx, double *dy,
                          double *dz, int *which) {
  return e->kernels->collect(from, dx, dy, dz, which);
}

/* The pairs of all triple groups, which a backward pass overwrites. */
static size_t stream_length(const nmd_element_plan *plan, const nmd_scratch *s) {
  if (plan->n_triples == 0) return 0;
  const int last = plan->n_triples - 1;
  return s->streams[last].first + s->streams[last].capacity * (size_t)(5 + plan->triples[last].n_eta);
}

static void clear_gradients(nmd_scratch *s, size_t real_size) {
  const size_t bytes = (size_t)s->n * real_size;
  memset(s->gx, 0, bytes);
  memset(s->gy, 0, bytes);
  memset(s->gz, 0, bytes);
  memset(s->radial, 0, bytes);
}

nmd_status nmd_evaluate_derivatives(nmd_evaluator *e, const nmd_environments *environments, int centre, double *G,
                                    double *dG) {
  const nmd_element_plan *plan = &e->plans[environments->element];
  nmd_scratch *s = e->scratch;
  const int n = environments->first[centre + 1] - environments->first[centre];
  unsigned char *pairs = NULL;
  NMD_TRY(nmd__scratch_neighbours(e, n));
  NMD_TRY(values(e, plan, environments, centre, s));
  const size_t length = stream_length(plan, s) * e->kernels->real_size;
  if (length > 0) {
    NMD_TRY(NMD_ALLOC(pairs, length));
    memcpy(pairs, s->stream, length);
  }
  memcpy(G, s->G, (size_t)plan->n_functions * sizeof *G);
  memset(s->dG, 0, (size_t)nmd_padded(plan->n_functions) * sizeof *s->dG);
  for (int f = 0; f < plan->n_functions; f++, dG += 3 * (size_t)n) {
    if (length > 0 && f > 0) memcpy(s->stream, pairs, length);
    clear_gradients(s, e->kernels->real_size);
    s->dG[f] = 1.0;
    gradients(e->kernels, plan, s, n, dG, dG + n, dG + 2 * (size_t)n);
    s->dG[f] = 0.0;
  }
  nmd_free(pairs);
  return NMD_OK;
}
