/* SPDX-License-Identifier: BSD-3-Clause */
/* Regularised least squares with cross-validation: y = J_0 + X J + noise.
 *
 * Columns are centred and scaled to unit variance (those that do not vary get J = 0), J_0 is not penalised. Ridge: |y -
 * X J|^2 + lambda |J|^2 over scaled J; the leave-one-out residuals of a linear smoother are r_i / (1 - h_ii), with the
 * diagonal of its hat matrix, in closed form (D. M. Allen, Technometrics 16, 125 (1974)). Lasso: |y - X J|^2 / 2 +
 * lambda |J|_1 by coordinate descent (J. Friedman, T. Hastie, R. Tibshirani, J. Stat. Softw. 33, 1 (2010)), which sets
 * many J to zero. lambda is the one with the least cross-validation error: leave-one-out for ridge, `folds` parts for
 * lasso. */
#ifndef NNPMD_LATTICE_REGRESSION_H
#define NNPMD_LATTICE_REGRESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

typedef enum nmd_regression_method { NMD_REGRESSION_RIDGE, NMD_REGRESSION_LASSO } nmd_regression_method;

typedef struct nmd_regression_settings {
  nmd_regression_method method;
  int folds;     /* >= 2 */
  double lambda; /* fixed, > 0; 0: chosen */
  uint64_t seed; /* of the parts */
} nmd_regression_settings;

typedef struct nmd_regression {
  int n, p;
  double *j;         /* [1 + p] */
  double *predicted; /* [n] by the fit to all */
  double *left_out;  /* [n] by fits to all others: leave-one-out (ridge) or parts (lasso) */
  double lambda;
  double rmse, loo, folds; /* of the fit; of left_out (lasso: as folds); of parts */
  int used;                /* J that are not zero */
  double freedom;          /* effective number of parameters: trace of the hat matrix; lasso: used + 1 */
} nmd_regression;

/* x [n][p], y [n]. Owner of the arrays: the caller. Local. Errors: NO_ANSWER (fewer than three
 * rows), OUT_OF_RANGE (folds), BAD_NUMBER (not finite), MEMORY. */
nmd_status nmd_regression_fit(const nmd_regression_settings *settings, int n, int p, const double *x, const double *y,
                              nmd_regression *fit) NMD_MUST_USE;
void nmd_regression_free(nmd_regression *fit);

#endif
