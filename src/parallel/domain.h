/* SPDX-License-Identifier: BSD-3-Clause */
/* Domain decomposition: the cell is cut into bricks in fractional coordinates by three sets of planes; one brick a
 * rank.
 *
 * An atom belongs to the brick that holds its fractional coordinates (along open axes the outer bricks reach to
 * infinity). Bricks may be thinner than the cut-off: ghosts then come through several neighbours. */
#ifndef NNPMD_PARALLEL_DOMAIN_H
#define NNPMD_PARALLEL_DOMAIN_H

#include "parallel/comm.h"
#include "system/atoms.h"
#include "system/box.h"

enum { NMD_GRID_MAX = 4096 }; /* most bricks along one axis */

typedef struct nmd_domain {
  const nmd_comm *comm;   /* not owned */
  int grid[3];            /* bricks along a, b, c; the product is the number of ranks */
  int coordinates[3];     /* of this rank's brick; rank = (c0 * grid[1] + c1) * grid[2] + c2 */
  double *planes[3];      /* [grid[d] + 1] from 0 to 1, ascending; the same on all ranks; owned */
  double low[3], high[3]; /* this brick, fractional */
} nmd_domain;

/* Choose the grid with the least halo surface for this box (grid[d] > 0 in `wanted` fixes an axis, 0: free; NULL: all
 * free), equal planes. Errors: DECOMPOSITION (wanted grid does not multiply to the ranks). Local: same result
 * everywhere. */
nmd_status nmd_domain_init(nmd_domain *domain, const nmd_comm *comm, const nmd_box *box,
                           const int wanted[3]) NMD_MUST_USE;
void nmd_domain_free(nmd_domain *domain);
void nmd_domain_set_planes(nmd_domain *domain, int d,
                           const double *planes);                  /* copies grid[d]+1 values; updates low, high */
int nmd_domain_owner(const nmd_domain *domain, const double s[3]); /* rank owning fractional s; Local */

/* Send every owned atom to its owner (all M fields; positions already wrapped by the caller). Collective. Ghosts are
 * dropped. Errors: LOST_ATOM when the total number changes, naming ids where they can be known. */
nmd_status nmd_migrate(const nmd_domain *domain, const nmd_box *box, nmd_atoms *atoms) NMD_MUST_USE;

/* Move planes so that the total `weight` (one number per owned atom; NULL: 1 each) is level along each axis, from
 * counted histograms (deterministic). Call before nmd_migrate. *imbalance: max over ranks / mean, before. Collective.
 */
nmd_status nmd_balance(nmd_domain *domain, const nmd_box *box, const nmd_atoms *atoms, const double *weight,
                       double *imbalance) NMD_MUST_USE;

/* The halo: which atoms are sent where, fixed between two rebuilds. */
typedef struct nmd_halo nmd_halo;
nmd_status nmd_halo_create(nmd_halo **out) NMD_MUST_USE;
void nmd_halo_destroy(nmd_halo *halo);
/* Set up ghosts (H fields) for all owned atoms so that every atom within `cutoff` (A) of an owned one, periodic images
 * included, is present as a ghost (an atom's own images too). Any number of layers. Drops old ghosts. Collective. */
nmd_status nmd_halo_build(nmd_halo *halo, const nmd_domain *domain, const nmd_box *box, double cutoff,
                          nmd_atoms *atoms) NMD_MUST_USE;
/* New positions of owned atoms to their ghosts, with image shifts of the CURRENT box. Collective, no allocation. */
void nmd_halo_forward(nmd_halo *halo, const nmd_box *box, nmd_atoms *atoms);
/* Add ghosts' values to their owners: `values` [n_owned + n_ghost][components]; ghosts' values are left undefined. */
void nmd_halo_reverse(nmd_halo *halo, double *values, int components);
/* Owner's values to ghosts, unshifted (for sums a many-body potential needs on ghosts). */
void nmd_halo_forward_values(nmd_halo *halo, double *values, int components);
/* Counts for the summary: messages and bytes this rank sends in one forward. Local. */
void nmd_halo_statistics(const nmd_halo *halo, int *messages, int64_t *bytes);

#endif
