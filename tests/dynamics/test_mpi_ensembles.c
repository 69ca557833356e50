/* SPDX-License-Identifier: BSD-3-Clause */
/* A run spread over all ranks against the same run that every rank makes alone. */
#include "base/units.h"
#include "dynamics/toy_system.h"
#include "support/test.h"

enum { N = 37, STEPS = 60 };

static const double cell[3][3] = {{9, 0, 0}, {1, 8, 0}, {-1, 0.5, 8}};

static void make_wells(toy_system *toy, const nmd_comm *comm) { toy_einstein(toy, comm, N, 3.0, 2.0); }
static void make_gas(toy_system *toy, const nmd_comm *comm) { toy_gas(toy, comm, N, cell); }

static double largest_difference(const toy_system *spread, const toy_system *alone) {
  double worst = 0.0;
  for (int i = 0; i < spread->atoms.n_owned; i++)
    for (int k = 0; k < 3; k++) {
      const int64_t j = 3 * (spread->atoms.id[i] - 1) + k;
      worst = fmax(worst, fabs(spread->atoms.x[3 * i + k] - alone->atoms.x[j]));
      worst = fmax(worst, 10.0 * fabs(spread->atoms.v[3 * i + k] - alone->atoms.v[j]));
    }
  return fmax(worst, fabs(spread->box.h[1][0] - alone->box.h[1][0]));
}

static void check(void (*make)(toy_system *, const nmd_comm *), const char *text) {
  nmd_comm *self;
  TEST_OK(nmd_comm_split(TEST_COMM, nmd_comm_rank(TEST_COMM), &self));
  toy_system spread, alone;
  make(&spread, TEST_COMM);
  make(&alone, self);
  spread.motion.removed_freedoms = alone.motion.removed_freedoms = 3;
  TEST_OK(nmd_velocities_set(&spread.motion, 500.0));
  TEST_OK(nmd_velocities_set(&alone.motion, 500.0));
  CU_ASSERT(toy_run(&spread, text, 1.0, STEPS));
  CU_ASSERT(toy_run(&alone, text, 1.0, STEPS));
  TEST_CHECK(largest_difference(&spread, &alone) < 1e-10, "%s: %g A", text, largest_difference(&spread, &alone));
  const double a = toy_conserved(&alone), s = toy_conserved(&spread);
  TEST_NEAR(s, a, 1e-10 * (1.0 + fabs(a)));
  TEST_NEAR(toy_temperature(&spread), toy_temperature(&alone), 1e-8);

  /* every rank holds the same state, bit for bit: rank 0 alone may write it to a checkpoint */
  double state[256] = {0}, top[256], bottom[256];
  spread.ops->save(spread.ensemble, state);
  memcpy(top, state, sizeof state);
  memcpy(bottom, state, sizeof state);
  nmd_comm_max(TEST_COMM, top, 256);
  nmd_comm_min(TEST_COMM, bottom, 256);
  CU_ASSERT(memcmp(top, bottom, sizeof top) == 0);
  toy_free(&spread);
  toy_free(&alone);
  nmd_comm_free(self);
}

static void test_spread_equals_alone(void) {
  check(make_wells, "nve");
  check(make_wells, "nvt: {temperature: 300 K, tau: 20 fs}");
  check(make_wells, "nvt: {temperature: 300 K, thermostat: langevin, tau: 20 fs}");
  check(make_wells, "minimise");
  check(make_wells, "minimise: {method: lbfgs, max_move: 0.02}");
  check(make_gas, "npt: {temperature: 300 K, pressure: 1 GPa, tau_p: 100 fs}");
  check(make_gas, "npt: {temperature: 300 K, coupling: anisotropic, thermostat: langevin, tau_p: 100 fs}");
}

TEST_SUITE("dynamics/mpi_ensembles", TEST(test_spread_equals_alone))
