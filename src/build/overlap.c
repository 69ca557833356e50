/* SPDX-License-Identifier: BSD-3-Clause */
/* Atoms are put one after the other into bins of a hash table, each being compared with those already there. As those
 * are all at least `distance` apart and a bin is at most four distances wide, it never holds more than a fixed number,
 * so the time is O(n) also for clusters in huge cells; memory does not depend on the cell at all. */
#include "build/overlap.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/vec3.h"
#include "system/element.h"

typedef struct bin_grid {
  nmd_box frame; /* reduced periodic vectors; open axes replaced by unit vectors normal to them */
  double distance;
  int64_t bins[3];      /* along periodic axes; open axes have bins without end */
  double scale[3];      /* frame coordinate to bins */
  double reach[3];      /* `distance` in bins */
  int64_t *head, *next; /* hash chains; -1 ends */
  int64_t (*bin)[3];    /* [n] */
  double (*x)[3];       /* [n] wrapped into the frame */
  size_t mask;
} bin_grid;

/* Take whole multiples of m h_j + n h_k off h_i where that makes it shorter. */
static bool shorten(double h[3][3], int i, int m, int n) {
  const int j = (i + 1) % 3, k = (i + 2) % 3;
  double other[3], candidate[3];
  for (int d = 0; d < 3; d++) other[d] = m * h[j][d] + n * h[k][d];
  const double square = nmd_dot(other, other);
  if (square == 0.0) return false;
  const double steps = rint(nmd_dot(h[i], other) / square);
  for (int d = 0; d < 3; d++) candidate[d] = h[i][d] - steps * other[d];
  if (nmd_dot(candidate, candidate) >= nmd_dot(h[i], h[i]) * (1.0 - 1e-12)) return false;
  memcpy(h[i], candidate, sizeof candidate);
  return true;
}

/* Minkowski-reduced form of the periodic vectors: none gets shorter by adding or taking off the others, so one of them
 * is the shortest vector of the lattice (Semaev, CaLC 2001). The bound on the rounds is for rounding errors only. */
static void reduce_lattice(double h[3][3], const bool periodic[3]) {
  bool changed = true;
  for (int round = 0; changed && round < 1000; round++) {
    changed = false;
    for (int c = 0; c < 27; c++) {
      const int i = c / 9, m = c / 3 % 3 - 1, n = c % 3 - 1;
      if (!periodic[i] || (m != 0 && !periodic[(i + 1) % 3]) || (n != 0 && !periodic[(i + 2) % 3])) continue;
      if (shorten(h, i, m, n)) changed = true;
    }
  }
}

