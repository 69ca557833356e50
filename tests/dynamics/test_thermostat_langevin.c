/* SPDX-License-Identifier: BSD-3-Clause */
/* GJ-I against what is exact for it: Boltzmann averages of a harmonic oscillator at any stable time step (the on-step
 * velocity has the known Verlet error), diffusion and drift on flat and sloping potentials. */
#include "base/units.h"
#include "base/vec3.h"
#include "dynamics/thermostat_langevin.h"
#include "dynamics/toy_system.h"
#include "support/test.h"

static const double cube[3][3] = {{20, 0, 0}, {0, 20, 0}, {0, 0, 20}};
static const double temperature = 400.0;

typedef struct averages {
  toy_statistics potential, half_step, on_step; /* in units of kT / 2 a degree of freedom */
} averages;

/* Oscillators of one mass, dt in units of 1 / omega, friction rate in units of omega. */
static averages oscillators(double omega_dt, double friction) {
  enum { N = 100, STEPS = 12000 };
  static double u[STEPS], half[STEPS], on[STEPS];
  toy_system toy;
  toy_einstein(&toy, TEST_COMM, N, 5.0, 0.0);
  for (int i = 0; i < N; i++) toy.atoms.species[i] = 0;
  const double omega = sqrt(5.0 / (NMD_MV2_TO_EV * toy.species.mass[0]));
  char text[128];
  snprintf(text, sizeof text, "nvt: {temperature: 400 K, thermostat: langevin, tau: %.10g fs}",
           1.0 / (friction * omega));
  TEST_OK(toy_stage(&toy, text, omega_dt / omega, STEPS + 500));
  const double unit = 1.5 * N * NMD_BOLTZMANN * temperature;
  for (int n = -500; n < STEPS; n++) {
    TEST_OK(toy_step(&toy));
    if (n < 0) continue;
    u[n] = toy.motion.potential_energy / unit;
    half[n] = toy_temperature(&toy) / temperature;
    on[n] = nmd_kinetic_energy(&toy.motion) / unit;
  }
  toy_free(&toy);
  return (averages){toy_analyse(u, STEPS), toy_analyse(half, STEPS), toy_analyse(on, STEPS)};
}

static void test_harmonic_averages_at_any_step(void) {
  const double steps[] = {0.2, 1.0, 1.9}, frictions[] = {0.1, 1.0, 5.0};
  for (int s = 0; s < 3; s++)
    for (int f = 0; f < 3; f++) {
      const averages a = oscillators(steps[s], frictions[f]);
      toy_show("  omega dt %.1f, gamma/omega %.1f: k<x^2>/kT %.4f +- %.4f, m<u^2>/kT %.4f +- %.4f, m<v^2>/kT %.4f "
               "(Verlet: %.4f)\n",
               steps[s], frictions[f], a.potential.mean, a.potential.mean_error, a.half_step.mean,
               a.half_step.mean_error, a.on_step.mean, 1.0 - 0.25 * steps[s] * steps[s]);
      TEST_NEAR(a.potential.mean, 1.0, 4.0 * a.potential.mean_error);
      TEST_NEAR(a.half_step.mean, 1.0, 4.0 * a.half_step.mean_error);
      TEST_NEAR(a.on_step.mean, 1.0 - 0.25 * steps[s] * steps[s], 4.0 * a.on_step.mean_error);
      TEST_CHECK(a.potential.mean_error < 0.01, "run too short to tell: %g", a.potential.mean_error);
      /* N oscillators: the energies are gamma distributed, relative variance 2 / 3N */
      TEST_NEAR(a.potential.variance * 150.0, 1.0, 4.0 * 150.0 * a.potential.variance_error);
    }
}

/* m / kT of an atom, (fs/A)^2 */
static double inverse_variance(const toy_system *toy, int i) {
  return toy->species.mass[toy->atoms.species[i]] * NMD_MV2_TO_EV / (NMD_BOLTZMANN * temperature);
}

