/* SPDX-License-Identifier: BSD-3-Clause */
/* A target stress: its energy and slopes, what barostats and the minimiser reach under it, and what they refuse. */
#include "dynamics/load.h"

#include "base/vec3.h"
#include "dynamics/toy_system.h"
#include "parallel/comm.h" /* TEST_COMM */
#include "support/test.h"

static void make_crystal(toy_system *toy) {
  toy_crystal(toy, TEST_COMM, 3, 0.05);
  if (nmd_velocities_set(&toy->motion, 600.0) != NMD_OK) abort();
}

static const nmd_load_parameters uneven = {{0.01, -0.02, 0.05}, {0.004, -0.006, 0.01}};

/* Slopes by central differences along every mode of a strained cell, triclinic and stretched. */
static void test_slopes(void) {
  const double h[3][3] = {{9, 0, 0}, {1, 8, 0}, {-2, 0.5, 10}};
  const bool axes[3] = {true, true, true};
  for (int coupling = NMD_SEMI_ISOTROPIC; coupling <= NMD_TRICLINIC; coupling++) {
    nmd_load_parameters p = uneven;
    if (coupling != NMD_TRICLINIC) p.shear[0] = p.shear[1] = p.shear[2] = 0;
    nmd_box box;
    nmd_load load;
    nmd_cell_modes modes;
    nmd_cell_move move;
    TEST_OK(nmd_box_init(&box, h, NULL, NULL));
    TEST_OK(nmd_load_init(&load, &p, coupling, &box, "x"));
    TEST_OK(nmd_cell_modes_init(&modes, (nmd_coupling)coupling, axes, &box, "x"));
    CU_ASSERT_EQUAL(nmd_load_energy(&load, &box), 0);
    const double start[6] = {0.05, -0.03, 0.02, 0.04, -0.06, 0.01};
    nmd_cell_modes_move(&modes, &box, start, &move);
    TEST_OK(nmd_box_set_h(&box, (const double(*)[3])move.h));
    nmd_cell_modes_follow(&modes, &box);
    double slope[6] = {0};
    nmd_load_add_slopes(&load, &box, &modes, 1.0, slope);
    for (int k = 0; k < modes.n; k++) {
      double energy[2];
      for (int side = 0; side < 2; side++) {
        double amount[6] = {0};
        amount[k] = side == 0 ? 1e-5 : -1e-5;
        nmd_cell_modes_move(&modes, &box, amount, &move);
        nmd_box strained = box;
        TEST_OK(nmd_box_set_h(&strained, (const double(*)[3])move.h));
        energy[side] = nmd_load_energy(&load, &strained);
      }
      TEST_NEAR(slope[k], (energy[0] - energy[1]) / 2e-5, 1e-7);
    }
  }
}

/* p 1 + (V_0 / V) A^T D A of a cell that began as `start`. */
static void expected_tensor(const nmd_box *start, const nmd_box *now, double p, double d[3][3]) {
  const nmd_load_parameters *l = &uneven;
  const double mean = (l->normal[0] + l->normal[1] + l->normal[2]) / 3;
  const double target[3][3] = {{l->normal[0] - mean, l->shear[2], l->shear[1]},
                               {l->shear[2], l->normal[1] - mean, l->shear[0]},
                               {l->shear[1], l->shear[0], l->normal[2] - mean}};
  double a[3][3], da[3][3];
  nmd_mat_times(start->inverse, now->h, a);
  nmd_mat_times(target, (const double(*)[3])a, da);
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++) {
      d[i][j] = i == j ? p + mean : 0;
      for (int k = 0; k < 3; k++) d[i][j] += start->volume / now->volume * a[k][i] * da[k][j];
    }
}

#define LOAD                                                                                                           \
  "extra_pressure: [0.01 eV/A^3, -0.02 eV/A^3, 0.05 eV/A^3], shear_pressure: [0.004 eV/A^3, -0.006 eV/A^3, 0.01 "      \
  "eV/A^3]"

static void test_minimum(void) {
  toy_system toy;
  double d[3][3];
  toy_crystal(&toy, TEST_COMM, 3, 0.05);
  const nmd_box start = toy.box;
  TEST_OK(
      toy_stage(&toy, "minimise: {cell: triclinic, force_tolerance: 1e-8, stress_tolerance: 1e-7, " LOAD "}", 2, 9999));
  for (int n = 0; n < 3000 && !toy.ops->finished(toy.ensemble, &toy.motion); n++) TEST_OK(toy_step(&toy));
  CU_ASSERT(toy.ops->finished(toy.ensemble, &toy.motion));
  expected_tensor(&start, &toy.box, 0, d);
  for (int k = 0; k < 9; k++) TEST_NEAR(toy.motion.virial[k / 3][k % 3] / toy.box.volume, d[k / 3][k % 3], 1e-8);
  CU_ASSERT(fabs(toy.box.h[0][1]) < 1e-12 && fabs(toy.box.h[0][2]) < 1e-12 && fabs(toy.box.h[1][2]) < 1e-12);
  toy_free(&toy);
}

