/* SPDX-License-Identifier: BSD-3-Clause */
#include "dynamics/barostat_crescale.h"

#include "base/units.h"
#include "base/vec3.h"
#include "dynamics/toy_system.h"
#include "support/test.h"

static const bool all[3] = {true, true, true};

/* K + U + P V - kT (1 + r/3) ln V */
static double energy(toy_system *toy, const nmd_bath *bath) {
  return nmd_kinetic_energy(&toy->motion) + toy->motion.potential_energy + nmd_crescale_energy(&toy->motion, bath);
}

static void make_moving_crystal(toy_system *toy) {
  toy_crystal(toy, TEST_COMM, 3, 0.15);
  toy->motion.removed_freedoms = 3;
  TEST_OK(nmd_velocities_set(&toy->motion, 900.0));
  nmd_drift(&toy->motion, 20.0);
  toy->force(toy);
}

/* The scaling alone (time step 0), then the energy there. */
static double energy_at(const nmd_crescale *barostat, const nmd_bath *bath, int g, double strain) {
  toy_system toy;
  make_moving_crystal(&toy);
  double strains[3] = {0, 0, 0};
  strains[g] = strain;
  toy.motion.timestep = 0.0;
  TEST_OK(nmd_crescale_drift(barostat, &toy.motion, strains));
  toy.force(&toy);
  const double e = energy(&toy, bath);
  toy_free(&toy);
  return e;
}

/* Slopes are the derivatives of the energy of the stretched, sheared, moving crystal, for every kind of coupling. */
static void test_slopes_by_differences(void) {
  static const bool axes[][3] = {{true, true, true}, {false, true, true}, {false, false, true}};
  const nmd_bath bath = {700.0, 0.02};
  for (int coupling = NMD_ISOTROPIC; coupling <= NMD_ANISOTROPIC; coupling++)
    for (int a = 0; a < 3; a++) {
      toy_system toy;
      make_moving_crystal(&toy);
      nmd_crescale barostat;
      TEST_OK(nmd_crescale_init(&barostat, (nmd_coupling)coupling, axes[a], 3.0, 1000.0, &toy.box));
      double kinetic[3][3], slope[3];
      nmd_kinetic_tensor(&toy.motion, kinetic);
      nmd_crescale_slopes(&barostat, &toy.motion, (const double(*)[3])kinetic, &bath, slope);
      for (int g = 0; g < barostat.n_groups; g++) {
        const double d = 1e-4, change = energy_at(&barostat, &bath, g, d) - energy_at(&barostat, &bath, g, -d);
        TEST_NEAR(slope[g], change / (2 * d), 1e-6 * (1.0 + fabs(slope[g])));
      }
      toy_free(&toy);
    }
}

static void test_groups(void) {
  toy_system toy;
  toy_crystal(&toy, TEST_COMM, 3, 0.0);
  nmd_crescale b;
  const bool bc[3] = {false, true, true}, none[3] = {false, false, false};
  TEST_OK(nmd_crescale_init(&b, NMD_SEMI_ISOTROPIC, all, 1.0, 1.0, &toy.box));
  CU_ASSERT(b.n_groups == 2 && b.group[0] == 0 && b.group[1] == 0 && b.group[2] == 1 && b.members[0] == 2);
  TEST_OK(nmd_crescale_init(&b, NMD_ANISOTROPIC, bc, 1.0, 1.0, &toy.box));
  CU_ASSERT(b.n_groups == 2 && b.group[0] == -1 && b.group[1] == 0 && b.group[2] == 1);
  TEST_FAILS(nmd_crescale_init(&b, NMD_ISOTROPIC, none, 1.0, 1.0, &toy.box), NMD_CONFLICT);
  toy.box.periodic[0] = false;
  TEST_FAILS(nmd_crescale_init(&b, NMD_ISOTROPIC, all, 1.0, 1.0, &toy.box), NMD_CONFLICT);
  TEST_CONTAINS(nmd_error_text(), "cell vector a is not periodic");
  toy_free(&toy);
}

