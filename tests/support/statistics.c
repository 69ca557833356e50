/* SPDX-License-Identifier: BSD-3-Clause */
#include "support/statistics.h"

#include <math.h>
#include <stdlib.h>

static double mean_of(const double *series, int n) {
  double sum = 0;
  for (int i = 0; i < n; i++) sum += series[i];
  return sum / n;
}

static double covariance_at(const double *series, int n, double mean, int lag) {
  double sum = 0;
  for (int i = 0; i + lag < n; i++) sum += (series[i] - mean) * (series[i + lag] - mean);
  return sum / n;
}

double test_correlation_time(const double *series, int n) {
  const double mean = mean_of(series, n), variance = covariance_at(series, n, mean, 0);
  double tau = 0.5;
  if (!(variance > 0)) return tau;
  for (int lag = 1; lag < n / 4; lag++) {
    tau += covariance_at(series, n, mean, lag) / variance;
    if (lag >= 6 * tau) break;
  }
  return fmax(tau, 0.5);
}

enum { MEAN_BLOCKS = 16 };

static double block_error(const double *series, int n, double mean) {
  double sum = 0;
  for (int k = 0; k < MEAN_BLOCKS; k++) {
    const double d = mean_of(series + k * (n / MEAN_BLOCKS), n / MEAN_BLOCKS) - mean;
    sum += d * d;
  }
  return sqrt(sum / (MEAN_BLOCKS * (MEAN_BLOCKS - 1)));
}

/* The autocorrelation of an oscillating series can end its sum before a weak, slow tail: blocks see the tail. */
test_estimate test_mean(const double *series, int n) {
  const double mean = mean_of(series, n), tau = test_correlation_time(series, n);
  const double error = sqrt(covariance_at(series, n, mean, 0) * 2 * tau / n);
  return (test_estimate){mean, n > 4 * MEAN_BLOCKS ? fmax(error, block_error(series, n, mean)) : error};
}

int test_decorrelate(const double *series, int n, double *out) {
  const int stride = (int)ceil(2 * test_correlation_time(series, n));
  int m = 0;
  for (int i = stride - 1; i < n; i += stride) out[m++] = series[i];
  return m;
}

test_estimate test_slope(const double *x, const double *y, int n) {
  const double mx = mean_of(x, n), my = mean_of(y, n);
  double xx = 0, xy = 0, rest = 0;
  for (int i = 0; i < n; i++) {
    xx += (x[i] - mx) * (x[i] - mx);
    xy += (x[i] - mx) * (y[i] - my);
  }
  const double slope = xy / xx;
  for (int i = 0; i < n; i++) {
    const double d = y[i] - my - slope * (x[i] - mx);
    rest += d * d;
  }
  return (test_estimate){slope, n > 2 ? sqrt(rest / (n - 2) / xx) : INFINITY};
}

/* Mean square of y[i + lag] - y[i] about the mean slope. */
static double increment_variance(const double *y, int n, int lag, double slope) {
  double sum = 0;
  for (int i = 0; i + lag < n; i++) sum += (y[i + lag] - y[i] - slope * lag) * (y[i + lag] - y[i] - slope * lag);
  return sum / (n - lag);
}

/* A line through a random walk has the error sqrt(6 w / 5 n), w the variance of an increment: scatter about the line
 * does not show it, the growth of increments with the lag does. */
test_estimate test_drift(const double *series, int n, int blocks) {
  double x[256] = {0}, y[256] = {0};
  if (blocks > 256) blocks = 256;
  const int length = n / blocks;
  for (int k = 0; k < blocks; k++) {
    x[k] = k;
    y[k] = mean_of(series + k * length, length);
  }
  test_estimate line = test_slope(x, y, blocks);
  const double nearest = increment_variance(y, blocks, 1, line.value);
  double walk = 0;
  for (int lag = 2; lag <= blocks / 3; lag++)
    walk += (increment_variance(y, blocks, lag, line.value) - nearest) / (lag - 1) / (blocks / 3 - 1);
  line.error = sqrt(line.error * line.error + 1.2 * fmax(walk, 0) / blocks);
  return (test_estimate){line.value / length, line.error / length};
}

double test_fluctuation(const double *series, int n, int window) {
  double sum = 0;
  int used = 0;
  const double middle = 0.5 * (window - 1), xx = (double)window * ((double)window * window - 1) / 12;
  for (int start = 0; start + window <= n; start += window) {
    const double mean = mean_of(series + start, window);
    double xy = 0;
    for (int i = 0; i < window; i++) xy += (i - middle) * (series[start + i] - mean);
    for (int i = 0; i < window; i++) {
      const double d = series[start + i] - mean - xy / xx * (i - middle);
      sum += d * d;
    }
    used += window;
  }
  return sqrt(sum / used);
}

