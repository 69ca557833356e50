/* SPDX-License-Identifier: BSD-3-Clause */
/* Pressure and energy of the Lennard-Jones fluid at four state points, from the gas to the dense liquid, against LAMMPS
 * (lammps_lj_eos.py): equal within the errors of both.
 *
 * LINKS: engine */
#include "base/units.h"
#include "parallel/comm.h" /* TEST_COMM */
#include "physics/lammps_lj_eos.h"
#include "support/engine.h"
#include "support/statistics.h"
#include "support/test.h"

enum { N = 500, SETTLE = 3000, SAMPLES = 2000, EACH = 10 };
static const double epsilon = 0.0104, sigma = 3.4; /* eV, A */

static nmd_simulation *open_point(double density, double temperature) {
  const engine_crystal crystal = {.sites = "fcc", .a = sigma * cbrt(4 / density), .cells = {5, 5, 5}, .z = {18}};
  const double kelvin = temperature * epsilon / NMD_BOLTZMANN;
  engine_write_crystal(&crystal, "start.extxyz");
  return engine_open(
      TEST_COMM,
      engine_write_input("input.yaml",
                         "seed: 7\nstructure: {file: start.extxyz}\npotential:\n  lennard_jones: {epsilon: %g, "
                         "sigma: %g, cutoff: %g, truncation: shift}\nstages:\n  - nvt: {steps: 1000000, "
                         "timestep: 8.58 fs, velocities: %.10g K, temperature: %.10g K, tau: 500 fs}\n",
                         epsilon, sigma, 2.5 * sigma, 1.5 * kelvin, kelvin));
}

/* |a - b| within four combined errors. */
static void compare(const char *what, const double *point, test_estimate ours, double value, double error) {
  const double combined = sqrt(ours.error * ours.error + error * error);
  engine_say("  rho %.2f T %.2f %s: %.4f +- %.4f, LAMMPS %.4f +- %.4f, %.1f errors apart\n", point[0], point[1], what,
             ours.value, ours.error, value, error, (ours.value - value) / combined);
  TEST_CHECK(fabs(ours.value - value) <= 4 * combined, "rho %g, T %g: %s %g +- %g, LAMMPS %g +- %g", point[0], point[1],
             what, ours.value, ours.error, value, error);
  TEST_CHECK(ours.error < 0.02 * (1 + fabs(value)), "rho %g, T %g: %s known to %g only", point[0], point[1], what,
             ours.error);
}

static void check_point(const double *point) {
  static double pressure[SAMPLES], energy[SAMPLES];
  nmd_simulation *s = open_point(point[0], point[1]);
  if (s == NULL || !engine_steps(s, SETTLE)) return;
  const double to_reduced = pow(sigma, 3) / epsilon;
  for (int k = 0; k < SAMPLES && engine_steps(s, EACH); k++) {
    /* LAMMPS counts N k T for the kinetic part, ours the N - 1 atoms' worth that a momentum at rest leaves. */
    pressure[k] = engine_pressure(s) * to_reduced + point[0] * point[1] / N;
    energy[k] = s->totals.potential_energy / (N * epsilon);
  }
  compare("pressure", point, test_mean(pressure, SAMPLES), point[2], point[3]);
  compare("energy", point, test_mean(energy, SAMPLES), point[4], point[5]);
  nmd_simulation_destroy(s);
}

static void test_equation_of_state(void) {
  for (size_t k = 0; k < sizeof lammps_lj / sizeof *lammps_lj; k++) check_point(lammps_lj[k]);
}

TEST_SUITE("physics/lj_equation_of_state", TEST(test_equation_of_state))
