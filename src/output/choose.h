/* SPDX-License-Identifier: BSD-3-Clause */
/* Inside output: which atoms an output looks at. */
#ifndef NNPMD_OUTPUT_CHOOSE_H
#define NNPMD_OUTPUT_CHOOSE_H

#include <stdbool.h>

#include "base/option.h"
#include "system/element.h"

/* Names of elements into only [species]; *some: there were any. Local. Errors: UNKNOWN_ELEMENT, CONFLICT (not in the
 * structure). */
nmd_status nmd_choose_elements(const nmd_text_list *elements, const nmd_species *species, bool *only,
                               bool *some) NMD_MUST_USE;

#endif
