/* SPDX-License-Identifier: BSD-3-Clause */
#include "analysis/msd_covariance.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/memory.h"

/* M at any lag, as a table up to `reach`: the line, and below start the shape. */
static void fill_model(const nmd_msd_model *model, int64_t reach, double *table) {
  const double joint = model->slope * (double)model->start + model->intercept;
  const double factor = joint / model->shape[model->start];
  for (int64_t m = 0; m <= reach; m++)
    table[m] = m < model->start ? factor * model->shape[m] : model->slope * (double)m + model->intercept;
}

/* 1/(n_i n_j) sum_kl g(k - l)^2, i <= j. Beyond |u| = lag + start all four terms lie on the line and g is zero. */
static double mean_square(const nmd_msd_model *model, const double *table, int64_t i, int64_t j) {
  const int64_t ni = model->n_frames - i, nj = model->n_frames - j;
  int64_t low = -(i + model->start), high = j + model->start;
  if (low < -(nj - 1)) low = -(nj - 1);
  if (high > ni - 1) high = ni - 1;
  double sum = 0.0;
  for (int64_t u = low; u <= high; u++) {
    const int64_t a = u + i < 0 ? -u - i : u + i, b = u - j < 0 ? j - u : u - j;
    const int64_t c = u + i - j < 0 ? j - i - u : u + i - j, d = u < 0 ? -u : u;
    const double g = 0.5 * (table[a] + table[b] - table[c] - table[d]);
    const int64_t top = ni < nj + u ? ni : nj + u, bottom = u > 0 ? u : 0;
    sum += (double)(top - bottom) * g * g;
  }
  return sum / ((double)ni * (double)nj);
}

nmd_status nmd_msd_covariance(const nmd_msd_model *model, int n, const int64_t *lag, double *cov) {
  const int64_t reach = 2 * lag[n - 1] + 2 * model->start + 2;
  double *table;
  NMD_TRY(NMD_ALLOC(table, reach + 1));
  fill_model(model, reach, table);
  for (int i = 0; i < n; i++)
    for (int j = i; j < n; j++)
      cov[i * n + j] = cov[j * n + i] =
          model->gaussian * mean_square(model, table, lag[i], lag[j]) + model->excess * (double)lag[i] * (double)lag[j];
  nmd_free(table);
  return NMD_OK;
}

/* Lower Cholesky factor in place; false when not positive definite. */
static bool factorise(int n, double *a) {
  for (int j = 0; j < n; j++)
    for (int i = j; i < n; i++) {
      double sum = a[i * n + j];
      for (int k = 0; k < j; k++) sum -= a[i * n + k] * a[j * n + k];
      if (i == j && !(sum > 0.0)) return false;
      a[i * n + j] = i == j ? sqrt(sum) : sum / a[j * n + j];
    }
  return true;
}

static void solve(int n, const double *l, double *b) {
  for (int i = 0; i < n; i++) {
    for (int k = 0; k < i; k++) b[i] -= l[i * n + k] * b[k];
    b[i] /= l[i * n + i];
  }
  for (int i = n - 1; i >= 0; i--) {
    for (int k = i + 1; k < n; k++) b[i] -= l[k * n + i] * b[k];
    b[i] /= l[i * n + i];
  }
}

/* Points of an MSD are nearly dependent, and no model holds to the last digit: without some independent noise the fit
 * would play points off against each other. More is added while the matrix is not positive definite. */
#define JITTER 0.01

static void factorise_safely(int n, const double *cov, double *factor) {
  for (double jitter = JITTER;; jitter *= 3.0) {
    memcpy(factor, cov, (size_t)(n * n) * sizeof *factor);
    for (int i = 0; i < n; i++) factor[i * n + i] *= 1.0 + jitter;
    if (factorise(n, factor) || jitter > 1.0) return;
  }
}

static void fit(const nmd_msd_model *model, int n, const int64_t *lag, const double *y, const double *factor,
                double *work, nmd_msd_line *line) {
  double *t = work, *one = work + n, tt = 0.0, t1 = 0.0, s11 = 0.0, ty = 0.0, y1 = 0.0;
  for (int i = 0; i < n; i++) t[i] = (double)lag[i], one[i] = 1.0;
  solve(n, factor, t);
  solve(n, factor, one);
  for (int i = 0; i < n; i++) {
    tt += (double)lag[i] * t[i];
    t1 += t[i];
    s11 += one[i];
    ty += t[i] * y[i];
    y1 += one[i] * y[i];
  }
  double weight = 0.0;
  if (model->prior_sigma >= 0.0) { /* one more datum: the intercept */
    weight = 1.0 / fmax(model->prior_sigma * model->prior_sigma, 1e-12 * y[0] * y[0]);
    s11 += weight;
    y1 += weight * model->prior;
  }
  const double det = tt * s11 - t1 * t1;
  line->slope = (s11 * ty - t1 * y1) / det;
  line->intercept = (tt * y1 - t1 * ty) / det;
  line->slope_variance = s11 / det;
  line->intercept_variance = tt / det;
  line->covariance = -t1 / det;
  line->prior_weight = -t1 * weight / det;
}

nmd_status nmd_msd_gls(const nmd_msd_model *model, int n, const int64_t *lag, const double *y, nmd_msd_line *line) {
  double *cov;
  NMD_TRY(NMD_ALLOC(cov, 2 * n * n + 2 * n));
  const nmd_status status = nmd_msd_covariance(model, n, lag, cov);
  if (status == NMD_OK) {
    factorise_safely(n, cov, cov + n * n);
    fit(model, n, lag, y, cov + n * n, cov + 2 * n * n, line);
  }
  nmd_free(cov);
  return status;
}
