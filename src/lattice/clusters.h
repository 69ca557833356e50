/* SPDX-License-Identifier: BSD-3-Clause */
/* Clusters of sites of a parent lattice, sorted into orbits: sets that its symmetries turn into one another.
 *
 * An orbit lists all its clusters modulo translations by whole cells, so their number is the multiplicity per parent
 * cell; the points of each are in the order in which a symmetry puts those of the first. On sites with more than two
 * species a cluster carries several functions: products of point functions 1, 2, ... at its points; those that a
 * symmetry of the cluster exchanges are one function, the mean over them. */
#ifndef NNPMD_LATTICE_CLUSTERS_H
#define NNPMD_LATTICE_CLUSTERS_H

#include "lattice/parent.h"

enum { NMD_CLUSTER_POINTS_MAX = 4 };

typedef struct nmd_lattice_point {
  int cell[3], site;
} nmd_lattice_point;

typedef struct nmd_cluster {
  nmd_lattice_point point[NMD_CLUSTER_POINTS_MAX];
} nmd_cluster;

typedef struct nmd_cluster_function {
  int n;                                 /* equivalent choices */
  int (*choice)[NMD_CLUSTER_POINTS_MAX]; /* [n][points] point function at each point of the first cluster */
} nmd_cluster_function;

typedef struct nmd_cluster_orbit {
  int points;      /* 1 to NMD_CLUSTER_POINTS_MAX */
  double diameter; /* A, longest distance of two points */
  int n;           /* clusters per parent cell */
  nmd_cluster *cluster;
  int n_functions;
  nmd_cluster_function *function;
} nmd_cluster_orbit;

typedef struct nmd_cluster_list {
  int n, n_functions; /* orbits; functions of all, without the empty cluster */
  nmd_cluster_orbit *orbit;
} nmd_cluster_list;

/* Points, then all clusters of 2, 3, ... points whose diameters are up to diameter[points] (A; 0: none); in order of
 * points, diameter. Owner: the caller. Local. Errors: OUT_OF_RANGE (millions of clusters), MEMORY. */
nmd_status nmd_cluster_list_init(nmd_cluster_list *list, const nmd_parent_lattice *parent,
                                 const double diameter[NMD_CLUSTER_POINTS_MAX + 1]) NMD_MUST_USE;
void nmd_cluster_list_free(nmd_cluster_list *list);
/* Position of a point (A). */
void nmd_lattice_point_position(const nmd_parent_lattice *parent, const nmd_lattice_point *point, double x[3]);

#endif
