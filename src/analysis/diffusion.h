/* SPDX-License-Identifier: BSD-3-Clause */
/* A diffusion coefficient with an interval that is true, from a mean squared displacement.
 *
 * M(t) = 2 d D t + c is fitted from the start of the diffusive regime on by generalised least squares, as A. R.
 * McCluskey, S. W. Coles, B. J. Morgan (J. Chem. Theory Comput. 21, 79 (2025)) argue: points of an MSD are correlated,
 * and an ordinary fit is neither efficient nor honest. The covariance is that of time averages over a process whose
 * displacements are Gaussian with the variance M itself (H. Qian, M. P. Sheetz, E. L. Elson, Biophys. J. 60, 910
 * (1991), for any M): cov(M_i, M_j) = 2 p / dim * 1/(n_i n_j) sum_kl g_ij(k - l)^2 + x M_i M_j, g_ij(u) = [M(u + i) +
 * M(u - j) - M(u + i - j) - M(u)] / 2, with p (how many ions move independently), dim and x (few hops) counted from the
 * data (windows.h). For i = j and independent ions it is the variance over n_i overlapping windows; the model of
 * kinisi, var_i n_i / n_j, is its approximation for windows that do not overlap.
 *
 * Start: the shortest lag from which on the slope agrees with the slopes of all later starts within the error of their
 * difference (efficient estimates: var(D_late - D_early) = var D_late - var D_early), moved on by a factor for safety.
 */
#ifndef NNPMD_ANALYSIS_DIFFUSION_H
#define NNPMD_ANALYSIS_DIFFUSION_H

#include "analysis/msd_covariance.h"
#include "analysis/windows.h"

typedef struct nmd_interval {
  double value, sigma;     /* sigma: one standard deviation */
  double ci68[2], ci95[2]; /* an upper end of INFINITY: not bounded by the data */
} nmd_interval;

typedef struct nmd_diffusion_input {
  const double *msd;   /* [n_lags] A^2, summed over the directions */
  const double *shape; /* [n_lags] course of the MSD at short lags, up to a factor; NULL: msd itself */
  int64_t n_lags, n_frames;
  double spacing; /* fs */
  int dimensions; /* number of directions */
  double ions;
  const nmd_spread *spread; /* [n_spread] of rising width */
  int n_spread;
  double start, end;         /* fs; start < 0, end <= 0: chosen */
  double hop_time;           /* lags; < 0: found from the windows */
  double prior, prior_sigma; /* A^2: intercept known beforehand, with its error; prior_sigma < 0: it is fitted freely */
  double worst;              /* relative sigma above which no D is given; 0: 0.5 */
  double hop;                /* A, length of a hop for counting them */
} nmd_diffusion_input;

typedef struct nmd_diffusion {
  bool found; /* false: no D; why says the reason, need how long the run should be (fs) */
  char why[320];
  double need;
  nmd_interval D;                    /* A^2/fs */
  double freedom;                    /* of D as chi^2 / freedom: 2 D^2 / sigma^2 */
  double freedom_of_sigma;           /* how well sigma is known */
  double intercept, intercept_sigma; /* A^2 */
  double exponent, exponent_error;   /* log-log slope of M - c at the start */
  double raw_exponent;               /* of M itself over the range of the fit */
  int64_t start, end;                /* lags of the fit */
  double hop_time;                   /* fs, mean time between hops; 0: displacements are Gaussian at all lags */
  double n_eff;                      /* independent displacements that would give the same error: 2 / d (D / sigma)^2 */
  double hops;             /* effective hops of the run by X. He, Y. Zhu, A. Epstein, Y. Mo, npj Comput. Mater. 4, 18
                            * (2018): ions (M_max - c) / hop^2 */
  double he_sigma;         /* their relative error: 3.43 / sqrt(hops) + 0.04 */
  double slope_covariance; /* of D and the intercept (A^2/fs A^2) */
  double hop_share;        /* relative variance of D because hops are counted */
  double prior_weight;     /* dD / d prior (1/fs) */
  double ols, ols_sigma;   /* D of an ordinary fit to all lags of the range, and what it believes its error to be */
} nmd_diffusion;

/* Local. Errors: OUT_OF_RANGE (start or end outside the lags), MEMORY. Data that allow no D are no error: see found. */
nmd_status nmd_diffusion_fit(const nmd_diffusion_input *input, nmd_diffusion *result) NMD_MUST_USE;
/* The interval of a value distributed as chi^2_freedom / freedom whose sigma is known with freedom_of_sigma. */
void nmd_interval_chi2(double value, double freedom, double freedom_of_sigma, nmd_interval *interval);

#endif
