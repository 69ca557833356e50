/* SPDX-License-Identifier: BSD-3-Clause */
#include "dynamics/toy_system.h"
#include "support/test.h"

static void make(toy_system *toy) {
  toy_crystal(toy, TEST_COMM, 3, 0.1);
  toy->motion.removed_freedoms = 3;
  TEST_OK(nmd_velocities_set(&toy->motion, 1200.0));
}

static void test_order_of_energy(void) { TEST_NEAR(toy_order(make, "nve", 60000.0), 2.0, 0.1); }

static void test_no_drift(void) {
  double error;
  const double drift = toy_drift(make, "nve", 2.0, 200000.0, &error);
  TEST_NEAR(drift, 0.0, 4.0 * error);
  TEST_CHECK(error < 5.0, "run too short to tell: +- %g meV/ns/atom", error);
}

/* Forwards, velocities turned round, backwards: to the start, up to the growth of rounding errors. */
static void test_reversible(void) {
  toy_system toy;
  make(&toy);
  double x[81], v[81], worst = 0.0;
  memcpy(x, toy.atoms.x, sizeof x);
  memcpy(v, toy.atoms.v, sizeof v);
  CU_ASSERT(toy_run(&toy, "nve", 2.0, 300));
  nmd_velocities_scale(&toy.motion, -1.0);
  CU_ASSERT(toy_run(&toy, "nve", 2.0, 300));
  for (int k = 0; k < 81; k++) worst = fmax(worst, fmax(fabs(toy.atoms.x[k] - x[k]), fabs(toy.atoms.v[k] + v[k])));
  toy_show("  back after 600 steps: %.2g A\n", worst);
  TEST_NEAR(worst, 0.0, 1e-11);
  toy_free(&toy);
}

/* Velocity Verlet on one oscillator is solvable: the phase advances by acos(1 - (omega dt)^2 / 2) a step. */
static void test_oscillator_phase(void) {
  toy_system toy;
  toy_einstein(&toy, TEST_COMM, 1, 4.0, 0.0);
  const double mass = toy.species.mass[toy.atoms.species[0]], dt = 5.0;
  const double omega = sqrt(4.0 * NMD_FORCE_TO_ACCELERATION / mass), phase = acos(1.0 - 0.5 * omega * omega * dt * dt);
  toy.atoms.x[0] = toy.site[0][0] + 0.1;
  CU_ASSERT(toy_run(&toy, "nve", dt, 1000));
  TEST_NEAR(toy.atoms.x[0] - toy.site[0][0], 0.1 * cos(1000.0 * phase), 1e-10);
  toy_free(&toy);
}

static void test_restart(void) { CU_ASSERT(toy_restart_is_exact(make, "nve", 2.0, 100)); }

static void test_unknown_key(void) {
  toy_system toy;
  make(&toy);
  TEST_FAILS(toy_stage(&toy, "nve: {temperature: 300 K}", 1.0, 10), NMD_UNKNOWN_KEY);
  toy_free(&toy);
}

TEST_SUITE("dynamics/ensemble_nve", TEST(test_order_of_energy), TEST(test_no_drift), TEST(test_reversible),
           TEST(test_oscillator_phase), TEST(test_restart), TEST(test_unknown_key))
