/* SPDX-License-Identifier: BSD-3-Clause */
/* Metropolis Monte Carlo of an arrangement on a lattice, by exchanges of two unlike species (canonical) or changes of
 * one site at given chemical potentials (semi-grand canonical).
 *
 * An exchange picks a site, then one of the sites that hold another species, all with equal chance; a pair that the
 * sites do not allow is a move not made. The numbers of each species stay, so both ways have equal chances. A change
 * picks a site and one of its other species. Random numbers are functions of seed, walk and number of the move: a walk
 * does not depend on where it runs. Energies of
 * changes that were computed are kept until a site near by changes: the same numbers, only sooner. After
 * nmd_lattice_walk_sync the future depends on the occupation, the number of moves and the seed only: that is all a
 * checkpoint has to hold. */
#ifndef NNPMD_LATTICE_WALK_H
#define NNPMD_LATTICE_WALK_H

#include "lattice/ewald_pairs.h"
#include "lattice/expansion.h"

enum { NMD_LATTICE_GLOBAL_MAX = 12 };

/* What all walks on a supercell share. Not owned: energy, ewald. */
typedef struct nmd_lattice_model {
  const nmd_lattice_energy *energy;
  const nmd_ewald_pairs *ewald; /* or NULL */
  double ewald_factor;          /* of Ewald's energy, 1 / permittivity */
  int n;                        /* sites */
  int n_species;                /* of all kinds of sites together */
  int z[NMD_LATTICE_GLOBAL_MAX];
  double charge[NMD_LATTICE_GLOBAL_MAX];             /* e, of each species */
  double chemical_potential[NMD_LATTICE_GLOBAL_MAX]; /* eV, semi-grand moves */
  bool semi_grand;
  const int *kind_of_site; /* [sites of a parent cell], not owned */
  int sites_per_cell;
  int n_local[NMD_LATTICE_KINDS_MAX];
  int8_t global_of[NMD_LATTICE_KINDS_MAX][NMD_LATTICE_SPECIES_MAX];
  int8_t local_of[NMD_LATTICE_KINDS_MAX][NMD_LATTICE_GLOBAL_MAX]; /* -1: not allowed there */
} nmd_lattice_model;

/* Species of all kinds from the parent; charge [NMD_LATTICE_Z_MAX] by atomic number or NULL. Local. Errors:
 * OUT_OF_RANGE (too many species). */
nmd_status nmd_lattice_model_init(nmd_lattice_model *model, const nmd_parent_lattice *parent,
                                  const nmd_lattice_energy *energy, const nmd_ewald_pairs *ewald, double ewald_factor,
                                  const double *charge) NMD_MUST_USE;
int nmd_lattice_model_species(const nmd_lattice_model *model, int z); /* -1: none */

typedef struct nmd_lattice_walk {
  const nmd_lattice_model *model; /* not owned */
  uint64_t seed;
  int64_t id, moves, accepted;
  uint8_t *occupation; /* [n] index into the species of the site's kind */
  double energy;       /* eV; without chemical potentials */
  double *potential;   /* [n] eV/e of Ewald's sum, or NULL */
  int8_t *species;     /* [n] of all kinds together */
  int32_t *list;       /* [n] sites, those of one species after another */
  int32_t *where;      /* [n] place of each site in the list */
  int start[NMD_LATTICE_GLOBAL_MAX + 1];
  double *change; /* [n][NMD_LATTICE_SPECIES_MAX] eV, of the clusters, if the site went to another species: */
  uint8_t *fresh; /* [n] bit per species: known, and nothing near has moved since */
} nmd_lattice_walk;

/* All sites with their first species. Owner: the caller. Local. Errors: MEMORY. */
nmd_status nmd_lattice_walk_init(nmd_lattice_walk *walk, const nmd_lattice_model *model, uint64_t seed,
                                 int64_t id) NMD_MUST_USE;
void nmd_lattice_walk_free(nmd_lattice_walk *walk);
/* A random arrangement with count [n_species] of each. Local. Errors: CONFLICT (numbers that do not fill the sites). */
nmd_status nmd_lattice_walk_shuffle(nmd_lattice_walk *walk, const int64_t *count) NMD_MUST_USE;
/* Everything anew from the occupation. Local. Errors: MEMORY. */
nmd_status nmd_lattice_walk_sync(nmd_lattice_walk *walk) NMD_MUST_USE;
/* As many moves as there are sites, at `temperature` (K; 0: only downhill). Local. */
void nmd_lattice_walk_sweep(nmd_lattice_walk *walk, double temperature);
/* Number of sites of each species [n_species]. Local. */
void nmd_lattice_walk_counts(const nmd_lattice_walk *walk, int64_t *count);

#endif
