/* SPDX-License-Identifier: BSD-3-Clause */
/* Known crystals as parent lattices. */
#ifndef NNPMD_TESTS_LATTICE_CASE_H
#define NNPMD_TESTS_LATTICE_CASE_H

#include <stdbool.h>

#include "lattice/parent.h"

/* "sc", "square" (tetragonal, c = 10), "fcc", "fcc4", "bcc", "bcc2", "hcp" with edge 1 (hcp: nearest distance 1), Cu or
 * Au on all sites; "fcc_ternary": Cu, Au, vacancy; "perovskite" (edge 3.9): La or vacancy at the corner, Nb and O
 * around. */
bool lattice_structure(const char *name, nmd_structure *s);
bool lattice_case(const char *name, nmd_parent_lattice *parent);

#endif
