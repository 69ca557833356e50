/* SPDX-License-Identifier: BSD-3-Clause */
#include "output/choose.h"

nmd_status nmd_choose_elements(const nmd_text_list *elements, const nmd_species *species, nmd_choice *choice) {
  choice->all = elements->n == 0;
  for (int k = 0; k < elements->n; k++) {
    const int number = nmd_element_from_symbol(elements->items[k]);
    const int index = nmd_species_index(species, number);
    if (number == 0)
      NMD_FAIL(UNKNOWN_ELEMENT, "elements: \"%s\" is no chemical symbol; expected e.g. Li", elements->items[k]);
    if (index < 0)
      NMD_FAIL(CONFLICT, "elements: the structure has no %s; expected elements that are there", elements->items[k]);
    choice->only[index] = true;
  }
  return NMD_OK;
}

nmd_status nmd_choose_groups(const nmd_text_list *names, const nmd_groups *groups, nmd_choice *choice) {
  if (names->n == 0) return NMD_OK;
  const nmd_status status = nmd_groups_find_all(groups, names, &choice->subset.in);
  return status == NMD_OK ? NMD_OK : nmd_fail_prefix(status, "groups");
}
