/* SPDX-License-Identifier: BSD-3-Clause */
/* The sum of several potentials, each acting on all atoms, a neural network above a ZBL floor, say; or on those of some
 * elements or groups: a network for an alloy on a classical substrate, with pair terms between the two.
 *
 *   E = sum_k w_k E_k(atoms that term k sees), and so forces, virials, energies and virials of atoms; extrapolations
 * are those of all terms.
 *
 * Weights of -1 take out what counts twice: E_high(region) + E_low(all) - E_low(region) is the subtractive embedding of
 * M. Svensson et al., J. Phys. Chem. 100, 19357 (1996) (ONIOM), in which the two regions feel each other as the low
 * level says. Groups are fixed for the run, so that all this is a function of the positions: energy is conserved.
 *
 * The neighbour list reaches as far as the longest term asks; a term with a shorter cut-off passes over the rest. */
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/text.h"
#include "potential/among.h"

typedef struct sum_parameters {
  const nmd_yaml_node *terms;
  nmd_text_list among, groups, weights;
} sum_parameters;

static const nmd_option sum_options[] = {
    {"terms", NMD_OPT_NODE, offsetof(sum_parameters, terms), .variants = nmd_potential_term_tables, .is_list = 1,
     .doc = "the potentials that are added, e.g. - nnp: {folder: model} and - zbl"},
    {"among", NMD_OPT_TEXT_LIST, offsetof(sum_parameters, among), .fallback = "",
     .doc = "for each term the elements whose atoms it sees, e.g. [Au-Li, all]: the others are not there for it; none "
            "given: all terms see all atoms"},
    {"groups", NMD_OPT_TEXT_LIST, offsetof(sum_parameters, groups), .fallback = "",
     .doc =
         "for each term the group (of the input's `groups`) whose atoms it sees, or all; with `among` those of both"},
    {"weights", NMD_OPT_TEXT_LIST, offsetof(sum_parameters, weights), .fallback = "",
     .doc = "for each term what its energy is multiplied by, e.g. [1, 1, -1] to take out what two terms count twice; "
            "none given: 1"},
};

extern const nmd_option_table nmd__potential_sum_options;
const nmd_option_table nmd__potential_sum_options = {"sum", "sum of several potentials", sizeof(sum_parameters),
                                                     NMD_COUNT(sum_options), sum_options};

typedef struct sum {
  const sum_parameters *parameters; /* not owned */
  int n;
  nmd_potential *terms; /* [n] */
  nmd__among *among;    /* [n]; with n_all 0: all atoms */
} sum;

static bool sees_all(const sum *self, int k) { return self->among[k].n_all == 0; }

static void sum_destroy(void *opaque) {
  sum *self = opaque;
  if (self == NULL) return;
  for (int k = 0; k < self->n; k++) nmd_potential_destroy(&self->terms[k]);
  for (int k = 0; k < self->n && self->among != NULL; k++) nmd__among_free(&self->among[k]);
  nmd_free(self->among);
  nmd_free(self->terms);
  nmd_free(self);
}

/* One entry a term, or none at all. */
static nmd_status check_entries(const char *key, const nmd_text_list *list, int terms, const char *example) {
  if (list->n == 0 || list->n == terms) return NMD_OK;
  NMD_FAIL(CONFLICT, "%s: %d entries for %d terms; expected one for each, e.g. %s", key, list->n, terms, example);
}

static const char *entry(const nmd_text_list *list, int k, const char *fallback) {
  return list->n > 0 ? list->items[k] : fallback;
}

/* A term that sees all atoms as they are needs no atoms of its own. */
static nmd_status set_view(const sum_parameters *p, int k, const nmd_species *species, nmd__among *among) {
  const char *elements = entry(&p->among, k, "all"), *text = entry(&p->weights, k, "1");
  double weight;
  if (!nmd_parse_real(text, &weight) || weight == 0)
    NMD_FAIL(BAD_NUMBER, "weights: got \"%s\"; expected a number other than 0, e.g. -1", text);
  if (strcmp(elements, "all") == 0 && strcmp(entry(&p->groups, k, "all"), "all") == 0 && weight == 1) return NMD_OK;
  NMD_TRY(nmd__among_init(among, species, elements));
  among->weight = weight;
  if (strcmp(entry(&p->groups, k, "all"), "all") != 0) /* how many of each element is not known yet */
    memset(among->species.atoms, 0, sizeof among->species.atoms);
  return NMD_OK;
}

