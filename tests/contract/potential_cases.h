/* SPDX-License-Identifier: BSD-3-Clause */
/* Every potential of the registry with parameters to be tested with, for the batteries of this folder. */
#ifndef NNPMD_TESTS_CONTRACT_POTENTIAL_CASES_H
#define NNPMD_TESTS_CONTRACT_POTENTIAL_CASES_H

#include <stddef.h>

#include "system/structure.h"

typedef struct potential_case {
  const char *name; /* registry name */
  const char *label;
  const char *yaml; /* %s: tests folder */
  double spacing;   /* of the crystal the test is made on, A */
  int z[2];         /* elements */
} potential_case;

extern const potential_case potential_cases[];
extern const int n_potential_cases;

/* Equal parts of a cell of 16 atoms, of its supercells, and of both in reverse order. */
#define POTENTIAL_CASE_GROUPS                                                                                          \
  "[{name: rim, ids: [1-4, 13-20, 29-36, 45-52, 61-68, 77-84, 93-96]}, "                                               \
  "{name: heart, ids: [5-12, 21-28, 37-44, 53-60, 69-76, 85-92]}]"

/* A rattled, sheared bcc-like crystal of 16 atoms of its two elements. */
nmd_status potential_case_structure(const potential_case *which, nmd_structure *out) NMD_MUST_USE;
/* Its YAML with the tests' folder put in. */
void potential_case_text(const potential_case *which, char *text, size_t size);

#endif