/* Newton's method for the two parameters of the logistic regression, on E shifted and scaled; (c, b) are the constant
 * and slope of ln P_2 / P_1; covariance of b from the inverse of the Hessian. */
typedef struct logistic {
  double c, b, cc, cb, bb; /* Hessian in the last three */
} logistic;

static void logistic_add(logistic *sums, double gradient[2], double e, int is_second, const logistic *at,
                         double prior) {
  const double p = 1 / (1 + exp(-(at->c + at->b * e + prior))), w = p * (1 - p);
  gradient[0] += is_second - p;
  gradient[1] += (is_second - p) * e;
  sums->cc += w;
  sums->cb += w * e;
  sums->bb += w * e * e;
}

static logistic logistic_fit(const double *first, int n1, const double *second, int n2, double centre, double width) {
  logistic at = {0};
  const double prior = log((double)n2 / n1);
  for (int round = 0; round < 60; round++) {
    logistic sums = {0};
    double gradient[2] = {0, 0};
    for (int i = 0; i < n1; i++) logistic_add(&sums, gradient, (first[i] - centre) / width, 0, &at, prior);
    for (int i = 0; i < n2; i++) logistic_add(&sums, gradient, (second[i] - centre) / width, 1, &at, prior);
    const double determinant = sums.cc * sums.bb - sums.cb * sums.cb;
    const double dc = (sums.bb * gradient[0] - sums.cb * gradient[1]) / determinant;
    const double db = (sums.cc * gradient[1] - sums.cb * gradient[0]) / determinant;
    at = (logistic){at.c + dc, at.b + db, sums.cc, sums.cb, sums.bb};
    if (fabs(dc) + fabs(db) < 1e-12 * (1 + fabs(at.b))) break;
  }
  return at;
}

enum { RATIO_BINS = 12, RATIO_COUNTS_MIN = 8 };

/* Chi squared per bin of ln(n_2 / n_1) about the fitted line, over bins with counts enough on both sides. */
static double binned_deviation(const double *first, int n1, const double *second, int n2, double centre, double width,
                               const logistic *line) {
  double counts[2][RATIO_BINS] = {{0}}, chi = 0;
  int used = 0;
  for (int k = 0; k < n1 + n2; k++) {
    const double e = ((k < n1 ? first[k] : second[k - n1]) - centre) / width;
    const int bin = (int)floor((e + 3) * RATIO_BINS / 6);
    if (bin >= 0 && bin < RATIO_BINS) counts[k >= n1][bin]++;
  }
  for (int k = 0; k < RATIO_BINS; k++) {
    if (counts[0][k] < RATIO_COUNTS_MIN || counts[1][k] < RATIO_COUNTS_MIN) continue;
    const double e = (k + 0.5) * 6 / RATIO_BINS - 3;
    const double d = log(counts[1][k] / n2) - log(counts[0][k] / n1) - line->c - line->b * e;
    chi += d * d / (1 / counts[0][k] + 1 / counts[1][k]);
    used++;
  }
  return used > 2 ? chi / (used - 2) : 0;
}

test_estimate test_ratio_slope(const double *first, int n_first, const double *second, int n_second,
                               double *deviation) {
  const double m1 = mean_of(first, n_first), m2 = mean_of(second, n_second), centre = 0.5 * (m1 + m2);
  const double width = sqrt(0.5 * (covariance_at(first, n_first, m1, 0) + covariance_at(second, n_second, m2, 0)));
  const logistic fit = logistic_fit(first, n_first, second, n_second, centre, width);
  if (deviation != NULL) *deviation = binned_deviation(first, n_first, second, n_second, centre, width, &fit);
  const double variance = fit.cc / (fit.cc * fit.bb - fit.cb * fit.cb);
  return (test_estimate){fit.b / width, sqrt(variance) / width};
}

static int ascending(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

double test_normal_probability(double *samples, int n) {
  qsort(samples, (size_t)n, sizeof *samples, ascending);
  double distance = 0;
  for (int i = 0; i < n; i++) {
    const double p = 0.5 * erfc(-samples[i] / sqrt(2.0));
    distance = fmax(distance, fmax((i + 1.0) / n - p, p - (double)i / n));
  }
  const double root = sqrt((double)n), lambda = (root + 0.12 + 0.11 / root) * distance; /* M. A. Stephens (1970) */
  double sum = 0;
  for (int k = 1; k <= 100; k++) sum += (k % 2 ? 2 : -2) * exp(-2 * lambda * lambda * k * k);
  return fmin(1, fmax(0, lambda < 0.2 ? 1 : sum));
}
