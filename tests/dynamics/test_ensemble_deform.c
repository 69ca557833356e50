/* SPDX-License-Identifier: BSD-3-Clause */
/* Deformation: the cell goes where it should, atoms follow or stay, the work is booked, stress-strain slopes are the
 * elastic constants that finite differences of the energy give. */
#include "base/vec3.h"
#include "dynamics/ensemble.h"
#include "dynamics/toy_system.h"
#include "parallel/comm.h" /* TEST_COMM */
#include "support/test.h"

static void make_crystal(toy_system *toy) {
  toy_crystal(toy, TEST_COMM, 3, 0);
  if (nmd_velocities_set(&toy->motion, 300.0) != NMD_OK) abort();
}

static void test_cell(void) {
  toy_system toy;
  toy_crystal(&toy, TEST_COMM, 3, 0.1);
  const nmd_box start = toy.box;
  CU_ASSERT(toy_run(&toy, "deform: {strain: [0.1, -0.05, 0.02], shear_strain: [0.03, -0.04, 0.06], thermostat: none}",
                    1, 400));
  const double f[3][3] = {{1.1, 0, 0}, {0.06, 0.95, 0}, {-0.04, 0.03, 1.02}};
  double h[3][3];
  nmd_mat_times(start.h, f, h);
  for (int k = 0; k < 9; k++) TEST_NEAR(toy.box.h[k / 3][k % 3], h[k / 3][k % 3], 1e-12);
  toy_free(&toy);

  toy_crystal(&toy, TEST_COMM, 3, 0);
  CU_ASSERT(toy_run(&toy, "deform: {rate: [0.1 1/ps, 0, 0], shear_rate: [0, 0, -0.2 1/ps], thermostat: none}", 2, 100));
  TEST_NEAR(toy.box.h[0][0], 9 * 1.02, 1e-12);
  TEST_NEAR(toy.box.h[1][0], 9 * -0.04, 1e-12);
  TEST_NEAR(toy.box.h[2][2], 9, 0);
  toy_free(&toy);
}

/* A crystal at rest that follows stays a crystal without forces; one that does not is torn at its boundaries. */
static void test_follow(void) {
  for (int follow = 0; follow < 2; follow++) {
    char text[128];
    toy_system toy;
    double force = 0;
    toy_crystal(&toy, TEST_COMM, 3, 0);
    snprintf(text, sizeof text, "deform: {strain: [0.02, 0, 0], follow: %s, thermostat: none}",
             follow ? "true" : "false");
    CU_ASSERT(toy_run(&toy, text, 1, 20));
    for (int k = 0; k < 3 * toy.atoms.n_owned; k++) force = fmax(force, fabs(toy.atoms.f[k]));
    CU_ASSERT(follow ? force < 1e-12 : force > 0.01);
    toy_free(&toy);
  }
}

/* The conserved quantity with the work in it: second order, whether atoms follow or not; restarts are exact. */
static void test_conserved(void) {
  static const char *const stages[] = {
      "deform: {rate: [2e-5, -1e-5, 0], shear_rate: [0, 0, 2e-5], thermostat: none}",
      "deform: {rate: [1e-5, 0, 0], shear_rate: [0, 1e-5, 0], thermostat: none, follow: false}",
      "deform: {strain: [0.02, 0, 0], temperature: 300 K, tau: 50 fs}",
      "deform: {shear_strain: [0, 0.03, 0], temperature: 300 K, tau: 50 fs, thermostat: langevin}",
      "deform: {rate: [2e-5, 0, 0], relax: [false, true, true], temperature: 300 K, tau: 50 fs, tau_p: 5 ps}"};
  for (int k = 0; k < 5; k++) {
    double rms[2];
    for (int fine = 0; fine < 2; fine++) {
      const double timestep = fine ? 1 : 2;
      toy_system toy;
      make_crystal(&toy);
      TEST_OK(toy_stage(&toy, stages[k], timestep, (int64_t)(1000 / timestep)));
      const double before = toy_conserved(&toy), energy = nmd_kinetic_energy(&toy.motion) + toy.motion.potential_energy;
      double sum = 0, moved = 0;
      for (int n = 0; n < (int)(1000 / timestep) && TEST_OK(toy_step(&toy)); n++) {
        sum += pow(toy_conserved(&toy) - before, 2) * timestep / 1000;
        moved = fmax(moved, fabs(nmd_kinetic_energy(&toy.motion) + toy.motion.potential_energy - energy));
      }
      rms[fine] = sqrt(sum);
      TEST_CHECK(moved > 10 * rms[fine], "%s: %g eV of work and heat, %g eV of error", stages[k], moved, rms[fine]);
      toy_free(&toy);
    }
    toy_show("%s: %.2e, %.2e eV\n", stages[k], rms[0], rms[1]);
    TEST_CHECK(rms[0] / rms[1] > 3 && rms[0] / rms[1] < 5.5, "%s: %g and %g eV at 2 and 1 fs", stages[k], rms[0],
               rms[1]);
    CU_ASSERT(toy_restart_is_exact(make_crystal, stages[k], 2, 100));
  }
}

