/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/units.h"
#include "dynamics/toy_system.h"
#include "support/test.h"

static void make(toy_system *toy) {
  toy_crystal(toy, TEST_COMM, 3, 0.1);
  toy->motion.removed_freedoms = 3;
  TEST_OK(nmd_velocities_set(&toy->motion, 1200.0));
}

#define CRYSTAL "temperature: 900 K, pressure: 1 GPa, tau: 200 fs, tau_p: 500 fs"

static void test_order_of_conserved_energy(void) {
  TEST_NEAR(toy_order(make, "mtk: {" CRYSTAL "}", 60000.0), 2.0, 0.1);
  TEST_NEAR(toy_order(make, "mtk: {" CRYSTAL ", coupling: triclinic}", 60000.0), 2.0, 0.1);
}

static void check_no_drift(const char *text) {
  double error;
  const double drift = toy_drift(make, text, 2.0, 100000.0, &error);
  TEST_NEAR(drift, 0.0, 4.0 * error);
  TEST_CHECK(error < 60.0, "run too short to tell: +- %g meV/ns/atom", error);
}

static void test_no_drift(void) {
  check_no_drift("mtk: {" CRYSTAL "}");
  check_no_drift("mtk: {" CRYSTAL ", coupling: anisotropic, axes: [true, false, true]}");
  check_no_drift("mtk: {" CRYSTAL ", coupling: triclinic, chain: 5}");
}

static void test_two_state_points(void) {
  toy_check_volume_fluctuations(make, "mtk", "");
  toy_check_volume_fluctuations(make, "mtk", ", coupling: triclinic");
}

/* Ramps of both targets: followed, and their work kept out of the conserved quantity. */
static void test_ramps(void) {
  toy_system toy;
  make(&toy);
  const char *text = "mtk: {temperature: [900 K, 300 K], pressure: [0 GPa, 20 GPa], tau: 50 fs, tau_p: 200 fs}";
  TEST_OK(toy_stage(&toy, text, 1.0, 40000));
  const double start = toy_conserved(&toy);
  double most = 0.0, pressure = 0.0, temperature = 0.0;
  bool ok = true;
  for (int n = 0; n < 40000; n++) {
    ok = ok && toy_step(&toy) == NMD_OK;
    most = fmax(most, fabs(toy_conserved(&toy) - start));
    if (n < 38000) continue;
    pressure += toy_pressure(&toy) / 2000.0 * NMD_EV_PER_A3_TO_GPA;
    temperature += toy_temperature(&toy) / 2000.0;
  }
  CU_ASSERT(ok);
  toy_show("  ramp: %.2f GPa and %.0f K at the end, conserved within %.4f eV\n", pressure, temperature, most);
  TEST_NEAR(pressure, 19.5, 1.5);
  TEST_NEAR(temperature, 315.0, 30.0);
  TEST_NEAR(most, 0.0, 0.03);
  toy_free(&toy);
}

static void test_restart(void) {
  CU_ASSERT(toy_restart_is_exact(make, "mtk: {" CRYSTAL "}", 2.0, 100));
  CU_ASSERT(toy_restart_is_exact(make, "mtk: {" CRYSTAL ", coupling: anisotropic}", 2.0, 100));
  CU_ASSERT(toy_restart_is_exact(
      make, "mtk: {temperature: [100 K, 200 K], pressure: [0 GPa, 5 GPa], coupling: triclinic}", 2.0, 100));
}

static void test_bad_values(void) {
  toy_system toy;
  make(&toy);
  TEST_FAILS(toy_stage(&toy, "mtk: {pressure: 1 GPa}", 1.0, 10), NMD_MISSING_KEY);
  TEST_FAILS(toy_stage(&toy, "mtk: {temperature: 300 K, chain: 0}", 1.0, 10), NMD_OUT_OF_RANGE);
  TEST_FAILS(toy_stage(&toy, "mtk: {temperature: 300 K, axes: false}", 1.0, 10), NMD_CONFLICT);
  TEST_FAILS(toy_run(&toy, "mtk: {temperature: 300 K, tau_p: 0.01 fs, pressure: 500 GPa}", 1.0, 10) ? NMD_OK
                                                                                                    : NMD_EXPLODED,
             NMD_EXPLODED);
  toy_free(&toy);
}

TEST_SUITE("dynamics/ensemble_mtk", TEST(test_order_of_conserved_energy), TEST(test_no_drift),
           TEST(test_two_state_points), TEST(test_ramps), TEST(test_restart), TEST(test_bad_values))
