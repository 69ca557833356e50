/* SPDX-License-Identifier: BSD-3-Clause */
#include "analysis/quantile.h"

#include <math.h>

double nmd_normal_cdf(double z) { return 0.5 * erfc(-z / sqrt(2.0)); }

/* Newton steps on the distribution function, from the middle; each halves at least the distance in the tails. */
double nmd_normal_quantile(double p) {
  double low = -40.0, high = 40.0;
  for (int k = 0; k < 200 && high - low > 1e-13; k++) {
    const double middle = 0.5 * (low + high);
    if (nmd_normal_cdf(middle) < p)
      low = middle;
    else
      high = middle;
  }
  return 0.5 * (low + high);
}

/* Continued fraction of the incomplete beta function (Lentz), x < (a + 1) / (a + b + 2). */
static double beta_fraction(double a, double b, double x) {
  double c = 1.0, d = 1.0 / (1.0 - (a + b) * x / (a + 1.0)), value = d;
  for (int m = 1; m < 500; m++) {
    const double even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
    d = 1.0 / (1.0 + even * d), c = 1.0 + even / c, value *= c * d;
    d = 1.0 / (1.0 + odd * d), c = 1.0 + odd / c, value *= c * d;
    if (fabs(c * d - 1.0) < 1e-14) break;
  }
  return value;
}

static double incomplete_beta(double a, double b, double x) {
  if (x <= 0.0) return 0.0;
  if (x >= 1.0) return 1.0;
  const double front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x));
  return x < (a + 1.0) / (a + b + 2.0) ? front * beta_fraction(a, b, x) / a
                                       : 1.0 - front * beta_fraction(b, a, 1.0 - x) / b;
}

static double student_cdf(double t, double freedom) {
  const double tail = 0.5 * incomplete_beta(0.5 * freedom, 0.5, freedom / (freedom + t * t));
  return t < 0.0 ? tail : 1.0 - tail;
}

double nmd_student_quantile(double p, double freedom) {
  if (freedom > 1e5) return nmd_normal_quantile(p);
  double low = -1.0, high = 1.0;
  while (student_cdf(low, freedom) > p) low *= 2.0;
  while (student_cdf(high, freedom) < p) high *= 2.0;
  for (int k = 0; k < 200 && high - low > 1e-12 * (1.0 + fabs(low)); k++) {
    const double middle = 0.5 * (low + high);
    if (student_cdf(middle, freedom) < p)
      low = middle;
    else
      high = middle;
  }
  return 0.5 * (low + high);
}

double nmd_chi2_ratio(double z, double freedom) {
  const double spread = 2.0 / (9.0 * freedom), root = 1.0 - spread + z * sqrt(spread);
  return root > 0.0 ? root * root * root : 0.0;
}

/* Root r = f^(1/3) of (1 - b) r - (1 - a) = z sqrt(b r^2 + a), a = 2 / (9 freedom1), b = 2 / (9 freedom2). */
double nmd_f_ratio(double z, double freedom1, double freedom2) {
  const double a = 2.0 / (9.0 * freedom1), b = 2.0 / (9.0 * freedom2), u = 1.0 - a, v = 1.0 - b;
  const double square = v * v - z * z * b, half = u * v, constant = u * u - z * z * a;
  const double inside = fmax(0.0, half * half - square * constant);
  if (square <= 0.0) return z > 0.0 ? INFINITY : 0.0;
  const double root = (half + (z > 0.0 ? 1.0 : -1.0) * sqrt(inside)) / square;
  return root > 0.0 ? root * root * root : 0.0;
}
