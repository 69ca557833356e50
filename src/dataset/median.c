/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataset/median.h"

#include <math.h>
#include <stdlib.h>

static int ascending(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

double nmd_median(double *values, int64_t n) {
  if (n == 0) return 0.0;
  qsort(values, (size_t)n, sizeof *values, ascending);
  return 0.5 * (values[(n - 1) / 2] + values[n / 2]);
}

double nmd_median_deviation(double *values, int64_t n, double centre) {
  for (int64_t k = 0; k < n; k++) values[k] = fabs(values[k] - centre);
  return nmd_median(values, n);
}

/* Gauss with diagonal pivots: enough for a symmetric positive definite matrix; empty pivots are passed over. */
void nmd_solve_symmetric(double *a, double *b, int n) {
  double largest = 0.0;
  for (int i = 0; i < n; i++) largest = fmax(largest, a[i * n + i]);
  for (int p = 0; p < n; p++) {
    const double pivot = a[p * n + p];
    if (!(pivot > 1e-12 * largest)) continue;
    for (int i = p + 1; i < n; i++) {
      const double factor = a[i * n + p] / pivot;
      for (int k = p; k < n; k++) a[i * n + k] -= factor * a[p * n + k];
      b[i] -= factor * b[p];
    }
  }
  for (int p = n - 1; p >= 0; p--) {
    const double pivot = a[p * n + p];
    double sum = b[p];
    for (int k = p + 1; k < n; k++) sum -= a[p * n + k] * b[k];
    b[p] = pivot > 1e-12 * largest ? sum / pivot : 0.0;
  }
}