static nmd_status create_terms(sum *self, const sum_parameters *p, const nmd_species *species) {
  const nmd_yaml_node *list = p->terms;
  if (list->kind != NMD_YAML_LIST || list->n == 0)
    NMD_FAIL_AT(list, WRONG_TYPE, "terms: expected a list of potentials, each starting with \"-\", e.g. - zbl");
  NMD_TRY(check_entries("among", &p->among, list->n, "all"));
  NMD_TRY(check_entries("groups", &p->groups, list->n, "all"));
  NMD_TRY(check_entries("weights", &p->weights, list->n, "1"));
  NMD_TRY(NMD_ALLOC(self->terms, list->n));
  NMD_TRY(NMD_ALLOC(self->among, list->n));
  for (; self->n < list->n; self->n++) {
    const int k = self->n;
    NMD_TRY(set_view(p, k, species, &self->among[k]));
    NMD_TRY(
        nmd_potential_create(list->items[k], sees_all(self, k) ? species : &self->among[k].species, &self->terms[k]));
  }
  return NMD_OK;
}

/* Two attractions of the same ions, each fitted without the other, are a mistake unless the user says so. */
static nmd_status check_terms(const sum *self) {
  unsigned traits = 0;
  const char *bond_valence = "", *coulomb = "";
  for (int k = 0; k < self->n; k++) {
    const nmd_potential *term = &self->terms[k];
    const unsigned own = term->ops->traits != NULL ? term->ops->traits(term->self) : 0;
    if (own & NMD_TRAIT_BOND_VALENCE) bond_valence = term->ops->name;
    if (own & NMD_TRAIT_FULL_COULOMB) coulomb = term->ops->name;
    traits |= own;
  }
  if ((traits & NMD_TRAIT_BOND_VALENCE) && (traits & NMD_TRAIT_FULL_COULOMB) && !(traits & NMD_TRAIT_ANY_COULOMB))
    NMD_FAIL(CONFLICT,
             "terms: %s with bond-valence parameters was made without Coulomb forces between cations and anions, "
             "which %s adds; expected parameters refitted for the full Coulomb sum, or %s: "
             "{with_bond_valence: true} to have both",
             bond_valence, coulomb, coulomb);
  return NMD_OK;
}

static nmd_status sum_create(const void *parameters, const nmd_species *species, void **out) {
  sum *self;
  NMD_TRY(NMD_ALLOC(self, 1));
  self->parameters = parameters;
  nmd_status status = create_terms(self, parameters, species);
  if (status == NMD_OK) status = check_terms(self);
  if (status == NMD_OK)
    *out = self;
  else
    sum_destroy(self);
  return status;
}

static nmd_status sum_choose(void *opaque, const nmd_groups *groups) {
  sum *self = opaque;
  const nmd_text_list *names = &self->parameters->groups;
  for (int k = 0; k < names->n; k++) {
    const nmd_status status = nmd_groups_find(groups, names->items[k], &self->among[k].subset.in);
    if (status != NMD_OK) return nmd_fail_prefix(status, "groups");
  }
  return NMD_OK;
}

static double sum_cutoff(const void *opaque) {
  const sum *self = opaque;
  double cutoff = 0;
  for (int k = 0; k < self->n; k++) {
    const double own = self->terms[k].ops->cutoff(self->terms[k].self);
    if (own > cutoff) cutoff = own;
  }
  return cutoff;
}

static nmd_status sum_compute(void *opaque, const nmd_potential_input *input, nmd_potential_partial *partial) {
  const sum *self = opaque;
  for (int collective = 1; collective >= 0; collective--) /* first, so that no rank stays away after a failure of its own */
    for (int k = 0; k < self->n; k++)
      if (self->terms[k].ops->collective == (collective == 1))
        NMD_TRY(sees_all(self, k) ? self->terms[k].ops->compute(self->terms[k].self, input, partial)
                                  : nmd__among_compute(&self->among[k], &self->terms[k], input, partial));
  return NMD_OK;
}

static void describe_view(const sum *self, int k, nmd_text_writer *write, void *context) {
  const nmd__among *among = &self->among[k];
  char elements[8 * NMD_ELEMENT_MAX] = "", weight[40] = "", line[sizeof elements + 256];
  for (int s = 0, used = 0; s < among->species.n; s++)
    used += snprintf(elements + used, sizeof elements - (size_t)used, " %s",
                     nmd_element_symbol(among->species.atomic_number[s]));
  if (among->weight != 1) snprintf(weight, sizeof weight, "times %g, ", among->weight);
  const bool grouped = among->subset.in != 0;
  snprintf(line, sizeof line, "  %samong the atoms of%s%s%.64s only\n", weight, elements, grouped ? " in group " : "",
           grouped ? self->parameters->groups.items[k] : "");
  write(context, line);
}

