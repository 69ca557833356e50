/* SPDX-License-Identifier: BSD-3-Clause */
#include "analysis/pairs.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"

enum { CELLS_PER_POINT = 2, CELLS_LEAST = 64, BLOCK = 128 };
/* Cells as wide as the cut-off: measured, fewer rows of cells are worth more than fewer candidates. */
static const double cells_per_cutoff = 1.0;
static const double most_points = 2e8;

typedef struct point {
  double x[3];
  int32_t atom, kind;
  bool image;
} point;

void nmd_pairs_init(nmd_pairs *pairs) { memset(pairs, 0, sizeof *pairs); }

void nmd_pairs_free(nmd_pairs *pairs) {
  int32_t *integers[] = {pairs->atom, pairs->kind, pairs->order,      pairs->slot,      pairs->start,
                         pairs->cell, pairs->hits, pairs->found.atom, pairs->found.kind};
  for (size_t k = 0; k < sizeof integers / sizeof *integers; k++) nmd_free(integers[k]);
  for (int d = 0; d < 3; d++) {
    nmd_free(pairs->x[d]);
    nmd_free(pairs->found.d[d]);
  }
  nmd_free(pairs->found.squared);
  nmd_free(pairs->scratch);
  nmd_pairs_init(pairs);
}

static nmd_status reserve_points(nmd_pairs *pairs, int64_t n) {
  if (n <= pairs->capacity_points) return NMD_OK;
  const int64_t wanted = n + n / 4 + 64, kept = pairs->n_points;
  point *points = pairs->scratch;
  NMD_TRY(nmd_grow(&points, (size_t)kept, (size_t)wanted, sizeof *points));
  pairs->scratch = points;
  pairs->capacity_points = 0; /* until all have grown */
  NMD_TRY(NMD_GROW(pairs->atom, 0, wanted));
  NMD_TRY(NMD_GROW(pairs->kind, 0, wanted));
  NMD_TRY(NMD_GROW(pairs->order, 0, wanted));
  NMD_TRY(NMD_GROW(pairs->cell, 0, wanted));
  NMD_TRY(NMD_GROW(pairs->hits, 0, wanted + 1));
  for (int d = 0; d < 3; d++) NMD_TRY(NMD_GROW(pairs->x[d], 0, wanted));
  pairs->capacity_points = wanted;
  return NMD_OK;
}

static nmd_status reserve_found(nmd_pairs *pairs, int64_t n) {
  if (n <= pairs->capacity_found) return NMD_OK;
  const int64_t wanted = n + n / 2 + 64;
  pairs->capacity_found = 0;
  NMD_TRY(NMD_GROW(pairs->found.atom, 0, wanted));
  NMD_TRY(NMD_GROW(pairs->found.kind, 0, wanted));
  NMD_TRY(NMD_GROW(pairs->found.squared, 0, wanted));
  for (int d = 0; d < 3; d++) NMD_TRY(NMD_GROW(pairs->found.d[d], 0, wanted));
  pairs->capacity_found = wanted;
  return NMD_OK;
}

static nmd_status add_point(nmd_pairs *pairs, const double x[3], int32_t atom, int32_t kind, bool image) {
  if (pairs->n_points + 1.0 > most_points)
    NMD_FAIL(OUT_OF_RANGE, "cut-off %g A: more than 2e8 periodic images within reach; expected a smaller cut-off",
             pairs->cutoff);
  NMD_TRY(reserve_points(pairs, (int64_t)pairs->n_points + 1));
  ((point *)pairs->scratch)[pairs->n_points++] = (point){{x[0], x[1], x[2]}, atom, kind, image};
  return NMD_OK;
}

/* Of two opposite images one is enough when every pair is wanted once. */
static bool is_positive(const int shift[3]) {
  for (int d = 0; d < 3; d++)
    if (shift[d] != 0) return shift[d] > 0;
  return false;
}

/* The images of an atom at fractional s that lie within the cut-off of the cell. reach: cut-off over height. */
static nmd_status add_images(nmd_pairs *pairs, const nmd_box *box, const double s[3], const double reach[3],
                             int32_t atom, int32_t kind) {
  int low[3], high[3], shift[3];
  for (int d = 0; d < 3; d++) {
    low[d] = box->periodic[d] ? (int)ceil(-reach[d] - s[d]) : 0;
    high[d] = box->periodic[d] ? (int)floor(1.0 + reach[d] - s[d]) : 0;
  }
  for (shift[0] = low[0]; shift[0] <= high[0]; shift[0]++)
    for (shift[1] = low[1]; shift[1] <= high[1]; shift[1]++)
      for (shift[2] = low[2]; shift[2] <= high[2]; shift[2]++) {
        const bool real = shift[0] == 0 && shift[1] == 0 && shift[2] == 0;
        if (real || (pairs->once && !is_positive(shift))) continue;
        const double moved[3] = {s[0] + shift[0], s[1] + shift[1], s[2] + shift[2]};
        double x[3];
        nmd_box_to_cartesian(box, moved, x);
        NMD_TRY(add_point(pairs, x, atom, kind, true));
      }
  return NMD_OK;
}