/* The mean of the pressure tensor inside is the mean of the target that follows the strain, less k T / V for the
 * missing momenta, and in a frame tied to a and to the plane of a and b by (-2, 0, 2) k T / V: the logarithm of the
 * modular function of triangular matrices, h_xx^2 / h_zz^2, has these slopes. */
static void check_mean(const char *text) {
  enum { STEPS = 60000 };
  static double series[6][STEPS];
  static const int voigt[6][2] = {{0, 0}, {1, 1}, {2, 2}, {1, 2}, {0, 2}, {0, 1}};
  static const double parts[6] = {-3, -1, 1, 0, 0, 0};
  const double kT = NMD_BOLTZMANN * 600;
  toy_system toy;
  make_crystal(&toy);
  const nmd_box start = toy.box;
  TEST_OK(toy_stage(&toy, text, 2, STEPS + 2000));
  for (int n = 0; n < 2000; n++) TEST_OK(toy_step(&toy));
  for (int n = 0; n < STEPS && TEST_OK(toy_step(&toy)); n++) {
    double kinetic[3][3], target[3][3];
    nmd_kinetic_tensor(&toy.motion, kinetic);
    expected_tensor(&start, &toy.box, 0.02, target);
    for (int k = 0; k < 6; k++) {
      const int a = voigt[k][0], b = voigt[k][1];
      series[k][n] =
          (kinetic[a][b] + toy.motion.virial[a][b]) / toy.box.volume - target[a][b] - parts[k] * kT / toy.box.volume;
    }
  }
  for (int k = 0; k < 6; k++) {
    const toy_statistics s = toy_analyse(series[k], STEPS);
    toy_show("%.20s component %d: off by %.2e +- %.2e eV/A^3\n", text, k, s.mean, s.mean_error);
    TEST_CHECK(fabs(s.mean) < 4 * s.mean_error + 2e-5, "%s: component %d off by %g +- %g", text, k, s.mean,
               s.mean_error);
  }
  toy_free(&toy);
}

static void test_mean_stress(void) {
  check_mean("npt: {temperature: 600 K, pressure: 0.02 eV/A^3, coupling: triclinic, tau_p: 200 fs, compressibility: "
             "0.02, " LOAD "}");
  check_mean("mtk: {temperature: 600 K, pressure: 0.02 eV/A^3, coupling: triclinic, tau_p: 300 fs, " LOAD "}");
}

static void test_conserved(void) {
  const char *stages[] = {
      "npt: {temperature: 900 K, coupling: triclinic, tau_p: 1 ps, compressibility: 0.02, " LOAD "}",
      "mtk: {temperature: 900 K, coupling: anisotropic, tau_p: 500 fs, extra_pressure: [0, 0, 5 GPa]}"};
  for (int k = 0; k < 2; k++) {
    const double order = toy_order(make_crystal, stages[k], 16e3);
    toy_show("%.20s: order %.3f\n", stages[k], order);
    TEST_NEAR(order, 2, 0.1);
    CU_ASSERT(toy_restart_is_exact(make_crystal, stages[k], 2, 100));
  }
  CU_ASSERT(toy_restart_is_exact(make_crystal, "minimise: {cell: triclinic, " LOAD "}", 2, 60));
}

static void test_refused(void) {
  static const struct {
    const char *text, *say;
  } cases[] = {
      {"npt: {temperature: 300, extra_pressure: [0, 0, 1]}", "expected semi-isotropic, anisotropic or triclinic"},
      {"mtk: {temperature: 300, coupling: anisotropic, shear_pressure: [0, 0, 1]}", "expected triclinic"},
      {"minimise: {extra_pressure: 1}", "extra_pressure: this cell cannot answer"},
  };
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    toy_system toy;
    toy_crystal(&toy, TEST_COMM, 2, 0);
    TEST_FAILS(toy_stage(&toy, cases[k].text, 1, 10), NMD_CONFLICT);
    TEST_CONTAINS(nmd_error_text(), cases[k].say);
    toy_free(&toy);
  }
}

TEST_SUITE("dynamics/load", TEST(test_slopes), TEST(test_minimum), TEST(test_mean_stress), TEST(test_conserved),
           TEST(test_refused))
