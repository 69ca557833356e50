/* SPDX-License-Identifier: BSD-3-Clause */
/* Stillinger-Weber: E = sum over pairs phi2(r) + sum over centres i and pairs j, k of neighbours phi3
 *
 *   phi2 = A epsilon [B (sigma/r)^p - (sigma/r)^q] exp[sigma / (r - a sigma)],  r < a sigma
 *   phi3 = lambda epsilon (cos theta_jik - cos theta0)^2 exp[gamma sigma_ij / (r_ij - a sigma_ij) + the same of ik]
 *
 *   epsilon  energy (eV)    sigma  length (A)    theta0  angle without energy (deg)    the others: numbers
 *
 * F. H. Stillinger, T. A. Weber, Phys. Rev. B 31, 5262 (1985), eqs. 2.3 to 2.5; defaults are those for silicon. */
#include <stdio.h>

#include "base/memory.h"
#include "potential/pair_math.h"
#include "potential/triples.h"

typedef struct sw_parameters {
  const nmd_yaml_node *pairs, *triples;
} sw_parameters;

typedef struct sw_pair_parameters {
  nmd_text_list elements;
  double epsilon, sigma, a, gamma, big_a, big_b, p, q;
} sw_pair_parameters;

typedef struct sw_triple_parameters {
  nmd_text_list elements;
  double lambda, epsilon, angle;
} sw_triple_parameters;

static const nmd_option pair_options[] = {
    {"elements", NMD_OPT_TEXT_LIST, offsetof(sw_pair_parameters, elements), .doc = "the two elements, [Si, Si]"},
    {"epsilon", NMD_OPT_REAL, offsetof(sw_pair_parameters, epsilon), NMD_DIM_ENERGY, NULL, 0, 1e3, .doc = "energy"},
    {"sigma", NMD_OPT_REAL, offsetof(sw_pair_parameters, sigma), NMD_DIM_LENGTH, NULL, 0, 100, .min_open = 1,
     .doc = "length"},
    {"a", NMD_OPT_REAL, offsetof(sw_pair_parameters, a), .fallback = "1.8", .max = 100, .min_open = 1,
     .doc = "cut-off / sigma"},
    {"gamma", NMD_OPT_REAL, offsetof(sw_pair_parameters, gamma), .fallback = "1.2", .max = 100,
     .doc = "how fast angular terms fade along this pair, / sigma"},
    {"A", NMD_OPT_REAL, offsetof(sw_pair_parameters, big_a), .fallback = "7.049556277", .max = 1e6,
     .doc = "strength of the pair term"},
    {"B", NMD_OPT_REAL, offsetof(sw_pair_parameters, big_b), .fallback = "0.6022245584", .max = 1e6,
     .doc = "repulsion of the pair term"},
    {"p", NMD_OPT_REAL, offsetof(sw_pair_parameters, p), .fallback = "4", .max = 24, .doc = "power of the repulsion"},
    {"q", NMD_OPT_REAL, offsetof(sw_pair_parameters, q), .fallback = "0", .max = 24, .doc = "power of the attraction"},
};
static const nmd_option_table pair_table = {"pairs", "parameters of one pair of elements", sizeof(sw_pair_parameters),
                                            NMD_COUNT(pair_options), pair_options};

static const nmd_option triple_options[] = {
    {"elements", NMD_OPT_TEXT_LIST, offsetof(sw_triple_parameters, elements),
     .doc = "the element of the centre, then the two outer ones, [Si, Si, Si]"},
    {"lambda", NMD_OPT_REAL, offsetof(sw_triple_parameters, lambda), .fallback = "21", .max = 1e6, .doc = "strength"},
    {"epsilon", NMD_OPT_REAL, offsetof(sw_triple_parameters, epsilon), NMD_DIM_ENERGY, "0 eV", 0, 1e3,
     .doc = "energy; 0: geometric mean of those of the two pairs"},
    {"angle", NMD_OPT_REAL, offsetof(sw_triple_parameters, angle), NMD_DIM_ANGLE, "109.47122063449069 deg", 0, 180,
     .doc = "angle without energy"},
};
static const nmd_option_table triple_table = {"triples", "parameters of one triple of elements",
                                              sizeof(sw_triple_parameters), NMD_COUNT(triple_options), triple_options};

static const nmd_option sw_options[] = {
    {"pairs", NMD_OPT_NODE, offsetof(sw_parameters, pairs), .section = &pair_table, .is_list = 1,
     .doc = "parameters of each pair of elements that interacts"},
    {"triples", NMD_OPT_NODE, offsetof(sw_parameters, triples), .fallback = "", .section = &triple_table, .is_list = 1,
     .doc = "parameters of each triple of elements with an angular term; its two pairs must be among `pairs`"},
};

extern const nmd_option_table nmd__potential_stillinger_weber_options;
const nmd_option_table nmd__potential_stillinger_weber_options = {
    "stillinger_weber", "Stillinger-Weber potential of tetrahedral crystals and liquids", sizeof(sw_parameters),
    NMD_COUNT(sw_options), sw_options};

typedef struct sw {
  nmd__pair_table *pairs;
  nmd__triples triples;
} sw;

enum { EPSILON, SIGMA, CUTOFF, GAMMA, BIG_A, BIG_B, P, Q, N_PARAMETERS };

