/* SPDX-License-Identifier: BSD-3-Clause */
/* Cells that find the atoms, ghosts included, near a point.
 *
 * The cells are Cartesian, whatever the shape of the box: the stencil is then a sphere for every box, and a badly
 * skewed box costs only empty cells. Cells are as wide as the cut-off, but never more than a few per atom: a dilute
 * system gets wider ones. Atoms far outside the bulk (evaporated from a cluster) count for the outermost cells, which
 * reach to infinity, so they cannot spoil the resolution where most atoms are. */
#ifndef NNPMD_NEIGHBOUR_GRID_H
#define NNPMD_NEIGHBOUR_GRID_H

#include <stdint.h>

#include "neighbour/pick.h"
#include "system/atoms.h"

typedef struct nmd__grid {
  int n[3];                            /* cells */
  double low[3], width, inverse_width; /* corner and edge of the cells (A) */
  double bound_low[3], bound_high[3];  /* of all atoms */
  double margin;                       /* rounding of cell edges (A) */
  int n_slots;                         /* atoms, sorted by cell (x fastest), then index: */
  int32_t *atom;                       /* [n_slots] */
  double *x[3];                        /* [n_slots] */
  int32_t *start;                      /* [cells + 1] first slot of each cell */
  int32_t *cell;                       /* [n_slots] of atom i; scratch */
  nmd__pick *pick;
  int64_t capacity_slots, capacity_cells;
} nmd__grid;

/* Rows of cells that a sphere meets: slots [first, last) each. */
enum { NMD__RUNS_MAX = 25 };
typedef struct nmd__runs {
  int n;
  int64_t candidates; /* slots in all of them */
  int32_t first[NMD__RUNS_MAX], last[NMD__RUNS_MAX];
} nmd__runs;

void nmd__grid_free(nmd__grid *grid); /* NULL-safe members */
/* Sort owned atoms and ghosts into cells fit for searches within `radius` (A). Positions must be finite. Errors:
 * MEMORY. */
nmd_status nmd__grid_build(nmd__grid *grid, const nmd_atoms *atoms, double radius) NMD_MUST_USE;
/* Where to look for atoms within `radius` of x; radius: that of the build. */
void nmd__grid_runs(const nmd__grid *grid, const double x[3], double radius, nmd__runs *runs);
/* The atoms with |x_j - x| < radius but `self` into out [candidates + NMD__PICK_SLACK], by cell, then index; returns how
 * many. */
int nmd__grid_near(const nmd__grid *grid, const nmd__runs *runs, const double x[3], double radius, int32_t self,
                   int32_t *out);

#endif
