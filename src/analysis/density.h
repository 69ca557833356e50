/* SPDX-License-Identifier: BSD-3-Clause */
/* Time-averaged number density of atoms on a grid of the cell, for VESTA, OVITO and ParaView.
 *
 * Each atom is shared among the eight grid points around it (cloud in cell: R. W. Hockney, J. W. Eastwood, Computer
 * Simulation Using Particles (1988), section 5-2-4), so the sum over the grid times the volume of a voxel is exactly
 * the number of atoms. The grid is fractional: it follows a changing cell. */
#ifndef NNPMD_ANALYSIS_DENSITY_H
#define NNPMD_ANALYSIS_DENSITY_H

#include <stdint.h>

#include "base/status.h"
#include "io/buffer.h"
#include "parallel/comm.h"
#include "system/structure.h"

typedef struct nmd_density {
  int n[3];      /* grid points along a, b, c; point 0 is at the origin of the cell */
  double *atoms; /* [n[0]][n[1]][n[2]] sum over frames of the atoms at each point; owned */
  int64_t frames;
  double h[3][3], origin[3]; /* sums over frames */
} nmd_density;

nmd_status nmd_density_init(nmd_density *density, const int n[3]) NMD_MUST_USE; /* Errors: OUT_OF_RANGE, MEMORY */
void nmd_density_free(nmd_density *density);
/* Atoms with kind == wanted (kind NULL: all). Along open axes atoms outside the cell are left out. Local. */
void nmd_density_add(nmd_density *density, const nmd_box *box, int64_t n, const double (*x)[3], const int *kind,
                     int wanted);
/* All ranks' frames together, on all ranks. Collective. */
void nmd_density_reduce(nmd_density *density, const nmd_comm *comm);
/* Mean number density (1/A^3) at a grid point. */
double nmd_density_at(const nmd_density *density, int i, int j, int k);
/* Gaussian cube: lengths in bohr, density in 1/bohr^3, atoms of `frame` (may be NULL) for orientation. */
void nmd_density_cube(const nmd_density *density, const char *title, const nmd_structure *frame, nmd_buffer *out);
/* Legacy VTK, ASCII, structured grid (any cell): lengths in A, density in 1/A^3. */
void nmd_density_vtk(const nmd_density *density, const char *title, nmd_buffer *out);

#endif
