/* SPDX-License-Identifier: BSD-3-Clause */
/* Correlations of an arrangement, and its energy by a cluster expansion:
 *
 *   E / cells = J_0 + sum_f m_f J_f <phi_f>,   <phi_f> mean over clusters of the orbit and equivalent choices of
 * products of point functions, m_f how many of both there are a parent cell. J. M. Sanchez, F. Ducastelle, D. Gratias,
 * Physica A 128, 334 (1984).
 *
 * For Monte Carlo the functions of an orbit are added up into a table of the cluster's energy over the species at its
 * points, and a change of one site visits the clusters it belongs to: by local.h, or, where clusters meet themselves
 * through the boundaries of a small supercell, by a list of each site's clusters, which has them as they are. */
#ifndef NNPMD_LATTICE_EXPANSION_H
#define NNPMD_LATTICE_EXPANSION_H

#include "lattice/clusters.h"
#include "lattice/local.h"
#include "lattice/supercell.h"

/* value [n_functions] gets m_f <phi_f>: what J_f is multiplied with. occupation [super->n]: index into the species of
 * the site's kind. Local. */
void nmd_correlations(const nmd_cluster_list *list, const nmd_parent_lattice *parent, const nmd_supercell *super,
                      const uint8_t *occupation, double *value);
/* multiplicity [n_functions]: m_f. Local. */
void nmd_correlation_multiplicities(const nmd_cluster_list *list, double *multiplicity);

typedef struct nmd__touching { /* clusters of one size (after meeting itself) that touch a site; private */
  int64_t *first;              /* [sites + 1] */
  int32_t *table;              /* [first[sites]] start of the cluster's table */
  int32_t *others;             /* [first[sites]][size - 1] */
} nmd__touching;

typedef struct nmd_lattice_energy {
  int n; /* sites */
  int cells;
  double constant; /* eV, of the whole supercell: J_0 and all sites with their first species */
  bool is_local;   /* by `local`, else by the lists */
  nmd__local local;
  nmd__touching by_size[NMD_CLUSTER_POINTS_MAX]; /* clusters with 0, 1, 2, 3 other sites */
  int64_t *near_first;                           /* [sites + 1] */
  int32_t *near;   /* [near_first[sites]] in order: other sites that share a cluster with a site */
  double clusters; /* a site, on average */
  double *table;
  int64_t n_table;
} nmd_lattice_energy;

/* Energies J [1 + n_functions], J[0] the constant, eV per cluster (per parent cell for J[0]). Owner: the caller. Local.
 * Errors: OUT_OF_RANGE (too many clusters for 32 bits), MEMORY. */
nmd_status nmd_lattice_energy_init(nmd_lattice_energy *energy, const nmd_cluster_list *list,
                                   const nmd_parent_lattice *parent, const nmd_supercell *super,
                                   const double *j) NMD_MUST_USE;
void nmd_lattice_energy_free(nmd_lattice_energy *energy);
/* eV, change of the energy when `site` goes from the species it has to `species`. Local. */
double nmd_lattice_energy_change(const nmd_lattice_energy *energy, const uint8_t *occupation, int site, int species);
/* Two different sites share a cluster: a change of one changes the energy of a change of the other. Local. */
bool nmd_lattice_energy_near(const nmd_lattice_energy *energy, int a, int b);
/* eV, of the whole supercell, from nothing. Local. Errors: MEMORY. */
nmd_status nmd_lattice_energy_total(const nmd_lattice_energy *energy, const uint8_t *occupation,
                                    double *total) NMD_MUST_USE;

#endif
