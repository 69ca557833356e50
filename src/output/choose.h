/* SPDX-License-Identifier: BSD-3-Clause */
/* Inside output: which atoms an output looks at, by element and by group. */
#ifndef NNPMD_OUTPUT_CHOOSE_H
#define NNPMD_OUTPUT_CHOOSE_H

#include <stdbool.h>

#include "base/option.h"
#include "system/element.h"
#include "system/groups.h"

/* Atoms of these elements that are in these groups. */
typedef struct nmd_choice {
  bool all;                       /* elements: `only` says nothing */
  bool only[NMD_ELEMENT_MAX];     /* [species] */
  nmd_subset subset;
} nmd_choice;

/* From names; an empty list means all. Local. Errors: UNKNOWN_ELEMENT, CONFLICT (element not in the structure). */
nmd_status nmd_choose_elements(const nmd_text_list *elements, const nmd_species *species,
                               nmd_choice *choice) NMD_MUST_USE;
/* Atoms of any of the groups. Local. Errors: BAD_CHOICE. */
nmd_status nmd_choose_groups(const nmd_text_list *names, const nmd_groups *groups, nmd_choice *choice) NMD_MUST_USE;

static inline bool nmd_chosen_element(const nmd_choice *choice, int species) {
  return choice->all || choice->only[species];
}
/* choice NULL: all atoms. */
static inline bool nmd_chosen(const nmd_choice *choice, const nmd_atoms *atoms, int i) {
  return choice == NULL ||
         (nmd_chosen_element(choice, atoms->species[i]) && nmd_in_subset(choice->subset, atoms, i));
}

#endif
