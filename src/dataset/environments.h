/* SPDX-License-Identifier: BSD-3-Clause */
/* The neighbours of every atom of one structure, with periodic images: vectors, and whose image each is. */
#ifndef NNPMD_DATASET_ENVIRONMENTS_H
#define NNPMD_DATASET_ENVIRONMENTS_H

#include "parallel/comm.h"
#include "system/structure.h"

typedef struct nmd_neighbours {
  int64_t n;      /* atoms */
  int64_t *first; /* [n + 1] neighbours of atom i are first[i] .. first[i+1]-1 */
  int64_t *atom;  /* [first[n]] index in the structure */
  double (*d)[3]; /* [first[n]] x_neighbour - x_atom (A), shorter than the cut-off */
  double *r;      /* [first[n]] its length (A) */
} nmd_neighbours;

/* `alone`: a communicator of one rank. The structure's order of atoms. Errors: EXPLODED, MEMORY. Local. */
nmd_status nmd_neighbours_find(const nmd_comm *alone, const nmd_structure *structure, double cutoff,
                               nmd_neighbours *out) NMD_MUST_USE;
void nmd_neighbours_free(nmd_neighbours *neighbours);

#endif
