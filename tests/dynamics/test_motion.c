/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/units.h"
#include "base/vec3.h"
#include "dynamics/toy_system.h"
#include "support/test.h"

static const double cube[3][3] = {{20, 0, 0}, {0, 20, 0}, {0, 0, 20}};

static void test_sums_by_hand(void) {
  toy_system toy;
  toy_gas(&toy, TEST_COMM, 2, cube); /* O, Li */
  const double v[6] = {0.01, -0.02, 0.03, 0.0, 0.04, 0.0};
  memcpy(toy.atoms.v, v, sizeof v);
  const double oxygen = toy.species.mass[toy.atoms.species[0]], lithium = toy.species.mass[toy.atoms.species[1]];
  const double e = NMD_MV2_TO_EV;
  TEST_RELATIVE(nmd_kinetic_energy(&toy.motion), 0.5 * e * (oxygen * 0.0014 + lithium * 0.0016), 1e-14);
  double t[3][3];
  nmd_kinetic_tensor(&toy.motion, t);
  TEST_RELATIVE(t[1][1], e * (oxygen * 0.0004 + lithium * 0.0016), 1e-14);
  TEST_RELATIVE(t[0][2], e * oxygen * 0.0003, 1e-14);
  TEST_RELATIVE(t[1][2], e * oxygen * -0.0006, 1e-14);
  CU_ASSERT_EQUAL(t[2][1], t[1][2]);
  toy.motion.removed_freedoms = 3;
  TEST_RELATIVE(nmd_temperature_of(&toy.motion, 1.5 * NMD_BOLTZMANN), 1.0, 1e-14);
  toy.motion.n_atoms = 1; /* nothing left to be warm */
  CU_ASSERT_EQUAL(nmd_temperature_of(&toy.motion, 1.0), 0.0);
  toy_free(&toy);
}

static void test_kick_and_drift(void) {
  toy_system toy;
  toy_gas(&toy, TEST_COMM, 1, cube);
  const double x = toy.atoms.x[1], mass = toy.species.mass[toy.atoms.species[0]];
  toy.atoms.f[1] = 2.0;
  nmd_kick(&toy.motion, 3.0);
  TEST_RELATIVE(toy.atoms.v[1], 3.0 * 2.0 / mass * 0.0096485332, 1e-8); /* e / (0.1 nm u), A/fs^2 */
  nmd_drift(&toy.motion, 5.0);
  TEST_RELATIVE(toy.atoms.x[1], x + 5.0 * toy.atoms.v[1], 1e-14);
  toy_free(&toy);
}

static void test_ramp(void) {
  const double ramp[2] = {300.0, 600.1};
  CU_ASSERT_EQUAL(nmd_ramp(ramp, 0.0), 300.0);
  TEST_RELATIVE(nmd_ramp(ramp, 0.5), 450.05, 1e-15);
  CU_ASSERT_EQUAL(nmd_ramp(ramp, 1.0), 600.1);
}

/* Temperature exact, no momentum, each component a normal of variance kT/m: second and fourth moments. */
static void test_maxwell_boltzmann(void) {
  enum { N = 40000 };
  toy_system toy;
  toy_gas(&toy, TEST_COMM, N, cube);
  toy.motion.removed_freedoms = 3;
  TEST_OK(nmd_velocities_set(&toy.motion, 450.0));
  TEST_RELATIVE(nmd_temperature_of(&toy.motion, nmd_kinetic_energy(&toy.motion)), 450.0, 1e-12);
  double momentum[3] = {0, 0, 0}, second = 0.0, fourth = 0.0;
  for (int i = 0; i < N; i++)
    for (int k = 0; k < 3; k++) {
      const double m = toy.species.mass[toy.atoms.species[i]], v = toy.atoms.v[3 * i + k];
      const double g = v * sqrt(m * NMD_MV2_TO_EV / (NMD_BOLTZMANN * 450.0));
      momentum[k] += m * v;
      second += g * g / (3.0 * N);
      fourth += g * g * g * g / (3.0 * N);
    }
  TEST_NEAR(nmd_norm(momentum), 0.0, 1e-10);
  TEST_NEAR(second, 1.0, 1e-4);
  TEST_NEAR(fourth, 3.0, 4.0 * sqrt(24.0 / (3.0 * N)));
  TEST_OK(nmd_velocities_set(&toy.motion, 0.0));
  CU_ASSERT_EQUAL(nmd_kinetic_energy(&toy.motion), 0.0);
  TEST_FAILS(nmd_velocities_set(&toy.motion, -1.0), NMD_OUT_OF_RANGE);
  TEST_FAILS(nmd_velocities_set(&toy.motion, NAN), NMD_OUT_OF_RANGE);
  toy_free(&toy);
}

/* Velocities belong to atoms, not to their order. */
static void test_velocities_follow_ids(void) {
  toy_system a, b;
  toy_gas(&a, TEST_COMM, 10, cube);
  toy_gas(&b, TEST_COMM, 10, cube);
  for (int i = 0; i < 10; i++) {
    b.atoms.id[i] = a.atoms.id[9 - i];
    b.atoms.species[i] = a.atoms.species[9 - i];
  }
  TEST_OK(nmd_velocities_set(&a.motion, 300.0));
  TEST_OK(nmd_velocities_set(&b.motion, 300.0));
  for (int i = 0; i < 10; i++) TEST_NEAR(b.atoms.v[3 * i], a.atoms.v[3 * (9 - i)], 1e-15);
  toy_free(&a);
  toy_free(&b);
}

TEST_SUITE("dynamics/motion", TEST(test_sums_by_hand), TEST(test_kick_and_drift), TEST(test_ramp),
           TEST(test_maxwell_boltzmann), TEST(test_velocities_follow_ids))
