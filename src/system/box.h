/* SPDX-License-Identifier: BSD-3-Clause */
/* The simulation cell: any three independent vectors (triclinic, left-handed too), each periodic or not. */
#ifndef NNPMD_SYSTEM_BOX_H
#define NNPMD_SYSTEM_BOX_H

#include <stdbool.h>

#include "base/status.h"

typedef struct nmd_box {
  double h[3][3];       /* rows are the cell vectors a, b, c (A) */
  double inverse[3][3]; /* of h */
  double origin[3];     /* corner (A) */
  double volume;        /* |det h| (A^3) */
  bool periodic[3];
} nmd_box;

/* Errors: BAD_CELL (volume < 1e-6 A^3 or not finite). origin and periodic are stored as given (NULL: 0, all true). */
nmd_status nmd_box_init(nmd_box *box, const double h[3][3], const double origin[3], const bool periodic[3])
    NMD_MUST_USE;
/* Replace h, keep the rest; for barostats. */
nmd_status nmd_box_set_h(nmd_box *box, const double h[3][3]) NMD_MUST_USE;
void nmd_box_to_fractional(const nmd_box *box, const double x[3], double s[3]); /* s = (x - origin) h^-1 */
void nmd_box_to_cartesian(const nmd_box *box, const double s[3], double x[3]);  /* x = s h + origin */
/* Distance between the two faces across axis d (A): volume / area. */
double nmd_box_height(const nmd_box *box, int d);
/* Wrap x into the cell along periodic axes, counting crossings: x_unwrapped = x + image h stays the same. Afterwards
 * nmd_box_to_fractional gives 0 <= s < 1 there, also for atoms on a face; x that is not finite or whose image would not
 * fit an int is left as it is. */
void nmd_box_wrap(const nmd_box *box, double x[3], int image[3]);
/* Smallest singular value of a 3x3 matrix (how much the affine map shrinks the shortest direction). */
double nmd_smallest_stretch(const double a[3][3]);

#endif
