/* SPDX-License-Identifier: BSD-3-Clause */
/* Buckingham: V(r) = A exp(-r / rho) - C / r^6, shifted at rc so that energy and force end at zero.
 *
 *   A  strength of the repulsion (eV)    rho  its range (A)    C  dispersion (eV A^6)    rc  cut-off (A)
 *
 * R. A. Buckingham, Proc. R. Soc. A 168, 264 (1938). Trade-off: with C > 0 the form turns over at short distances and
 * falls to minus infinity; a zbl term beside it, or C = 0 (Born-Mayer), has a floor. */
#include <stdio.h>

#include "potential/pair.h"
#include "potential/pair_math.h"

typedef struct buckingham_parameters {
  double cutoff;
  const nmd_yaml_node *pairs;
} buckingham_parameters;

typedef struct buckingham_pair_parameters {
  nmd_text_list elements;
  double strength, range, dispersion;
} buckingham_pair_parameters;

static const nmd_option pair_options[] = {
    {"elements", NMD_OPT_TEXT_LIST, offsetof(buckingham_pair_parameters, elements), .doc = "the two elements, [O, O]"},
    {"A", NMD_OPT_REAL, offsetof(buckingham_pair_parameters, strength), NMD_DIM_ENERGY, NULL, 0, 1e9,
     .doc = "strength of the repulsion"},
    {"rho", NMD_OPT_REAL, offsetof(buckingham_pair_parameters, range), NMD_DIM_LENGTH, NULL, 0, 10, .min_open = 1,
     .doc = "range of the repulsion"},
    {"C", NMD_OPT_REAL, offsetof(buckingham_pair_parameters, dispersion), .fallback = "0", .max = 1e6,
     .doc = "dispersion, eV A^6"},
};
static const nmd_option_table pair_table = {"pairs", "parameters of one pair of elements",
                                            sizeof(buckingham_pair_parameters), NMD_COUNT(pair_options), pair_options};

static const nmd_option buckingham_options[] = {
    {"cutoff", NMD_OPT_REAL, offsetof(buckingham_parameters, cutoff), NMD_DIM_LENGTH, NULL, 0, 1000, .min_open = 1,
     .doc = "cut-off radius"},
    {"pairs", NMD_OPT_NODE, offsetof(buckingham_parameters, pairs), .section = &pair_table, .is_list = 1,
     .doc = "parameters of each pair of elements that interacts"},
};

extern const nmd_option_table nmd__potential_buckingham_options;
const nmd_option_table nmd__potential_buckingham_options = {
    "buckingham", "Buckingham pair potential, force-shifted, between the pairs of elements listed",
    sizeof(buckingham_parameters), NMD_COUNT(buckingham_options), buckingham_options};

NMD_PAIR_KERNEL
static void buckingham_form(const double *parameters, int n, const double *r, const double *inverse, double *energy,
                            double *force_over_r) {
  const double strength = parameters[0], rate = 1 / parameters[1], dispersion = parameters[2];
  for (int k = 0; k < n; k++) {
    const double inverse2 = inverse[k] * inverse[k], repulsion = strength * nmd__pair_exp(-r[k] * rate);
    const double attraction = dispersion * inverse2 * inverse2 * inverse2;
    energy[k] = repulsion - attraction;
    force_over_r[k] = repulsion * rate * inverse[k] - 6 * attraction * inverse2;
  }
}

static nmd_status set_pair(nmd__pair_table *table, double cutoff, const nmd_species *species,
                           const nmd_yaml_node *node) {
  buckingham_pair_parameters pair;
  int index[2];
  NMD_TRY(nmd_options_parse(&pair_table, node, &pair));
  const double parameters[3] = {pair.strength, pair.range, pair.dispersion};
  nmd_status status = nmd__elements_parse(node, &pair.elements, 2, "[O, O]", species, index);
  if (status == NMD_OK && index[0] >= 0 && index[1] >= 0)
    status = nmd__pair_table_set(table, index[0], index[1], cutoff, parameters, 3);
  nmd_options_free(&pair_table, &pair);
  return status;
}

static nmd_status fill_table(nmd__pair_table *table, const void *parameters, const nmd_species *species) {
  const buckingham_parameters *p = parameters;
  table->cutoff = p->cutoff;
  for (int k = 0; k < p->pairs->n; k++) NMD_TRY(set_pair(table, p->cutoff, species, p->pairs->items[k]));
  snprintf(table->summary, sizeof table->summary, "Buckingham, %d pairs of elements, cut-off %.6g A\n", p->pairs->n,
           p->cutoff);
  return NMD_OK;
}

static nmd_status buckingham_create(const void *parameters, const nmd_species *species, void **out) {
  return nmd__pair_build(buckingham_form, NMD__PAIR_FORCE_SHIFT, fill_table, parameters, species, out);
}

extern const nmd_potential_ops nmd__potential_buckingham;
const nmd_potential_ops nmd__potential_buckingham = {
    .name = "buckingham",
    .options = &nmd__potential_buckingham_options,
    .create = buckingham_create,
    .cutoff = nmd__pair_cutoff,
    .compute = nmd__pair_compute,
    .describe = nmd__pair_describe,
    .identify = nmd__pair_identify,
    .cost = nmd__pair_cost,
    .destroy = nmd__pair_destroy,
};
