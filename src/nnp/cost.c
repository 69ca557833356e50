/* SPDX-License-Identifier: BSD-3-Clause */
#include "nnp/cost.h"

#include <math.h>

static const double within =
    0.46; /* of the pairs in a sphere have r_jk < its radius: 15/32, less the excluded volume */
static const double density = 0.07; /* atoms per cubic Angstrom */

/* Vectors of a species' neighbours: they are padded to NMD_LANES. */
static double vectors(const nmd_cost_environment *e, int species) {
  const double n = e->count[species];
  return n > 0.0 ? (n + 0.5 * (NMD_LANES - 1)) / e->lanes : 0.0;
}

/* Those that a factor is worked out for: the near ones of a species stand in front. */
static double reached(const nmd_element_plan *plan, const nmd_cost_environment *e, bool near, int species) {
  if (!near) return vectors(e, species);
  const double n = e->count[species] * pow(plan->near / plan->cutoff, 3.0);
  return n > 0.0 ? (n + 0.5 * (e->lanes - 1)) / e->lanes : 0.0;
}

static double all_vectors(const nmd_element_plan *plan, const nmd_cost_environment *e, bool near) {
  double sum = 0.0;
  for (int s = 0; s < plan->n_species; s++) sum += reached(plan, e, near, s);
  return sum;
}

void nmd_cost_add_radial(const nmd_element_plan *plan, const nmd_cost_environment *e, nmd_cost *cost) {
  double *u = cost->units;
  u[NMD_COST_CENTRE] += 1.0;
  u[NMD_COST_GATHERED_SPECIES] += plan->n_species;
  for (int s = 0; s < plan->n_species; s++) u[NMD_COST_NEIGHBOUR] += e->count[s];
  u[NMD_COST_NEIGHBOUR_VECTOR] += e->listed / e->lanes * plan->n_species * (plan->near > 0.0 ? 2.0 : 1.0);
  for (int c = 0; c < plan->n_cuts; c++) u[NMD_COST_CUT_VECTOR] += all_vectors(plan, e, plan->cuts[c] <= plan->near);
  u[NMD_COST_USE] += plan->n_uses;
  u[NMD_COST_SUM] += plan->n_sums;
  for (int i = 0; i < plan->n_uses; i++) {
    const nmd_plan_factor *f = &plan->factors[plan->uses[i].factor];
    u[f->compact ? NMD_COST_COMPACT_VECTOR : NMD_COST_USE_VECTOR] += reached(plan, e, f->near, plan->uses[i].species);
  }
}

void nmd_cost_add_set(const nmd_element_plan *plan, int set, const nmd_cost_environment *e, nmd_cost *cost) {
  const nmd_plan_moments *m = &plan->moments[set];
  cost->units[NMD_COST_SET] += 1.0;
  cost->units[NMD_COST_SET_MOMENT] += nmd_first_monomial(m->order + 1);
  cost->units[NMD_COST_SET_VECTOR_1 + m->order - 1] += reached(plan, e, plan->factors[m->factor].near, m->species);
}

void nmd_cost_add_form(const nmd_element_plan *plan, int form, const nmd_cost_environment *e, nmd_cost *cost) {
  const nmd_plan_form *f = &plan->forms[form];
  const double rows = (f->n_functions + e->lanes - 1) / e->lanes * e->lanes + f->n_functions; /* pass 1 and pass 2 */
  cost->units[NMD_COST_FORM] += 1.0;
  cost->units[NMD_COST_FORM_VECTOR] += 0.5 * rows * f->length / e->lanes;
}

/* Pairs j < k of two species, of those neighbours within rc */
static double pair_count(const nmd_element_plan *plan, const nmd_cost_environment *e, int a, int b, double rc) {
  const double share = pow(rc / plan->cutoff, 3.0), na = share * e->count[a], nb = share * e->count[b];
  return a == b ? 0.5 * na * fmax(na - 1.0, 0.0) : na * nb;
}

static nmd_cost_unit side_unit(nmd_cutoff_kind kind) {
  switch (kind) {
    case NMD_CUTOFF_COSINE: return NMD_COST_SIDE_COSINE;
    case NMD_CUTOFF_TANH3:
    case NMD_CUTOFF_TANH3_NORMALISED: return NMD_COST_SIDE_TANH;
    case NMD_CUTOFF_EXP: return NMD_COST_SIDE_EXPONENTIAL;
    default: return NMD_COST_SIDE_POLYNOMIAL;
  }
}

