/* SPDX-License-Identifier: BSD-3-Clause */
/* Morse: V(r) = D {[exp(alpha (r0 - r)) - 1]^2 - 1}, shifted at rc so that energy and force end at zero.
 *
 *   D  well depth (eV)      r0  its place (A)      alpha  its width (1/A)      rc  cut-off (A)
 *
 * P. M. Morse, Phys. Rev. 34, 57 (1929). `set: bond_valence` takes the cation-oxygen parameters below, which follow
 * from bond valences: S. Adams, R. Prasada Rao, Phys. Status Solidi A 208, 1746 (2011). They hold the attraction of
 * cation and oxygen altogether: with them goes a repulsion of like charges only (screened_coulomb), never a Coulomb sum
 * over all pairs. */
#include <stdio.h>

#include "potential/pair.h"
#include "potential/pair_math.h"

typedef struct morse_parameters {
  double cutoff;
  int set;
  const nmd_yaml_node *pairs;
} morse_parameters;

typedef struct morse_pair_parameters {
  nmd_text_list elements;
  double depth, alpha, distance;
} morse_pair_parameters;

static const nmd_option pair_options[] = {
    {"elements", NMD_OPT_TEXT_LIST, offsetof(morse_pair_parameters, elements), .doc = "the two elements, [Nb, O]"},
    {"depth", NMD_OPT_REAL, offsetof(morse_pair_parameters, depth), NMD_DIM_ENERGY, NULL, 0, 1e3,
     .doc = "well depth D"},
    {"alpha", NMD_OPT_REAL, offsetof(morse_pair_parameters, alpha), .max = 100, .min_open = 1,
     .doc = "1 / width of the well, 1/A"},
    {"distance", NMD_OPT_REAL, offsetof(morse_pair_parameters, distance), NMD_DIM_LENGTH, NULL, 0, 100, .min_open = 1,
     .doc = "place of the minimum r0"},
};
static const nmd_option_table pair_table = {"pairs", "parameters of one pair of elements",
                                            sizeof(morse_pair_parameters), NMD_COUNT(pair_options), pair_options};

static const nmd_option morse_options[] = {
    {"cutoff", NMD_OPT_REAL, offsetof(morse_parameters, cutoff), NMD_DIM_LENGTH, NULL, 0, 1000, .min_open = 1,
     .doc = "cut-off radius"},
    {"set", NMD_OPT_CHOICE, offsetof(morse_parameters, set), .fallback = "given", .choices = "given|bond_valence",
     .doc = "given: the pairs listed, no others; bond_valence: cation-oxygen parameters from bond valences (Li, La, "
            "Nb, Ti, Zr, P), those listed instead where there are any"},
    {"pairs", NMD_OPT_NODE, offsetof(morse_parameters, pairs), .fallback = "", .section = &pair_table, .is_list = 1,
     .doc = "parameters of each pair of elements that interacts"},
};

extern const nmd_option_table nmd__potential_morse_options;
const nmd_option_table nmd__potential_morse_options = {
    "morse", "Morse pair potential, force-shifted, between the pairs of elements listed", sizeof(morse_parameters),
    NMD_COUNT(morse_options), morse_options};

static const struct {
  int z;
  double parameters[3]; /* D (eV), alpha (1/A), r0 (A) with oxygen */
} bond_valence[] = {
    {3, {0.98816, 1.937984, 1.94001}},  {57, {1.18587, 2.217295, 2.46989}}, {41, {2.72326, 2.008032, 1.85459}},
    {22, {2.81333, 1.988072, 1.83144}}, {40, {2.19103, 2.040816, 1.99602}}, {15, {3.89635, 2.288330, 1.44066}},
};

NMD_PAIR_KERNEL
static void morse_form(const double *parameters, int n, const double *r, const double *inverse, double *energy,
                       double *force_over_r) {
  const double depth = parameters[0], alpha = parameters[1], distance = parameters[2];
  for (int k = 0; k < n; k++) {
    const double e = nmd__pair_exp(alpha * (distance - r[k]));
    energy[k] = depth * e * (e - 2);
    force_over_r[k] = 2 * depth * alpha * e * (e - 1) * inverse[k];
  }
}

static nmd_status set_bond_valence(nmd__pair_table *table, const morse_parameters *p, const nmd_species *species) {
  const int oxygen = nmd_species_index(species, 8);
  for (int k = 0; k < NMD_COUNT(bond_valence); k++) {
    const int cation = nmd_species_index(species, bond_valence[k].z);
    if (cation >= 0 && oxygen >= 0)
      NMD_TRY(nmd__pair_table_set(table, cation, oxygen, p->cutoff, bond_valence[k].parameters, 3));
  }
  return NMD_OK;
}

static nmd_status set_pair(nmd__pair_table *table, const morse_parameters *p, const nmd_species *species,
                           const nmd_yaml_node *node) {
  morse_pair_parameters pair;
  int index[2];
  NMD_TRY(nmd_options_parse(&pair_table, node, &pair));
  const double parameters[3] = {pair.depth, pair.alpha, pair.distance};
  nmd_status status = nmd__elements_parse(node, &pair.elements, 2, "[Nb, O]", species, index);
  if (status == NMD_OK && index[0] >= 0 && index[1] >= 0)
    status = nmd__pair_table_set(table, index[0], index[1], p->cutoff, parameters, 3);
  nmd_options_free(&pair_table, &pair);
  return status;
}

static nmd_status fill_table(nmd__pair_table *table, const void *parameters, const nmd_species *species) {
  const morse_parameters *p = parameters;
  if (p->set == 0 && p->pairs == NULL)
    NMD_FAIL(MISSING_KEY,
             "morse: no pairs; expected pairs: [{elements: [Nb, O], depth: ..., alpha: ..., distance: ...}] "
             "or set: bond_valence");
  table->cutoff = p->cutoff; /* also where no two of these elements meet */
  if (p->set == 1) NMD_TRY(set_bond_valence(table, p, species));
  for (int k = 0; p->pairs != NULL && k < p->pairs->n; k++) NMD_TRY(set_pair(table, p, species, p->pairs->items[k]));
  snprintf(table->summary, sizeof table->summary, "Morse%s, cut-off %.6g A\n", p->set == 1 ? " from bond valences" : "",
           p->cutoff);
  if (p->set == 1) table->traits = NMD_TRAIT_BOND_VALENCE;
  return NMD_OK;
}

static nmd_status morse_create(const void *parameters, const nmd_species *species, void **out) {
  return nmd__pair_build(morse_form, NMD__PAIR_FORCE_SHIFT, fill_table, parameters, species, out);
}

extern const nmd_potential_ops nmd__potential_morse;
const nmd_potential_ops nmd__potential_morse = {
    .name = "morse",
    .options = &nmd__potential_morse_options,
    .create = morse_create,
    .cutoff = nmd__pair_cutoff,
    .compute = nmd__pair_compute,
    .describe = nmd__pair_describe,
    .identify = nmd__pair_identify,
    .traits = nmd__pair_traits,
    .cost = nmd__pair_cost,
    .destroy = nmd__pair_destroy,
};
