/* SPDX-License-Identifier: BSD-3-Clause */
/* Distribution of the angles a - c - b at every centre c, between neighbours within the bond cut-offs.
 *
 * p_acb(theta) integrates to 1 over 0 to 180 degrees; uncorrelated directions give p = (pi / 360) sin theta. */
#ifndef NNPMD_ANALYSIS_ADF_H
#define NNPMD_ANALYSIS_ADF_H

#include <stdint.h>

#include "analysis/blocks.h"
#include "analysis/pairs.h"

typedef struct nmd_adf {
  int kinds, bins; /* bins of width 180 / bins degrees */
  double *cutoff;  /* [kinds][kinds] A, symmetric; 0: no bond */
  double *values;  /* [triplets][bins] angles, then [kinds] atoms, of the last frame */
  nmd_blocks blocks;
  nmd_pairs pairs;
  int64_t capacity;
  int *bonded; /* [capacity] neighbours of one centre that are bonded, with their unit vectors */
  double (*unit)[3];
} nmd_adf;

/* cutoff [kinds][kinds] A, symmetric. Errors: OUT_OF_RANGE (none above 0), MEMORY. */
nmd_status nmd_adf_init(nmd_adf *adf, int kinds, const double *cutoff, int bins) NMD_MUST_USE;
void nmd_adf_free(nmd_adf *adf);
/* As nmd_rdf_add. */
nmd_status nmd_adf_add(nmd_adf *adf, int64_t frame, const nmd_box *box, int64_t n, const double (*x)[3],
                       const int *kind) NMD_MUST_USE;
int nmd_adf_triplets(const nmd_adf *adf);
int nmd_adf_triplet(const nmd_adf *adf, int a, int centre, int b);
/* p, error [triplets][bins] in 1/degree; angles [triplets]: mean number of such angles at a centre. NaN where there is
 * no angle. Errors: MEMORY. */
nmd_status nmd_adf_result(const nmd_adf *adf, double *p, double *error, double *angles) NMD_MUST_USE;

#endif
