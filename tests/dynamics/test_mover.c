/* SPDX-License-Identifier: BSD-3-Clause */
/* Steps along forces: to the bottom of a valley by either method; and that quasi-Newton steps do not leap: a soft
 * direction gives no licence in others, and forces that have doubled empty the memory. Expected numbers are worked out
 * by hand. */
#include "dynamics/mover.h"

#include "support/test.h"

enum { ATOMS = 3, N = 3 * ATOMS };
static const double first_rate = 1.0 / 50; /* A^2/eV, of a step that knows nothing */

static nmd_mover begin(nmd_mover_method method, double max_move) {
  nmd_mover mover = {.method = method, .n = N, .max_move = max_move, .timestep = 4, .mass = 40};
  TEST_OK(nmd_mover_init(&mover));
  return mover;
}

/* Stiffness 0.3 to 24 eV/A^2, with the bottom at 0. */
static double valley(const double *x, double *force) {
  double longest = 0;
  for (int k = 0; k < N; k++) {
    force[k] = -0.3 * pow(1.7, k) * (x[k] + 0.2 * x[(k + 1) % N] * (k % 2) + 0.2 * x[(k + N - 1) % N] * ((k + 1) % 2));
    longest = fmax(longest, fabs(force[k]));
  }
  return longest;
}

static int steps_down(nmd_mover_method method) {
  double x[N], force[N];
  nmd_mover mover = begin(method, 0.1);
  int steps = 0;
  for (int k = 0; k < N; k++) x[k] = 0.1 * (k - 3);
  for (; valley(x, force) > 1e-6 && steps < 5000; steps++) nmd_mover_step(&mover, x, force);
  for (int k = 0; k < N; k++) TEST_NEAR(x[k], 0, 1e-4);
  nmd_mover_free(&mover);
  return steps;
}

/* What tells the methods apart, and why lbfgs is the default. */
static void test_valley(void) {
  const int lbfgs = steps_down(NMD_MOVER_LBFGS), fire = steps_down(NMD_MOVER_FIRE);
  TEST_CHECK(lbfgs < 80 && 2 * lbfgs < fire, "%d steps of L-BFGS, %d of FIRE", lbfgs, fire);
}

static void test_longest_move(void) {
  for (int method = 0; method < 2; method++) {
    double x[N] = {0}, force[N] = {0};
    nmd_mover mover = begin((nmd_mover_method)method, 0.05);
    force[3] = 3000;
    force[4] = 4000;
    nmd_mover_step(&mover, x, force);
    TEST_NEAR(hypot(x[3], x[4]), 0.05, 1e-12);
    TEST_NEAR(x[4] / x[3], 4.0 / 3, 1e-12);
    nmd_mover_free(&mover);
  }
}

/* Atom 0 has gone 5 A along a stiffness of 0.01 eV/A^2, then a force appears on atom 1. The pair (s, y) is (5, 0),
 * (0.05, -0.001) for the two, s . y = 0.25: the two loops take 4999 y from the force, which leaves 5 eV/A at atom 1. By
 * the curvature s . y / y . y of the soft direction it would move by 500 A; it is bounded to ten times the first rate.
 */
static void test_flat(void) {
  double x[N] = {0}, force[N] = {0};
  nmd_mover mover = begin(NMD_MOVER_LBFGS, 1e9);
  force[0] = 250;
  nmd_mover_step(&mover, x, force);
  TEST_NEAR(x[0], 5, 1e-12);
  force[0] -= 0.01 * 5;
  force[3] = 0.001;
  nmd_mover_step(&mover, x, force);
  TEST_NEAR(x[3], 10 * first_rate * 5, 1e-6);
  nmd_mover_free(&mover);
}

/* Forces that grow a little are the model's to use. Doubled, the step is taken back, and the next one begins at its
 * start, knows nothing and is a quarter as long; it stays where it is when that cannot be any shorter. */
static void test_doubled(void) {
  static const double growth[2] = {1.7, 2.1};
  for (int doubled = 0; doubled < 2; doubled++) {
    double x[N] = {0}, force[N] = {0};
    nmd_mover mover = begin(NMD_MOVER_LBFGS, 0.05);
    force[0] = 1;
    nmd_mover_step(&mover, x, force);
    TEST_NEAR(x[0], first_rate, 1e-12); /* 0.02 A */
    force[0] = 0.8;                     /* stiffness 10 eV/A^2 along it */
    force[3] = growth[doubled];
    nmd_mover_step(&mover, x, force);
    const bool back = fabs(x[0] - 0.25 * first_rate) < 1e-12 && fabs(x[3]) < 1e-12;
    TEST_CHECK(back == (doubled == 1), "forces %g times as long: at %g and %g A", growth[doubled], x[0], x[3]);
    for (int k = 0; k < 3 && doubled; k++) {
      for (int i = 0; i < N; i++) force[i] *= 3;
      nmd_mover_step(&mover, x, force);
    }
    TEST_CHECK(!doubled || fabs(x[3]) > 0, "never leaves its start");
    nmd_mover_free(&mover);
  }
}

TEST_SUITE("dynamics/mover", TEST(test_valley), TEST(test_longest_move), TEST(test_flat), TEST(test_doubled))
