/* SPDX-License-Identifier: BSD-3-Clause */
/* Nose-Hoover chains: conserved quantity, canonical fluctuations of kinetic and potential energy, ramps, restarts; and
 * the fluctuations of nve that follow from the heat capacity found here. */
#include "base/units.h"
#include "dynamics/toy_system.h"
#include "parallel/comm.h" /* TEST_COMM */
#include "support/test.h"

static void make(toy_system *toy) {
  toy_crystal(toy, TEST_COMM, 3, 0.1);
  toy->motion.removed_freedoms = 3;
  TEST_OK(nmd_velocities_set(&toy->motion, 1200.0));
}

static void test_order_of_conserved_energy(void) {
  TEST_NEAR(toy_order(make, "nose_hoover: {temperature: 900 K, tau: 100 fs}", 60000.0), 2.0, 0.1);
  TEST_NEAR(toy_order(make, "nose_hoover: {temperature: 900 K, tau: 50 fs, chain: 5}", 60000.0), 2.0, 0.1);
}

static void test_no_drift(void) {
  double error;
  const double drift = toy_drift(make, "nose_hoover: {temperature: 900 K, tau: 100 fs}", 2.0, 100000.0, &error);
  toy_show("  drift %.2f +- %.2f meV/ns/atom\n", drift, error);
  TEST_NEAR(drift, 0.0, 4.0 * error);
  TEST_CHECK(error < 60.0, "run too short to tell: +- %g meV/ns/atom", error);
}

enum { STEPS = 100000, EVERY = 5, SAMPLES = STEPS / EVERY };
typedef struct energies {
  toy_statistics kinetic, potential;
} energies;

/* After 10 ps of `first`, samples of `text`. */
static energies run(const char *first, const char *text) {
  static double k[SAMPLES], u[SAMPLES];
  toy_system toy;
  make(&toy);
  CU_ASSERT(toy_run(&toy, first, 2.0, 5000));
  bool ok = toy_stage(&toy, text, 2.0, STEPS) == NMD_OK;
  for (int n = 0; n < STEPS; n++) {
    ok = ok && toy_step(&toy) == NMD_OK;
    k[n / EVERY] = nmd_kinetic_energy(&toy.motion);
    u[n / EVERY] = toy.motion.potential_energy;
  }
  CU_ASSERT(ok);
  toy_free(&toy);
  return (energies){toy_analyse(k, SAMPLES), toy_analyse(u, SAMPLES)};
}

static void near_within(const char *what, double value, double error, double expected) {
  toy_show("  %s: %.4f +- %.4f, expected %.4f\n", what, value, error, expected);
  TEST_CHECK(fabs(value - expected) <= 4.0 * error, "%s: %g +- %g, expected %g", what, value, error, expected);
  TEST_CHECK(error < 0.1 * fabs(expected), "%s: known to %g of %g only", what, error, expected);
}

/* var K = N_f (kT)^2 / 2; the potential energy changes with T as its fluctuation says. In nve K fluctuates less, by
 * what the potential energy can take up: var K = N_f (kT)^2 / 2 (1 - N_f k / 2 C), C = N_f k / 2 + var U / k T^2 (J.
 * Lebowitz, J. Percus, L. Verlet, Phys. Rev. 153, 250 (1967)). */
static void test_fluctuations(void) {
  const double kT = NMD_BOLTZMANN * 900.0, freedoms = 78.0;
  const energies a = run("nose_hoover: {temperature: 900 K}", "nose_hoover: {temperature: 900 K, tau: 100 fs}");
  const energies b = run("nose_hoover: {temperature: 990 K}", "nose_hoover: {temperature: 990 K, tau: 100 fs}");
  near_within("<K> / (N_f k T / 2)", 2 * a.kinetic.mean / (freedoms * kT), 2 * a.kinetic.mean_error / (freedoms * kT),
              1);
  const double canonical = 0.5 * freedoms * kT * kT;
  near_within("var K / (N_f (kT)^2 / 2)", a.kinetic.variance / canonical, a.kinetic.variance_error / canonical, 1);
  /* d<U> = var U d(-1/kT), with the mean of both variances */
  const double range = 1 / kT - 1 / (1.1 * kT), change = b.potential.mean - a.potential.mean;
  const double predicted = 0.5 * (a.potential.variance + b.potential.variance) * range;
  const double error = hypot(hypot(a.potential.mean_error, b.potential.mean_error),
                             0.5 * hypot(a.potential.variance_error, b.potential.variance_error) * range);
  near_within("<U>(990 K) - <U>(900 K) against its fluctuation", change / predicted, error / predicted, 1);

  const energies nve = run("nose_hoover: {temperature: 900 K}", "nve");
  const double kT_nve = 2 * nve.kinetic.mean / freedoms;
  const double share = freedoms / 2 / (freedoms / 2 + a.potential.variance / (kT * kT)); /* N_f k / 2 C */
  const double narrow = 0.5 * freedoms * kT_nve * kT_nve * (1 - share);
  const double error_nve = hypot(nve.kinetic.variance_error / nve.kinetic.variance,
                                 share * a.potential.variance_error / a.potential.variance);
  near_within("var K of nve against the heat capacity", nve.kinetic.variance / narrow, error_nve, 1);
}

static void test_ramp(void) {
  toy_system toy;
  make(&toy);
  TEST_OK(toy_stage(&toy, "nose_hoover: {temperature: [900 K, 300 K], tau: 50 fs}", 1.0, 20000));
  const double start = toy_conserved(&toy);
  double most = 0.0, temperature = 0.0;
  for (int n = 0; n < 20000 && TEST_OK(toy_step(&toy)); n++) {
    most = fmax(most, fabs(toy_conserved(&toy) - start));
    if (n >= 18000) temperature += toy_temperature(&toy) / 2000.0;
  }
  toy_show("  ramp: %.0f K at the end, conserved within %.4f eV\n", temperature, most);
  TEST_NEAR(temperature, 330.0, 30.0);
  TEST_NEAR(most, 0.0, 0.03);
  toy_free(&toy);
}

static void test_restart(void) {
  CU_ASSERT(toy_restart_is_exact(make, "nose_hoover: {temperature: [100 K, 200 K], chain: 4}", 2.0, 100));
}

static void test_bad_values(void) {
  toy_system toy;
  make(&toy);
  TEST_FAILS(toy_stage(&toy, "nose_hoover: {tau: 100 fs}", 1.0, 10), NMD_MISSING_KEY);
  TEST_FAILS(toy_stage(&toy, "nose_hoover: {temperature: 0 K}", 1.0, 10), NMD_OUT_OF_RANGE);
  TEST_FAILS(toy_stage(&toy, "nose_hoover: {temperature: 300 K, chain: 11}", 1.0, 10), NMD_OUT_OF_RANGE);
  toy_free(&toy);
}

TEST_SUITE("dynamics/ensemble_nose_hoover", TEST(test_order_of_conserved_energy), TEST(test_no_drift),
           TEST(test_fluctuations), TEST(test_ramp), TEST(test_restart), TEST(test_bad_values))
