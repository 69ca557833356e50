/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>

#include "base/units.h"
#include "base/vec3.h"
#include "dynamics/toy_system.h"
#include "support/test.h"

/* Runs until finished or `steps`; returns the number of steps made. */
static int64_t minimise(toy_system *toy, const char *text, int64_t steps) {
  TEST_OK(toy_stage(toy, text, 1.0, steps));
  while (toy->stage_step < steps && !toy->ops->finished(toy->ensemble, &toy->motion))
    if (toy_step(toy) != NMD_OK) return -1;
  return toy->stage_step;
}

static double largest_force(const toy_system *toy) {
  double most = 0.0;
  for (int i = 0; i < toy->atoms.n_owned; i++) most = fmax(most, nmd_norm(&toy->atoms.f[3 * i]));
  return most;
}

/* Strongly anharmonic wells (quartic), up to 9 A from the minimum, forces up to thousands of eV/A. */
static void test_anharmonic_wells(void) {
  toy_system toy;
  toy_einstein(&toy, TEST_COMM, 30, 0.5, 4.0);
  for (int k = 0; k < 90; k++) toy.atoms.x[k] += k % 7 - 3.0;
  toy.force(&toy);
  const double start = largest_force(&toy);
  const int64_t steps = minimise(&toy, "minimise: {force_tolerance: 1e-6 eV/A}", 5000);
  double worst = 0.0;
  for (int k = 0; k < 90; k++) worst = fmax(worst, fabs(toy.atoms.x[k] - toy.site[toy.atoms.id[k / 3] - 1][k % 3]));
  toy_show("  wells: %.0f eV/A to %.2g eV/A in %lld steps, %.2g A from the minimum\n", start, largest_force(&toy),
           (long long)steps, worst);
  TEST_CHECK(steps > 0 && steps < 1500, "%lld steps", (long long)steps);
  TEST_CHECK(largest_force(&toy) < 1e-6, "force %g", largest_force(&toy));
  TEST_NEAR(worst, 0.0, 2.1e-6);
  CU_ASSERT_EQUAL(nmd_kinetic_energy(&toy.motion), 0.0);
  toy_free(&toy);
}

static void make_rattled(toy_system *toy) {
  toy_crystal(toy, TEST_COMM, 3, 0.0);
  toy->motion.removed_freedoms = 3;
  TEST_OK(nmd_velocities_set(&toy->motion, 3000.0));
  nmd_drift(&toy->motion, 25.0);
  toy->force(toy);
}

static void test_rattled_crystal(void) {
  toy_system toy;
  make_rattled(&toy);
  const double start = toy.motion.potential_energy;
  const int64_t steps = minimise(&toy, "minimise", 10000);
  toy_show("  crystal: %.3f eV to %.2g eV in %lld steps\n", start, toy.motion.potential_energy, (long long)steps);
  TEST_CHECK(steps < 500, "%lld steps", (long long)steps);
  TEST_NEAR(toy.motion.potential_energy, 0.0, 1e-5); /* 1e-3 eV/A squared over stiffness */
  CU_ASSERT_EQUAL(nmd_kinetic_energy(&toy.motion), 0.0);
  CU_ASSERT_EQUAL(toy_conserved(&toy), toy.motion.potential_energy);
  toy_free(&toy);
}

/* No move longer than max_move, also where the forces are huge. */
static void test_longest_move(void) {
  toy_system toy;
  toy_einstein(&toy, TEST_COMM, 5, 0.5, 40.0);
  for (int k = 0; k < 15; k++) toy.atoms.x[k] += 3.0;
  TEST_OK(toy_stage(&toy, "minimise: {max_move: 0.05 A}", 5.0, 100));
  for (int n = 0; n < 100; n++) {
    double x[15];
    memcpy(x, toy.atoms.x, sizeof x);
    TEST_OK(toy_step(&toy));
    for (int i = 0; i < 5; i++) {
      double d[3];
      for (int k = 0; k < 3; k++) d[k] = toy.atoms.x[3 * i + k] - x[3 * i + k];
      TEST_CHECK(nmd_norm(d) <= 0.05 * 1.5 + 1e-12, "moved %g A", nmd_norm(d)); /* a half step back may add to it */
    }
  }
  toy_free(&toy);
}

static double pull(const toy_system *toy, int a, int b) {
  return (toy->motion.virial[a][b] / toy->box.volume) * NMD_EV_PER_A3_TO_GPA;
}

static void make_strained(toy_system *toy) {
  toy_crystal(toy, TEST_COMM, 3, 0.08);
  double h[3][3];
  memcpy(h, toy->box.h, sizeof h);
  for (int k = 0; k < 3; k++) {
    h[0][k] *= 1.06;
    h[2][k] *= 0.95;
  }
  TEST_OK(nmd_box_set_h(&toy->box, (const double(*)[3])h));
  toy->motion.removed_freedoms = 3;
  TEST_OK(nmd_velocities_set(&toy->motion, 1000.0));
  nmd_drift(&toy->motion, 20.0);
  toy->force(toy);
}

/* The sheared, stretched, rattled crystal finds its cubic cell: zero energy, 9 A, right angles, not turned. */
static void test_triclinic_cell(void) {
  toy_system toy;
  make_strained(&toy);
  const int64_t steps =
      minimise(&toy, "minimise: {cell: triclinic, force_tolerance: 1e-5, stress_tolerance: 1e-4}", 5000);
  toy_show("  triclinic: %lld steps, %.2g eV\n", (long long)steps, toy.motion.potential_energy);
  TEST_CHECK(steps > 0 && steps < 600, "%lld steps", (long long)steps);
  TEST_NEAR(toy.motion.potential_energy, 0.0, 1e-8);
  for (int a = 0; a < 9; a++) TEST_NEAR(toy.box.h[a / 3][a % 3], a % 4 == 0 ? 9.0 : 0.0, 2e-4);
  toy_free(&toy);
}