/* d^2 E / d e^2 / V of the perfect crystal by finite differences of the energy under a strain with the same F. */
static double elastic_constant(const double e[3], const double g[3]) {
  const double step = 1e-3;
  double energy[3], volume = 0;
  for (int k = 0; k < 3; k++) {
    toy_system toy;
    toy_crystal(&toy, TEST_COMM, 3, 0);
    const double s = (k - 1) * step;
    const double f[3][3] = {{1 + s * e[0], 0, 0}, {s * g[2], 1 + s * e[1], 0}, {s * g[1], s * g[0], 1 + s * e[2]}};
    double h[3][3], x[3];
    nmd_mat_times(toy.box.h, f, h);
    for (int i = 0; i < toy.atoms.n_owned; i++) {
      nmd_row_times(&toy.atoms.x[3 * i], f, x);
      memcpy(&toy.atoms.x[3 * i], x, sizeof x);
    }
    volume = toy.box.volume;
    TEST_OK(nmd_box_set_h(&toy.box, (const double(*)[3])h));
    toy.force(&toy);
    energy[k] = toy.motion.potential_energy;
    toy_free(&toy);
  }
  return (energy[0] - 2 * energy[1] + energy[2]) / (step * step * volume);
}

/* Slope of -P_ab against the strain between -0.4 and 0.4 %, at 1 K with local friction. */
static double stress_slope(const char *format, int a, int b) {
  double slope = 0;
  for (int side = -1; side <= 1; side += 2) {
    char text[256];
    toy_system toy;
    double kinetic[3][3];
    toy_crystal(&toy, TEST_COMM, 3, 0);
    snprintf(text, sizeof text, format, 0.004 * side);
    CU_ASSERT(toy_run(&toy, text, 2, 500));
    nmd_kinetic_tensor(&toy.motion, kinetic);
    slope -= side * (kinetic[a][b] + toy.motion.virial[a][b]) / toy.box.volume / 0.008;
    toy_free(&toy);
  }
  return slope;
}

static void test_elastic_constants(void) {
  const double c11 = elastic_constant((const double[3]){1, 0, 0}, (const double[3]){0}),
               both = elastic_constant((const double[3]){1, 1, 0}, (const double[3]){0}), c12 = both / 2 - c11,
               c44 = elastic_constant((const double[3]){0}, (const double[3]){0, 0, 1});
  const char *tail = "temperature: 1 K, thermostat: langevin, tau: 100 fs}";
  char pull[128], shear[128];
  snprintf(pull, sizeof pull, "deform: {strain: [%%g, 0, 0], %s", tail);
  snprintf(shear, sizeof shear, "deform: {shear_strain: [0, 0, %%g], %s", tail);
  const double s11 = stress_slope(pull, 0, 0), s12 = stress_slope(pull, 1, 1), s44 = stress_slope(shear, 0, 1);
  toy_show("C11 %.4f %.4f, C12 %.4f %.4f, C44 %.4f %.4f eV/A^3\n", s11, c11, s12, c12, s44, c44);
  TEST_RELATIVE(s11, c11, 0.01);
  TEST_RELATIVE(s12, c12, 0.02);
  TEST_RELATIVE(s44, c44, 0.02);
}

