/* SPDX-License-Identifier: BSD-3-Clause */
#include "analysis/structure_factor.h"

#include <math.h>

#include "analysis/kinds.h"

static double sinc(double x) { return fabs(x) < 1e-4 ? 1 - x * x / 6 : sin(x) / x; }

void nmd_sq_from_g(int bins, double dr, const double *g, double density, bool lorch, int n_q, const double *q,
                   double *s) {
  for (int i = 0; i < n_q; i++) {
    double sum = 0;
    for (int k = 0; k < bins; k++) {
      const double r = (k + 0.5) * dr, shell = 4.0 / 3.0 * M_PI * dr * dr * dr * (3.0 * k * (k + 1.0) + 1.0);
      const double window = lorch ? sinc(M_PI * r / (bins * dr)) : 1;
      sum += (g[k] - 1) * shell * window * sinc(q[i] * r);
    }
    s[i] = 1 + density * sum;
  }
}

static void add_distance(double r, double times, int n_q, const double *q, double *sum) {
  for (int i = 0; i < n_q; i++) sum[i] += times * sinc(q[i] * r);
}

void nmd_sq_debye(int kinds, int64_t n, const double (*x)[3], const int *kind, int n_q, const double *q, double *s) {
  double population[256] = {0}, total = 0; /* kinds are elements: fewer */
  const int pairs = nmd_kind_pairs(kinds);
  for (int k = 0; k < pairs * n_q; k++) s[k] = 0;
  for (int64_t i = 0; i < n; i++) {
    if (kind[i] < 0) continue;
    population[kind[i]] += 1;
    total += 1;
    for (int64_t j = 0; j < i; j++) {
      if (kind[j] < 0) continue;
      const double d[3] = {x[i][0] - x[j][0], x[i][1] - x[j][1], x[i][2] - x[j][2]};
      const double r = sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]);
      /* of the ordered pairs a-b with a != b half are wanted, of a-a both directions */
      add_distance(r, kind[i] == kind[j] ? 2 : 1, n_q, q, s + nmd_kind_pair(kinds, kind[i], kind[j]) * n_q);
    }
  }
  for (int a = 0; a < kinds; a++)
    for (int b = a; b < kinds; b++)
      for (int i = 0; i < n_q; i++) {
        double *value = &s[nmd_kind_pair(kinds, a, b) * n_q + i];
        *value = 1 + *value * total / (population[a] * population[b]);
      }
}