/* Pressure as asked, and -dU/dV = P across two of them. */
static void test_pressure(void) {
  double volume[3], energy[3];
  for (int n = 0; n < 3; n++) {
    toy_system toy;
    char text[160];
    make_rattled(&toy);
    snprintf(text, sizeof text,
             "minimise: {cell: isotropic, pressure: %.2f GPa, force_tolerance: 1e-6, "
             "stress_tolerance: 1e-6}",
             10.0 + 0.1 * (n - 1));
    TEST_CHECK(minimise(&toy, text, 5000) < 2000, "not converged");
    TEST_NEAR((pull(&toy, 0, 0) + pull(&toy, 1, 1) + pull(&toy, 2, 2)) / 3.0, 10.0 + 0.1 * (n - 1), 1e-5);
    volume[n] = toy.box.volume;
    energy[n] = toy.motion.potential_energy;
    TEST_NEAR(toy_conserved(&toy), energy[n] + (10.0 + 0.1 * (n - 1)) / NMD_EV_PER_A3_TO_GPA * volume[n], 1e-9);
    toy_free(&toy);
  }
  const double slope = -(energy[2] - energy[0]) / (volume[2] - volume[0]) * NMD_EV_PER_A3_TO_GPA;
  TEST_NEAR(slope, 10.0, 2e-4);
}

/* A vector that is held keeps its bits while the others relax. */
static void test_held_axis(void) {
  toy_system toy;
  make_strained(&toy);
  double c[3];
  memcpy(c, toy.box.h[2], sizeof c);
  const char *text = "minimise: {cell: anisotropic, axes: [true, true, false], force_tolerance: 1e-4}";
  TEST_CHECK(minimise(&toy, text, 5000) < 1000, "not converged");
  CU_ASSERT(memcmp(c, toy.box.h[2], sizeof c) == 0);
  double stress[2] = {0.0, 0.0};
  for (int d = 0; d < 2; d++)
    for (int a = 0; a < 9; a++)
      stress[d] += toy.motion.virial[a / 3][a % 3] * toy.box.inverse[a / 3][d] * toy.box.h[d][a % 3];
  for (int d = 0; d < 2; d++) TEST_NEAR(stress[d] / toy.box.volume * NMD_EV_PER_A3_TO_GPA, 0.0, 0.01);
  toy_free(&toy);
}

static int n_warnings;
static void count_warnings(nmd_log_level level, const char *line, void *context) {
  (void)context;
  if (level == NMD_LOG_WARNING && strstr(line, "not converged after 5 steps") != NULL) n_warnings++;
}

static void test_gives_up_with_a_warning(void) {
  toy_system toy;
  make_rattled(&toy);
  nmd_log_set_sink(count_warnings, NULL);
  CU_ASSERT_EQUAL(minimise(&toy, "minimise: {max_steps: 5}", 5), 5);
  nmd_log_set_sink(NULL, NULL);
  CU_ASSERT_EQUAL(n_warnings, 1);
  CU_ASSERT_EQUAL(nmd_kinetic_energy(&toy.motion), 0.0);
  CU_ASSERT_EQUAL(toy.ops->max_steps(toy.parameters), 5);
  CU_ASSERT(!toy.ops->finished(toy.ensemble, &toy.motion));
  toy_free(&toy);
}

static void test_at_the_minimum_already(void) {
  toy_system toy;
  toy_crystal(&toy, TEST_COMM, 3, 0.0);
  CU_ASSERT_EQUAL(minimise(&toy, "minimise", 10), 0);
  TEST_OK(toy_step(&toy)); /* and a step from zero forces is no trouble */
  TEST_NEAR(toy.motion.potential_energy, 0.0, 1e-20);
  toy_free(&toy);
}

static void test_restart(void) {
  CU_ASSERT(toy_restart_is_exact(make_rattled, "minimise", 1.0, 60));
  CU_ASSERT(toy_restart_is_exact(make_strained, "minimise: {cell: triclinic}", 1.0, 60));
  CU_ASSERT(toy_restart_is_exact(make_strained, "minimise: {cell: semi-isotropic, pressure: 1 GPa}", 1.0, 60));
}

static void test_bad_values(void) {
  toy_system toy;
  make_rattled(&toy);
  TEST_FAILS(toy_stage(&toy, "minimise: {cell: free}", 1.0, 10), NMD_BAD_CHOICE);
  toy.box.periodic[2] = false;
  TEST_FAILS(toy_stage(&toy, "minimise: {cell: isotropic}", 1.0, 10), NMD_CONFLICT);
  TEST_CONTAINS(nmd_error_text(), "minimise: axes: cell vector c is not periodic");
  toy_free(&toy);
}

TEST_SUITE("dynamics/ensemble_minimise", TEST(test_anharmonic_wells), TEST(test_rattled_crystal),
           TEST(test_longest_move), TEST(test_triclinic_cell), TEST(test_pressure), TEST(test_held_axis),
           TEST(test_bad_values), TEST(test_gives_up_with_a_warning), TEST(test_at_the_minimum_already),
           TEST(test_restart))
