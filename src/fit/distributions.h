/* SPDX-License-Identifier: BSD-3-Clause */
/* What dynamics look like on average: pair distribution functions, angles between bonds, the size of the cell. From a
 * trajectory, from frames of a run, or (in part) from tables. */
#ifndef NNPMD_FIT_DISTRIBUTIONS_H
#define NNPMD_FIT_DISTRIBUTIONS_H

#include "analysis/adf.h"
#include "analysis/kinds.h"
#include "analysis/rdf.h"
#include "system/element.h"

/* What is looked at; the same for the reference and for every trial. */
typedef struct nmd_distribution_plan {
  nmd_species species;
  double cutoff; /* A, of g(r) */
  int bins;
  double *bond;   /* [kinds][kinds] A, 0: no bond; NULL: no angles; owned */
  int angle_bins; /* from 0 to 180 degrees */
} nmd_distribution_plan;

/* Means over frames. NaN: not known (a table that ends, a triplet without an angle). */
typedef struct nmd_distributions {
  int kinds, bins, triplets, angle_bins;
  double *g;                 /* [nmd_kind_pairs][bins], places by nmd_kind_pair */
  double *p;                 /* [triplets][angle_bins] 1/degree, or NULL; triplets as nmd_adf_triplet */
  double *angles;            /* [triplets] angles a centre */
  double volume, lengths[3]; /* A^3, A: of the cell, along a, b, c */
  int64_t frames;
} nmd_distributions;

/* Adds up frames. */
typedef struct nmd_sampler {
  const nmd_distribution_plan *plan; /* not owned */
  nmd_rdf rdf;
  nmd_adf adf;
  double volume, lengths[3]; /* sums */
  int64_t frames;
} nmd_sampler;

nmd_status nmd_sampler_init(nmd_sampler *sampler, const nmd_distribution_plan *plan) NMD_MUST_USE; /* Errors: MEMORY */
void nmd_sampler_free(nmd_sampler *sampler);
/* One more frame: x [n][3] A, kind [n] index in the plan's species. Local. Errors: as nmd_rdf_add. */
nmd_status nmd_sampler_add(nmd_sampler *sampler, const nmd_box *box, int64_t n, const double (*x)[3],
                           const int *kind) NMD_MUST_USE;
/* Means of the frames so far into a fresh *out. Errors: CONFLICT (no frame), MEMORY. */
nmd_status nmd_sampler_result(const nmd_sampler *sampler, nmd_distributions *out) NMD_MUST_USE;
/* Nothing known yet, room only. Errors: MEMORY. */
nmd_status nmd_distributions_init(nmd_distributions *d, const nmd_distribution_plan *plan) NMD_MUST_USE;
void nmd_distributions_free(nmd_distributions *d);

/* Columns `first` and `column` (from 1) of a table, y by straight lines between them at x [n] (ascending): NaN outside
 * of the table. Lines with # are left out. Errors: FILE_MISSING, FILE_FORMAT, BAD_NUMBER, FILE_TRUNCATED, MEMORY. */
nmd_status nmd_table_sample(const char *path, int column, int n, const double *x, double *y) NMD_MUST_USE;
/* Mean squared difference over mean square of the reference, where both are known; *counted: false where nothing is. */
double nmd_curve_loss(int n, const double *reference, const double *trial, bool *counted);

#endif
