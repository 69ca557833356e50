/* SPDX-License-Identifier: BSD-3-Clause */
/* Derivative structures: all inequivalent ways to put two elements on the sites of a parent lattice with a given number
 * of parent cells in the period.
 *
 * Superlattices are the integer matrices in Hermite normal form, three rows (periods) in units of the parent's cell
 * vectors; of those that a symmetry of the parent turns into one another the least is kept, and of its colourings each
 * one that no symmetry (rotation of the stabiliser, translation by a parent cell) turns into a smaller one. Colourings
 * with a shorter period are left out: they come with fewer cells. Symmetries are all isometries that map the sites onto
 * themselves, found from the metric. G. L. W. Hart, R. W. Forcade, Phys. Rev. B 77, 224115 (2008); 80, 014120 (2009)
 * for parents with several sites. */
#ifndef NNPMD_BUILD_DERIVATIVE_H
#define NNPMD_BUILD_DERIVATIVE_H

#include <stdint.h>

#include "system/structure.h"

enum { NMD_PARENT_SITES_MAX = 2, NMD_DERIVATIVE_SITES_MAX = 16 };

typedef struct nmd_parent {
  const char *name;
  double cell[3][3]; /* rows; the volume is that of its sites */
  int n_sites;
  double site[NMD_PARENT_SITES_MAX][3]; /* fractional */
} nmd_parent;

/* Primitive cells with a volume of 1 a site: "fcc", "bcc", "hcp" (ideal c/a). NULL: another name. */
const nmd_parent *nmd_parent_find(const char *name);

typedef struct nmd_derivative {
  int cells;
  int period[3][3]; /* lower triangular, in units of the parent's cell vectors */
  unsigned second;  /* bit k: site k holds the second element; sites as nmd_derivative_structure makes them */
} nmd_derivative;

/* All with `cells` parent cells; *out [*n] owner: the caller (nmd_free). Local. Errors: OUT_OF_RANGE (cells < 1, more
 * than NMD_DERIVATIVE_SITES_MAX sites), MEMORY. */
nmd_status nmd_derivative_list(const nmd_parent *parent, int cells, nmd_derivative **out, int64_t *n) NMD_MUST_USE;
/* The structure with elements z[0] and z[1] and `volume` (A^3) a site. Local. Errors: MEMORY. */
nmd_status nmd_derivative_structure(const nmd_parent *parent, const nmd_derivative *derivative, const int z[2],
                                    double volume, nmd_structure *out) NMD_MUST_USE;

#endif
