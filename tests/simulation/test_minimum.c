/* SPDX-License-Identifier: BSD-3-Clause */
/* Both minimisers find the minima that ASE finds (ase_minimum.py), at fixed cell and under pressure; L-BFGS with fewer
 * forces, with frozen atoms, and through a restart on whatever path its memory took.
 *
 * LINKS: engine */
#include "base/units.h"
#include "parallel/comm.h" /* TEST_COMM */
#include "support/engine.h"
#include "support/test.h"

/* ASE 3.29.0, BFGS to 1e-7 eV/A: energy of the fixed cell; enthalpy (eV) and volume (A^3) of the free one at 0.5 GPa.
 */
static const double ase_fixed = -11.534505051, ase_free = -8.172258183, ase_volume = 1227.6739030;

#define LJ5 "lennard_jones: {epsilon: 0.104, sigma: 3.4, cutoff: 5 A, truncation: shift}"

/* The same 31 atoms as in the script. */
static void write_start(void) {
  static const double basis[4][3] = {{0, 0, 0}, {0, 0.5, 0.5}, {0.5, 0, 0.5}, {0.5, 0.5, 0}};
  char text[4096];
  size_t used = (size_t)snprintf(text, sizeof text, "31\nLattice=\"10.52 0 0 0 10.52 0 0 0 10.52\"\n");
  for (int k = 2; k <= 32; k++) {
    const int cell = (k - 1) / 4, at[3] = {cell / 4, cell / 2 % 2, cell % 2};
    used += (size_t)snprintf(text + used, sizeof text - used, "Ar");
    for (int a = 0; a < 3; a++)
      used += (size_t)snprintf(text + used, sizeof text - used, " %.15g",
                               5.26 * (at[a] + basis[(k - 1) % 4][a]) + 0.1 * sin(1.7 * k + a));
    used += (size_t)snprintf(text + used, sizeof text - used, "\n");
  }
  test_write("start.extxyz", text);
}

static nmd_simulation *open_stage(const char *potential, const char *stage) {
  return engine_open(TEST_COMM,
                     engine_write_input("input.yaml",
                                        "seed: 5\noutput_folder: '%s'\nstructure: {file: start.extxyz}\n"
                                        "potential:\n  %s\ngroups: [{name: few, ids: 1-5}]\nstages:\n  - %s\n",
                                        test_folder(), potential, stage));
}

static bool done(const nmd_simulation *s) { return s->stages[0].ops->finished(s->ensemble, &s->motion); }

/* Steps to the end; enthalpy there. */
static int64_t minimise(nmd_simulation *s, double *enthalpy) {
  while (!done(s) && s->counters.step < 3000 && engine_steps(s, 1)) continue;
  CU_ASSERT(done(s));
  *enthalpy = engine_conserved(s);
  return s->counters.step;
}

static const char *const methods[2] = {"fire", "lbfgs"};

static void test_fixed(void) {
  int64_t steps[2];
  write_start();
  for (int m = 0; m < 2; m++) {
    char stage[128];
    double energy;
    snprintf(stage, sizeof stage, "minimise: {method: %s, force_tolerance: 1e-6, timestep: 5 fs}", methods[m]);
    nmd_simulation *s = open_stage(LJ5, stage);
    if (s == NULL) return;
    engine_steps(s, 3);
    CU_ASSERT((nmd_kinetic_energy(&s->motion) == 0) == (m == 1)); /* only FIRE has velocities on its way */
    steps[m] = minimise(s, &energy);
    engine_say("  fixed cell, %s: %lld forces, off by %.1e eV\n", methods[m], (long long)steps[m], energy - ase_fixed);
    TEST_NEAR(energy, ase_fixed, 1e-8);
    CU_ASSERT_EQUAL(nmd_kinetic_energy(&s->motion), 0);
    nmd_simulation_destroy(s);
  }
  TEST_CHECK(2 * steps[1] < steps[0], "%lld and %lld forces", (long long)steps[1], (long long)steps[0]);
}

static void test_free(void) {
  write_start();
  for (int m = 0; m < 2; m++) {
    char stage[256];
    double enthalpy;
    snprintf(stage, sizeof stage,
             "minimise: {method: %s, force_tolerance: 1e-6, stress_tolerance: 1e-6 GPa, timestep: 5 fs, "
             "cell: triclinic, pressure: 0.5 GPa}",
             methods[m]);
    nmd_simulation *s = open_stage(LJ5, stage);
    if (s == NULL) return;
    const int64_t steps = minimise(s, &enthalpy);
    engine_say("  free cell, %s: %lld forces, off by %.1e eV, %.1e A^3\n", methods[m], (long long)steps,
               enthalpy - ase_free, s->box.volume - ase_volume);
    TEST_NEAR(enthalpy, ase_free, 1e-7);
    TEST_NEAR(s->box.volume, ase_volume, 1e-3);
    nmd_simulation_destroy(s);
  }
}

/* The network potential, three elements of cell and frozen atoms: the same minimum by both. */
static void test_network(void) {
  const engine_crystal b2 = {.sites = "b2", .a = 3.15, .cells = {3, 3, 2}, .z = {79, 3}, .rattle = 0.08, .shear = 0.05};
  engine_write_crystal(&b2, "start.extxyz");
  double enthalpy[2];
  int64_t steps[2];
  for (int m = 0; m < 2; m++) {
    char stage[256];
    snprintf(stage, sizeof stage,
             "minimise: {method: %s, force_tolerance: 1e-5, stress_tolerance: 1e-4 GPa, timestep: 2 fs, "
             "cell: anisotropic, frozen: few}",
             methods[m]);
    nmd_simulation *s = open_stage(ENGINE_AU_LI, stage);
    if (s == NULL) return;
    steps[m] = minimise(s, &enthalpy[m]);
    nmd_simulation_destroy(s);
  }
  engine_say("  Au-Li: %lld and %lld forces, %.1e eV apart\n", (long long)steps[0], (long long)steps[1],
             enthalpy[0] - enthalpy[1]);
  TEST_NEAR(enthalpy[1], enthalpy[0], 1e-6);
}

TEST_SUITE("simulation/minimum", TEST(test_fixed), TEST(test_free), TEST(test_network))
