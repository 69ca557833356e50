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
static double energy_at(const nmd_crescale *barostat, const nmd_bath *bath, int k, double strain) {
  toy_system toy;
  make_moving_crystal(&toy);
  double strains[NMD_CELL_MODES_MAX] = {0};
  strains[k] = strain;
  toy.motion.timestep = 0.0;
  TEST_OK(nmd_cell_modes_drift(&barostat->modes, &toy.motion, 1.0, strains));
  toy.force(&toy);
  const double e = energy(&toy, bath);
  toy_free(&toy);
  return e;
}

static void check_slopes(nmd_coupling coupling, const bool axes[3]) {
  const nmd_bath bath = {700.0, 0.02};
  toy_system toy;
  make_moving_crystal(&toy);
  nmd_crescale barostat;
  TEST_OK(nmd_crescale_init(&barostat, coupling, axes, 3.0, 1000.0, &toy.box));
  double kinetic[3][3], slope[NMD_CELL_MODES_MAX];
  nmd_kinetic_tensor(&toy.motion, kinetic);
  nmd_crescale_slopes(&barostat, &toy.motion, (const double(*)[3])kinetic, &bath, slope);
  for (int k = 0; k < barostat.modes.n; k++) {
    const double d = 1e-4, change = energy_at(&barostat, &bath, k, d) - energy_at(&barostat, &bath, k, -d);
    TEST_NEAR(slope[k], change / (2 * d), 1e-6 * (1.0 + fabs(slope[k])));
  }
  toy_free(&toy);
}

/* Slopes are the derivatives of the energy of the stretched, sheared, moving crystal, for every kind of coupling. */
static void test_slopes_by_differences(void) {
  static const bool axes[][3] = {{true, true, true}, {false, true, true}, {false, false, true}};
  for (int coupling = NMD_ISOTROPIC; coupling <= NMD_ANISOTROPIC; coupling++)
    for (int a = 0; a < 3; a++) check_slopes((nmd_coupling)coupling, axes[a]);
  check_slopes(NMD_TRICLINIC, all);
}

static void test_modes(void) {
  toy_system toy;
  toy_crystal(&toy, TEST_COMM, 3, 0.0);
  nmd_crescale b;
  const bool bc[3] = {false, true, true}, none[3] = {false, false, false};
  TEST_OK(nmd_crescale_init(&b, NMD_SEMI_ISOTROPIC, all, 1.0, 1.0, &toy.box));
  CU_ASSERT(b.modes.n == 2 && b.modes.moving == 3 && b.modes.group[0] == 0 && b.modes.group[2] == 1);
  TEST_NEAR(b.modes.basis[0][0][0], sqrt(0.5), 1e-15);
  TEST_NEAR(b.modes.basis[0][1][1], sqrt(0.5), 1e-15);
  TEST_NEAR(b.modes.trace[0], sqrt(2.0), 1e-15);
  TEST_NEAR(b.modes.basis[1][2][2], 1.0, 1e-15);
  TEST_OK(nmd_crescale_init(&b, NMD_ANISOTROPIC, bc, 1.0, 1.0, &toy.box));
  CU_ASSERT(b.modes.n == 2 && b.modes.moving == 2 && b.modes.group[0] == -1);
  TEST_NEAR(b.modes.basis[0][1][1], 1.0, 1e-15);
  TEST_FAILS(nmd_crescale_init(&b, NMD_ISOTROPIC, none, 1.0, 1.0, &toy.box), NMD_CONFLICT);
  TEST_FAILS(nmd_crescale_init(&b, NMD_TRICLINIC, bc, 1.0, 1.0, &toy.box), NMD_CONFLICT);
  TEST_CONTAINS(nmd_error_text(), "false for a; expected true for all with triclinic");
  toy.box.periodic[0] = false;
  TEST_FAILS(nmd_crescale_init(&b, NMD_ISOTROPIC, all, 1.0, 1.0, &toy.box), NMD_CONFLICT);
  TEST_CONTAINS(nmd_error_text(), "cell vector a is not periodic");
  toy_free(&toy);
}