void nmd_cost_add_triples(const nmd_element_plan *plan, int group, const nmd_cost_environment *e, nmd_cost *cost) {
  const nmd_plan_triples *t = &plan->triples[group];
  const nmd_program *programs[] = {&t->radial, &t->angular, &t->angular_gradient};
  const double pairs = pair_count(plan, e, t->a, t->b, t->rc) * (t->narrow ? within : 1.0);
  const double stream = pairs / e->lanes + 2.0; /* the last block of four is half full */
  double *u = cost->units;
  u[NMD_COST_STREAM] += 1.0;
  u[NMD_COST_STREAM_ROW] += 0.5 * e->count[t->a];
  u[NMD_COST_WALK_VECTOR] += e->count[t->a] * (vectors(e, t->b) * (t->a == t->b ? 0.5 : 1.0) + 0.5);
  u[NMD_COST_PAIR_VECTOR] += stream;
  if (t->narrow) u[side_unit(plan->cutoff_kind)] += stream;
  u[NMD_COST_ETA_VECTOR] += stream * t->n_eta;
  u[NMD_COST_TERM_VECTOR] += stream * t->n_terms;
  for (int p = 0; p < 3; p++)
    for (int i = 0; i < programs[p]->n_steps; i++) {
      const nmd_step_kind kind = programs[p]->steps[i].kind;
      const nmd_cost_unit unit = kind == NMD_STEP_EXPONENTIAL ? NMD_COST_EXPONENTIAL_VECTOR
                                 : kind == NMD_STEP_POWER     ? NMD_COST_POWER_VECTOR
                                                              : NMD_COST_PRODUCT_VECTOR;
      u[unit] += stream;
    }
}

void nmd_cost_add_generic(const nmd_element_plan *plan, int group, const nmd_cost_environment *e, nmd_cost *cost) {
  const nmd_plan_generic *t = &plan->generic[group];
  const double pairs = e->count[t->a] * (vectors(e, t->b) * (t->a == t->b ? 0.5 : 1.0) + 0.5);
  double *u = cost->units;
  u[NMD_COST_GENERIC] += 1.0;
  u[NMD_COST_GENERIC_VECTOR] += pairs;
  if (t->windows) u[NMD_COST_GENERIC_ANGLE] += pairs;
  for (int i = 0; i < t->n_bends; i++) {
    const nmd_plan_bend *bend = &t->bends[i];
    const bool integer = bend->zeta == floor(bend->zeta) && bend->zeta <= NMD_MAX_CHAINED;
    u[bend->window ? NMD_COST_GENERIC_WINDOW : integer ? NMD_COST_GENERIC_POWER : NMD_COST_GENERIC_REAL_POWER] += pairs;
  }
  for (int i = 0; i < t->n_factors; i++) {
    const nmd_plan_factor *f = &plan->factors[t->factors[i]];
    /* a row without the factor is passed over */
    const double rows =
        f->compact ? (f->rc - fmax(f->rl, 0.0)) / plan->cutoff : pow(plan->cuts[f->cut] / plan->cutoff, 3.0);
    u[!t->narrow   ? NMD_COST_GENERIC_FACTOR
      : f->compact ? NMD_COST_GENERIC_COMPACT
                   : NMD_COST_GENERIC_GAUSSIAN] += pairs * fmin(rows, 1.0);
  }
  u[NMD_COST_GENERIC_TERM] += pairs * t->n_terms;
}

void nmd_cost_add_network(const nmd_network *network, int lanes, nmd_cost *cost) {
  const double members = network->members;
  double *u = cost->units;
  u[NMD_COST_NETWORK] += 1.0;
  for (int l = 0; l < network->n_layers; l++) {
    const nmd_network_layer *layer = &network->layers[l];
    u[NMD_COST_NETWORK_LAYER] += 1.0; /* what is waited for: the members wait together */
    u[NMD_COST_NETWORK_VECTOR] +=
        members * ((double)layer->real_in * layer->n_out + (double)layer->real_out * layer->n_in) / lanes;
    u[NMD_COST_NETWORK_ACTIVATION] +=
        layer->activation == NMD_ACT_IDENTITY ? 0.0 : members * (double)layer->n_out / lanes;
  }
}

void nmd_cost_add_plan(const nmd_element_plan *plan, const nmd_cost_environment *e, nmd_cost *cost) {
  nmd_cost_add_radial(plan, e, cost);
  for (int i = 0; i < plan->n_moments; i++) nmd_cost_add_set(plan, i, e, cost);
  for (int i = 0; i < plan->n_forms; i++) nmd_cost_add_form(plan, i, e, cost);
  for (int i = 0; i < plan->n_triples; i++) nmd_cost_add_triples(plan, i, e, cost);
  for (int i = 0; i < plan->n_generic; i++) nmd_cost_add_generic(plan, i, e, cost);
}

double nmd_cost_us(const nmd_cost *cost, nmd_simd simd) {
  const double *table = nmd_cost_table(simd);
  double sum = 0.0;
  for (int i = 0; i < NMD_COST_UNIT_COUNT; i++) sum += cost->units[i] * table[i];
  return 1e-3 * sum;
}

nmd_cost_environment nmd_cost_typical(const nmd_element_plan *plan, const double *neighbours, double cutoff,
                                      int lanes) {
  const double sphere = 4.0 / 3.0 * 3.14159265358979323846 * density, share = pow(plan->cutoff / cutoff, 3.0);
  nmd_cost_environment e = {.lanes = lanes};
  for (int s = 0; s < plan->n_species; s++) {
    e.count[s] = share * (neighbours != NULL ? neighbours[s] : sphere * cutoff * cutoff * cutoff / plan->n_species);
    e.listed += e.count[s] / share;
  }
  return e;
}
