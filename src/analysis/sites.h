/* SPDX-License-Identifier: BSD-3-Clause */
/* Occupancy of the sites of a reference lattice, and the hops between them.
 *
 * An atom belongs to a site from the moment it comes within `core` of it until it comes within `core` of another one:
 * the core leaves out the recrossings at the boundary of two sites, which are no hops (residence with hysteresis). core
 * <= 0: simply the nearest site. Sites are kept in fractional coordinates and follow the cell; distances are to the
 * nearest image. */
#ifndef NNPMD_ANALYSIS_SITES_H
#define NNPMD_ANALYSIS_SITES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "system/box.h"

typedef struct nmd_hop {
  int64_t frame; /* in which the atom arrived */
  int64_t atom;
  int32_t from, to;
  double vector[3]; /* A, from site to site, nearest image, in the cell of that frame */
  bool back;        /* returns to the site the atom came from by its hop before */
} nmd_hop;

typedef struct nmd_sites {
  int n_sites;
  int64_t n;                  /* atoms followed */
  double core;                /* A; 0: nearest site */
  double (*s)[3];             /* [n_sites] fractional */
  int32_t *site;              /* [n] of each atom, -1: in no core yet */
  int32_t *before;            /* [n] site before, -1: none */
  int64_t *arrived;           /* [n] frame of its arrival; -1: was there at the beginning */
  int64_t frames, unassigned; /* (atom, frame) pairs before the first core */
  int64_t *occupied;          /* [n_sites] (atom, frame) pairs */
  int64_t *empty, *multiple;  /* [n_sites] frames with no atom, with more than one */
  int32_t *now;               /* [n_sites] atoms in this frame; scratch */
  nmd_hop *hop;               /* [n_hops] in order of time */
  int64_t n_hops, capacity_hops;
  double residence; /* frames: sum of the stays that began and ended within the run */
  int64_t n_residence;
} nmd_sites;

/* position [n_sites][3] A in the reference cell. Errors: OUT_OF_RANGE (no site), MEMORY. */
nmd_status nmd_sites_init(nmd_sites *sites, const nmd_box *reference, int n_sites, const double (*position)[3],
                          int64_t n_atoms, double core) NMD_MUST_USE;
void nmd_sites_free(nmd_sites *sites);
/* Next frame: x [n_atoms][3] A. Local, in order of time. Errors: MEMORY. */
nmd_status nmd_sites_add(nmd_sites *sites, const nmd_box *box, const double (*x)[3]) NMD_MUST_USE;

/* Hops of like vectors (within `tolerance` A) together: direction [n_groups][3] mean vector (A), count [n_groups], the
 * most frequent first. Opposite directions are kept apart. Owner of both: the caller. Errors: MEMORY. */
nmd_status nmd_sites_directions(const nmd_sites *sites, double tolerance, int *n_groups, double (**direction)[3],
                                int64_t **count) NMD_MUST_USE;

#endif
