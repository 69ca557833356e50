/* SPDX-License-Identifier: BSD-3-Clause */
/* Which atoms an analysis looks at: by element and by id. */
#ifndef NNPMD_ANALYSIS_SELECTION_H
#define NNPMD_ANALYSIS_SELECTION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/option.h"

typedef struct nmd_id_range {
  int64_t first, last, stride;
} nmd_id_range;

typedef struct nmd_selection {
  bool element[128]; /* by atomic number; read when any_element is false */
  bool any_element;
  int n_ranges;         /* 0: any id */
  nmd_id_range *ranges; /* owned */
} nmd_selection;

/* elements: symbols (empty list: all). ids: "1-100,205,300-400:2" (ends included, stride behind the colon), "@FILE" for
 * a file of ids separated by blanks, commas or line ends; NULL or "": all. An atom must fit both. Local.
 * Errors: UNKNOWN_ELEMENT, BAD_NUMBER, OUT_OF_RANGE, FILE_MISSING, MEMORY. */
nmd_status nmd_selection_init(nmd_selection *selection, const nmd_text_list *elements, const char *ids) NMD_MUST_USE;
bool nmd_selection_has(const nmd_selection *selection, int64_t id, int atomic_number);
void nmd_selection_free(nmd_selection *selection);

#endif