static void sw_form(const double *c, int n, const double *r, const double *inverse, double *energy,
                    double *force_over_r) {
  for (int k = 0; k < n; k++) {
    const double gap = fmin(r[k] - c[CUTOFF], -1e-4 * c[CUTOFF]), ratio = c[SIGMA] * inverse[k];
    const double fade = c[BIG_A] * c[EPSILON] * nmd__pair_exp(c[SIGMA] / gap);
    const double repulsion = c[BIG_B] * pow(ratio, c[P]), attraction = pow(ratio, c[Q]);
    energy[k] = fade * (repulsion - attraction);
    force_over_r[k] =
        (fade * (c[P] * repulsion - c[Q] * attraction) * inverse[k] + energy[k] * c[SIGMA] / (gap * gap)) * inverse[k];
  }
}

static nmd_status set_pair(sw *self, const nmd_species *species, const nmd_yaml_node *node) {
  sw_pair_parameters p;
  int e[2];
  NMD_TRY(nmd_options_parse(&pair_table, node, &p));
  nmd_status status = nmd__elements_parse(node, &p.elements, 2, "[Si, Si]", species, e);
  const double c[N_PARAMETERS] = {p.epsilon, p.sigma, p.a * p.sigma, p.gamma, p.big_a, p.big_b, p.p, p.q};
  if (c[CUTOFF] > self->pairs->cutoff) self->pairs->cutoff = c[CUTOFF];
  if (status == NMD_OK && e[0] >= 0 && e[1] >= 0)
    status = nmd__pair_table_set(self->pairs, e[0], e[1], c[CUTOFF], c, N_PARAMETERS);
  nmd_options_free(&pair_table, &p);
  return status;
}

static nmd_status set_triple_of(sw *self, const nmd_yaml_node *node, const sw_triple_parameters *p, const int e[3]) {
  nmd__triple_entry entry = {.cosine = cos(p->angle * 0.017453292519943295)};
  double epsilon = 1;
  for (int leg = 0; leg < 2; leg++) {
    const nmd__pair_entry *pair = &self->pairs->entries[e[0] * self->pairs->n_species + e[1 + leg]];
    if (pair->cutoff <= 0)
      NMD_FAIL_AT(node, CONFLICT, "elements: the pair %s-%s is not in `pairs`; expected both pairs of a triple there",
                  p->elements.items[0], p->elements.items[1 + leg]);
    epsilon *= pair->parameters[EPSILON];
    entry.leg[leg] = (nmd__triple_leg){pair->parameters[GAMMA] * pair->parameters[SIGMA], pair->cutoff};
  }
  entry.strength = p->lambda * (p->epsilon > 0 ? p->epsilon : sqrt(epsilon));
  nmd__triples_set(&self->triples, e[0], e[1], e[2], &entry);
  return NMD_OK;
}

static nmd_status set_triple(sw *self, const nmd_species *species, const nmd_yaml_node *node) {
  sw_triple_parameters p;
  int e[3];
  NMD_TRY(nmd_options_parse(&triple_table, node, &p));
  nmd_status status = nmd__elements_parse(node, &p.elements, 3, "[Si, Si, Si]", species, e);
  if (status == NMD_OK && e[0] >= 0 && e[1] >= 0 && e[2] >= 0) status = set_triple_of(self, node, &p, e);
  nmd_options_free(&triple_table, &p);
  return status;
}

static void sw_destroy(void *opaque) {
  sw *self = opaque;
  if (self == NULL) return;
  nmd__pair_destroy(self->pairs);
  nmd__triples_free(&self->triples);
  nmd_free(self);
}

static nmd_status sw_create(const void *parameters, const nmd_species *species, void **out) {
  const sw_parameters *p = parameters;
  sw *self;
  NMD_TRY(NMD_ALLOC(self, 1));
  nmd_status status = nmd__pair_table_create(sw_form, NMD__PAIR_AS_IS, species, &self->pairs);
  if (status == NMD_OK) status = nmd__triples_init(&self->triples, species);
  for (int k = 0; k < p->pairs->n && status == NMD_OK; k++) status = set_pair(self, species, p->pairs->items[k]);
  for (int k = 0; p->triples != NULL && k < p->triples->n && status == NMD_OK; k++)
    status = set_triple(self, species, p->triples->items[k]);
  if (status != NMD_OK)
    sw_destroy(self);
  else
    *out = self;
  return status;
}

static double sw_cutoff(const void *self) { return ((const sw *)self)->pairs->cutoff; }

static nmd_status sw_compute(void *opaque, const nmd_potential_input *input, nmd_potential_partial *partial) {
  sw *self = opaque;
  NMD_TRY(nmd__pair_compute(self->pairs, input, partial));
  return nmd__triples_compute(&self->triples, input, partial);
}

static void sw_describe(const void *self, nmd_text_writer *write, void *context) {
  char line[80];
  snprintf(line, sizeof line, "Stillinger-Weber, cut-off %.6g A\n", sw_cutoff(self));
  write(context, line);
}

static double sw_cost(const void *self) {
  (void)self;
  return 0.6;
}

static void sw_identify(const void *opaque, uint64_t *hash) {
  const sw *self = opaque;
  nmd__pair_identify(self->pairs, hash);
  nmd__triples_identify(&self->triples, hash);
}

extern const nmd_potential_ops nmd__potential_stillinger_weber;
const nmd_potential_ops nmd__potential_stillinger_weber = {
    .name = "stillinger_weber",
    .options = &nmd__potential_stillinger_weber_options,
    .create = sw_create,
    .cutoff = sw_cutoff,
    .compute = sw_compute,
    .describe = sw_describe,
    .identify = sw_identify,
    .cost = sw_cost,
    .destroy = sw_destroy,
};