/* Position `at` in the cell, and its fractional coordinates. */
static nmd_status place_atom(const nmd_box *box, int64_t i, double at[3], double s[3]) {
  const double x[3] = {at[0], at[1], at[2]};
  bool fine = isfinite(x[0]) && isfinite(x[1]) && isfinite(x[2]);
  int crossed[3] = {0, 0, 0};
  if (fine) nmd_box_wrap(box, at, crossed);
  nmd_box_to_fractional(box, at, s);
  for (int d = 0; d < 3; d++) fine = fine && (!box->periodic[d] || (s[d] >= 0 && s[d] <= 1));
  if (fine) return NMD_OK;
  NMD_FAIL(OUT_OF_RANGE, "atom %lld at (%g %g %g) A: expected a finite position near the cell", (long long)(i + 1),
           x[0], x[1], x[2]);
}

static nmd_status collect_points(nmd_pairs *pairs, const nmd_box *box, int64_t n, const double (*x)[3],
                                 const int *kind) {
  double reach[3];
  for (int d = 0; d < 3; d++) {
    reach[d] = pairs->cutoff / nmd_box_height(box, d) * (1 + 1e-12) + 1e-12;
    if (box->periodic[d] && reach[d] > 1e6)
      NMD_FAIL(OUT_OF_RANGE, "cut-off %g A in a cell %g A high: expected at most a million times the cell",
               pairs->cutoff, nmd_box_height(box, d));
  }
  pairs->n_points = 0;
  for (int64_t i = 0; i < n; i++) {
    const int k = kind == NULL ? 0 : kind[i];
    if (k < 0) continue;
    double at[3] = {x[i][0], x[i][1], x[i][2]}, s[3];
    NMD_TRY(place_atom(box, i, at, s));
    NMD_TRY(add_point(pairs, at, (int32_t)i, k, false));
    NMD_TRY(add_images(pairs, box, s, reach, (int32_t)i, k));
  }
  return NMD_OK;
}

/* Range of the points and width of the cells: never many more cells than points. */
static int64_t lay_out(nmd_pairs *pairs) {
  const point *points = pairs->scratch;
  double high[3] = {-INFINITY, -INFINITY, -INFINITY};
  for (int d = 0; d < 3; d++) pairs->low[d] = INFINITY;
  for (int p = 0; p < pairs->n_points; p++)
    for (int d = 0; d < 3; d++) {
      pairs->low[d] = fmin(pairs->low[d], points[p].x[d]);
      high[d] = fmax(high[d], points[p].x[d]);
    }
  pairs->width = pairs->cutoff / cells_per_cutoff;
  for (const double most = (double)CELLS_PER_POINT * pairs->n_points + CELLS_LEAST;;) {
    double cells = 1;
    for (int d = 0; d < 3; d++) cells *= floor((high[d] - pairs->low[d]) / pairs->width) + 1;
    if (cells <= most) break;
    pairs->width *= fmax(1.05, cbrt(cells / most));
  }
  for (int d = 0; d < 3; d++) pairs->cells[d] = (int)floor((high[d] - pairs->low[d]) / pairs->width) + 1;
  return (int64_t)pairs->cells[0] * pairs->cells[1] * pairs->cells[2];
}

static inline int cell_along(const nmd_pairs *pairs, int d, double x) {
  const double c = (x - pairs->low[d]) / pairs->width;
  return c > 0 ? (c < pairs->cells[d] ? (int)c : pairs->cells[d] - 1) : 0;
}

/* Counting sort by cell, x fastest. */
static void sort_points(nmd_pairs *pairs, int64_t cells) {
  const point *points = pairs->scratch;
  memset(pairs->start, 0, (size_t)(cells + 1) * sizeof *pairs->start);
  for (int p = 0; p < pairs->n_points; p++) {
    const double *x = points[p].x;
    pairs->cell[p] = (cell_along(pairs, 2, x[2]) * pairs->cells[1] + cell_along(pairs, 1, x[1])) * pairs->cells[0] +
                     cell_along(pairs, 0, x[0]);
    pairs->start[pairs->cell[p]]++;
  }
  int32_t sum = 0;
  for (int64_t c = 0; c <= cells; c++) pairs->start[c] = sum += pairs->start[c];
  for (int p = pairs->n_points - 1; p >= 0; p--) {
    const int32_t slot = --pairs->start[pairs->cell[p]];
    pairs->atom[slot] = points[p].atom;
    pairs->kind[slot] = points[p].kind;
    pairs->order[slot] = points[p].image ? INT32_MAX : slot;
    if (!points[p].image) pairs->slot[points[p].atom] = slot;
    for (int d = 0; d < 3; d++) pairs->x[d][slot] = points[p].x[d];
  }
}

