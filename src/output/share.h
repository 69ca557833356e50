/* SPDX-License-Identifier: BSD-3-Clause */
/* An even share of a run's atoms on each rank, in order of id: what formats that all ranks write together take. */
#ifndef NNPMD_OUTPUT_SHARE_H
#define NNPMD_OUTPUT_SHARE_H

#include "io/write_netcdf.h"
#include "output/choose.h"
#include "output/output.h"

typedef struct nmd_share {
  int64_t total;                    /* atoms selected, all ranks */
  int64_t *sorted;                  /* [total] their ids */
  int64_t first, n;                 /* this rank's: first ... first + n - 1 of `sorted` */
  int *atomic_number;               /* [n] */
  double (*x)[3], (*v)[3], (*f)[3]; /* [n] */
  double *scalar[NMD_NETCDF_SCALARS]; /* [n] as far as observed, else zero */
  bool filled;                      /* at least once */
  void *incoming;                   /* scratch */
  size_t capacity;
} nmd_share;

/* Who is in: atoms of `only` (NULL: all). Collective, same status everywhere. */
nmd_status nmd_share_init(nmd_share *share, const nmd_observation *seen, const nmd_choice *only) NMD_MUST_USE;
/* Positions (unwrapped by the image counters, or wrapped into the cell), velocities, forces. Collective, likewise. Errors:
 * CONFLICT when atoms have changed their elements (Monte Carlo), which those formats hold once. */
nmd_status nmd_share_fill(nmd_share *share, const nmd_observation *seen, const nmd_choice *only, bool unwrapped) NMD_MUST_USE;
void nmd_share_free(nmd_share *share);

#endif
