/* SPDX-License-Identifier: BSD-3-Clause */
/* B-splines, and atoms on a patch of the mesh. */
#ifndef NNPMD_ELECTROSTATICS_SPME_ATOMS_H
#define NNPMD_ELECTROSTATICS_SPME_ATOMS_H

#include "electrostatics/patch.h"
#include "electrostatics/spme.h"

/* Values and slopes of the B-spline of an order at the `order` mesh points from floor(u) up, f = u - floor(u). */
void nmd__spline(int order, double f, double *value, double *slope);

/* What the loops over atoms share. */
typedef struct nmd__spread {
  const nmd_spme_atoms *atoms;
  const nmd_box *box;
  int k[3], order;
  const nmd__extent *extent; /* of the patch */
  double *patch;
} nmd__spread;

/* The patch of these atoms; false: a position is not finite or more than a cell away. Local. */
bool nmd__spread_extent(const nmd__spread *spread, nmd__extent *extent);
/* Add the charges to the patch. Local. */
void nmd__spread_charges(const nmd__spread *spread);
/* Potential phi (per charge) at each atom into phi [n], its gradient (per A) into gradient [n][3] unless NULL. Local.
 */
void nmd__spread_potential(const nmd__spread *spread, double *phi, double (*gradient)[3]);

#endif