nmd_status nmd_pairs_build(nmd_pairs *pairs, const nmd_box *box, int64_t n, const double (*x)[3], const int *kind,
                           double cutoff, bool once) {
  if (!(cutoff > 0 && isfinite(cutoff))) NMD_FAIL(OUT_OF_RANGE, "cut-off %g A: expected > 0", cutoff);
  pairs->cutoff = cutoff;
  pairs->once = once;
  if (n > pairs->capacity_atoms) {
    pairs->capacity_atoms = 0;
    NMD_TRY(NMD_GROW(pairs->slot, 0, n));
    pairs->capacity_atoms = n;
  }
  for (int64_t i = 0; i < n; i++) pairs->slot[i] = -1;
  NMD_TRY(reserve_points(pairs, n));
  NMD_TRY(collect_points(pairs, box, n, x, kind));
  if (pairs->n_points == 0) return NMD_OK;
  const int64_t cells = lay_out(pairs);
  if (cells + 1 > pairs->capacity_cells) {
    pairs->capacity_cells = 0;
    NMD_TRY(NMD_GROW(pairs->start, 0, cells + cells / 4 + 1));
    pairs->capacity_cells = cells + cells / 4 + 1;
  }
  sort_points(pairs, cells);
  return NMD_OK;
}

static inline double slab_distance(const nmd_pairs *pairs, int d, int c, double x) {
  const double low = pairs->low[d] + c * pairs->width, under = low - x, over = x - (low + pairs->width);
  const double outside = under > over ? under : over;
  return outside > 0 ? outside : 0;
}

/* Slots of [first, last) within the cut-off of slot `from`, appended to hits. Two loops: the first is arithmetic on
 * whole vectors, the second picks without branches, which could not be predicted. */
static int pick(const nmd_pairs *pairs, int from, int first, int last, int32_t *restrict hits, int n) {
  const double *restrict xs = pairs->x[0], *restrict ys = pairs->x[1], *restrict zs = pairs->x[2];
  const int32_t *restrict order = pairs->order;
  const double x = xs[from], y = ys[from], z = zs[from], limit = pairs->cutoff * pairs->cutoff;
  const int32_t least = pairs->once ? from : -1; /* once: real atoms behind this one, and images */
  double squared[BLOCK];
  for (int begin = first; begin < last; begin += BLOCK) {
    const int m = last - begin < BLOCK ? last - begin : BLOCK;
    for (int k = 0; k < m; k++) {
      const double dx = xs[begin + k] - x, dy = ys[begin + k] - y, dz = zs[begin + k] - z;
      squared[k] = dx * dx + dy * dy + dz * dz;
    }
    for (int k = 0; k < m; k++) {
      hits[n] = begin + k;
      n += (squared[k] < limit) & (order[begin + k] > least);
    }
  }
  return n;
}

/* What is asked about the hits, without the atom itself (the others found everything that has to be found). */
static void describe(nmd_pairs *pairs, int from, int n_hits) {
  nmd_neighbours *found = &pairs->found;
  int n = 0;
  for (int h = 0; h < n_hits; h++) {
    const int p = pairs->hits[h];
    if (p == from) continue;
    const double dx = pairs->x[0][p] - pairs->x[0][from], dy = pairs->x[1][p] - pairs->x[1][from],
                 dz = pairs->x[2][p] - pairs->x[2][from];
    found->d[0][n] = dx;
    found->d[1][n] = dy;
    found->d[2][n] = dz;
    found->squared[n] = dx * dx + dy * dy + dz * dz;
    found->atom[n] = pairs->atom[p];
    found->kind[n++] = pairs->kind[p];
  }
  found->n = n;
}

nmd_status nmd_pairs_around(nmd_pairs *pairs, int64_t i, const nmd_neighbours **neighbours) {
  const int from = pairs->slot[i];
  int n = 0;
  pairs->found.n = 0;
  *neighbours = &pairs->found;
  if (from < 0) return NMD_OK;
  /* A hair more than the cut-off, so that rounding of cell edges loses nobody. */
  const double x[3] = {pairs->x[0][from], pairs->x[1][from], pairs->x[2][from]}, r = pairs->cutoff * (1 + 1e-9) + 1e-9;
  const int z_last = cell_along(pairs, 2, x[2] + r);
  for (int cz = cell_along(pairs, 2, x[2] - r); cz <= z_last; cz++) {
    const double dz = slab_distance(pairs, 2, cz, x[2]), ry = sqrt(fmax(r * r - dz * dz, 0));
    const int y_last = cell_along(pairs, 1, x[1] + ry);
    for (int cy = cell_along(pairs, 1, x[1] - ry); cy <= y_last; cy++) {
      const double dy = slab_distance(pairs, 1, cy, x[1]), rx = sqrt(fmax(ry * ry - dy * dy, 0));
      const int64_t row = ((int64_t)cz * pairs->cells[1] + cy) * pairs->cells[0];
      n = pick(pairs, from, pairs->start[row + cell_along(pairs, 0, x[0] - rx)],
               pairs->start[row + cell_along(pairs, 0, x[0] + rx) + 1], pairs->hits, n);
    }
  }
  NMD_TRY(reserve_found(pairs, n));
  describe(pairs, from, n);
  return NMD_OK;
}
