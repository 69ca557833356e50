/* SPDX-License-Identifier: BSD-3-Clause */
/* Partial pair distribution functions and running coordination numbers, averaged over frames with errors.
 *
 * g_ab(r) = V / (N_a N'_b) * (ordered pairs a-b with distance in the bin) / (volume of the bin's shell), where N'_b =
 * N_b for different kinds and N_b - 1 for the same kind (the others), so that uncorrelated atoms give 1 exactly; a kind
 * of a single atom sees only its images, and N'_b = 1. V is the volume of the frame's cell: a cell with open axes gives
 * g in units of its box. n_ab(r) = mean number of b atoms within r (upper edge of the bin) of an a atom.
 * M. P. Allen, D. J. Tildesley, Computer Simulation of Liquids, 2nd ed. (2017), section 8.2. */
#ifndef NNPMD_ANALYSIS_RDF_H
#define NNPMD_ANALYSIS_RDF_H

#include <stdint.h>

#include "analysis/blocks.h"
#include "analysis/pairs.h"

typedef struct nmd_rdf {
  int kinds, bins;
  double cutoff;     /* A; bins of width cutoff / bins */
  int64_t *count;    /* [kinds][kinds][bins] ordered pairs of the last frame */
  double *values;    /* [width] of the last frame, see the index functions */
  nmd_blocks blocks; /* of width nmd_rdf_width */
  nmd_pairs pairs;
} nmd_rdf;

nmd_status nmd_rdf_init(nmd_rdf *rdf, int kinds, double cutoff, int bins) NMD_MUST_USE; /* Errors: MEMORY */
void nmd_rdf_free(nmd_rdf *rdf);
/* Frame number `frame` (from 0): x [n][3] A, kind [n] in 0..kinds-1 (negative: left out). Local.
 * Errors: as nmd_pairs_build. */
nmd_status nmd_rdf_add(nmd_rdf *rdf, int64_t frame, const nmd_box *box, int64_t n, const double (*x)[3],
                       const int *kind) NMD_MUST_USE;

/* Places in the vector of values (nmd_blocks_mean): g_ab = g_ba; coordination n_ab is not symmetric. */
int nmd_rdf_width(const nmd_rdf *rdf);
int nmd_rdf_g(const nmd_rdf *rdf, int a, int b, int bin);
int nmd_rdf_n(const nmd_rdf *rdf, int a, int b, int bin);
int nmd_rdf_population(const nmd_rdf *rdf, int a); /* atoms of kind a */
int nmd_rdf_volume(const nmd_rdf *rdf);            /* A^3 */
double nmd_rdf_r(const nmd_rdf *rdf, int bin);     /* centre of a bin (A) */

#endif
