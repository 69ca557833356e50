/* SPDX-License-Identifier: BSD-3-Clause */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "dataset/functions.h"

/* c [m][m]: correlations of the standardised columns; constant ones have 0 on the diagonal. */
static void correlate(const nmd_element_descriptors *columns, double *c) {
  const int m = columns->functions;
  for (int64_t i = 0; i < columns->n; i++) {
    const double *x = columns->G + i * m;
    for (int f = 0; f < m; f++)
      for (int g = 0; g <= f; g++) c[f * m + g] += x[f] * x[g] / (double)columns->n;
  }
  for (int f = 0; f < m; f++)
    for (int g = 0; g < f; g++) c[g * m + f] = c[f * m + g];
}

/* dropped[f]: hardly varies, or goes along with an earlier one; it no longer counts among what is to be described. */
static void drop_alike(double *c, int m, double correlation, bool *dropped) {
  for (int f = 0; f < m; f++) {
    dropped[f] = c[f * m + f] < 0.5;
    for (int g = 0; g < f && !dropped[f]; g++)
      if (!dropped[g] && fabs(c[f * m + g]) > correlation) dropped[f] = true;
  }
  for (int f = 0; f < m; f++)
    for (int g = 0; g < m; g++)
      if (dropped[f] || dropped[g]) c[f * m + g] = 0.0;
}

/* Leading eigenvector by powers; v keeps the last one as the start of the next. */
static void leading_vector(const double *c, int m, double *v, double *work) {
  for (int step = 0; step < 200; step++) {
    double norm = 0.0, change = 0.0;
    for (int f = 0; f < m; f++) {
      work[f] = 0.0;
      for (int g = 0; g < m; g++) work[f] += c[f * m + g] * v[g];
      norm += work[f] * work[f];
    }
    norm = sqrt(norm);
    if (!(norm > 0.0)) return;
    for (int f = 0; f < m; f++) {
      change = fmax(change, fabs(work[f] / norm - v[f]));
      v[f] = work[f] / norm;
    }
    if (change < 1e-10) return;
  }
}

/* Take column p out of all others: c_fg -= c_fp c_gp / c_pp. */
static void deflate(double *c, int m, int p, double *column) {
  const double pivot = c[p * m + p];
  for (int f = 0; f < m; f++) column[f] = c[f * m + p];
  for (int f = 0; f < m; f++)
    for (int g = 0; g < m; g++) c[f * m + g] -= column[f] * column[g] / pivot;
}

static double trace_of(const double *c, int m) {
  double sum = 0.0;
  for (int f = 0; f < m; f++) sum += fmax(c[f * m + f], 0.0);
  return sum;
}

/* The column with the largest coefficient in v, or (v NULL) with most of its own variance left; -1: none is left. */
static int best_column(const double *c, int m, const bool *taken, const double *v) {
  int best = -1;
  for (int f = 0; f < m; f++) {
    if (taken[f] || c[f * m + f] < 1e-9) continue;
    const double merit = v != NULL ? fabs(v[f]) : c[f * m + f];
    const double to_beat = best < 0 ? 0.0 : v != NULL ? fabs(v[best]) : c[best * m + best];
    if (merit > to_beat * (1.0 + 1e-9)) best = f; /* ties go to the earlier one, whatever the rounding */
  }
  return best;
}

static void choose_all(double *c, int m, const bool *dropped, nmd_function_order how, double *v, double *work,
                       int *order, double *merit, int *n) {
  bool taken[4096] = {false};
  const double total = trace_of(c, m);
  int left = 0;
  for (int f = 0; f < m; f++) {
    taken[f] = dropped[f];
    left += !dropped[f];
    v[f] = 1.0 + 1e-3 * f; /* not orthogonal to anything likely */
  }
  for (*n = 0; *n < left; ++*n) {
    if (how == NMD_ORDER_CUR) leading_vector(c, m, v, work);
    const int best = best_column(c, m, taken, how == NMD_ORDER_CUR ? v : NULL);
    if (best < 0) return;
    taken[best] = true;
    order[*n] = best;
    merit[*n] = total > 0.0 ? trace_of(c, m) / total : 0.0;
    deflate(c, m, best, work);
    for (int f = 0; f < m; f++) v[f] += 1e-3 * (1.0 + f % 7); /* a start that the deflation has not emptied */
  }
}

nmd_status nmd_functions_order(const nmd_element_descriptors *columns, double correlation, nmd_function_order how,
                               int *order, double *merit, int *n) {
  const int m = columns->functions;
  double *c = NULL, *v = NULL, *work = NULL;
  bool *dropped = NULL;
  if (m > 4096) NMD_FAIL(OUT_OF_RANGE, "%d candidate functions of an element; expected at most 4096; make fewer", m);
  nmd_status status;
  NMD_GOTO(NMD_ALLOC(c, m * m));
  NMD_GOTO(NMD_ALLOC(v, m));
  NMD_GOTO(NMD_ALLOC(work, m));
  NMD_GOTO(NMD_ALLOC(dropped, m));
  correlate(columns, c);
  drop_alike(c, m, correlation, dropped);
  choose_all(c, m, dropped, how, v, work, order, merit, n);
done:
  nmd_free(c);
  nmd_free(v);
  nmd_free(work);
  nmd_free(dropped);
  return status;
}
