/* SPDX-License-Identifier: BSD-3-Clause */
#include "neighbour/grid.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { CELLS_PER_ATOM = 4, CELLS_LEAST = 64, SAMPLES = 512 };
/* Measured: with finer cells the rows of cells cost more than the atoms they spare. */
static const double cells_per_radius = 1.0;
static const double trimmed_share = 0.02; /* of the atoms on each side, left to the outermost cells if need be */

void nmd__grid_free(nmd__grid *grid) {
  nmd_free(grid->atom);
  nmd_free(grid->start);
  nmd_free(grid->cell);
  for (int d = 0; d < 3; d++) nmd_free(grid->x[d]);
  memset(grid, 0, sizeof *grid);
}

static nmd_status reserve_slots(nmd__grid *grid, int64_t n) {
  if (n <= grid->capacity_slots && grid->atom != NULL) return NMD_OK;
  const int64_t wanted = n + n / 16 + 64;
  grid->capacity_slots = 0; /* until all have grown */
  NMD_TRY(NMD_GROW(grid->atom, 0, wanted));
  NMD_TRY(NMD_GROW(grid->cell, 0, wanted));
  for (int d = 0; d < 3; d++) NMD_TRY(NMD_GROW(grid->x[d], 0, wanted));
  grid->capacity_slots = wanted;
  return NMD_OK;
}

static nmd_status reserve_cells(nmd__grid *grid, int64_t cells) {
  if (cells + 1 <= grid->capacity_cells) return NMD_OK;
  const int64_t wanted = cells + cells / 4 + 64;
  NMD_TRY(NMD_GROW(grid->start, 0, wanted));
  grid->capacity_cells = wanted;
  return NMD_OK;
}

static void find_bounds(nmd__grid *grid, const nmd_atoms *atoms) {
  for (int d = 0; d < 3; d++) {
    grid->bound_low[d] = INFINITY;
    grid->bound_high[d] = -INFINITY;
  }
  for (int64_t i = 0; i < grid->n_slots; i++)
    for (int d = 0; d < 3; d++) {
      const double x = atoms->x[3 * i + d];
      if (x < grid->bound_low[d]) grid->bound_low[d] = x;
      if (x > grid->bound_high[d]) grid->bound_high[d] = x;
    }
}