static void sum_describe(const void *opaque, nmd_text_writer *write, void *context) {
  const sum *self = opaque;
  char line[64];
  snprintf(line, sizeof line, "Sum of %d potentials\n", self->n);
  write(context, line);
  for (int k = 0; k < self->n; k++) {
    self->terms[k].ops->describe(self->terms[k].self, write, context);
    if (sees_all(self, k)) continue;
    describe_view(self, k, write, context);
  }
}

static void sum_identify(const void *opaque, uint64_t *hash) {
  const sum *self = opaque;
  for (int k = 0; k < self->n; k++) {
    nmd_potential_identify(&self->terms[k], hash);
    if (sees_all(self, k)) continue;
    nmd_hash_bytes(hash, &self->among[k].weight, sizeof self->among[k].weight);
    describe_view(self, k, nmd_hash_line, hash);
  }
}

static nmd_status sum_count_other_unit(void *opaque, const nmd_potential_input *input, int64_t *count,
                                       const char **unit) {
  const sum *self = opaque;
  *count = 0;
  *unit = "";
  for (int k = 0; k < self->n; k++) {
    const nmd_potential *term = &self->terms[k];
    int64_t own = 0;
    const char *own_unit = NULL;
    if (term->ops->count_other_unit == NULL) continue;
    NMD_TRY(sees_all(self, k) ? term->ops->count_other_unit(term->self, input, &own, &own_unit)
                              : nmd__among_count_other_unit(&self->among[k], term, input, &own, &own_unit));
    *count += own;
    if (own_unit != NULL) *unit = own_unit;
  }
  return NMD_OK;
}

static double sum_cost(const void *opaque) {
  const sum *self = opaque;
  double cost = 0;
  for (int k = 0; k < self->n; k++) cost += self->terms[k].ops->cost(self->terms[k].self);
  return cost;
}

static const double cost_unseen = 0.02; /* of an atom that the dearest term does not see, against one that it does */

static double sum_atom_cost(const void *opaque, int species, int neighbours) {
  const sum *self = opaque;
  double cost = 0; /* of the dearest term: units of different terms do not compare */
  int dearest = 0;
  for (int k = 0; k < self->n; k++) {
    const double own = self->terms[k].ops->cost(self->terms[k].self);
    if (own > cost) cost = own, dearest = k;
  }
  const nmd_potential *term = &self->terms[dearest];
  double share = 1;
  if (!sees_all(self, dearest)) {
    const int seen = self->among[dearest].to[species];
    if (seen < 0) share = cost_unseen;
    species = seen < 0 ? 0 : seen;
  }
  return share * (term->ops->atom_cost != NULL ? term->ops->atom_cost(term->self, species, neighbours) : 1.0 + neighbours);
}

/* Of the committee among the terms; the energies of its members are without the other terms. */
static int sum_members(const void *opaque) {
  const sum *self = opaque;
  int members = 1;
  for (int k = 0; k < self->n; k++) {
    const int own = nmd_potential_members(&self->terms[k]);
    if (own > members) members = own;
  }
  return members;
}

static unsigned sum_traits(const void *opaque) {
  const sum *self = opaque;
  unsigned traits = 0;
  for (int k = 0; k < self->n; k++) {
    if (self->terms[k].ops->traits != NULL) traits |= self->terms[k].ops->traits(self->terms[k].self);
    if (strcmp(entry(&self->parameters->groups, k, "all"), "all") != 0) traits |= NMD_TRAIT_GROUPS;
  }
  return traits;
}

static nmd_status sum_describe_cost(const void *opaque, const double *neighbours, nmd_text_writer *write, void *context,
                                    double *us) {
  const sum *self = opaque;
  *us = 0;
  for (int k = 0; k < self->n; k++) {
    const nmd_potential *term = &self->terms[k];
    double own = term->ops->cost(term->self), seen[NMD_ELEMENT_MAX] = {0};
    const nmd__among *among = &self->among[k];
    for (int s = 0; s < among->n_all; s++)
      if (among->to[s] >= 0) seen[among->to[s]] = neighbours[s];
    if (term->ops->describe_cost != NULL)
      NMD_TRY(term->ops->describe_cost(term->self, sees_all(self, k) ? neighbours : seen, write, context, &own));
    *us += own;
  }
  return NMD_OK;
}

extern const nmd_potential_ops nmd__potential_sum;
const nmd_potential_ops nmd__potential_sum = {
    .name = "sum",
    .options = &nmd__potential_sum_options,
    .create = sum_create,
    .choose = sum_choose,
    .cutoff = sum_cutoff,
    .compute = sum_compute,
    .describe = sum_describe,
    .identify = sum_identify,
    .count_other_unit = sum_count_other_unit,
    .cost = sum_cost,
    .members = sum_members,
    .traits = sum_traits,
    .describe_cost = sum_describe_cost,
    .atom_cost = sum_atom_cost,
    .destroy = sum_destroy,
};
