/* SPDX-License-Identifier: BSD-3-Clause */
#include "potential/ions.h"

#include <math.h>
#include <stdio.h>

typedef struct ion_parameters {
  char *element;
  double charge, valence, radius;
  int64_t shell;
} ion_parameters;

static const nmd_option ion_options[] = {
    {"element", NMD_OPT_TEXT, offsetof(ion_parameters, element), .doc = "the element, e.g. Li"},
    {"charge", NMD_OPT_REAL, offsetof(ion_parameters, charge), .fallback = "0", .min = -20, .max = 20,
     .doc = "charge in e"},
    {"radius", NMD_OPT_REAL, offsetof(ion_parameters, radius), NMD_DIM_LENGTH, "0 A", 0, 20,
     .doc = "radius of the screening; 0: of the table"},
    {"valence", NMD_OPT_REAL, offsetof(ion_parameters, valence), .fallback = "0", .min = -20, .max = 20,
     .doc = "formal charge, for fixed_bvs; 0: of the table"},
    {"shell", NMD_OPT_INT, offsetof(ion_parameters, shell), .fallback = "0", .max = 8,
     .doc = "principal quantum number, for fixed_bvs; 0: of the table"},
};
const nmd_option_table nmd__ions_table = {"ions", "one element", sizeof(ion_parameters), NMD_COUNT(ion_options),
                                          ion_options};

typedef struct ion {
  double charge, valence, radius;
  int64_t shell;
  bool charged; /* a charge was given */
} ion;

/* Formal charge, principal quantum number, radius (A): Adams and Rao, as above. */
static const struct {
  int z;
  double valence, radius;
  int shell;
} known[] = {{3, 1, 1.28, 2},  {8, -2, 0.66, 2}, {15, 5, 1.07, 3}, {22, 4, 1.60, 4},
             {40, 4, 1.75, 5}, {41, 5, 1.64, 5}, {57, 3, 2.07, 6}};

static void fill_known(const nmd_species *species, ion *ions) {
  for (int k = 0; k < NMD_COUNT(known); k++) {
    const int s = nmd_species_index(species, known[k].z);
    if (s >= 0) ions[s] = (ion){.valence = known[k].valence, .radius = known[k].radius, .shell = known[k].shell};
  }
}

static nmd_status take_entry(const nmd_yaml_node *node, const nmd_species *species, ion *ions) {
  ion_parameters p;
  NMD_TRY(nmd_options_parse(&nmd__ions_table, node, &p));
  const int z = nmd_element_from_symbol(p.element), s = nmd_species_index(species, z);
  nmd_status status = NMD_OK;
  if (z == 0)
    status =
        nmd_yaml_fail(node, NMD_UNKNOWN_ELEMENT, "element: \"%s\" is no chemical symbol; expected e.g. Li", p.element);
  else if (s >= 0) {
    ions[s].charged = nmd_yaml_find(node, "charge") != NULL;
    ions[s].charge = p.charge;
    if (p.radius > 0) ions[s].radius = p.radius;
    if (p.valence != 0) ions[s].valence = p.valence;
    if (p.shell > 0) ions[s].shell = p.shell;
  }
  nmd_options_free(&nmd__ions_table, &p);
  return status;
}

static nmd_status take_given(const nmd_species *species, const ion *ions, nmd__ions *out) {
  for (int s = 0; s < species->n; s++) {
    if (!ions[s].charged)
      NMD_FAIL(MISSING_KEY,
               "ions: no charge of %s; expected an entry {element: %s, charge: ...} for each element, or "
               "charges: fixed_bvs",
               nmd_element_symbol(species->atomic_number[s]), nmd_element_symbol(species->atomic_number[s]));
    out->charge[s] = ions[s].charge;
  }
  return NMD_OK;
}

static nmd_status take_bond_valences(const nmd_species *species, const ion *ions, nmd__ions *out) {
  double sums[2] = {0, 0}; /* of anions and cations */
  for (int s = 0; s < species->n; s++) {
    const char *symbol = nmd_element_symbol(species->atomic_number[s]);
    if (ions[s].valence == 0 || ions[s].shell == 0)
      NMD_FAIL(CONFLICT,
               "fixed_bvs: %s is not in the table; expected an entry {element: %s, valence: ..., shell: ...} in "
               "ions",
               symbol, symbol);
    if (species->atoms[s] == 0)
      NMD_FAIL(CONFLICT, "fixed_bvs: the composition is not known here, only the elements; expected charges: given");
    sums[ions[s].valence > 0] += fabs(ions[s].valence) * (double)species->atoms[s] / sqrt((double)ions[s].shell);
  }
  if (sums[0] <= 0 || sums[1] <= 0)
    NMD_FAIL(CONFLICT, "fixed_bvs: no %s among the elements; expected cations and anions",
             sums[0] <= 0 ? "anion" : "cation");
  const double ratio = sqrt(sums[0] / sums[1]);
  for (int s = 0; s < species->n; s++)
    out->charge[s] = ions[s].valence / sqrt((double)ions[s].shell) * (ions[s].valence > 0 ? ratio : 1 / ratio);
  out->from_bond_valences = true;
  return NMD_OK;
}

/* More than rounding of the charges per atom is a mistake in them, or in the composition. */
static nmd_status check_neutral(const nmd_species *species, nmd__ions *ions) {
  double net = 0, n = 0;
  char text[256] = "";
  size_t used = 0;
  for (int s = 0; s < species->n; s++) {
    net += (double)species->atoms[s] * ions->charge[s];
    n += (double)species->atoms[s];
    if (used < sizeof text - 48)
      used += (size_t)snprintf(text + used, sizeof text - used, "%s%lld %s at %+.6g", s == 0 ? "" : ", ",
                               (long long)species->atoms[s], nmd_element_symbol(species->atomic_number[s]),
                               ions->charge[s]);
  }
  ions->net = net;
  if (fabs(net) > 1e-5 * n)
    NMD_FAIL(CONFLICT, "charges add up to %+.6g e (%s); expected 0: change the charges or the composition", net, text);
  return NMD_OK;
}

nmd_status nmd__ions_parse(nmd__charges charges, const nmd_yaml_node *list, const nmd_species *species,
                           nmd__ions *out) {
  ion ions[NMD_ELEMENT_MAX] = {{0}};
  *out = (nmd__ions){.net = 0};
  fill_known(species, ions);
  for (int k = 0; list != NULL && k < list->n; k++) NMD_TRY(take_entry(list->items[k], species, ions));
  for (int s = 0; s < species->n; s++) out->radius[s] = ions[s].radius;
  if (charges == NMD__CHARGES_GIVEN)
    NMD_TRY(take_given(species, ions, out));
  else
    NMD_TRY(take_bond_valences(species, ions, out));
  return check_neutral(species, out);
}
