/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataset/pca.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"

static void rotate(double *a, double *v, int n, int p, int q) {
  const double apq = a[p * n + q];
  if (fabs(apq) < 1e-300) return;
  const double theta = 0.5 * (a[q * n + q] - a[p * n + p]) / apq;
  const double t = copysign(1.0, theta) / (fabs(theta) + sqrt(1.0 + theta * theta)), c = 1.0 / sqrt(1.0 + t * t),
               s = c * t;
  for (int k = 0; k < n; k++) {
    const double x = a[k * n + p], y = a[k * n + q];
    a[k * n + p] = c * x - s * y;
    a[k * n + q] = s * x + c * y;
  }
  for (int k = 0; k < n; k++) {
    const double x = a[p * n + k], y = a[q * n + k];
    a[p * n + k] = c * x - s * y;
    a[q * n + k] = s * x + c * y;
  }
  for (int k = 0; k < n; k++) {
    const double x = v[p * n + k], y = v[q * n + k];
    v[p * n + k] = c * x - s * y;
    v[q * n + k] = s * x + c * y;
  }
}

static void sort_descending(double *values, double *v, int n) {
  for (int i = 0; i < n; i++) {
    int best = i;
    for (int k = i + 1; k < n; k++)
      if (values[k] > values[best]) best = k;
    if (best == i) continue;
    const double value = values[i];
    values[i] = values[best];
    values[best] = value;
    for (int k = 0; k < n; k++) {
      const double x = v[i * n + k];
      v[i * n + k] = v[best * n + k];
      v[best * n + k] = x;
    }
  }
}

void nmd_eigen_symmetric(double *a, int n, double *values, double *vectors) {
  memset(vectors, 0, (size_t)n * (size_t)n * sizeof *vectors);
  double trace = 0.0;
  for (int i = 0; i < n; i++) {
    vectors[i * n + i] = 1.0;
    trace += fabs(a[i * n + i]);
  }
  for (int sweep = 0; sweep < 60; sweep++) {
    double off = 0.0;
    for (int p = 0; p < n; p++)
      for (int q = p + 1; q < n; q++) off = fmax(off, fabs(a[p * n + q]));
    if (off <= 1e-15 * trace) break;
    for (int p = 0; p < n; p++)
      for (int q = p + 1; q < n; q++) rotate(a, vectors, n, p, q);
  }
  for (int i = 0; i < n; i++) values[i] = a[i * n + i];
  sort_descending(values, vectors, n);
}

static void centre_points(nmd_points *p, double *mean) {
  for (int64_t k = 0; k < p->n; k++)
    for (int f = 0; f < p->size; f++) mean[f] += p->x[k * p->size + f] / (double)p->n;
  for (int64_t k = 0; k < p->n; k++)
    for (int f = 0; f < p->size; f++) p->x[k * p->size + f] -= mean[f];
}

static void covariance_of(const nmd_points *p, double *a) {
  for (int64_t k = 0; k < p->n; k++) {
    const double *x = p->x + k * p->size;
    for (int f = 0; f < p->size; f++)
      for (int g = 0; g <= f; g++) a[f * p->size + g] += x[f] * x[g] / (double)p->n;
  }
  for (int f = 0; f < p->size; f++)
    for (int g = 0; g < f; g++) a[g * p->size + f] = a[f * p->size + g];
}

static void fix_sign(double *v, int n) {
  int largest = 0;
  for (int k = 1; k < n; k++)
    if (fabs(v[k]) > fabs(v[largest])) largest = k;
  for (int k = 0; k < n && v[largest] < 0.0; k++)
    if (k != largest) v[k] = -v[k];
  v[largest] = fabs(v[largest]);
}

static nmd_status project(nmd_points *p, const double *vectors, int components) {
  double *y;
  NMD_TRY(NMD_ALLOC(y, p->n * components));
  for (int64_t k = 0; k < p->n; k++)
    for (int c = 0; c < components; c++)
      for (int f = 0; f < p->size; f++) y[k * components + c] += vectors[c * p->size + f] * p->x[k * p->size + f];
  nmd_free(p->x);
  p->x = y;
  p->size = components;
  return NMD_OK;
}

nmd_status nmd_points_project(nmd_points *p, int components, double *share) {
  const int n = p->size;
  double *a = NULL, *vectors = NULL, *values = NULL, *mean = NULL;
  if (components > n) components = n;
  nmd_status status;
  NMD_GOTO(NMD_ALLOC(a, n * n));
  NMD_GOTO(NMD_ALLOC(vectors, n * n));
  NMD_GOTO(NMD_ALLOC(values, n));
  NMD_GOTO(NMD_ALLOC(mean, n));
  centre_points(p, mean);
  covariance_of(p, a);
  nmd_eigen_symmetric(a, n, values, vectors);
  double total = 0.0;
  for (int k = 0; k < n; k++) total += fmax(values[k], 0.0);
  for (int c = 0; c < components; c++) {
    share[c] = total > 0.0 ? fmax(values[c], 0.0) / total : 0.0;
    fix_sign(vectors + c * n, n);
  }
  NMD_GOTO(project(p, vectors, components));
done:
  nmd_free(a);
  nmd_free(vectors);
  nmd_free(values);
  nmd_free(mean);
  return status;
}
