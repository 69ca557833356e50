/* SPDX-License-Identifier: BSD-3-Clause */
/* Cells at random for a structure search: without any symmetry, or with that of a space group drawn at random.
 *
 * Number of atoms and composition are drawn first, then shape, volume (0.9 to 1.2 of that expected) and positions, no
 * two atoms closer than a share of (volume / atom)^(1/3). Plain cells as in C. J. Pickard, R. J. Needs, J. Phys.:
 * Condens. Matter 23, 053201 (2011). Symmetric cells: a space group of the 230, a cell of its crystal system, and
 * orbits of positions until the composition is complete; a coordinate is any number, or a simple fraction, or equal to
 * another one, so that special positions come up; then the primitive cell. A group that cannot hold the composition is
 * drawn anew. */
#ifndef NNPMD_STUDY_RANDOM_CELL_H
#define NNPMD_STUDY_RANDOM_CELL_H

#include <stdint.h>

#include "system/structure.h"

typedef struct nmd_random_cell_request {
  uint64_t seed;
  int most;         /* atoms of the primitive cell, >= 2; from 2 (1 where the group asks for it) on */
  int z[2];         /* the two elements */
  double volume[2]; /* A^3 an atom of each */
} nmd_random_cell_request;

/* No symmetry. Local. Errors: MEMORY. */
nmd_status nmd_random_cell(const nmd_random_cell_request *request, nmd_structure *out) NMD_MUST_USE;
/* Whether symmetric cells can be made: the program was built with spglib. Local. */
bool nmd_random_cell_has_symmetry(void);
/* A symmetric one; *group: number of its space group, 0: none was found and the cell is a plain one. Local. Errors:
 * MEMORY, CONFLICT (without spglib). */
nmd_status nmd_random_cell_symmetric(const nmd_random_cell_request *request, nmd_structure *out,
                                     int *group) NMD_MUST_USE;

#endif
