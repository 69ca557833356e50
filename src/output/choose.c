/* SPDX-License-Identifier: BSD-3-Clause */
#include "output/choose.h"

nmd_status nmd_choose_elements(const nmd_text_list *elements, const nmd_species *species, bool *only, bool *some) {
  *some = elements->n > 0;
  for (int k = 0; k < elements->n; k++) {
    const int number = nmd_element_from_symbol(elements->items[k]);
    const int index = nmd_species_index(species, number);
    if (number == 0)
      NMD_FAIL(UNKNOWN_ELEMENT, "elements: \"%s\" is no chemical symbol; expected e.g. Li", elements->items[k]);
    if (index < 0)
      NMD_FAIL(CONFLICT, "elements: the structure has no %s; expected elements that are there", elements->items[k]);
    only[index] = true;
  }
  return NMD_OK;
}