/* The map of the strain seen from behind, negative, with reversed velocities undoes drift/2, strain, drift/2. */
static void check_way_back(nmd_coupling coupling, const double *strain) {
  toy_system toy;
  make_moving_crystal(&toy);
  nmd_crescale barostat;
  TEST_OK(nmd_crescale_init(&barostat, coupling, all, 3.0, 1000.0, &toy.box));
  const int n = 3 * toy.atoms.n_owned;
  double x[81], v[81], h[3][3], turned[NMD_CELL_MODES_MAX], again[NMD_CELL_MODES_MAX], volume = toy.box.volume;
  double worst = 0.0, growth = 0.0;
  memcpy(x, toy.atoms.x, sizeof x);
  memcpy(v, toy.atoms.v, sizeof v);
  memcpy(h, toy.box.h, sizeof h);
  memcpy(turned, strain, (size_t)barostat.modes.n * sizeof *strain);
  TEST_OK(nmd_cell_modes_drift(&barostat.modes, &toy.motion, 1.0, turned));
  for (int k = 0; k < barostat.modes.n; k++) growth += barostat.modes.trace[k] * strain[k];
  TEST_RELATIVE(toy.box.volume, volume * exp(growth), 1e-13);
  nmd_velocities_scale(&toy.motion, -1.0);
  for (int k = 0; k < barostat.modes.n; k++) again[k] = -turned[k];
  TEST_OK(nmd_cell_modes_drift(&barostat.modes, &toy.motion, 1.0, again));
  for (int k = 0; k < barostat.modes.n; k++) TEST_NEAR(again[k], -strain[k], 1e-14);
  for (int k = 0; k < n; k++) worst = fmax(worst, fmax(fabs(toy.atoms.x[k] - x[k]), fabs(toy.atoms.v[k] + v[k])));
  TEST_NEAR(worst, 0.0, 1e-12);
  for (int k = 0; k < 9; k++) TEST_NEAR(toy.box.h[k / 3][k % 3], h[k / 3][k % 3], 1e-13);
  toy_free(&toy);
}

static void test_map_is_symmetric_in_time(void) {
  check_way_back(NMD_ANISOTROPIC, (const double[]){0.03, -0.02, 0.05});
  check_way_back(NMD_TRICLINIC, (const double[]){0.03, -0.02, 0.05, 0.04, -0.03, 0.02});
}

/* A triclinic cell is stretched and sheared, never turned. */
static void test_cell_does_not_turn(void) {
  toy_system toy;
  make_moving_crystal(&toy);
  nmd_crescale barostat;
  double tilt = 0.0;
  const double before = toy.box.h[2][0];
  TEST_OK(nmd_crescale_init(&barostat, NMD_TRICLINIC, all, 3.0, 1000.0, &toy.box));
  for (int n = 0; n < 500; n++) {
    const double s = n % 2 ? 0.02 : -0.02, zero = 0.0;
    double strain[] = {zero, s, zero, n % 3 ? s : zero, n % 5 ? s : zero, s};
    TEST_OK(nmd_cell_modes_drift(&barostat.modes, &toy.motion, 1.0, strain));
    tilt = fmax(tilt, fabs(toy.box.h[2][0] - before));
  }
  TEST_CHECK(tilt > 0.1, "the cell was hardly sheared: %g A", tilt);
  TEST_NEAR(toy.box.h[0][1], 0.0, 1e-11);
  TEST_NEAR(toy.box.h[0][2], 0.0, 1e-11);
  TEST_NEAR(toy.box.h[1][2], 0.0, 1e-11);
  toy_free(&toy);
}

/* p . dx is kept by x -> x A, p -> p A^-T. */
static void test_map_is_canonical(void) {
  toy_system toy;
  make_moving_crystal(&toy);
  nmd_crescale barostat;
  TEST_OK(nmd_crescale_init(&barostat, NMD_TRICLINIC, all, 3.0, 1000.0, &toy.box));
  double before[3], after[3];
  for (int k = 0; k < 3; k++) before[k] = toy.atoms.x[30 + k] - toy.atoms.x[k];
  const double product = nmd_dot(before, toy.atoms.v);
  toy.motion.timestep = 0.0;
  double strain[] = {0.3, -0.2, 0.5, 0.1, -0.2, 0.3};
  TEST_OK(nmd_cell_modes_drift(&barostat.modes, &toy.motion, 1.0, strain));
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
  const double strain[2] = {0.004, -0.003}, turned[2] = {0.003, -0.004}, f[2] = {0.7, -0.4}, b[2] = {-0.1, 0.9};
  const double mobility = 3.0 / (toy.box.volume * 100.0) / 3;
  double expected = 0.0;
  for (int g = 0; g < 2; g++) {
    const double width = 4.0 * mobility * kt * dt;
    expected -= kt * pow(strain[g] + mobility * f[g] * dt, 2) / width;
    expected += kt * pow(-turned[g] + mobility * b[g] * dt, 2) / width;
  }
  TEST_RELATIVE(nmd_crescale_log_ratio(&barostat, dt, strain, turned, f, b), expected, 1e-10);
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

TEST_SUITE("dynamics/barostat_crescale", TEST(test_slopes_by_differences), TEST(test_modes),
           TEST(test_map_is_symmetric_in_time), TEST(test_cell_does_not_turn), TEST(test_map_is_canonical),
           TEST(test_log_ratio), TEST(test_explosion_is_reported))
