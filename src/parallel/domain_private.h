/* SPDX-License-Identifier: BSD-3-Clause */
/* What migration, halo and balance ask of the brick grid. All Local. */
#ifndef NNPMD_PARALLEL_DOMAIN_PRIVATE_H
#define NNPMD_PARALLEL_DOMAIN_PRIVATE_H

#include "parallel/domain.h"

/* Brick along axis d that holds fractional coordinate s (clamped to the outer bricks; NaN: some brick). */
int nmd__domain_brick(const nmd_domain *domain, int d, double s);
/* Rank of the next brick along d on side 0 (low) or 1 (high); -1 at an open edge; this rank if it is its own. */
int nmd__domain_neighbour(const nmd_domain *domain, const nmd_box *box, int d, int side);
/* Does the step to that neighbour cross the periodic edge? */
bool nmd__domain_at_edge(const nmd_domain *domain, int d, int side);

#endif
