/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>

#include "base/units.h"
#include "dynamics/toy_system.h"
#include "support/test.h"

static const double kt300 = NMD_BOLTZMANN * 300.0;

static void make(toy_system *toy) {
  toy_crystal(toy, TEST_COMM, 3, 0.1);
  toy->motion.removed_freedoms = 3;
  TEST_OK(nmd_velocities_set(&toy->motion, 1200.0));
}

/* N = 20 ideal atoms near their volume at 300 K and 0.001 eV/A^3 = 0.1602176634 GPa; compressibility 1 / P. */
#define GAS "temperature: 300 K, pressure: 0.001 eV/A^3, compressibility: 6.241509, tau: 40 fs, tau_p: 100 fs"
static void make_gas(toy_system *toy) {
  const double h[3][3] = {{8, 0, 0}, {1, 8, 0}, {-1, 0.5, 8}};
  toy_gas(toy, TEST_COMM, 20, h);
  toy->motion.removed_freedoms = 3;
  TEST_OK(nmd_velocities_set(&toy->motion, 300.0));
}

/* V of an ideal gas is gamma distributed: shape N + 1, scale kT / P, whether or not the momentum is held at zero. */
static void check_ideal_gas(const char *text) {
  enum { STEPS = 300000, EVERY = 10 };
  static double volume[STEPS / EVERY];
  toy_system toy;
  make_gas(&toy);
  TEST_OK(toy_stage(&toy, text, 1.0, STEPS + 2000));
  bool ok = true;
  for (int n = -2000; n < STEPS; n++) {
    ok = ok && toy_step(&toy) == NMD_OK;
    if (n >= 0) volume[n / EVERY] = toy.box.volume;
  }
  CU_ASSERT(ok);
  const toy_statistics s = toy_analyse(volume, STEPS / EVERY);
  const double scale = kt300 / 0.001, mean = 21.0 * scale, variance = 21.0 * scale * scale;
  toy_show("  %s:\n    <V> %.4f +- %.4f of (N + 1) kT / P (N kT / P would be %.4f), var V %.3f +- %.3f\n", text,
           s.mean / mean, s.mean_error / mean, 20.0 / 21.0, s.variance / variance, s.variance_error / variance);
  TEST_NEAR(s.mean, mean, 4.0 * s.mean_error);
  TEST_NEAR(s.variance, variance, 4.0 * s.variance_error);
  TEST_CHECK(s.mean_error < 0.012 * mean && s.variance_error < 0.1 * variance, "run too short to tell");
  toy_free(&toy);
}

static void test_volume_of_ideal_gas(void) {
  check_ideal_gas("npt: {" GAS "}");
  check_ideal_gas("npt: {" GAS ", thermostat: langevin}");
  check_ideal_gas("npt: {" GAS ", axes: [false, true, false], thermostat: langevin}"); /* csvr mixes no directions */
}

/* Shape and volume at once. The shape of an ideal gas wanders freely, so fewer steps. */
static void check_free_shape(const char *coupling) {
  enum { RUNS = 16, STEPS = 20000 };
  static double volume[STEPS];
  double mean = 0.0, square = 0.0;
  for (int r = 0; r < RUNS; r++) {
    toy_system toy;
    make_gas(&toy);
    toy.motion.seed += (uint64_t)r;
    char text[256];
    snprintf(text, sizeof text, "npt: {" GAS ", coupling: %s, thermostat: langevin}", coupling);
    TEST_OK(toy_stage(&toy, text, 1.0, STEPS));
    bool ok = true;
    for (int n = 0; n < STEPS; n++) {
      ok = ok && toy_step(&toy) == NMD_OK;
      volume[n] = toy.box.volume;
    }
    CU_ASSERT(ok);
    const double m = toy_analyse(volume, STEPS).mean / (21.0 * kt300 / 0.001);
    mean += m / RUNS;
    square += m * m / RUNS;
    toy_free(&toy);
  }
  const double error = sqrt((square - mean * mean) / (RUNS - 1));
  toy_show("  %s: <V> %.4f +- %.4f of (N + 1) kT / P\n", coupling, mean, error);
  TEST_NEAR(mean, 1.0, 4.0 * error);
  TEST_CHECK(error < 0.012, "run too short to tell: %g", error);
}

static void test_volume_of_ideal_gas_of_any_shape(void) {
  check_free_shape("anisotropic");
  check_free_shape("triclinic");
}

#define CRYSTAL "temperature: 900 K, pressure: 1 GPa, compressibility: 0.01, tau: 500 fs, tau_p: 1 ps"

static void test_order_of_conserved_energy(void) {
  TEST_NEAR(toy_order(make, "npt: {" CRYSTAL "}", 60000.0), 2.0, 0.1);
  TEST_NEAR(toy_order(make, "npt: {" CRYSTAL ", coupling: anisotropic, thermostat: langevin}", 60000.0), 2.0, 0.1);
  TEST_NEAR(toy_order(make, "npt: {" CRYSTAL ", coupling: triclinic}", 60000.0), 2.0, 0.1);
}

static void check_no_drift(const char *text, double timestep) {
  double error;
  const double drift = toy_drift(make, text, timestep, 50000.0 * timestep, &error);
  TEST_NEAR(drift, 0.0, 4.0 * error);
  TEST_CHECK(error < 60.0, "run too short to tell: +- %g meV/ns/atom", error);
}