/* The map of -strain with reversed velocities undoes drift/2, strain, drift/2. */
static void test_map_is_symmetric_in_time(void) {
  toy_system toy;
  make_moving_crystal(&toy);
  nmd_crescale barostat;
  TEST_OK(nmd_crescale_init(&barostat, NMD_ANISOTROPIC, all, 3.0, 1000.0, &toy.box));
  const int n = 3 * toy.atoms.n_owned;
  double x[81], v[81], volume = toy.box.volume, worst = 0.0;
  memcpy(x, toy.atoms.x, sizeof x);
  memcpy(v, toy.atoms.v, sizeof v);
  TEST_OK(nmd_crescale_drift(&barostat, &toy.motion, (const double[3]){0.03, -0.02, 0.05}));
  TEST_RELATIVE(toy.box.volume, volume * exp(0.06), 1e-13);
  nmd_velocities_scale(&toy.motion, -1.0);
  TEST_OK(nmd_crescale_drift(&barostat, &toy.motion, (const double[3]){-0.03, 0.02, -0.05}));
  for (int k = 0; k < n; k++) worst = fmax(worst, fmax(fabs(toy.atoms.x[k] - x[k]), fabs(toy.atoms.v[k] + v[k])));
  TEST_NEAR(worst, 0.0, 1e-12);
  toy_free(&toy);
}

/* p . dx is kept by x -> x A, p -> p A^-T. */
static void test_map_is_canonical(void) {
  toy_system toy;
  make_moving_crystal(&toy);
  nmd_crescale barostat;
  TEST_OK(nmd_crescale_init(&barostat, NMD_ANISOTROPIC, all, 3.0, 1000.0, &toy.box));
  double before[3], after[3];
  for (int k = 0; k < 3; k++) before[k] = toy.atoms.x[30 + k] - toy.atoms.x[k];
  const double product = nmd_dot(before, toy.atoms.v);
  toy.motion.timestep = 0.0;
  TEST_OK(nmd_crescale_drift(&barostat, &toy.motion, (const double[3]){0.3, -0.2, 0.5}));
  for (int k = 0; k < 3; k++) after[k] = toy.atoms.x[30 + k] - toy.atoms.x[k];
  TEST_RELATIVE(nmd_dot(after, toy.atoms.v), product, 1e-12);
  toy_free(&toy);
}

/* Against the two Gaussian densities written out. */
static void test_log_ratio(void) {
  toy_system toy;
  toy_crystal(&toy, TEST_COMM, 3, 0.0);
  nmd_crescale barostat;
  TEST_OK(nmd_crescale_init(&barostat, NMD_SEMI_ISOTROPIC, all, 3.0, 100.0, &toy.box));
  const double kt = NMD_BOLTZMANN * 500.0, dt = 2.0;
  const double strain[3] = {0.004, -0.003}, f[3] = {0.7, -0.4}, b[3] = {-0.1, 0.9};
  const double mobility[2] = {3.0 / (toy.box.volume * 100.0) * 2 / 3, 3.0 / (toy.box.volume * 100.0) / 3};
  double expected = 0.0;
  for (int g = 0; g < 2; g++) {
    const double width = 4.0 * mobility[g] * kt * dt;
    expected -= kt * pow(strain[g] + mobility[g] * f[g] * dt, 2) / width;
    expected += kt * pow(-strain[g] + mobility[g] * b[g] * dt, 2) / width;
  }
  TEST_RELATIVE(nmd_crescale_log_ratio(&barostat, dt, strain, f, b), expected, 1e-10);
  toy_free(&toy);
}

static void test_explosion_is_reported(void) {
  toy_system toy;
  toy_crystal(&toy, TEST_COMM, 3, 0.0);
  nmd_crescale barostat;
  const nmd_bath bath = {300.0, 0.0};
  double strain[3];
  TEST_OK(nmd_crescale_init(&barostat, NMD_ISOTROPIC, all, 3.0, 100.0, &toy.box));
  TEST_FAILS(nmd_crescale_draw(&barostat, &toy.motion, &bath, (const double[3]){1e9, 0, 0}, strain), NMD_EXPLODED);
  TEST_FAILS(nmd_crescale_draw(&barostat, &toy.motion, &bath, (const double[3]){NAN, 0, 0}, strain), NMD_EXPLODED);
  toy_free(&toy);
}

TEST_SUITE("dynamics/barostat_crescale", TEST(test_slopes_by_differences), TEST(test_groups),
           TEST(test_map_is_symmetric_in_time), TEST(test_map_is_canonical), TEST(test_log_ratio),
           TEST(test_explosion_is_reported))
