/* SPDX-License-Identifier: BSD-3-Clause */
/* The clusters of a site as every site of its kind of place sees them: neighbours numbered once for the parent cell,
 * clusters by those numbers. A change of a site then reads its neighbours' species and runs through lists that stay in
 * the first cache, the same for all sites. For two species the products of spins are added up as whole numbers; else
 * tables are looked up.
 *
 * Not possible where a cluster meets its site again through the boundaries of a small supercell: expansion.c has the
 * general way. */
#ifndef NNPMD_LATTICE_LOCAL_H
#define NNPMD_LATTICE_LOCAL_H

#include "lattice/clusters.h"
#include "lattice/supercell.h"

enum { NMD__LOCAL_NEAR_MAX = 4096 };

/* Clusters of an orbit in which the site is at one position. */
typedef struct nmd__local_group {
  int others, count, first; /* other sites of each; how many; index of the first */
  int32_t table;            /* of the cluster's energies, own species fastest */
  double j;                 /* eV, for two species */
  bool in_order;            /* pairs: neighbours one after another */
} nmd__local_group;

typedef struct nmd__local_place { /* a site of the parent cell */
  int n_near, n_groups, n_index;
  nmd_lattice_point *near; /* [n_near] relative to it */
  nmd__local_group *group;
  uint16_t *index; /* [n_index] into near */
} nmd__local_place;

typedef struct nmd__local {
  int n_places;
  bool binary;
  nmd__local_place *place;
  int64_t *first;     /* [sites] */
  int32_t *neighbour; /* [first[site] + k] site that is near[k] of this one */
  double clusters;    /* a site, on average */
} nmd__local;

/* j [functions] eV, table_of(context, orbit, own position): start of the turned table, or -1: an orbit without energy.
 * *usable false: see above; then nothing is left. Errors: MEMORY. */
typedef int32_t nmd__table_of(const void *context, int orbit, int own);
nmd_status nmd__local_init(nmd__local *local, const nmd_cluster_list *list, const nmd_parent_lattice *parent,
                           const nmd_supercell *super, const double *j, nmd__table_of *table_of, const void *context,
                           bool *usable) NMD_MUST_USE;
void nmd__local_free(nmd__local *local);
double nmd__local_change(const nmd__local *local, const double *table, const uint8_t *occupation, int site,
                         int species);

#endif
