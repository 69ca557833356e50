/* SPDX-License-Identifier: BSD-3-Clause */
/* Energies of some of the atoms, by any potential: their environments are copied out of the whole list into a small
 * one, so that the cost is that of those atoms alone. For Monte Carlo, where a move touches few. */
#ifndef NNPMD_POTENTIAL_LOCAL_ENERGY_H
#define NNPMD_POTENTIAL_LOCAL_ENERGY_H

#include "potential/potential.h"

typedef struct nmd_local_energy {
  const nmd_potential *potential; /* not owned, as the next two */
  const nmd_atoms *atoms;         /* owned ones and ghosts */
  const nmd_neighbour_list *list; /* complete for these positions */
  nmd_atoms cluster;              /* the wanted atoms, then their neighbours */
  nmd_neighbour_list rows;
  int *place, *stamp; /* [atoms and ghosts] index in the cluster, valid where the stamp is today's */
  int today;
  int capacity; /* of these two */
} nmd_local_energy;

/* The list must reach the potential's cut-off; atoms and list may change between calls, species too. Local. */
void nmd_local_energy_init(nmd_local_energy *local, const nmd_potential *potential, const nmd_atoms *atoms,
                           const nmd_neighbour_list *list);
void nmd_local_energy_free(nmd_local_energy *local);
/* energy [n] (eV) becomes that of the n distinct owned atoms which [n]. Local. Errors: MEMORY, those of the potential.
 */
nmd_status nmd_local_energy_of(nmd_local_energy *local, const int *which, int n, double *energy) NMD_MUST_USE;

#endif
