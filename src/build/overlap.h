/* SPDX-License-Identifier: BSD-3-Clause */
/* Atoms on top of each other, found before they ruin a run. */
#ifndef NNPMD_BUILD_OVERLAP_H
#define NNPMD_BUILD_OVERLAP_H

#include "system/structure.h"

/* No two atoms (periodic images and an atom's own images too) closer than `distance` (A, > 0). Any cell, however small
 * or skewed; time O(n) whatever the arrangement, as it stops at the first overlap. Local. Errors: OVERLAP naming both
 * ids, elements and the distance; BAD_NUMBER (position that is not finite); MEMORY. */
nmd_status nmd_structure_check_overlaps(const nmd_structure *structure, double distance) NMD_MUST_USE;

#endif
