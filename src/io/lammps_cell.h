/* SPDX-License-Identifier: BSD-3-Clause */
/* A cell in LAMMPS' convention: a along x, b in the xy plane (y > 0), c with z > 0; bounds and tilt factors.
 *
 * A cell that is not of that form is turned as a whole, and so are positions, velocities and forces. A turn cannot make
 * a left-handed cell right-handed, so there c is reversed and the origin moved to its other end first: the same
 * parallelepiped and the same lattice, only that the image counter along c changes its sign. */
#ifndef NNPMD_IO_LAMMPS_CELL_H
#define NNPMD_IO_LAMMPS_CELL_H

#include <stdbool.h>

#include "system/box.h"

typedef struct nmd_lammps_cell {
  double low[3];        /* A: xlo ylo zlo */
  double length[3];     /* A: lx ly lz */
  double xy, xz, yz;    /* A */
  bool tilted;          /* one of the three is not zero */
  bool turned, reversed;
  double axes[3][3];    /* rows: x, y, z of LAMMPS in the coordinates of the box */
} nmd_lammps_cell;

void nmd_lammps_cell_init(nmd_lammps_cell *cell, const nmd_box *box);
/* Position, velocity or force in LAMMPS' orientation; exact where no turn is needed. */
void nmd_lammps_cell_turn(const nmd_lammps_cell *cell, const double vector[3], double turned[3]);
void nmd_lammps_cell_image(const nmd_lammps_cell *cell, const int image[3], int turned[3]);

#endif
