/* SPDX-License-Identifier: BSD-3-Clause */
/* Full neighbour list of the owned atoms over owned + ghost atoms, by cells, with a Verlet skin. */
#ifndef NNPMD_NEIGHBOUR_LIST_H
#define NNPMD_NEIGHBOUR_LIST_H

#include <stdbool.h>
#include <stdint.h>

#include "system/atoms.h"
#include "system/box.h"

typedef struct nmd_neighbour_list {
  int n;               /* owned atoms listed */
  int64_t *first;      /* [n + 1] row i is index[first[i]] .. index[first[i+1]-1] */
  int32_t *index;      /* neighbours (owned or ghost), in an order that follows from the positions; every j != i with
                        * |x_j - x_i| < cutoff + skin */
  double cutoff, skin; /* A */
  int threads;         /* that build it; <= 1: the caller alone. The list does not depend on it */
  int64_t serial;      /* of the build, unlike that of any other list of this process; 0: none yet */
  int64_t capacity_first, capacity_index;
  double h_listed[3][3];  /* cell when built */
  struct nmd__grid *grid; /* cells, kept between builds; private, as is: */
  struct nmd__list_part *parts; /* rows made by each thread */
  int n_parts;
} nmd_neighbour_list;

void nmd_neighbour_list_init(nmd_neighbour_list *list, double cutoff, double skin);
void nmd_neighbour_list_free(nmd_neighbour_list *list);
/* Rebuild from atoms->x (ghosts present); copies x of owned atoms to x_listed. Local. O(N). Errors: MEMORY, EXPLODED
 * (position not finite, named by id). */
nmd_status nmd_neighbour_list_build(nmd_neighbour_list *list, const nmd_box *box, nmd_atoms *atoms) NMD_MUST_USE;
/* Largest non-affine displacement of an owned atom since the build (A): |x - x_listed A|, A = h_listed^-1 h. Local. */
double nmd_neighbour_displacement(const nmd_neighbour_list *list, const nmd_box *box, const nmd_atoms *atoms);
/* Is the list still complete when atoms moved at most `displacement` (max over ALL ranks)? Exact criterion:
 * smallest_stretch(A) (cutoff + skin) - 2 displacement >= cutoff. Local. */
bool nmd_neighbour_list_valid(const nmd_neighbour_list *list, const nmd_box *box, double displacement);

/* Order of the owned atoms by cell of about cell_size (A), then id: spatial locality and an order that is a pure
 * function of the positions. order [n_owned]. Local. Errors: MEMORY. */
nmd_status nmd_spatial_order(const nmd_box *box, const nmd_atoms *atoms, double cell_size, int *order) NMD_MUST_USE;

#endif
