/* SPDX-License-Identifier: BSD-3-Clause */
/* The whole system on every rank, as sites with an atom on each: what Monte Carlo works on.
 *
 * Sites are in the order of the atoms' ids, so they, the list of their neighbours and all energies have the same bits
 * on every rank and at any number of ranks. */
#ifndef NNPMD_SIMULATION_EXCHANGE_SITES_H
#define NNPMD_SIMULATION_EXCHANGE_SITES_H

#include "potential/local_energy.h"
#include "simulation/simulation.h"

typedef struct nmd__sites {
  int n;
  int64_t *id;              /* [n] of the atoms, ascending: atom k was on site k at the start */
  int *occupant;            /* [n] atom (0 ..) on each site now */
  nmd_atoms atoms;          /* sites, then their images; species is that of the occupant */
  nmd_neighbour_list list;  /* without skin: nothing moves */
  int *first_image, *image; /* images of site k: atoms image[first_image[k]] .. */
  double *energy;           /* [n] eV, of the atom on the site, where */
  bool *known;              /* [n] says so */
  nmd_local_energy local;
  nmd_comm *alone;
  nmd_domain domain;
  nmd_halo *halo;
} nmd__sites;

/* Gather atoms and build the list. Collective. Errors: MEMORY and those of the list. */
nmd_status nmd__sites_create(const nmd_simulation *s, nmd__sites **out) NMD_MUST_USE;
/* The same for a structure of this process alone, whose elements are in `species`. Local. */
nmd_status nmd__sites_of_structure(const nmd_potential *potential, const nmd_species *species, const nmd_structure *structure,
                                   nmd__sites **out) NMD_MUST_USE;
void nmd__sites_destroy(nmd__sites *sites);
/* The species of a site and of its images. Local. */
void nmd__sites_set_species(nmd__sites *sites, int site, int species);
/* The owned atoms of the run to where their sites are now, with the species of these; atoms that change their element
 * keep their kinetic energy. Local. Errors: MEMORY. */
nmd_status nmd__sites_put_back(const nmd__sites *sites, nmd_simulation *s) NMD_MUST_USE;

#endif
