/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/random.h"
#include "base/units.h"
#include "dynamics/thermostat_csvr.h"
#include "dynamics/toy_system.h"
#include "support/test.h"

/* A chi-squared variate of n degrees of freedom has mean n, variance 2n, third central moment 8n. */
static void check_chi_squared(double n) {
  enum { DRAWS = 200000 };
  double one = 0.0, two = 0.0, three = 0.0;
  for (int64_t step = 1; step <= DRAWS; step++) {
    const double d = nmd_sum_of_squared_normals(7, NMD_STREAM_TEST, step, n) - n;
    one += d / DRAWS;
    two += d * d / DRAWS;
    three += d * d * d / DRAWS;
  }
  toy_show("  chi-squared(%g): mean %+.4f, variance / 2n %.4f, third / 8n %.3f\n", n, one, two / (2 * n),
           three / (8 * n));
  TEST_NEAR(one, 0.0, 4.5 * sqrt(2.0 * n / DRAWS));
  TEST_NEAR(two, 2.0 * n, 4.5 * sqrt((8.0 * n * n + 48.0 * n) / DRAWS));
  TEST_NEAR(three, 8.0 * n, 4.5 * sqrt((120.0 * pow(n, 3) + 2560.0 * n * n + 3840.0 * n) / DRAWS));
}

static void test_sum_of_squares(void) {
  CU_ASSERT_EQUAL(nmd_sum_of_squared_normals(7, NMD_STREAM_TEST, 1, 0.0), 0.0);
  check_chi_squared(1.0);
  check_chi_squared(2.0);
  check_chi_squared(3.0);
  check_chi_squared(8.0);
  check_chi_squared(3000.0);
}

/* The thermostat alone: K must be gamma distributed, shape N_f / 2 and scale kT, and relax as exp(-t / tau). */
static void check_kinetic_distribution(int64_t n_atoms, int removed, double tau) {
  enum { STEPS = 200000 };
  static double series[STEPS];
  const double kt = NMD_BOLTZMANN * 500.0;
  nmd_motion motion = {.n_atoms = n_atoms, .removed_freedoms = removed, .seed = 3, .timestep = 1.0};
  const double freedoms = nmd_freedoms(&motion);
  double kinetic = 0.5 * freedoms * kt;
  for (motion.step = 1; motion.step <= STEPS; motion.step++) {
    const double factor = nmd_csvr_factor(&motion, kinetic, 500.0, tau, 1.0);
    kinetic *= factor * factor;
    series[motion.step - 1] = kinetic;
  }
  const toy_statistics s = toy_analyse(series, STEPS);
  const double mean = 0.5 * freedoms * kt, variance = 0.5 * freedoms * kt * kt;
  toy_show("  N_f %g: <K> %.4f (+- %.4f), var K %.4f (+- %.4f) of the exact ones\n", freedoms, s.mean / mean,
           s.mean_error / mean, s.variance / variance, s.variance_error / variance);
  TEST_NEAR(s.mean, mean, 4.0 * s.mean_error);
  TEST_NEAR(s.variance, variance, 4.0 * s.variance_error);
  TEST_CHECK(s.mean_error < 0.02 * mean && s.variance_error < 0.1 * variance, "run too short to tell");
}

static void test_canonical_kinetic_energy(void) {
  check_kinetic_distribution(2, 3, 5.0);
  check_kinetic_distribution(1, 2, 5.0); /* a single degree of freedom */
  check_kinetic_distribution(27, 3, 10.0);
  check_kinetic_distribution(1000, 3, 10.0);
}

/* Mean over many draws of K' from one K: K exp(-t/tau) + K_target (1 - exp(-t/tau)), exact for any t. */
static void test_relaxation(void) {
  enum { DRAWS = 100000 };
  const double target = 0.5 * 9 * NMD_BOLTZMANN * 300.0, start = 3.0 * target, c = exp(-0.7);
  nmd_motion motion = {.n_atoms = 4, .removed_freedoms = 3, .seed = 3};
  double sum = 0.0;
  for (motion.step = 1; motion.step <= DRAWS; motion.step++)
    sum += pow(nmd_csvr_factor(&motion, start, 300.0, 10.0, 7.0), 2) * start / DRAWS;
  TEST_RELATIVE(sum, c * start + (1.0 - c) * target, 0.01);
}

static void test_degenerate_cases(void) {
  nmd_motion motion = {.n_atoms = 1, .removed_freedoms = 3, .seed = 3, .step = 1};
  CU_ASSERT_EQUAL(nmd_csvr_factor(&motion, 1.0, 300.0, 10.0, 1.0), 1.0);
  motion.n_atoms = 10;
  CU_ASSERT_EQUAL(nmd_csvr_factor(&motion, 0.0, 300.0, 10.0, 1.0), 1.0);
  TEST_RELATIVE(nmd_csvr_factor(&motion, 1.0, 0.0, 10.0, 1.0), exp(-0.05), 1e-14); /* T = 0: pure cooling */
  TEST_CHECK(isfinite(nmd_csvr_factor(&motion, 1e-300, 300.0, 10.0, 1.0)), "tiny kinetic energy");
}

static void test_heat_is_the_change_of_kinetic_energy(void) {
  const double cube[3][3] = {{20, 0, 0}, {0, 20, 0}, {0, 0, 20}};
  toy_system toy;
  toy_gas(&toy, TEST_COMM, 30, cube);
  TEST_OK(nmd_velocities_set(&toy.motion, 300.0));
  const double before = nmd_kinetic_energy(&toy.motion);
  const double heat = nmd_csvr_apply(&toy.motion, before, 900.0, 10.0, 5.0);
  TEST_NEAR(nmd_kinetic_energy(&toy.motion) - before, heat, 1e-13);
  CU_ASSERT(heat != 0.0);
  toy_free(&toy);
}

TEST_SUITE("dynamics/thermostat_csvr", TEST(test_sum_of_squares), TEST(test_canonical_kinetic_energy),
           TEST(test_relaxation), TEST(test_degenerate_cases), TEST(test_heat_is_the_change_of_kinetic_energy))
