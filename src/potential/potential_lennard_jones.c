/* SPDX-License-Identifier: BSD-3-Clause */
/* Lennard-Jones: V(r) = 4 epsilon [(sigma/r)^12 - (sigma/r)^6], cut at rc.
 *
 *   epsilon  well depth (eV)          sigma  V(sigma) = 0 (A)          rc  cut-off (A)
 *
 * At the cut-off V is shifted so that it ends at zero ("shift") or so that energy and force end at zero
 * ("force_shift", V(r) - V(rc) - (r - rc) V'(rc); the default, since a jump of the force spoils energy conservation).
 * J. E. Jones, Proc. R. Soc. A 106, 463 (1924); Toxvaerd & Dyre, J. Chem. Phys. 134, 081102 (2011) on force shifts. */
#include <stdio.h>

#include "potential/pair.h"
#include "potential/pair_math.h"

typedef struct lj_parameters {
  double epsilon, sigma, cutoff;
  int truncation;
  const nmd_yaml_node *pairs;
} lj_parameters;

typedef struct lj_pair_parameters {
  nmd_text_list elements;
  double epsilon, sigma;
} lj_pair_parameters;

static const nmd_option pair_options[] = {
    {"elements", NMD_OPT_TEXT_LIST, offsetof(lj_pair_parameters, elements), .doc = "the two elements, [Ar, Kr]"},
    {"epsilon", NMD_OPT_REAL, offsetof(lj_pair_parameters, epsilon), NMD_DIM_ENERGY, NULL, 0, 1e3, .min_open = 0,
     .doc = "well depth"},
    {"sigma", NMD_OPT_REAL, offsetof(lj_pair_parameters, sigma), NMD_DIM_LENGTH, NULL, 0, 100, .min_open = 1,
     .doc = "distance of zero energy"},
};
static const nmd_option_table pair_table = {"pairs", "parameters of one pair of elements", sizeof(lj_pair_parameters),
                                            NMD_COUNT(pair_options), pair_options};

static const nmd_option lj_options[] = {
    {"epsilon", NMD_OPT_REAL, offsetof(lj_parameters, epsilon), NMD_DIM_ENERGY, NULL, 0, 1e3, .doc = "well depth"},
    {"sigma", NMD_OPT_REAL, offsetof(lj_parameters, sigma), NMD_DIM_LENGTH, NULL, 0, 100, .min_open = 1,
     .doc = "distance of zero energy"},
    {"cutoff", NMD_OPT_REAL, offsetof(lj_parameters, cutoff), NMD_DIM_LENGTH, NULL, 0, 1000, .min_open = 1,
     .doc = "cut-off radius"},
    {"truncation", NMD_OPT_CHOICE, offsetof(lj_parameters, truncation), .fallback = "force_shift",
     .choices = "force_shift|shift", .doc = "what is continuous at the cut-off: energy and force, or the energy only"},
    {"pairs", NMD_OPT_NODE, offsetof(lj_parameters, pairs), .fallback = "", .section = &pair_table, .is_list = 1,
     .doc = "other parameters for some pairs of elements"},
};

extern const nmd_option_table nmd__potential_lennard_jones_options;
const nmd_option_table nmd__potential_lennard_jones_options = {
    "lennard_jones", "Lennard-Jones pair potential, the same for all elements unless `pairs` says otherwise",
    sizeof(lj_parameters), NMD_COUNT(lj_options), lj_options};

/* parameters: 4 epsilon sigma^12 (eV A^12), 4 epsilon sigma^6 (eV A^6) */
NMD_PAIR_KERNEL
static void lj_form(const double *parameters, int n, const double *r, const double *inverse, double *energy,
                    double *force_over_r) {
  const double c12 = parameters[0], c6 = parameters[1];
  (void)r;
  for (int k = 0; k < n; k++) {
    const double inverse2 = inverse[k] * inverse[k], r6 = inverse2 * inverse2 * inverse2;
    energy[k] = (c12 * r6 - c6) * r6;
    force_over_r[k] = (12 * c12 * r6 - 6 * c6) * r6 * inverse2;
  }
}

static nmd_status set_pair(nmd__pair_table *table, int a, int b, double epsilon, double sigma, double cutoff) {
  const double s6 = pow(sigma, 6), parameters[2] = {4 * epsilon * s6 * s6, 4 * epsilon * s6};
  return nmd__pair_table_set(table, a, b, cutoff, parameters, 2);
}

static nmd_status set_special_pair(nmd__pair_table *table, const lj_parameters *p, const nmd_species *species,
                                   const nmd_yaml_node *node) {
  lj_pair_parameters special;
  int index[2];
  NMD_TRY(nmd_options_parse(&pair_table, node, &special));
  nmd_status status = nmd__elements_parse(node, &special.elements, 2, "[Ar, Kr]", species, index);
  if (status == NMD_OK && index[0] >= 0 && index[1] >= 0)
    status = set_pair(table, index[0], index[1], special.epsilon, special.sigma, p->cutoff);
  nmd_options_free(&pair_table, &special);
  return status;
}

static nmd_status fill_table(nmd__pair_table *table, const void *parameters, const nmd_species *species) {
  const lj_parameters *p = parameters;
  for (int a = 0; a < species->n; a++)
    for (int b = a; b < species->n; b++) NMD_TRY(set_pair(table, a, b, p->epsilon, p->sigma, p->cutoff));
  for (int k = 0; p->pairs != NULL && k < p->pairs->n; k++)
    NMD_TRY(set_special_pair(table, p, species, p->pairs->items[k]));
  snprintf(table->summary, sizeof table->summary, "Lennard-Jones, cut-off %.6g A\n", p->cutoff);
  return NMD_OK;
}

static nmd_status lj_create(const void *parameters, const nmd_species *species, void **out) {
  const lj_parameters *p = parameters;
  return nmd__pair_build(lj_form, p->truncation == 0 ? NMD__PAIR_FORCE_SHIFT : NMD__PAIR_SHIFT, fill_table, p, species,
                         out);
}

extern const nmd_potential_ops nmd__potential_lennard_jones;
const nmd_potential_ops nmd__potential_lennard_jones = {
    .name = "lennard_jones",
    .options = &nmd__potential_lennard_jones_options,
    .create = lj_create,
    .cutoff = nmd__pair_cutoff,
    .compute = nmd__pair_compute,
    .describe = nmd__pair_describe,
    .identify = nmd__pair_identify,
    .cost = nmd__pair_cost,
    .destroy = nmd__pair_destroy,
};
