/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/lammps_cell.h"

#include <string.h>

#include "base/vec3.h"

/* x along a, z along a x b. */
static void make_axes(const double h[3][3], double axes[3][3]) {
  double normal[3];
  nmd_cross(h[0], h[1], normal);
  for (int d = 0; d < 3; d++) axes[0][d] = h[0][d] / nmd_norm(h[0]);
  for (int d = 0; d < 3; d++) axes[2][d] = normal[d] / nmd_norm(normal);
  nmd_cross(axes[2], axes[0], axes[1]);
}

void nmd_lammps_cell_init(nmd_lammps_cell *cell, const nmd_box *box) {
  *cell = (nmd_lammps_cell){.axes = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
  double h[3][3], origin[3];
  memcpy(h, box->h, sizeof h);
  memcpy(origin, box->origin, sizeof origin);
  cell->reversed = nmd_det(h) < 0.0;
  for (int d = 0; d < 3 && cell->reversed; d++) {
    origin[d] += h[2][d];
    h[2][d] = -h[2][d];
  }
  cell->turned = !(h[0][1] == 0.0 && h[0][2] == 0.0 && h[1][2] == 0.0 && h[0][0] > 0.0 && h[1][1] > 0.0);
  if (cell->turned) make_axes(h, cell->axes);
  double a[3], b[3], c[3];
  nmd_lammps_cell_turn(cell, h[0], a);
  nmd_lammps_cell_turn(cell, h[1], b);
  nmd_lammps_cell_turn(cell, h[2], c);
  nmd_lammps_cell_turn(cell, origin, cell->low);
  cell->length[0] = a[0];
  cell->length[1] = b[1];
  cell->length[2] = c[2];
  cell->xy = b[0];
  cell->xz = c[0];
  cell->yz = c[1];
  cell->tilted = cell->xy != 0.0 || cell->xz != 0.0 || cell->yz != 0.0;
}

void nmd_lammps_cell_turn(const nmd_lammps_cell *cell, const double vector[3], double turned[3]) {
  for (int k = 0; k < 3; k++) turned[k] = cell->turned ? nmd_dot(vector, cell->axes[k]) : vector[k];
}

void nmd_lammps_cell_image(const nmd_lammps_cell *cell, const int image[3], int turned[3]) {
  for (int d = 0; d < 3; d++) turned[d] = d == 2 && cell->reversed ? -image[d] : image[d];
}
