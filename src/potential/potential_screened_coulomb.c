/* SPDX-License-Identifier: BSD-3-Clause */
/* Screened Coulomb: V(r) = k qi qj erfc(r / rho_ij) / r, shifted at rc so that energy and force end at zero.
 *
 *   q  charges (e)      rho_ij  screening (A): f (R_i + R_j) of the radii R, or one length      k  14.39964 eV A
 *
 * C. J. Fennell, J. D. Gezelter, J. Chem. Phys. 124, 234104 (2006) with alpha = 1 / rho; radii and the factor f as in
 * S. Adams, R. Prasada Rao, Phys. Status Solidi A 208, 1746 (2011). Beside the Morse potential of bond valences it acts
 * between like charges only (cation - cation, anion - anion): the Morse wells hold the attraction already. */
#include <stdio.h>

#include "potential/ions.h"
#include "potential/pair.h"
#include "potential/pair_math.h"

typedef struct coulomb_parameters {
  double cutoff, length, factor;
  int charges, between, screening;
  const nmd_yaml_node *ions;
} coulomb_parameters;

enum { LIKE_CHARGES, ALL };
enum { RADII, LENGTH };

static const nmd_option coulomb_options[] = {
    {"cutoff", NMD_OPT_REAL, offsetof(coulomb_parameters, cutoff), NMD_DIM_LENGTH, NULL, 0, 1000, .min_open = 1,
     .doc = "cut-off radius"},
    {"between", NMD_OPT_CHOICE, offsetof(coulomb_parameters, between), .fallback = "like_charges",
     .choices = "like_charges|all",
     .doc = "like_charges: cations with cations, anions with anions (bond-valence force "
            "fields); all: every pair"},
    {"screening", NMD_OPT_CHOICE, offsetof(coulomb_parameters, screening), .fallback = "radii",
     .choices = "radii|length",
     .doc = "screening length of a pair: radius_factor times the sum of the radii, or `length`"},
    {"radius_factor", NMD_OPT_REAL, offsetof(coulomb_parameters, factor), .fallback = "0.74", .max = 100, .min_open = 1,
     .doc = "screening length / sum of the radii"},
    {"length", NMD_OPT_REAL, offsetof(coulomb_parameters, length), NMD_DIM_LENGTH, "5 A", 0, 1000, .min_open = 1,
     .doc = "screening length of all pairs"},
    NMD__ION_OPTIONS(coulomb_parameters),
};

extern const nmd_option_table nmd__potential_screened_coulomb_options;
const nmd_option_table nmd__potential_screened_coulomb_options = {
    "screened_coulomb", "screened Coulomb pair potential, force-shifted", sizeof(coulomb_parameters),
    NMD_COUNT(coulomb_options), coulomb_options};

/* parameters: k qi qj (eV A), 1 / rho (1/A) */
NMD_PAIR_KERNEL
void nmd__screened_coulomb_form(const double *parameters, int n, const double *r, const double *inverse, double *energy,
                                double *force_over_r) {
  const double strength = parameters[0], rate = parameters[1], slope = rate * 1.1283791670955126; /* 2 / sqrt(pi) */
  for (int k = 0; k < n; k++) {
    double gauss;
    const double v = strength * inverse[k] * nmd__pair_erfc(r[k] * rate, &gauss);
    energy[k] = v;
    force_over_r[k] = (v + strength * slope * gauss) * inverse[k] * inverse[k];
  }
}

static nmd_status set_pair(nmd__pair_table *table, const coulomb_parameters *p, const nmd_species *species,
                           const nmd__ions *ions, int a, int b) {
  if (p->between == LIKE_CHARGES && ions->charge[a] * ions->charge[b] <= 0) return NMD_OK;
  double length = p->length;
  if (p->screening == RADII) {
    const int lacking = ions->radius[a] > 0 ? b : a;
    if (ions->radius[lacking] <= 0)
      NMD_FAIL(MISSING_KEY,
               "screened_coulomb: no radius of %s; expected `radius` in its entry of ions, or screening: length",
               nmd_element_symbol(species->atomic_number[lacking]));
    length = p->factor * (ions->radius[a] + ions->radius[b]);
  }
  const double parameters[2] = {NMD_COULOMB * ions->charge[a] * ions->charge[b], 1 / length};
  return nmd__pair_table_set(table, a, b, p->cutoff, parameters, 2);
}

static nmd_status fill_table(nmd__pair_table *table, const void *parameters, const nmd_species *species) {
  const coulomb_parameters *p = parameters;
  nmd__ions ions;
  NMD_TRY(nmd__ions_parse((nmd__charges)p->charges, p->ions, species, &ions));
  table->cutoff = p->cutoff;
  for (int a = 0; a < species->n; a++)
    for (int b = a; b < species->n; b++) NMD_TRY(set_pair(table, p, species, &ions, a, b));
  size_t used = (size_t)snprintf(table->summary, sizeof table->summary, "Screened Coulomb%s, cut-off %.6g A, charges",
                                 p->between == LIKE_CHARGES ? " between like charges" : "", p->cutoff);
  for (int s = 0; s < species->n && used < sizeof table->summary - 24; s++)
    used += (size_t)snprintf(table->summary + used, sizeof table->summary - used, " %s %+.4f",
                             nmd_element_symbol(species->atomic_number[s]), ions.charge[s]);
  snprintf(table->summary + used, sizeof table->summary - used, "\n");
  table->cost = 0.4;
  if (ions.from_bond_valences) table->traits = NMD_TRAIT_BOND_VALENCE;
  return NMD_OK;
}

static nmd_status coulomb_create(const void *parameters, const nmd_species *species, void **out) {
  return nmd__pair_build(nmd__screened_coulomb_form, NMD__PAIR_FORCE_SHIFT, fill_table, parameters, species, out);
}

extern const nmd_potential_ops nmd__potential_screened_coulomb;
const nmd_potential_ops nmd__potential_screened_coulomb = {
    .name = "screened_coulomb",
    .options = &nmd__potential_screened_coulomb_options,
    .create = coulomb_create,
    .cutoff = nmd__pair_cutoff,
    .compute = nmd__pair_compute,
    .describe = nmd__pair_describe,
    .identify = nmd__pair_identify,
    .traits = nmd__pair_traits,
    .cost = nmd__pair_cost,
    .destroy = nmd__pair_destroy,
};
