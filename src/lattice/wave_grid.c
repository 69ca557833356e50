/* SPDX-License-Identifier: BSD-3-Clause */
#include "lattice/wave_grid.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"

static double complex turn(double cycles) { return cos(2 * M_PI * cycles) + I * sin(2 * M_PI * cycles); }

nmd_status nmd_wave_grid_init(nmd_wave_grid *grid, const nmd_parent_lattice *parent, const int repeat[3]) {
  int longest = 0;
  *grid = (nmd_wave_grid){.parent = parent, .n = repeat[0] * repeat[1] * repeat[2]};
  memcpy(grid->repeat, repeat, sizeof grid->repeat);
  for (int axis = 0; axis < 3; axis++) {
    NMD_TRY(NMD_ALLOC(grid->table[axis], repeat[axis]));
    for (int m = 0; m < repeat[axis]; m++) grid->table[axis][m] = turn((double)m / repeat[axis]);
    if (repeat[axis] > longest) longest = repeat[axis];
  }
  NMD_TRY(NMD_ALLOC(grid->line, longest));
  NMD_TRY(NMD_ALLOC(grid->part, grid->n));
  return NMD_ALLOC(grid->sum, grid->n);
}

void nmd_wave_grid_free(nmd_wave_grid *grid) {
  for (int axis = 0; axis < 3; axis++) nmd_free(grid->table[axis]);
  nmd_free(grid->line);
  nmd_free(grid->part);
  nmd_free(grid->sum);
  *grid = (nmd_wave_grid){0};
}

void nmd_wave_grid_k(const nmd_wave_grid *grid, int wave, double k[3]) {
  const int *r = grid->repeat, at[3] = {wave / (r[1] * r[2]), wave / r[2] % r[1], wave % r[2]};
  for (int a = 0; a < 3; a++) k[a] = (double)(2 * at[a] > r[a] ? at[a] - r[a] : at[a]) / r[a];
}

/* The line of n values `stride` apart becomes its Fourier sum. */
static void sum_line(const double complex *table, int n, int stride, double complex *line, double complex *value) {
  for (int k = 0; k < n; k++) {
    line[k] = 0;
    for (int x = 0, phase = 0; x < n; x++, phase = (phase + k) % n) line[k] += value[x * stride] * table[phase];
  }
  for (int k = 0; k < n; k++) value[k * stride] = line[k];
}

static void sum_axis(nmd_wave_grid *grid, int axis) {
  const int *r = grid->repeat, stride = axis == 2 ? 1 : axis == 1 ? r[2] : r[1] * r[2];
  for (int i = 0; i < grid->n; i++)
    if (i / stride % r[axis] == 0) sum_line(grid->table[axis], r[axis], stride, grid->line, grid->part + i);
}

void nmd_wave_grid_add(nmd_wave_grid *grid, const nmd_lattice_walk *walk, int species, double *intensity) {
  const int sites = grid->parent->n_sites;
  memset(grid->sum, 0, (size_t)grid->n * sizeof *grid->sum);
  for (int s = 0; s < sites; s++) {
    for (int cell = 0; cell < grid->n; cell++) grid->part[cell] = walk->species[cell * sites + s] == species;
    for (int axis = 0; axis < 3; axis++) sum_axis(grid, axis);
    for (int w = 0; w < grid->n; w++) {
      double k[3];
      const double *x = grid->parent->site[s];
      nmd_wave_grid_k(grid, w, k);
      grid->sum[w] += grid->part[w] * turn(k[0] * x[0] + k[1] * x[1] + k[2] * x[2]);
    }
  }
  for (int w = 1; w < grid->n; w++) {
    const double re = creal(grid->sum[w]), im = cimag(grid->sum[w]);
    intensity[w] += (re * re + im * im) / (grid->n * sites);
  }
}

/* The wave T k; -1 if it does not fit the supercell, or, with several sites in a cell, lies in another reciprocal cell,
 * where intensities are others. */
static int turned(const nmd_wave_grid *grid, int wave, const int t[3][3]) {
  const int *r = grid->repeat;
  double k[3], there[3];
  int at[3];
  nmd_wave_grid_k(grid, wave, k);
  for (int a = 0; a < 3; a++) {
    const double x = (t[a][0] * k[0] + t[a][1] * k[1] + t[a][2] * k[2]) * r[a];
    if (fabs(x - round(x)) > 1e-6) return -1;
    at[a] = (((int)round(x)) % r[a] + r[a]) % r[a];
  }
  const int found = (at[0] * r[1] + at[1]) * r[2] + at[2];
  nmd_wave_grid_k(grid, found, there);
  for (int a = 0; a < 3 && grid->parent->n_sites > 1; a++)
    if (fabs(t[a][0] * k[0] + t[a][1] * k[1] + t[a][2] * k[2] - there[a]) > 1e-6) return -1;
  return found;
}

void nmd_wave_grid_symmetrise(const nmd_wave_grid *grid, const double *in, double *out) {
  for (int w = 0; w < grid->n; w++) {
    double sum = 0;
    int count = 0;
    for (int s = 0; s < grid->parent->n_symmetries; s++) {
      const int to = turned(grid, w, grid->parent->symmetry[s].turn);
      if (to < 0) continue;
      sum += in[to];
      count++;
    }
    out[w] = sum / count;
  }
}
