/* SPDX-License-Identifier: BSD-3-Clause */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/memory.h"
#include "neighbour/list.h"

enum { AXIS_CELLS_MAX = 1 << 20 }; /* three of them fit a key */

typedef struct place {
  uint64_t cell;
  int64_t id;
  int32_t atom;
} place;

static int compare_places(const void *a, const void *b) {
  const place *p = a, *q = b;
  if (p->cell != q->cell) return p->cell < q->cell ? -1 : 1;
  return (p->id > q->id) - (p->id < q->id);
}

static int cells_along(const nmd_box *box, int d, double cell_size) {
  const double n = floor(nmd_box_height(box, d) / cell_size);
  if (!(n > 1.0)) return 1;
  return n < AXIS_CELLS_MAX ? (int)n : AXIS_CELLS_MAX;
}

static uint64_t cell_key(const nmd_box *box, const int n[3], const double x[3]) {
  double s[3];
  nmd_box_to_fractional(box, x, s);
  uint64_t key = 0;
  for (int d = 0; d < 3; d++) {
    const double t = s[d] * n[d];
    const int c = !(t > 0.0) ? 0 : t < n[d] ? (int)t : n[d] - 1;
    key = key * AXIS_CELLS_MAX + (uint64_t)c;
  }
  return key;
}

/* Cells of the box, not of the rank: the order of any set of atoms is the same wherever they are. */
nmd_status nmd_spatial_order(const nmd_box *box, const nmd_atoms *atoms, double cell_size, int *order) {
  place *places;
  NMD_TRY(NMD_ALLOC(places, atoms->n_owned));
  const int n[3] = {cells_along(box, 0, cell_size), cells_along(box, 1, cell_size), cells_along(box, 2, cell_size)};
  for (int i = 0; i < atoms->n_owned; i++)
    places[i] = (place){cell_key(box, n, &atoms->x[3 * (int64_t)i]), atoms->id[i], i};
  qsort(places, (size_t)atoms->n_owned, sizeof *places, compare_places);
  for (int i = 0; i < atoms->n_owned; i++) order[i] = places[i].atom;
  nmd_free(places);
  return NMD_OK;
}
