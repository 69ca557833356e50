/* SPDX-License-Identifier: BSD-3-Clause */
#include "build/surface.h"

#include <math.h>
#include <string.h>

#include "base/status.h"

/* Right-handed triples of orthogonal lattice translations, in units of a/2: two in the face, one along its normal.
 * All heights and positions of lattice points in such a cell are multiples of 1/12, so they are found exactly. */
static const int standard_cell[2][3][3][3] = {
    [NMD_CUBIC_FCC] = {{{1, 1, 0}, {-1, 1, 0}, {0, 0, 2}},
                       {{0, 0, 2}, {1, -1, 0}, {1, 1, 0}},
                       {{1, -1, 0}, {1, 1, -2}, {2, 2, 2}}},
    [NMD_CUBIC_BCC] = {{{2, 0, 0}, {0, 2, 0}, {0, 0, 2}},
                       {{0, 0, 2}, {2, -2, 0}, {2, 2, 0}},
                       {{2, -2, 0}, {2, 2, -4}, {1, 1, 1}}},
};

const char *nmd_cubic_name(nmd_cubic lattice) { return lattice == NMD_CUBIC_FCC ? "fcc" : "bcc"; }

const char *nmd_face_name(nmd_face face) {
  static const char *const names[] = {"100", "110", "111"};
  return names[face];
}

static int dot3(const int a[3], const int b[3]) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }

static void rotate_cell(int rotation, int cell[3][3]) {
  int u[3], v[3];
  memcpy(u, cell[0], sizeof u);
  memcpy(v, cell[1], sizeof v);
  for (int k = 0; k < 3 && rotation != 0; k++) {
    cell[0][k] = rotation == 45 ? u[k] + v[k] : v[k];
    cell[1][k] = rotation == 45 ? v[k] - u[k] : -u[k];
  }
}

/* Is p (units of a/2) a lattice point? fcc: even sum; bcc: all even or all odd. */
static bool is_lattice_point(nmd_cubic lattice, const int p[3]) {
  if (lattice == NMD_CUBIC_FCC) return (p[0] + p[1] + p[2]) % 2 == 0;
  return (p[0] - p[1]) % 2 == 0 && (p[1] - p[2]) % 2 == 0;
}

/* Twelfths of a cell vector at which p lies, or -1 outside [0, 1). */
static int twelfth(const int p[3], const int vector[3]) {
  const int square = dot3(vector, vector), part = 12 * dot3(p, vector);
  return part >= 0 && part < 12 * square && part % square == 0 ? part / square : -1;
}

/* Collect the lattice points inside the cell by height; count[t] points at t twelfths of the normal. */
static void collect_points(nmd_cubic lattice, int cell[3][3], int count[12], double points[12][NMD_PER_PLANE_MAX][2]) {
  enum { REACH = 8 }; /* half lattice constants; no cell above is larger */
  for (int i = -REACH; i <= REACH; i++)
    for (int j = -REACH; j <= REACH; j++)
      for (int k = -REACH; k <= REACH; k++) {
        const int p[3] = {i, j, k};
        if (!is_lattice_point(lattice, p)) continue;
        const int u = twelfth(p, cell[0]), v = twelfth(p, cell[1]), w = twelfth(p, cell[2]);
        if (u < 0 || v < 0 || w < 0) continue;
        NMD_ASSERT(count[w] < NMD_PER_PLANE_MAX);
        points[w][count[w]][0] = u / 12.0;
        points[w][count[w]++][1] = v / 12.0;
      }
}

void nmd_surface_init(nmd_cubic lattice, nmd_face face, int rotation, double a, nmd_surface *surface) {
  memset(surface, 0, sizeof *surface);
  int cell[3][3], count[12] = {0};
  double points[12][NMD_PER_PLANE_MAX][2];
  memcpy(cell, standard_cell[lattice][face], sizeof cell);
  rotate_cell(rotation, cell);
  collect_points(lattice, cell, count, points);
  surface->lattice = lattice;
  surface->face = face;
  surface->rotation = rotation;
  memcpy(surface->direction, cell, sizeof cell);
  for (int d = 0; d < 2; d++) surface->edge[d] = 0.5 * a * sqrt((double)dot3(cell[d], cell[d]));
  surface->nearest = a * (lattice == NMD_CUBIC_FCC ? sqrt(0.5) : sqrt(0.75));
  for (int t = 0; t < 12; t++) {
    if (count[t] == 0) continue;
    NMD_ASSERT(surface->n_planes < NMD_PLANES_MAX);
    memcpy(surface->s[surface->n_planes++], points[t], sizeof points[t]);
    surface->per_plane = count[t];
  }
  surface->spacing = 0.5 * a * sqrt((double)dot3(cell[2], cell[2])) / surface->n_planes;
}

int64_t nmd_block_atoms(const nmd_block *block) {
  return block->repeat[0] * block->repeat[1] * block->layers * block->surface->per_plane;
}

void nmd_block_fill(const nmd_block *block, nmd_structure *structure, int64_t first) {
  const nmd_surface *surface = block->surface;
  int64_t i = first;
  for (int64_t layer = 0; layer < block->layers; layer++)
    for (int64_t v = 0; v < block->repeat[1]; v++)
      for (int64_t u = 0; u < block->repeat[0]; u++)
        for (int m = 0; m < surface->per_plane; m++, i++) {
          const double *s = surface->s[layer % surface->n_planes][m];
          structure->atomic_number[i] = block->atomic_number;
          structure->x[i][0] = ((double)u + s[0]) / (double)block->repeat[0] * block->edge[0];
          structure->x[i][1] = ((double)v + s[1]) / (double)block->repeat[1] * block->edge[1];
          structure->x[i][2] = block->z + (double)layer * surface->spacing;
        }
}
