/* SPDX-License-Identifier: BSD-3-Clause */
/* Convex hulls with known answers, and random ones against a geometric construction. */
#include "analysis/hull.h"

#include <stdlib.h>

#include "base/random.h"
#include "support/test.h"

static void test_binary(void) {
  /* x: 0, 1/4, 1/2, 3/4, 1 with elements at -2 and -3 eV; 1/4 lies 0.05 above the line from 0 to 1/2 */
  const double composition[] = {1, 0, 0.75, 0.25, 0.5, 0.5, 0.25, 0.75, 0, 1, 0, 1};
  const double energy[] = {-2, -2.25 - 0.1 + 0.05, -2.5 - 0.2, -2.75 + 0.03, -3, -2.9};
  int64_t pure[2];
  nmd_hull_point p[6];
  TEST_OK(nmd_hull_compute(2, 6, composition, energy, pure, p));
  CU_ASSERT(pure[0] == 0 && pure[1] == 4);
  TEST_NEAR(p[1].mixing, -0.05, 1e-14);
  TEST_NEAR(p[1].distance, 0.05, 1e-14);
  TEST_NEAR(p[2].mixing, -0.2, 1e-14);
  CU_ASSERT(p[0].distance == 0 && p[2].distance == 0 && p[4].distance == 0);
  TEST_NEAR(p[2].depth, 0.2 - 0.1 / 3, 1e-12); /* below the line between the points at 1/4 and 1 */
  TEST_NEAR(p[3].distance, 0.13, 1e-14);
  TEST_NEAR(p[3].depth, -0.13, 1e-14);
  TEST_NEAR(p[5].distance, 0.1, 1e-14);
  TEST_EQUAL_INT(p[1].n_products, 2);
  for (int k = 0; k < 2; k++) {
    CU_ASSERT(p[1].product[k] == 0 || p[1].product[k] == 2);
    TEST_NEAR(p[1].share[k], 0.5, 1e-14);
  }
}

static void test_ternary(void) {
  /* ABC at the centre is stable at -0.3; AB at -0.1 as well; a point on the line from C to AB, 0.02 above it */
  const double third = 1.0 / 3;
  const double composition[] = {1, 0, 0, 0, 1, 0, 0, 0, 1, third, third, third, 0.5, 0.5, 0, 0.25, 0.25, 0.5};
  const double energy[] = {-1, -2, -3, -2 - 0.3, -1.5 - 0.1, -2.25 - 0.225 + 0.02};
  int64_t pure[3];
  nmd_hull_point p[6];
  TEST_OK(nmd_hull_compute(3, 6, composition, energy, pure, p));
  CU_ASSERT(p[3].distance == 0 && p[4].distance == 0);
  TEST_NEAR(p[3].depth, 0.3 - (2 * 0.205 + 0.1) / 3, 1e-13); /* without it: 2/3 of point 5 and 1/3 of AB */
  TEST_NEAR(p[5].mixing, -0.205, 1e-14);
  TEST_NEAR(p[5].distance, 0.02, 1e-13); /* (1/4,1/4,1/2) = 3/4 ABC + 1/4 C: -0.225 */
  TEST_EQUAL_INT(p[5].n_products, 2);
}

static double uniform(int64_t k, int64_t seed) {
  double u[2];
  nmd_random_uniform2(5, NMD_STREAM_TEST, seed, k, 0, u);
  return u[0];
}

/* The lower hull of a binary system at x: the lowest of all chords over x. */
static double lowest_chord(int n, const double *x, const double *e, double at) {
  double lowest = INFINITY;
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) {
      if (!(x[i] <= at && at <= x[j])) continue;
      const double t = x[j] > x[i] ? (at - x[i]) / (x[j] - x[i]) : 0;
      lowest = fmin(lowest, (1 - t) * e[i] + t * e[j]);
    }
  return lowest;
}

static void test_random_binaries(void) {
  enum { N = 60 };
  double composition[2 * N], x[N], e[N];
  int64_t pure[2];
  nmd_hull_point p[N];
  for (int seed = 0; seed < 20; seed++) {
    for (int i = 0; i < N; i++) { /* many at the same simple fractions: degenerate corners */
      x[i] = i < 2 ? i : floor(uniform(i, seed) * 9) / 8;
      e[i] = -x[i] + 0.3 * (uniform(i + 100, seed) - 0.7);
      composition[2 * i] = 1 - x[i];
      composition[2 * i + 1] = x[i];
    }
    TEST_OK(nmd_hull_compute(2, N, composition, e, pure, p));
    for (int i = 0; i < N; i++) TEST_NEAR(p[i].distance, e[i] - lowest_chord(N, x, e, x[i]), 1e-11);
  }
}

/* Four elements whose energies are convex in the composition: all are stable; one raised by d is d above at most. */
static void test_convex_quaternary(void) {
  enum { N = 35, M = 4 };
  double composition[N * M], e[N];
  int n = 0;
  for (int a = 0; a <= 4; a++)
    for (int b = 0; a + b <= 4; b++)
      for (int c = 0; a + b + c <= 4; c++, n++) {
        const double f[M] = {a / 4.0, b / 4.0, c / 4.0, (4 - a - b - c) / 4.0};
        e[n] = 0;
        for (int k = 0; k < M; k++) {
          composition[n * M + k] = f[k];
          e[n] += f[k] * f[k] - k * f[k];
        }
      }
  TEST_EQUAL_INT(n, N);
  int64_t pure[M];
  nmd_hull_point p[N];
  TEST_OK(nmd_hull_compute(M, N, composition, e, pure, p));
  for (int i = 0; i < N; i++) {
    CU_ASSERT_EQUAL(p[i].distance, 0);
    CU_ASSERT(p[i].depth >= -1e-12);
  }
}

static void test_errors(void) {
  const double composition[] = {1, 0, 0.5, 0.5};
  double energy[] = {-1, -2};
  int64_t pure[2];
  nmd_hull_point p[2];
  TEST_FAILS(nmd_hull_compute(2, 2, composition, energy, pure, p), NMD_MISSING_KEY);
  TEST_CONTAINS(nmd_error_text(), "pure element 2");
  TEST_FAILS(nmd_hull_compute(9, 2, composition, energy, pure, p), NMD_OUT_OF_RANGE);
  TEST_FAILS(nmd_hull_compute(1, 4, composition, energy, pure, p), NMD_OUT_OF_RANGE);
  energy[1] = NAN;
  TEST_FAILS(nmd_hull_compute(2, 2, composition, energy, pure, p), NMD_OUT_OF_RANGE);
}

TEST_SUITE("analysis/hull", TEST(test_binary), TEST(test_ternary), TEST(test_random_binaries),
           TEST(test_convex_quaternary), TEST(test_errors))
