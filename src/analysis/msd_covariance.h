/* SPDX-License-Identifier: BSD-3-Clause */
/* Inside analysis: the covariance of the points of an MSD (the model of diffusion.h) and the line fitted with it. */
#ifndef NNPMD_ANALYSIS_MSD_COVARIANCE_H
#define NNPMD_ANALYSIS_MSD_COVARIANCE_H

#include <stdint.h>

#include "base/status.h"

typedef struct nmd_msd_model {
  const double *shape; /* [start + 1] course of M below start, up to a factor: joined to the line at start */
  int64_t n_frames, start;
  double slope, intercept;   /* M(m) = slope m + intercept from start on */
  double gaussian, excess;   /* factors of the two parts */
  double prior, prior_sigma; /* intercept known beforehand, with its error; prior_sigma < 0: not known */
} nmd_msd_model;

/* cov [n][n] of the means at the lags. Local. Errors: MEMORY. */
nmd_status nmd_msd_covariance(const nmd_msd_model *model, int n, const int64_t *lag, double *cov) NMD_MUST_USE;
/* Line through y [n <= NMD_MSD_POINTS] at the lags by generalised least squares, and its variances. Errors: MEMORY. */
enum { NMD_MSD_POINTS = 16 };
typedef struct nmd_msd_line {
  double slope, intercept, slope_variance, intercept_variance, covariance;
  double prior_weight; /* d slope / d prior */
} nmd_msd_line;
nmd_status nmd_msd_gls(const nmd_msd_model *model, int n, const int64_t *lag, const double *y,
                       nmd_msd_line *line) NMD_MUST_USE;

#endif
