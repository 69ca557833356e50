/* SPDX-License-Identifier: BSD-3-Clause */
/* Order statistics and small systems of equations. */
#ifndef NNPMD_DATASET_MEDIAN_H
#define NNPMD_DATASET_MEDIAN_H

#include <stdbool.h>
#include <stdint.h>

/* Sorts the values in place; the mean of the middle two when n is even; 0 for none. */
double nmd_median(double *values, int64_t n);
/* Median of |values - centre|; values are changed. */
double nmd_median_deviation(double *values, int64_t n, double centre);
/* Solve a x = b for a symmetric positive (semi)definite a [n][n], row-major; a and b are changed, b becomes x.
 * Directions that a does not determine get 0. */
void nmd_solve_symmetric(double *a, double *b, int n);

#endif
