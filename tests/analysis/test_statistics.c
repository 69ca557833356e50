/* SPDX-License-Identifier: BSD-3-Clause */
/* Quantiles, covariance and fits where the answer is known. */
#include <string.h>

#include "analysis/arrhenius.h"
#include "analysis/conductivity.h"
#include "analysis/msd_covariance.h"
#include "analysis/quantile.h"
#include "analysis/transport.h"
#include "base/units.h"
#include "support/test.h"

/* Values of scipy.stats 1.15: norm.ppf, t.ppf, chi2.ppf / nu, f.ppf. */
static void test_quantiles(void) {
  TEST_NEAR(nmd_normal_quantile(0.975), 1.959963984540054, 1e-9);
  TEST_NEAR(nmd_student_quantile(0.975, 5.0), 2.5705818356363146, 1e-8);
  TEST_NEAR(nmd_student_quantile(0.025, 12.5), -2.1691859427125406, 1e-8);
  TEST_RELATIVE(nmd_chi2_ratio(1.959963984540054, 10.0), 2.0483177350807393, 5e-3);
  TEST_RELATIVE(nmd_chi2_ratio(-1.959963984540054, 10.0), 0.3246972780236842, 1e-2);
  TEST_RELATIVE(nmd_f_ratio(1.959963984540054, 20.0, 30.0), 2.19516027, 1e-2);
  TEST_RELATIVE(nmd_f_ratio(-1.959963984540054, 20.0, 30.0), 0.42578513, 1e-2);
}

/* Brownian motion seen at lag 1: variance of the mean of n - 1 squares of a normal, 2 / (n - 1), times (2 D)^2. Lags 1
 * and 2: H. Qian et al. (1991): var M_2 = (4 + ...): counted here over all pairs. */
static void test_covariance(void) {
  const double shape[] = {0.0, 3.0};
  const nmd_msd_model model = {.shape = shape, .n_frames = 50, .start = 1, .slope = 3.0, .gaussian = 2.0};
  const int64_t lag[] = {1, 2};
  double cov[4], sum = 0.0;
  TEST_OK(nmd_msd_covariance(&model, 2, lag, cov));
  TEST_RELATIVE(cov[0], 2.0 * 9.0 / 49.0, 1e-12);
  for (int k = 0; k < 48; k++)
    for (int l = 0; l < 48; l++) { /* overlap of [k, k + 2] and [l, l + 2] */
      const int overlap = 2 - abs(k - l) > 0 ? 2 - abs(k - l) : 0;
      sum += 2.0 * pow(3.0 * overlap, 2.0) / (48.0 * 48.0);
    }
  TEST_RELATIVE(cov[3], sum, 1e-12);
  TEST_RELATIVE(cov[1], 2.0 * 9.0 * 96.0 / (49.0 * 48.0), 1e-12); /* each step lies in two windows but the ends */
  TEST_NEAR(cov[1] - cov[2], 0.0, 0.0);
}

static void test_line_is_found(void) {
  double y[8], shape[64];
  int64_t lag[8];
  for (int k = 0; k < 8; k++) lag[k] = 3 + 2 * k, y[k] = 0.7 + 1.3 * (double)lag[k];
  for (int k = 0; k < 64; k++) shape[k] = 0.7 * (k > 0) + 1.3 * k;
  const nmd_msd_model model = {.shape = shape,
                               .n_frames = 100,
                               .start = 3,
                               .slope = 1.3,
                               .intercept = 0.7,
                               .gaussian = 0.1,
                               .prior_sigma = -1.0};
  nmd_msd_line line;
  TEST_OK(nmd_msd_gls(&model, 8, lag, y, &line));
  TEST_RELATIVE(line.slope, 1.3, 1e-9);
  TEST_RELATIVE(line.intercept, 0.7, 1e-8);
  TEST_CHECK(line.slope_variance > 0.0 && line.covariance < 0.0, "variance %g, covariance %g", line.slope_variance,
             line.covariance);
}

