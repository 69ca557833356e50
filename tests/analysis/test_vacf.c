/* SPDX-License-Identifier: BSD-3-Clause */
/* Velocity autocorrelation against direct sums, harmonic oscillators and an Ornstein-Uhlenbeck process. */
#include "analysis/vacf.h"

#include <string.h>

#include "base/random.h"
#include "support/test.h"

static void test_direct_sum(void) {
  enum { N = 5, SEGMENT = 60, LAGS = 25, FRAMES = 120 };
  static double v[FRAMES][N][3];
  const int kind[N] = {0, 1, -1, 0, 1};
  nmd_vacf vacf;
  nmd_vacf_result r;
  TEST_OK(nmd_vacf_init(&vacf, 2, N, kind, LAGS, SEGMENT, 2.0));
  for (int64_t f = 0; f < FRAMES; f++) {
    for (int i = 0; i < N; i++) nmd_random_normal3(4, NMD_STREAM_TEST, f, i, 0, v[f][i]);
    TEST_OK(nmd_vacf_add(&vacf, f, (const double(*)[3])v[f]));
  }
  TEST_OK(nmd_vacf_evaluate(&vacf, 10, &r));
  for (int k = 0; k < 2; k++)
    for (int t = 0; t < LAGS; t++) {
      double sum = 0;
      for (int s = 0; s < FRAMES / SEGMENT; s++)
        for (int o = 0; o + t < SEGMENT; o++)
          for (int i = 0; i < N; i++)
            for (int d = 0; d < 3 && kind[i] == k; d++)
              sum += v[s * SEGMENT + o][i][d] * v[s * SEGMENT + o + t][i][d] / 2 / (SEGMENT - t) / 2;
      TEST_NEAR(r.c[k * LAGS + t], sum, 1e-12);
    }
  nmd_vacf_result_free(&r);
  nmd_vacf_free(&vacf);
}

/* v = cos(w t + phase): C = cos(w t) / 2 a component; the spectrum peaks at its frequency and integrates to 1. */
static void test_oscillators(void) {
  enum { N = 16, LAGS = 400, SEGMENT = 4000 };
  const double dt = 1.5, nu[2] = {0.02, 0.05}; /* 1/fs */
  int kind[N];
  nmd_vacf vacf;
  nmd_vacf_result r;
  for (int i = 0; i < N; i++) kind[i] = i % 2;
  TEST_OK(nmd_vacf_init(&vacf, 2, N, kind, LAGS, SEGMENT, dt));
  for (int64_t f = 0; f < 2 * SEGMENT; f++) {
    double v[N][3] = {{0}};
    for (int i = 0; i < N; i++)
      for (int d = 0; d < 3; d++) v[i][d] = cos(2 * M_PI * nu[i % 2] * dt * (double)f + i + 2 * d);
    TEST_OK(nmd_vacf_add(&vacf, f, (const double(*)[3])v));
  }
  TEST_OK(nmd_vacf_evaluate(&vacf, LAGS / 2, &r));
  for (int k = 0; k < 2; k++) {
    double integral = 0;
    int peak = 0;
    for (int t = 0; t < LAGS; t++) TEST_NEAR(r.c[k * LAGS + t], 1.5 * cos(2 * M_PI * nu[k] * dt * t), 0.01);
    for (int j = 0; j < r.frequencies; j++) {
      const double g = r.density[k * r.frequencies + j];
      integral += g * r.frequency_step * (j == 0 || j == r.frequencies - 1 ? 0.5 : 1);
      if (g > r.density[k * r.frequencies + peak]) peak = j;
    }
    TEST_NEAR(integral, 1, 1e-9);
    TEST_NEAR(peak * r.frequency_step, nu[k], r.frequency_step);
    TEST_NEAR(r.plateau[k], 0, 0.2); /* no diffusion; the amplitude of D(t) is 0.5 / (2 pi nu) = 4 */
  }
  nmd_vacf_result_free(&r);
  nmd_vacf_free(&vacf);
}

/* v' = -v / tau + noise: C = 3 exp(-t / tau), D = tau for unit variance, within its own error. */
static void test_ornstein_uhlenbeck(void) {
  enum { N = 20, LAGS = 200, SEGMENT = 1000, FRAMES = 20 * SEGMENT };
  const double tau = 15, dt = 1, keep = exp(-dt / tau);
  static double v[N][3];
  int kind[N] = {0};
  nmd_vacf vacf;
  nmd_vacf_result r;
  TEST_OK(nmd_vacf_init(&vacf, 1, N, kind, LAGS, SEGMENT, dt));
  for (int i = 0; i < N; i++) nmd_random_normal3(8, NMD_STREAM_TEST, -1, i, 0, v[i]);
  for (int64_t f = 0; f < FRAMES; f++) {
    for (int i = 0; i < N; i++) {
      double g[3];
      nmd_random_normal3(8, NMD_STREAM_TEST, f, i, 0, g);
      for (int d = 0; d < 3; d++) v[i][d] = keep * v[i][d] + sqrt(1 - keep * keep) * g[d];
    }
    TEST_OK(nmd_vacf_add(&vacf, f, (const double(*)[3])v));
  }
  TEST_OK(nmd_vacf_evaluate(&vacf, 100, &r));
  const double expected = dt / 2 * (1 + keep) / (1 - keep); /* trapezoidal sum of exp(-t / tau) */
  TEST_CHECK(fabs(r.plateau[0] - expected) < 4 * r.plateau_error[0], "D %g +- %g, expected %g", r.plateau[0],
             r.plateau_error[0], expected);
  TEST_CHECK(r.plateau_error[0] > 0.05 && r.plateau_error[0] < 1.5, "error %g", r.plateau_error[0]);
  for (int t = 0; t < LAGS; t += 10)
    TEST_CHECK(fabs(r.c[t] - 3 * pow(keep, t)) < 5 * r.c_error[t], "C(%d) = %g +- %g", t, r.c[t], r.c_error[t]);
  nmd_vacf_result_free(&r);
  nmd_vacf_free(&vacf);
}

static void test_errors(void) {
  nmd_vacf vacf;
  nmd_vacf_result r;
  const int kind = 0;
  const double v[1][3] = {{1, 2, 3}};
  TEST_FAILS(nmd_vacf_init(&vacf, 1, 1, &kind, 1, 10, 1), NMD_OUT_OF_RANGE);
  TEST_FAILS(nmd_vacf_init(&vacf, 1, 1, &kind, 20, 10, 1), NMD_OUT_OF_RANGE);
  TEST_OK(nmd_vacf_init(&vacf, 1, 1, &kind, 5, 10, 1));
  TEST_OK(nmd_vacf_add(&vacf, 0, v));
  TEST_FAILS(nmd_vacf_evaluate(&vacf, 1, &r), NMD_OUT_OF_RANGE);
  for (int k = 1; k < 10; k++) TEST_OK(nmd_vacf_add(&vacf, k, v));
  TEST_FAILS(nmd_vacf_evaluate(&vacf, 5, &r), NMD_OUT_OF_RANGE);
  nmd_vacf_free(&vacf);
}

TEST_SUITE("analysis/vacf", TEST(test_direct_sum), TEST(test_oscillators), TEST(test_ornstein_uhlenbeck),
           TEST(test_errors))