static void test_no_drift(void) {
  check_no_drift("npt: {" CRYSTAL "}", 2.0);
  check_no_drift("npt: {" CRYSTAL ", coupling: anisotropic, axes: [true, false, true]}", 2.0);
  check_no_drift("npt: {" CRYSTAL ", thermostat: langevin, coupling: semi-isotropic}", 2.0);
  check_no_drift("npt: {" CRYSTAL ", coupling: triclinic}", 2.0);
}

static void test_two_state_points(void) {
  toy_check_volume_fluctuations(make, "npt", "");
  toy_check_volume_fluctuations(make, "npt", ", coupling: anisotropic");
  toy_check_volume_fluctuations(make, "npt", ", coupling: triclinic");
}

/* Ramps of both targets: followed, and their work kept out of the conserved quantity. */
static void test_ramps(void) {
  toy_system toy;
  make(&toy);
  const char *text = "npt: {temperature: [900 K, 300 K], pressure: [0 GPa, 20 GPa], tau: 50 fs, tau_p: 200 fs}";
  TEST_OK(toy_stage(&toy, text, 1.0, 40000));
  const double start = toy_conserved(&toy);
  double volume = 0.0, lowest = start, highest = start, pressure = 0.0;
  bool ok = true;
  for (int n = 0; n < 40000; n++) {
    ok = ok && toy_step(&toy) == NMD_OK;
    if (n == 0) volume = toy.box.volume;
    if (n >= 38000) pressure += toy_pressure(&toy) / 2000.0 * NMD_EV_PER_A3_TO_GPA;
    lowest = fmin(lowest, toy_conserved(&toy));
    highest = fmax(highest, toy_conserved(&toy));
  }
  CU_ASSERT(ok);
  toy_show("  ramp: pressure at the end %.2f GPa, V %.1f -> %.1f A^3 (P dV about %.2f eV), conserved within %.4f eV\n",
           pressure, volume, toy.box.volume, 0.5 * 20.0 / NMD_EV_PER_A3_TO_GPA * (volume - toy.box.volume),
           highest - lowest);
  TEST_NEAR(pressure, 19.5, 1.5);
  TEST_CHECK(toy.box.volume < volume - 20.0, "not compressed");
  TEST_NEAR(highest - lowest, 0.0, 0.02);
  toy_free(&toy);
}

/* What may not move does not; angles stay. */
static void test_fixed_axes(void) {
  toy_system toy;
  make(&toy);
  double h[3][3];
  memcpy(h, toy.box.h, sizeof h);
  const char *text = "npt: {temperature: 300 K, pressure: 5 GPa, coupling: anisotropic, axes: [true, false, true]}";
  CU_ASSERT(toy_run(&toy, text, 1.0, 2000));
  for (int k = 0; k < 3; k++) {
    CU_ASSERT_EQUAL(toy.box.h[1][k], h[1][k]);
    TEST_NEAR(toy.box.h[2][k] * h[2][2], h[2][k] * toy.box.h[2][2], 1e-9);
  }
  CU_ASSERT(toy.box.h[0][0] < h[0][0] && toy.box.h[2][2] < h[2][2]);
  CU_ASSERT(fabs(toy.box.h[0][0] / h[0][0] - toy.box.h[2][2] / h[2][2]) > 1e-6);
  toy_free(&toy);
}

static void test_restart(void) {
  CU_ASSERT(toy_restart_is_exact(make, "npt: {" CRYSTAL "}", 2.0, 100));
  CU_ASSERT(toy_restart_is_exact(make, "npt: {" CRYSTAL ", thermostat: langevin, coupling: anisotropic}", 2.0, 100));
  CU_ASSERT(toy_restart_is_exact(make, "npt: {" CRYSTAL ", coupling: triclinic}", 2.0, 100));
  CU_ASSERT(toy_restart_is_exact(make, "npt: {temperature: [100 K, 200 K], pressure: [0 GPa, 5 GPa]}", 2.0, 100));
}

static void test_bad_values(void) {
  toy_system toy;
  make(&toy);
  TEST_FAILS(toy_stage(&toy, "npt: {pressure: 1 GPa}", 1.0, 10), NMD_MISSING_KEY);
  TEST_FAILS(toy_stage(&toy, "npt: {temperature: 300 K, tau_p: 0 ps}", 1.0, 10), NMD_OUT_OF_RANGE);
  TEST_FAILS(toy_stage(&toy, "npt: {temperature: 300 K, compressibility: 0}", 1.0, 10), NMD_OUT_OF_RANGE);
  TEST_FAILS(toy_stage(&toy, "npt: {temperature: 300 K, coupling: cubic}", 1.0, 10), NMD_BAD_CHOICE);
  TEST_FAILS(toy_stage(&toy, "npt: {temperature: 300 K, axes: false}", 1.0, 10), NMD_CONFLICT);
  TEST_FAILS(toy_stage(&toy, "npt: {temperature: 300 K, coupling: triclinic, axes: [true, true, false]}", 1.0, 10),
             NMD_CONFLICT);
  toy_free(&toy);
}

TEST_SUITE("dynamics/ensemble_npt", TEST(test_volume_of_ideal_gas), TEST(test_volume_of_ideal_gas_of_any_shape),
           TEST(test_order_of_conserved_energy), TEST(test_no_drift), TEST(test_two_state_points), TEST(test_ramps),
           TEST(test_fixed_axes), TEST(test_restart), TEST(test_bad_values))
