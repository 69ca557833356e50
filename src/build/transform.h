/* SPDX-License-Identifier: BSD-3-Clause */
/* New structures from old: periodic repeats, exact random substitution. */
#ifndef NNPMD_BUILD_TRANSFORM_H
#define NNPMD_BUILD_TRANSFORM_H

#include <stdbool.h>
#include <stdint.h>

#include "build/builder.h"

/* n[0] x n[1] x n[2] copies of `in` side by side; *out is made here. Ids are new (1..); velocities, forces (copied) and
 * energy (multiplied) go along, image counters do not. Local. Errors: BUILD (n < 1, repeat along an open axis, too many
 * atoms), MEMORY. */
nmd_status nmd_structure_repeat(const nmd_structure *in, const int64_t n[3], nmd_structure *out) NMD_MUST_USE;

/* Replace atoms of one element by another: a number of them drawn without replacement. */
typedef struct nmd_substitution {
  char *element, *by; /* symbols */
  double fraction;    /* of the atoms of `element` before the list was applied; or */
  int64_t count;      /* 0: by fraction */
} nmd_substitution;
extern const nmd_option_table nmd_substitution_table; /* keys of nmd_substitution */

/* Apply n substitutions in order. The count is exact (fraction: rounded to the nearest) and said in the report. The
 * choice depends on seed, position in the list and atom ids only; atoms already replaced are not replaced again. Local.
 * Errors: UNKNOWN_ELEMENT, BUILD (no such atoms, not enough of them), CONFLICT (fraction and count, or neither). */
nmd_status nmd_structure_substitute(nmd_structure *structure, const nmd_substitution *list, int n, uint64_t seed,
                                    const nmd_build_report *report) NMD_MUST_USE;
/* The same from the input's `substitute:` list (NULL: nothing to do). */
nmd_status nmd_structure_substitute_from(nmd_structure *structure, const nmd_yaml_node *list, uint64_t seed,
                                         const nmd_build_report *report) NMD_MUST_USE;

/* Draw a fraction (rounded to the nearest number) of the atoms of an element that are not `taken` [n] yet, and mark them
 * there. The choice depends on seed and atom ids only. Local. Errors: UNKNOWN_ELEMENT, BUILD (no such atoms), MEMORY. */
nmd_status nmd_structure_draw(const nmd_structure *structure, const char *element, double fraction, uint64_t seed,
                              bool *taken) NMD_MUST_USE;

/* One line of composition and size: "1007 atoms (Au 539, Li 468), 20.67 x 20.67 x 45.1 A, 8.03 g/cm3". */
void nmd_build_say_composition(const nmd_structure *structure, const nmd_build_report *report);

#endif