static int compare_doubles(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* The range that leaves out the outermost atoms along d, from a sample. */
static void trimmed_range(const nmd_atoms *atoms, int total, int d, double *low, double *high) {
  double sample[SAMPLES];
  const int n = total < SAMPLES ? total : SAMPLES;
  for (int k = 0; k < n; k++) sample[k] = atoms->x[3 * ((int64_t)k * total / n) + d];
  qsort(sample, (size_t)n, sizeof *sample, compare_doubles);
  const int skip = (int)ceil(trimmed_share * n);
  if (2 * skip >= n) return;
  *low = sample[skip];
  *high = sample[n - 1 - skip];
}

static double count_cells(nmd__grid *grid, const double high[3]) {
  double cells = 1.0;
  for (int d = 0; d < 3; d++) {
    const double n = floor((high[d] - grid->low[d]) / grid->width) + 1.0;
    grid->n[d] = n < 1e9 ? (int)n : 1000000000;
    cells *= n;
  }
  return cells;
}

/* Region and width of the cells. */
static void lay_out(nmd__grid *grid, const nmd_atoms *atoms, double radius) {
  const double most = (double)CELLS_PER_ATOM * grid->n_slots + CELLS_LEAST;
  double high[3];
  memcpy(grid->low, grid->bound_low, sizeof grid->low);
  memcpy(high, grid->bound_high, sizeof high);
  grid->width = radius / cells_per_radius;
  double cells = count_cells(grid, high);
  if (cells > most) {
    for (int d = 0; d < 3; d++) trimmed_range(atoms, grid->n_slots, d, &grid->low[d], &high[d]);
    cells = count_cells(grid, high);
  }
  while (cells > most) {
    grid->width *= fmax(1.05, cbrt(cells / most));
    cells = count_cells(grid, high);
  }
  grid->inverse_width = 1.0 / grid->width;
  grid->margin = 0.0;
  for (int d = 0; d < 3; d++)
    grid->margin = fmax(grid->margin, 1e-13 * (fabs(grid->low[d]) + grid->n[d] * grid->width));
}

/* Plain comparisons: the compiler makes them minsd and maxsd, where fmin and fmax are calls. */
static inline double smaller(double a, double b) { return a < b ? a : b; }
static inline double larger(double a, double b) { return a > b ? a : b; }

static inline int cell_along(const nmd__grid *grid, int d, double x) {
  return (int)smaller(larger((x - grid->low[d]) * grid->inverse_width, 0.0), grid->n[d] - 1);
}

/* Counting sort: stable, so slots of one cell keep the order of the atoms. */
static void sort_atoms(nmd__grid *grid, const nmd_atoms *atoms, int64_t cells) {
  memset(grid->start, 0, (size_t)(cells + 1) * sizeof *grid->start);
  for (int64_t i = 0; i < grid->n_slots; i++) {
    const double *x = &atoms->x[3 * i];
    const int64_t c = ((int64_t)cell_along(grid, 2, x[2]) * grid->n[1] + cell_along(grid, 1, x[1])) * grid->n[0] +
                      cell_along(grid, 0, x[0]);
    grid->cell[i] = (int32_t)c;
    grid->start[c]++;
  }
  int32_t sum = 0;
  for (int64_t c = 0; c <= cells; c++) grid->start[c] = sum += grid->start[c];
  for (int i = grid->n_slots - 1; i >= 0; i--) { /* from the end: start[c] comes down to the first slot */
    const int32_t slot = --grid->start[grid->cell[i]];
    grid->atom[slot] = i;
    for (int d = 0; d < 3; d++) grid->x[d][slot] = atoms->x[3 * (int64_t)i + d];
  }
}

nmd_status nmd__grid_build(nmd__grid *grid, const nmd_atoms *atoms, double radius) {
  grid->pick = nmd__pick_choose();
  grid->n_slots = atoms->n_owned + atoms->n_ghost;
  NMD_TRY(reserve_slots(grid, grid->n_slots));
  if (grid->n_slots == 0) return NMD_OK;
  find_bounds(grid, atoms);
  lay_out(grid, atoms, radius);
  const int64_t cells = (int64_t)grid->n[0] * grid->n[1] * grid->n[2];
  NMD_TRY(reserve_cells(grid, cells));
  sort_atoms(grid, atoms, cells);
  return NMD_OK;
}

/* Distance from x to the slab of cells c along d; the outermost slabs have no outer side. */
static inline double slab_distance(const nmd__grid *grid, int d, int c, double x) {
  const double low = grid->low[d] + c * grid->width;
  const double under = c > 0 ? low - x : 0.0, over = c < grid->n[d] - 1 ? x - (low + grid->width) : 0.0;
  return larger(larger(under, over), 0.0);
}

static bool out_of_bounds(const nmd__grid *grid, const double x[3], double r) {
  for (int d = 0; d < 3; d++)
    if (x[d] + r < grid->bound_low[d] || x[d] - r > grid->bound_high[d]) return true;
  return grid->n_slots == 0;
}

static void add_run(nmd__runs *runs, int32_t first, int32_t last) {
  if (first == last) return;
  NMD_ASSERT(runs->n < NMD__RUNS_MAX);
  runs->first[runs->n] = first;
  runs->last[runs->n++] = last;
  runs->candidates += last - first;
}

void nmd__grid_runs(const nmd__grid *grid, const double x[3], double radius, nmd__runs *runs) {
  /* The cells searched are those within a hair more than the radius, so that rounding of cell edges loses nobody. */
  const double r = radius + grid->margin + 1e-12 * radius;
  runs->n = 0;
  runs->candidates = 0;
  if (out_of_bounds(grid, x, r)) return;
  const int z_last = cell_along(grid, 2, x[2] + r);
  for (int cz = cell_along(grid, 2, x[2] - r); cz <= z_last; cz++) {
    const double dz = slab_distance(grid, 2, cz, x[2]), ry = sqrt(larger(r * r - dz * dz, 0.0));
    const int y_last = cell_along(grid, 1, x[1] + ry);
    for (int cy = cell_along(grid, 1, x[1] - ry); cy <= y_last; cy++) {
      const double dy = slab_distance(grid, 1, cy, x[1]), rx = sqrt(larger(ry * ry - dy * dy, 0.0));
      const int64_t row = ((int64_t)cz * grid->n[1] + cy) * grid->n[0];
      add_run(runs, grid->start[row + cell_along(grid, 0, x[0] - rx)],
              grid->start[row + cell_along(grid, 0, x[0] + rx) + 1]);
    }
  }
}

int nmd__grid_near(const nmd__grid *grid, const nmd__runs *runs, const double x[3], double radius, int32_t self,
                   int32_t *out) {
  const nmd__pick_input in = {grid->x[0], grid->x[1], grid->x[2], grid->atom};
  int n = 0;
  for (int k = 0; k < runs->n; k++)
    n += grid->pick(&in, runs->first[k], runs->last[k], x, radius * radius, self, out + n);
  return n;
}