/* Two exact points on a line: E = k (ln D1 - ln D2) / (1/T2 - 1/T1), up to the correction of the mean logarithm. */
static void test_arrhenius(void) {
  nmd_arrhenius_point p[3];
  nmd_arrhenius fit;
  for (int i = 0; i < 3; i++) {
    const double T = 300.0 + 100.0 * i, D = 5.0 * exp(-0.25 / (NMD_BOLTZMANN * T));
    p[i] = (nmd_arrhenius_point){T, D, 1e-4 * D, 0.0};
  }
  TEST_OK(nmd_arrhenius_fit(p, 3, &fit));
  TEST_NEAR(fit.energy.value, 0.25, 1e-6);
  TEST_NEAR(fit.ln_D0, log(5.0), 1e-5);
  double ln_D, error;
  nmd_arrhenius_predict(&fit, 350.0, &ln_D, &error);
  TEST_NEAR(ln_D, log(5.0) - 0.25 / (NMD_BOLTZMANN * 350.0), 1e-6);
  TEST_CHECK(error > 0.0 && error < 1e-4, "error of the line %g", error);
  TEST_CHECK(fit.p_value > 0.9, "p %g", fit.p_value);
  p[1].temperature = p[2].temperature = 300.0;
  TEST_FAILS(nmd_arrhenius_fit(p, 3, &fit), NMD_OUT_OF_RANGE);
  TEST_CONTAINS(nmd_error_text(), "at least two temperatures");
}

/* 1 A^2/fs of one ion of charge 1 in 1000 A^3 at 300 K: e^2 D / (V k T) with SI numbers. */
static void test_units(void) {
  const double e = 1.602176634e-19, k = 1.380649e-23;
  TEST_RELATIVE(nmd_conductivity_unit(300.0, 1000.0), e * e * 1e-5 / (1e-27 * k * 300.0), 1e-9);
  /* water at 298 K, 0.89 mPa s, L = 24.8 A: 0.278e-9 m^2/s (kT xi / 6 pi eta L) */
  TEST_RELATIVE(nmd_yeh_hummer(298.0, 0.89e-3, 24.8) * 1e-5,
                1.380649e-23 * 298.0 * 2.837297 / (6 * M_PI * 0.89e-3 * 24.8e-10), 1e-9);
}

/* Data without diffusion: a plateau with noise. */
static void test_no_answer(void) {
  double msd[101];
  nmd_spread spread[6];
  for (int m = 0; m <= 100; m++) msd[m] = m == 0 ? 0.0 : 0.5 + 0.01 * sin(1.7 * m);
  for (int k = 0; k < 6; k++)
    spread[k] = (nmd_spread){.width = 1 << k, .windows = 6, .participation = 0.1, .dimension = 3.0, .freedom = 50.0};
  const nmd_diffusion_input in = {.msd = msd,
                                  .n_lags = 101,
                                  .n_frames = 201,
                                  .spacing = 10.0,
                                  .dimensions = 3,
                                  .ions = 10,
                                  .spread = spread,
                                  .n_spread = 6,
                                  .start = -1.0,
                                  .hop_time = -1.0,
                                  .prior_sigma = -1.0,
                                  .hop = 3.0};
  nmd_diffusion r;
  TEST_OK(nmd_diffusion_fit(&in, &r));
  TEST_CHECK(!r.found, "D = %g of a plateau", r.D.value);
  TEST_CONTAINS(r.why, "ps is needed");
  nmd_diffusion_input given = in;
  given.start = 5000.0;
  TEST_FAILS(nmd_diffusion_fit(&given, &r), NMD_OUT_OF_RANGE);
}

TEST_SUITE("analysis/statistics", TEST(test_quantiles), TEST(test_covariance), TEST(test_line_is_found),
           TEST(test_arrhenius), TEST(test_units), TEST(test_no_answer))