/* D = kT / (gamma m) for any dt; half-step velocities Maxwell-Boltzmann. */
static void test_diffusion_and_velocities_of_free_atoms(void) {
  enum { N = 4000, STEPS = 400 };
  const double dt = 50.0, tau = 40.0;
  toy_system toy;
  toy_gas(&toy, TEST_COMM, N, cube);
  TEST_OK(nmd_velocities_set(&toy.motion, temperature));
  double *start = malloc(sizeof(double) * 3 * N), squares = 0.0, fourth = 0.0;
  memcpy(start, toy.atoms.x, sizeof(double) * 3 * N);
  nmd_langevin bath = {.temperature = temperature, .tau = tau};
  toy.motion.timestep = dt;
  for (int n = 0; n < STEPS; n++) {
    toy.motion.step++;
    (void)nmd_langevin_gj_first(&toy.motion, &bath);
    if (n + 1 == STEPS)
      for (int k = 0; k < 3 * N; k++)
        fourth += pow(toy.atoms.v[k] * toy.atoms.v[k] * inverse_variance(&toy, k / 3), 2) / (3 * N);
    (void)nmd_langevin_gj_second(&toy.motion, &bath);
  }
  for (int k = 0; k < 3 * N; k++) {
    squares += pow(toy.atoms.x[k] - start[k], 2) * inverse_variance(&toy, k / 3) / (tau * 3 * N);
  }
  const double diffusion = squares / (2.0 * STEPS * dt); /* in units of kT tau / m; from canonical v: 1 - tau / t */
  toy_show("  D / (kT / gamma m) at gamma dt = %.2f: %.4f; <u^4> %.4f\n", dt / tau, diffusion, fourth);
  TEST_NEAR(diffusion, 1.0 - tau / (STEPS * dt), 4.0 * sqrt(2.0 / (3 * N)));
  TEST_NEAR(fourth, 3.0, 4.0 * sqrt(96.0 / (3 * N)));
  free(start);
  toy_free(&toy);
}

/* Terminal velocity f / (gamma m) for any dt, at T = 0. */
static void test_drift_on_a_slope(void) {
  toy_system toy;
  toy_gas(&toy, TEST_COMM, 1, cube);
  toy.atoms.f[0] = 0.3;
  toy.motion.timestep = 30.0;
  nmd_langevin bath = {.temperature = 0.0, .tau = 20.0};
  double last = 0.0;
  for (int n = 0; n < 100; n++) {
    last = toy.atoms.x[0];
    (void)nmd_langevin_gj_first(&toy.motion, &bath);
    (void)nmd_langevin_gj_second(&toy.motion, &bath);
  }
  const double mass = toy.species.mass[toy.atoms.species[0]];
  TEST_RELATIVE((toy.atoms.x[0] - last) / 30.0, 0.3 * 20.0 * NMD_FORCE_TO_ACCELERATION / mass, 1e-10);
  toy_free(&toy);
}

/* Momentum balance of a step: K changes by (v + v') / 2 times impulse, of which the heat is the bath's part. */
static void test_heat_of_free_atoms_is_the_change_of_kinetic_energy(void) {
  toy_system toy;
  toy_gas(&toy, TEST_COMM, 50, cube);
  TEST_OK(nmd_velocities_set(&toy.motion, 100.0));
  nmd_langevin bath = {.temperature = 900.0, .tau = 30.0};
  toy.motion.timestep = 10.0;
  double heat = 0.0;
  const double before = nmd_kinetic_energy(&toy.motion);
  for (int n = 0; n < 20; n++) {
    toy.motion.step++;
    heat += nmd_langevin_gj_first(&toy.motion, &bath).heat.value;
    heat += nmd_langevin_gj_second(&toy.motion, &bath).value;
    heat += nmd_langevin_velocities(&toy.motion, &bath, 3.0).value;
  }
  TEST_NEAR(nmd_kinetic_energy(&toy.motion) - before, heat, 1e-12);
  toy_free(&toy);
}

TEST_SUITE("dynamics/thermostat_langevin", TEST(test_harmonic_averages_at_any_step),
           TEST(test_diffusion_and_velocities_of_free_atoms), TEST(test_drift_on_a_slope),
           TEST(test_heat_of_free_atoms_is_the_change_of_kinetic_energy))
