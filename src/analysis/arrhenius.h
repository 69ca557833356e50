/* SPDX-License-Identifier: BSD-3-Clause */
/* Activation energy from diffusion coefficients at several temperatures.
 *
 * ln D = ln D0 - E / (k T), weighted by the variance of ln D. An estimate with nu degrees of freedom is low by 1 / nu
 * in the logarithm on average, and its variance is 2/nu + 2/nu^2 (moments of ln chi^2, to second order): both are taken
 * into account, so that cold points with few hops pull neither E nor its error. The interval is Student's, with the
 * degrees of freedom of the sigmas pooled as by F. E. Satterthwaite, Biometrics Bull. 2, 110 (1946). */
#ifndef NNPMD_ANALYSIS_ARRHENIUS_H
#define NNPMD_ANALYSIS_ARRHENIUS_H

#include "analysis/diffusion.h"

typedef struct nmd_arrhenius_point {
  double temperature;      /* K */
  double D, sigma;         /* any unit, the same for all points */
  double freedom_of_sigma; /* 0: known */
} nmd_arrhenius_point;

typedef struct nmd_arrhenius {
  nmd_interval energy; /* eV */
  double ln_D0, ln_D0_sigma;
  double covariance; /* of E and ln D0 (eV) */
  double chi2;       /* sum of squared deviations over their variances, of n - 2 degrees of freedom */
  double p_value;    /* probability of a larger one, were the line right and the sigmas true */
  double freedom;    /* of the intervals */
} nmd_arrhenius;

/* At least two different temperatures. Local. Errors: OUT_OF_RANGE (temperature, D or sigma not above 0; too few). */
nmd_status nmd_arrhenius_fit(const nmd_arrhenius_point *points, int n, nmd_arrhenius *fit) NMD_MUST_USE;
/* ln D of the line at a temperature and its standard error; the band is +- student quantile times that. */
void nmd_arrhenius_predict(const nmd_arrhenius *fit, double temperature, double *ln_D, double *error);

#endif