/* Unit vectors normal to the periodic vectors, and to each other, in the rows of the open axes. */
static void complete_frame(double h[3][3], const bool periodic[3]) {
  double unit[3][3];
  int n = 0;
  for (int d = 0; d < 3; d++)
    if (periodic[d]) memcpy(unit[n++], h[d], sizeof unit[0]);
  if (n == 2) {
    nmd_cross(unit[0], unit[1], unit[2]);
  } else if (n == 1) {
    const double *u = unit[0];
    const double least[3] = {fabs(u[0]) <= fabs(u[1]) && fabs(u[0]) <= fabs(u[2]),
                             fabs(u[1]) < fabs(u[0]) && fabs(u[1]) <= fabs(u[2]),
                             fabs(u[2]) < fabs(u[0]) && fabs(u[2]) < fabs(u[1])};
    nmd_cross(u, least, unit[1]);
    nmd_cross(u, unit[1], unit[2]);
  } else if (n == 0) {
    memcpy(unit, (double[3][3]){{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}, sizeof unit);
  }
  for (int d = 0; d < 3; d++) {
    if (periodic[d]) continue;
    const double length = nmd_norm(unit[n]);
    for (int k = 0; k < 3; k++) h[d][k] = unit[n][k] / length;
    n++;
  }
}

static nmd_status check_own_images(const nmd_structure *structure, const double h[3][3], double distance) {
  for (int d = 0; d < 3; d++) {
    if (!structure->box.periodic[d] || nmd_norm(h[d]) >= distance) continue;
    NMD_FAIL(OVERLAP,
             "atom %lld (%s) is %.4g A from its own periodic image; expected at least %.4g A; correct the cell",
             (long long)structure->id[0], nmd_element_symbol(structure->atomic_number[0]), nmd_norm(h[d]), distance);
  }
  return NMD_OK;
}

static nmd_status make_frame(const nmd_structure *structure, double distance, bin_grid *grid) {
  double h[3][3];
  const nmd_box *box = &structure->box;
  memcpy(h, box->h, sizeof h);
  reduce_lattice(h, box->periodic);
  NMD_TRY(check_own_images(structure, h, distance));
  complete_frame(h, box->periodic);
  NMD_TRY(nmd_box_init(&grid->frame, h, NULL, box->periodic));
  grid->distance = distance;
  const double spacing = cbrt(box->volume / (double)structure->n); /* about one atom a bin costs least */
  const double width = fmax(distance, fmin(4.0 * distance, spacing));
  for (int d = 0; d < 3; d++) {
    const double height = nmd_box_height(&grid->frame, d); /* 1 along open axes */
    grid->bins[d] = (int64_t)fmax(1.0, fmin(1e9, floor(height / width)));
    grid->scale[d] = box->periodic[d] ? (double)grid->bins[d] : 1.0 / width;
    grid->reach[d] = distance / height * grid->scale[d] + 1e-9;
  }
  return NMD_OK;
}

static nmd_status make_table(int64_t n, bin_grid *grid) {
  size_t slots = 16;
  while (slots < 2 * (size_t)n) slots *= 2;
  grid->mask = slots - 1;
  NMD_TRY(NMD_ALLOC(grid->head, slots));
  for (size_t k = 0; k < slots; k++) grid->head[k] = -1;
  NMD_TRY(NMD_ALLOC(grid->next, n));
  NMD_TRY(NMD_ALLOC(grid->bin, n));
  return NMD_ALLOC(grid->x, n);
}

/* Bins next to each other along the last axis have neighbouring slots: a third of the cache misses. */
static size_t slot_of(const bin_grid *grid, const int64_t bin[3]) {
  uint64_t key = 0;
  for (int d = 0; d < 2; d++) {
    key = (key ^ (uint64_t)bin[d]) * 0x9E3779B97F4A7C15u;
    key ^= key >> 32;
  }
  return (size_t)(key + (uint64_t)bin[2]) & grid->mask;
}

/* Wrap atom i, put down its bin, and give its place in units of bins. */
static nmd_status find_bin(const nmd_structure *structure, int64_t i, bin_grid *grid, double place[3]) {
  double *x = grid->x[i];
  int image[3] = {0, 0, 0};
  memcpy(x, structure->x[i], 3 * sizeof *x);
  nmd_box_wrap(&grid->frame, x, image);
  nmd_box_to_fractional(&grid->frame, x, place);
  for (int d = 0; d < 3; d++) {
    const bool periodic = grid->frame.periodic[d];
    const bool inside = place[d] >= 0.0 && place[d] < 1.0; /* false for NaN */
    place[d] *= grid->scale[d];
    if (!(periodic ? inside : fabs(place[d]) < 1e15))
      NMD_FAIL(BAD_NUMBER, "atom %lld (%s): position %g %g %g A is not finite or too far away; correct it",
               (long long)structure->id[i], nmd_element_symbol(structure->atomic_number[i]), structure->x[i][0],
               structure->x[i][1], structure->x[i][2]);
    grid->bin[i][d] = (int64_t)floor(place[d]);
    if (periodic && grid->bin[i][d] >= grid->bins[d]) grid->bin[i][d] = grid->bins[d] - 1;
  }
  return NMD_OK;
}

static nmd_status overlap_error(const nmd_structure *structure, int64_t i, int64_t j, double r, double distance) {
  const int64_t first = structure->id[i] < structure->id[j] ? i : j, second = first == i ? j : i;
  NMD_FAIL(OVERLAP,
           "atoms %lld (%s) and %lld (%s) are %.4g A apart; expected at least %.4g A; correct positions or cell",
           (long long)structure->id[first], nmd_element_symbol(structure->atomic_number[first]),
           (long long)structure->id[second], nmd_element_symbol(structure->atomic_number[second]), r, distance);
}

/* Atom i against the atoms in one bin, which may lie in another periodic cell. */
static nmd_status check_bin(const nmd_structure *structure, const bin_grid *grid, int64_t i, const int64_t place[3]) {
  int64_t bin[3];
  double shift[3] = {0.0, 0.0, 0.0};
  for (int d = 0; d < 3; d++) {
    bin[d] = place[d];
    if (!grid->frame.periodic[d]) continue;
    const double cells = floor((double)place[d] / (double)grid->bins[d]);
    bin[d] -= (int64_t)cells * grid->bins[d];
    for (int k = 0; k < 3; k++) shift[k] += cells * grid->frame.h[d][k];
  }
  for (int64_t j = grid->head[slot_of(grid, bin)]; j >= 0; j = grid->next[j]) {
    if (memcmp(grid->bin[j], bin, sizeof bin) != 0) continue;
    double r[3];
    for (int k = 0; k < 3; k++) r[k] = grid->x[j][k] + shift[k] - grid->x[i][k];
    const double length = nmd_norm(r);
    if (length < grid->distance) return overlap_error(structure, i, j, length, grid->distance);
  }
  return NMD_OK;
}

static nmd_status check_around(const nmd_structure *structure, const bin_grid *grid, int64_t i, const double place[3]) {
  int64_t from[3], to[3], at[3];
  for (int d = 0; d < 3; d++) {
    from[d] = (int64_t)floor(place[d] - grid->reach[d]);
    to[d] = (int64_t)floor(place[d] + grid->reach[d]);
  }
  for (at[0] = from[0]; at[0] <= to[0]; at[0]++)
    for (at[1] = from[1]; at[1] <= to[1]; at[1]++)
      for (at[2] = from[2]; at[2] <= to[2]; at[2]++) NMD_TRY(check_bin(structure, grid, i, at));
  return NMD_OK;
}

nmd_status nmd_structure_check_overlaps(const nmd_structure *structure, double distance) {
  if (structure->n == 0) return NMD_OK;
  bin_grid grid = {.head = NULL};
  nmd_status status = make_frame(structure, distance, &grid);
  if (status == NMD_OK) status = make_table(structure->n, &grid);
  for (int64_t i = 0; i < structure->n && status == NMD_OK; i++) {
    double place[3];
    NMD_GOTO(find_bin(structure, i, &grid, place));
    NMD_GOTO(check_around(structure, &grid, i, place));
    int64_t *head = &grid.head[slot_of(&grid, grid.bin[i])];
    grid.next[i] = *head;
    *head = i;
  }
done:
  nmd_free(grid.head);
  nmd_free(grid.next);
  nmd_free(grid.bin);
  nmd_free(grid.x);
  return status;
}
