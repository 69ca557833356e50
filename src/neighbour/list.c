/* SPDX-License-Identifier: BSD-3-Clause */
#include "neighbour/list.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/vec3.h"
#include "neighbour/grid.h"

void nmd_neighbour_list_init(nmd_neighbour_list *list, double cutoff, double skin) {
  memset(list, 0, sizeof *list);
  list->cutoff = cutoff;
  list->skin = skin;
}

void nmd_neighbour_list_free(nmd_neighbour_list *list) {
  if (list == NULL) return;
  nmd_free(list->first);
  nmd_free(list->index);
  if (list->grid != NULL) nmd__grid_free(list->grid);
  nmd_free(list->grid);
  nmd_neighbour_list_init(list, list->cutoff, list->skin);
}

static nmd_status check_positions(const nmd_atoms *atoms) {
  const int64_t n = (int64_t)atoms->n_owned + atoms->n_ghost;
  for (int64_t i = 0; i < n; i++) {
    const double *x = &atoms->x[3 * i];
    if (!isfinite(x[0]) || !isfinite(x[1]) || !isfinite(x[2]))
      NMD_FAIL(EXPLODED, "atom %lld: position (%g %g %g) A is not finite; use a smaller time step or a better start",
               (long long)atoms->id[i], x[0], x[1], x[2]);
  }
  return NMD_OK;
}

static nmd_status prepare(nmd_neighbour_list *list, const nmd_atoms *atoms, double radius) {
  NMD_TRY(check_positions(atoms));
  if (list->grid == NULL) NMD_TRY(NMD_ALLOC(list->grid, 1));
  NMD_TRY(nmd__grid_build(list->grid, atoms, radius));
  list->n = atoms->n_owned;
  if (list->n + 1 > list->capacity_first) {
    const int64_t wanted = list->n + list->n / 4 + 64;
    NMD_TRY(NMD_GROW(list->first, 0, wanted));
    list->capacity_first = wanted;
  }
  return NMD_OK;
}

/* Row lengths, then starts. next[slot] becomes the place of the first neighbour of the atom in that slot. */
static nmd_status count_rows(nmd_neighbour_list *list, const nmd_atoms *atoms, double radius) {
  nmd__grid *grid = list->grid;
  memset(grid->next, 0, (size_t)list->n * sizeof *grid->next);
  for (int64_t j = 0; j < (int64_t)atoms->n_owned + atoms->n_ghost; j++) {
    const int n = nmd__grid_near(grid, &atoms->x[3 * j], radius);
    for (int k = 0; k < n; k++) grid->next[grid->hits[k]] += grid->atom[grid->hits[k]] != j;
  }
  list->first[0] = 0;
  for (int slot = 0; slot < list->n; slot++) list->first[grid->atom[slot] + 1] = grid->next[slot];
  for (int i = 0; i < list->n; i++) list->first[i + 1] += list->first[i];
  for (int slot = 0; slot < list->n; slot++) grid->next[slot] = list->first[grid->atom[slot]];
  const int64_t total = list->first[list->n];
  if (total <= list->capacity_index && list->index != NULL) return NMD_OK;
  const int64_t wanted = total + total / 8 + 64;
  NMD_TRY(NMD_GROW(list->index, 0, wanted));
  list->capacity_index = wanted;
  return NMD_OK;
}

/* j goes through all atoms in order and enters itself into the rows of the owned atoms near it: so every row comes out
 * sorted without a sort. The distance test is that of count_rows to the last bit. */
static void fill_rows(nmd_neighbour_list *list, const nmd_atoms *atoms, double radius) {
  nmd__grid *grid = list->grid;
  for (int64_t j = 0; j < (int64_t)atoms->n_owned + atoms->n_ghost; j++) {
    const int n = nmd__grid_near(grid, &atoms->x[3 * j], radius);
    for (int k = 0; k < n; k++) {
      const int32_t slot = grid->hits[k];
      if (grid->atom[slot] != j) list->index[grid->next[slot]++] = (int32_t)j;
    }
  }
}

nmd_status nmd_neighbour_list_build(nmd_neighbour_list *list, const nmd_box *box, nmd_atoms *atoms) {
  const double radius = list->cutoff + list->skin;
  if (!(radius > 0.0 && isfinite(radius)))
    NMD_FAIL(OUT_OF_RANGE, "cutoff %g A with skin %g A: expected a sum > 0", list->cutoff, list->skin);
  NMD_TRY(prepare(list, atoms, radius));
  NMD_TRY(count_rows(list, atoms, radius));
  fill_rows(list, atoms, radius);
  memcpy(list->h_listed, box->h, sizeof list->h_listed);
  if (list->n > 0) memcpy(atoms->x_listed, atoms->x, (size_t)list->n * 3 * sizeof *atoms->x);
  return NMD_OK;
}

/* A = h_listed^-1 h; exactly 1 for the same cell. */
static void affine_map(const nmd_neighbour_list *list, const nmd_box *box, double a[3][3]) {
  if (memcmp(list->h_listed, box->h, sizeof box->h) == 0) {
    for (int i = 0; i < 9; i++) a[i / 3][i % 3] = i % 4 == 0;
    return;
  }
  double inverse[3][3];
  nmd_mat_invert(list->h_listed, inverse);
  nmd_mat_times(inverse, box->h, a);
}

double nmd_neighbour_displacement(const nmd_neighbour_list *list, const nmd_box *box, const nmd_atoms *atoms) {
  double a[3][3], largest = 0.0;
  affine_map(list, box, a);
  for (int64_t i = 0; i < list->n; i++) {
    const double *x = &atoms->x[3 * i], *old = &atoms->x_listed[3 * i];
    /* From the origin, which the cell keeps: an atom that only follows the cell has not moved. */
    const double from[3] = {old[0] - box->origin[0], old[1] - box->origin[1], old[2] - box->origin[2]};
    double to[3];
    nmd_row_times(from, a, to);
    for (int k = 0; k < 3; k++) to[k] -= x[k] - box->origin[k];
    const double squared = nmd_dot(to, to);
    if (!isfinite(squared)) return INFINITY; /* a NaN must not hide */
    if (squared > largest) largest = squared;
  }
  return sqrt(largest);
}

bool nmd_neighbour_list_valid(const nmd_neighbour_list *list, const nmd_box *box, double displacement) {
  double a[3][3];
  affine_map(list, box, a);
  const bool same_cell = memcmp(list->h_listed, box->h, sizeof box->h) == 0;
  const double stretch = same_cell ? 1.0 : nmd_smallest_stretch(a);
  return stretch * (list->cutoff + list->skin) - 2.0 * displacement >= list->cutoff;
}
