/* SPDX-License-Identifier: BSD-3-Clause */
/* The lower convex hull of energies over composition, for any number of elements.
 *
 * Energies are per atom. The hull at a composition x is the least energy of a mixture of the given structures with that
 * overall composition: min sum_s w_s e_s with sum_s w_s x_s = x, w_s >= 0. This linear programme is solved by the
 * simplex method with one row an element, so that binary and many-element systems take the same path (as in
 * S. P. Ong et al., Chem. Mater. 20, 1798 (2008), by geometry). The energy of mixing is that above the mixture of the
 * pure elements' lowest structures. */
#ifndef NNPMD_ANALYSIS_HULL_H
#define NNPMD_ANALYSIS_HULL_H

#include <stdint.h>

#include "base/status.h"

enum { NMD_HULL_ELEMENTS_MAX = 8 };

typedef struct nmd_hull_point {
  double mixing;   /* eV/atom above the pure elements */
  double distance; /* eV/atom above the hull; 0: on it */
  double depth;    /* eV/atom the point lies below the hull of all OTHER structures (negative: above); of a pure
                    * element's lowest structure, without which there is no such hull: 0 */
  int n_products;  /* structures the point decomposes into (of the hull without it), at most one an element */
  int product[NMD_HULL_ELEMENTS_MAX];
  double share[NMD_HULL_ELEMENTS_MAX]; /* of the atoms */
} nmd_hull_point;

/* composition [n][elements]: fractions that sum to 1; energy [n] eV/atom; points [n] are filled. pure [elements]
 * becomes the index of the lowest structure of each element. Structures of the same composition and energy are all
 * stable; the first of them in the list is a vertex. Local. Errors: OUT_OF_RANGE (elements outside 1..8, fractions or
 * energies that are none), MISSING_KEY (no structure of a pure element: message gives the element's index), MEMORY. */
nmd_status nmd_hull_compute(int elements, int64_t n, const double *composition, const double *energy, int64_t *pure,
                            nmd_hull_point *points) NMD_MUST_USE;

#endif
