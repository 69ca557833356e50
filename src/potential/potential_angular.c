/* SPDX-License-Identifier: BSD-3-Clause */
/* Angular term of oxide force fields, say O-Nb-O: for each centre i and unordered pair j, k of its neighbours
 *
 *   E = alpha (cos theta_jik - gamma)^2 exp[beta / (r_ij - rc) + beta / (r_ik - rc)],  r_ij, r_ik < rc
 *
 *   alpha  strength (eV)    gamma  cosine without energy    beta  decay (A)    rc  cut-off (A)
 *
 * The three-body form of F. H. Stillinger, T. A. Weber, Phys. Rev. B 31, 5262 (1985), eq. 2.5, with free parameters, as
 * in R. Kobayashi et al., APL Mater. 8, 081111 (2020). Each triple of elements has its own. */
#include <stdio.h>

#include "base/memory.h"
#include "potential/triples.h"

typedef struct angular_parameters {
  const nmd_yaml_node *triples;
} angular_parameters;

typedef struct angular_triple_parameters {
  nmd_text_list elements;
  double alpha, beta, gamma, cutoff;
} angular_triple_parameters;

static const nmd_option triple_options[] = {
    {"elements", NMD_OPT_TEXT_LIST, offsetof(angular_triple_parameters, elements),
     .doc = "the element of the centre, then the two outer ones, [Nb, O, O]"},
    {"alpha", NMD_OPT_REAL, offsetof(angular_triple_parameters, alpha), NMD_DIM_ENERGY, NULL, -1e3, 1e3,
     .doc = "strength"},
    {"beta", NMD_OPT_REAL, offsetof(angular_triple_parameters, beta), NMD_DIM_LENGTH, "1 A", 0, 100, .min_open = 1,
     .doc = "how fast the term fades towards the cut-off"},
    {"gamma", NMD_OPT_REAL, offsetof(angular_triple_parameters, gamma), .min = -10, .max = 10,
     .doc = "cosine of the angle without energy"},
    {"cutoff", NMD_OPT_REAL, offsetof(angular_triple_parameters, cutoff), NMD_DIM_LENGTH, NULL, 0, 100, .min_open = 1,
     .doc = "longest distance of an outer atom from the centre"},
};
static const nmd_option_table triple_table = {"triples", "parameters of one triple of elements",
                                              sizeof(angular_triple_parameters), NMD_COUNT(triple_options),
                                              triple_options};

static const nmd_option angular_options[] = {
    {"triples", NMD_OPT_NODE, offsetof(angular_parameters, triples), .section = &triple_table, .is_list = 1,
     .doc = "parameters of each triple of elements that interacts"},
};

extern const nmd_option_table nmd__potential_angular_options;
const nmd_option_table nmd__potential_angular_options = {
    "angular", "angular three-body term between the triples listed", sizeof(angular_parameters),
    NMD_COUNT(angular_options), angular_options};

static void angular_destroy(void *self) {
  if (self != NULL) nmd__triples_free(self);
  nmd_free(self);
}

static nmd_status set_triple(nmd__triples *self, const nmd_species *species, const nmd_yaml_node *node) {
  angular_triple_parameters p;
  int e[3];
  NMD_TRY(nmd_options_parse(&triple_table, node, &p));
  const nmd_status status = nmd__elements_parse(node, &p.elements, 3, "[Nb, O, O]", species, e);
  if (p.cutoff > self->reach->cutoff) self->reach->cutoff = p.cutoff;
  if (status == NMD_OK && e[0] >= 0 && e[1] >= 0 && e[2] >= 0) {
    const nmd__triple_leg leg = {p.beta, p.cutoff};
    nmd__triples_set(self, e[0], e[1], e[2], &(nmd__triple_entry){p.alpha, p.gamma, {leg, leg}});
  }
  nmd_options_free(&triple_table, &p);
  return status;
}

static nmd_status angular_create(const void *parameters, const nmd_species *species, void **out) {
  const angular_parameters *p = parameters;
  nmd__triples *self;
  NMD_TRY(NMD_ALLOC(self, 1));
  nmd_status status = nmd__triples_init(self, species);
  for (int k = 0; k < p->triples->n && status == NMD_OK; k++) status = set_triple(self, species, p->triples->items[k]);
  if (status != NMD_OK)
    angular_destroy(self);
  else
    *out = self;
  return status;
}

static double angular_cutoff(const void *self) { return ((const nmd__triples *)self)->reach->cutoff; }

static nmd_status angular_compute(void *self, const nmd_potential_input *input, nmd_potential_partial *partial) {
  return nmd__triples_compute(self, input, partial);
}

static void angular_describe(const void *self, nmd_text_writer *write, void *context) {
  char line[80];
  snprintf(line, sizeof line, "Angular term, cut-off %.6g A\n", angular_cutoff(self));
  write(context, line);
}

static void angular_identify(const void *self, uint64_t *hash) { nmd__triples_identify(self, hash); }

static double angular_cost(const void *self) {
  (void)self;
  return 0.3;
}

extern const nmd_potential_ops nmd__potential_angular;
const nmd_potential_ops nmd__potential_angular = {
    .name = "angular",
    .options = &nmd__potential_angular_options,
    .create = angular_create,
    .cutoff = angular_cutoff,
    .compute = angular_compute,
    .describe = angular_describe,
    .identify = angular_identify,
    .cost = angular_cost,
    .destroy = angular_destroy,
};
