/* SPDX-License-Identifier: BSD-3-Clause */
/* The parent lattice of a cluster expansion: a crystal, some of whose sites may hold one of several species (an element
 * or the vacancy), while the others, the frame, always hold the same element.
 *
 * Symmetries are all isometries that map the crystal onto itself with every site going to one of the same kind: found
 * from the metric of the cell (rotations as integer matrices with entries up to 2), then from where the atoms go. They
 * act on whole cells: site (v, b), v the cell (row), goes to (v turn + shift[b], to[b]). */
#ifndef NNPMD_LATTICE_PARENT_H
#define NNPMD_LATTICE_PARENT_H

#include <stdint.h>

#include "system/structure.h"

enum { NMD_LATTICE_SPECIES_MAX = 6, NMD_LATTICE_KINDS_MAX = 8, NMD_VACANCY = 0 };

/* What may sit on a site. */
typedef struct nmd_lattice_kind {
  int n;                          /* 2 to NMD_LATTICE_SPECIES_MAX */
  int z[NMD_LATTICE_SPECIES_MAX]; /* atomic numbers in the order given; NMD_VACANCY */
} nmd_lattice_kind;

typedef struct nmd_lattice_symmetry {
  int turn[3][3];
  int *to;         /* [n_sites] */
  int (*shift)[3]; /* [n_sites] */
} nmd_lattice_symmetry;

typedef struct nmd_parent_lattice {
  nmd_box box;
  int n_sites;       /* that may hold several species */
  double (*site)[3]; /* [n_sites] fractional, as in the file */
  int *kind;         /* [n_sites] */
  int n_kinds;
  nmd_lattice_kind kinds[NMD_LATTICE_KINDS_MAX];
  int n_frame;
  double (*frame)[3]; /* [n_frame] fractional */
  int *frame_z;       /* [n_frame] */
  int n_symmetries;
  nmd_lattice_symmetry *symmetry;
} nmd_parent_lattice;

/* A rule: sites of the crystal that hold element `z` in the file are of kind `kind`. */
typedef struct nmd_site_rule {
  int z;
  nmd_lattice_kind kind;
} nmd_site_rule;

/* From a crystal (periodic along all axes) and rules; positions are equal within `tolerance` (A). Owner: the caller.
 * Local. Errors: CONFLICT (an open axis, a kind with fewer than two species or one twice, no site of a rule),
 * OUT_OF_RANGE (too many), MEMORY. */
nmd_status nmd_parent_lattice_init(nmd_parent_lattice *parent, const nmd_structure *crystal, int n_rules,
                                   const nmd_site_rule *rules, double tolerance) NMD_MUST_USE;
void nmd_parent_lattice_free(nmd_parent_lattice *parent);

/* Species as text: "La", "X" for the vacancy. */
const char *nmd_lattice_species_name(int z);
/* Orthonormal point functions of a kind: value [function][species], function 0 is 1, all with mean square 1 over the
 * species, orthogonal: polynomials of a spin that runs evenly from +1 (first species) to -1 (J. M. Sanchez, F.
 * Ducastelle, D. Gratias, Physica A 128, 334 (1984)). */
void nmd_lattice_point_functions(int n, double value[NMD_LATTICE_SPECIES_MAX][NMD_LATTICE_SPECIES_MAX]);

#endif