/* Tension with free sides at 1 K: Young's modulus and Poisson's ratio of a cubic crystal from its constants. */
static void test_free_sides(void) {
  const double c11 = 5.0 / 3.0, c12 = 1.0 / 3.0; /* eV/A^3, as test_elastic_constants finds */
  double stress[2], width[2];
  for (int side = 0; side < 2; side++) {
    enum { STEPS = 8000, LAST = 1000 };
    char text[256];
    toy_system toy;
    toy_crystal(&toy, TEST_COMM, 3, 0);
    snprintf(text, sizeof text,
             "deform: {strain: [%g, 0, 0], relax: [false, true, true], temperature: 1 K, thermostat: "
             "langevin, tau: 100 fs, tau_p: 100 fs, compressibility: 0.004}",
             side == 0 ? -0.004 : 0.004);
    stress[side] = width[side] = 0;
    bool ok = toy_stage(&toy, text, 2, STEPS) == NMD_OK;
    for (int n = 0; n < STEPS && ok; n++) {
      double kinetic[3][3];
      ok = toy_step(&toy) == NMD_OK;
      if (n < STEPS - LAST) continue;
      nmd_kinetic_tensor(&toy.motion, kinetic);
      stress[side] -= (kinetic[0][0] + toy.motion.virial[0][0]) / toy.box.volume / LAST;
      width[side] += 0.5 * (toy.box.h[1][1] + toy.box.h[2][2]) / 9 / LAST;
    }
    CU_ASSERT(ok);
    TEST_RELATIVE(toy.box.h[0][0], 9 * (side == 0 ? 0.996 : 1.004), 1e-12);
    toy_free(&toy);
  }
  const double strain = 0.008 * (1 - 0.5 / 8); /* between the means over the last eighth of the stage */
  const double young = (stress[1] - stress[0]) / strain, poisson = (width[0] - width[1]) / strain;
  toy_show("Young %.4f of %.4f eV/A^3, Poisson %.4f of %.4f\n", young, (c11 - c12) * (c11 + 2 * c12) / (c11 + c12),
           poisson, c12 / (c11 + c12));
  TEST_RELATIVE(young, (c11 - c12) * (c11 + 2 * c12) / (c11 + c12), 0.02);
  TEST_NEAR(poisson, c12 / (c11 + c12), 0.01);
}

static void test_refused(void) {
  static const struct {
    const char *text, *say;
  } cases[] = {
      {"deform: {temperature: 300}", "no rate and no strain"},
      {"deform: {rate: [1e-5, 0, 0], strain: [0, 0.1, 0]}", "rates and strains both given"},
      {"deform: {strain: [0.1, 0, 0], relax: [true, true, false]}", "cell vector a is strained already"},
      {"deform: {strain: [0.1, 0, 0], relax: [false, true, true]}", "cell vector c is not periodic"},
      {"deform: {strain: [0, 0, 0.1]}", "cell vector c is not periodic"},
      {"deform: {shear_strain: [0, 0.1, 0]}", "cell vector c is not periodic"},
  };
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    toy_system toy;
    toy_crystal(&toy, TEST_COMM, 2, 0);
    toy.box.periodic[2] = false;
    TEST_FAILS(toy_stage(&toy, cases[k].text, 1, 10), NMD_CONFLICT);
    TEST_CONTAINS(nmd_error_text(), cases[k].say);
    toy_free(&toy);
  }
  toy_system toy;
  toy_crystal(&toy, TEST_COMM, 2, 0);
  TEST_OK(toy_stage(&toy, "deform: {rate: [-0.5, 0, 0], thermostat: none}", 1, 10));
  TEST_OK(toy_step(&toy));
  TEST_FAILS(toy_step(&toy), NMD_EXPLODED);
  toy_free(&toy);
}

TEST_SUITE("dynamics/ensemble_deform", TEST(test_cell), TEST(test_follow), TEST(test_conserved),
           TEST(test_elastic_constants), TEST(test_free_sides), TEST(test_refused))
