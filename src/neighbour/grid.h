/* SPDX-License-Identifier: BSD-3-Clause */
/* Cells that find the owned atoms near a point.
 *
 * The cells are Cartesian, whatever the shape of the box: the stencil is then a sphere for every box, and a badly
 * skewed box costs only empty cells. Cells are as wide as the cut-off, but never more than a few per atom: a dilute
 * system gets wider ones. Atoms far outside the bulk (evaporated from a cluster) count for the outermost cells, which
 * reach to infinity, so they cannot spoil the resolution where most atoms are. */
#ifndef NNPMD_NEIGHBOUR_GRID_H
#define NNPMD_NEIGHBOUR_GRID_H

#include <stdint.h>

#include "system/atoms.h"

typedef struct nmd__grid {
  int n[3];                            /* cells */
  double low[3], width, inverse_width; /* corner and edge of the cells (A) */
  double bound_low[3], bound_high[3];  /* of all owned atoms */
  double margin;                       /* rounding of cell edges (A) */
  int n_slots;                         /* owned atoms, sorted by cell (x fastest), then index: */
  int32_t *atom;                       /* [n_slots] */
  double *x[3];                        /* [n_slots] */
  int32_t *start;                      /* [cells + 1] first slot of each cell */
  int32_t *cell;                       /* [n_slots] of atom i; scratch */
  int32_t *hits;                       /* [n_slots + 1] for nmd__grid_near */
  int64_t *next;                       /* [n_slots] for the list */
  int64_t capacity_slots, capacity_cells;
} nmd__grid;

void nmd__grid_free(nmd__grid *grid); /* NULL-safe members */
/* Sort the owned atoms into cells fit for searches within `radius` (A). Positions must be finite. Errors: MEMORY. */
nmd_status nmd__grid_build(nmd__grid *grid, const nmd_atoms *atoms, double radius) NMD_MUST_USE;
/* Slots of the atoms with |x_slot - x| < radius into grid->hits; returns how many. */
int nmd__grid_near(nmd__grid *grid, const double x[3], double radius);

#endif
