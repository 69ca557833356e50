/* SPDX-License-Identifier: BSD-3-Clause */
/* Charges and radii of the elements of a run, as terms with electrostatics ask for them in the input. */
#ifndef NNPMD_POTENTIAL_IONS_H
#define NNPMD_POTENTIAL_IONS_H

#include "base/option.h"
#include "system/element.h"

typedef struct nmd__ions {
  double charge[NMD_ELEMENT_MAX]; /* [species] e */
  double radius[NMD_ELEMENT_MAX]; /* [species] A, 0: not known */
  double net;                     /* e, of the whole run; 0 where the numbers of atoms are not known */
  bool from_bond_valences;
} nmd__ions;

typedef enum nmd__charges { NMD__CHARGES_GIVEN, NMD__CHARGES_FIXED_BVS } nmd__charges;
extern const nmd_option_table nmd__ions_table; /* of one entry of the list `ions` */

/* `ions`: the node of the list, may be NULL. GIVEN: every element of the run needs an entry with a charge. FIXED_BVS:
 * q = V s / sqrt(n), V the valence, n the principal quantum number, s the same for all cations, and for all anions, so
 * that the run is neutral (S. Adams, R. Prasada Rao, Phys. Status Solidi A 208, 1746 (2011)); from entries, else from a
 * table of some elements. Errors: MISSING_KEY, UNKNOWN_ELEMENT, CONFLICT (charges do not add up to zero, elements not
 * known). Local. */
nmd_status nmd__ions_parse(nmd__charges charges, const nmd_yaml_node *ions, const nmd_species *species,
                           nmd__ions *out) NMD_MUST_USE;

/* The two lines of an option table. */
#define NMD__ION_OPTIONS(type)                                                                                         \
  {"charges",                                                                                                          \
   NMD_OPT_CHOICE,                                                                                                     \
   offsetof(type, charges),                                                                                            \
   .fallback = "given",                                                                                                \
   .choices = "given|fixed_bvs",                                                                                       \
   .doc = "given: those of `ions`; fixed_bvs: valence / sqrt(principal quantum number), scaled to a neutral run"},     \
  {                                                                                                                    \
    "ions", NMD_OPT_NODE, offsetof(type, ions), .fallback = "", .section = &nmd__ions_table, .is_list = 1,             \
                                                .doc = "what is known of each element; fixed_bvs has valences, "       \
                                                       "quantum numbers and radii of Li, O, P, Ti, Zr, Nb, La"         \
  }

#endif
