/* SPDX-License-Identifier: BSD-3-Clause */
/* Ballistic atoms, whose D over a lag t is 3/4 v^2 t in every block: each counts for the region where it begins,
 * whatever periodic image it is in; an atom that crosses regions counts for both; a lag that does not fit is refused.
 * LINKS: parallel */
#include "analysis/mobility.h"

#include "parallel/comm.h" /* TEST_COMM */
#include "support/test.h"

enum { ATOMS = 4, FRAMES = 81 };
/* Cell of 12 x 10 x 20 A, sheared; planes at 0 and half of c. */
static const double cell[3][3] = {{12, 0, 0}, {2, 10, 0}, {3, 1, 20}};
static const double begin[ATOMS] = {1, 38.5, 10 + 3.5, -5.5}; /* heights, A: 1, 1.5, 3.5 and 4.5 A from a plane */
static const double speed[ATOMS][3] = {{0.1, 0, 0}, {0.3, 0, 0}, {0, 0.2, 0}, {0, 0, 0}}; /* A a frame */

static void fill(double x[ATOMS][3][FRAMES]) {
  for (int i = 0; i < ATOMS; i++)
    for (int t = 0; t < FRAMES; t++)
      for (int d = 0; d < 3; d++) x[i][d][t] = (d == 2 ? begin[i] : 0) + speed[i][d] * t;
}

static nmd_status count(double x[ATOMS][3][FRAMES], double lag, nmd_mobility *m) {
  static const int number[ATOMS] = {3, 3, 3, 3};
  static const nmd_mobility_options regions = {
      .axis = 2, .n_planes = 2, .plane = {0, 0.5}, .n_edges = 2, .edge = {2, 4}};
  nmd_mobility_options options = regions;
  nmd_paths paths;
  options.lag = lag;
  if (!TEST_OK(nmd_paths_borrow(TEST_COMM, ATOMS, number, FRAMES, 2.0, cell, &x[0][0][0], &paths))) return NMD_MEMORY;
  const nmd_status status = nmd_mobility_count(&paths, TEST_COMM, &options, m);
  nmd_paths_free(&paths);
  return status;
}

static void test_regions(void) {
  static double x[ATOMS][3][FRAMES];
  nmd_mobility m;
  fill(x);
  if (!TEST_OK(count(x, 16.0, &m))) return; /* 8 frames */
  TEST_EQUAL_INT(m.n_regions, 3);
  TEST_NEAR(m.lag, 16.0, 1e-12);
  TEST_NEAR(m.atoms[0], 2, 1e-12);
  TEST_NEAR(m.atoms[1], 1, 1e-12);
  TEST_NEAR(m.atoms[2], 1, 1e-12);
  const double per_frame = 0.75 * 8 / 2.0; /* 3/4 v^2 t with v in A a frame of 2 fs */
  TEST_NEAR(m.D[0][0], per_frame * (0.1 * 0.1 + 0.3 * 0.3) / 2, 1e-12);
  TEST_NEAR(m.D[0][1], 0, 1e-12);
  TEST_NEAR(m.D[1][1], per_frame * 0.04, 1e-12);
  TEST_NEAR(m.D[1][3], per_frame * 0.04 / 3, 1e-12);
  TEST_NEAR(m.D[2][3], 0, 1e-12);
  for (int k = 0; k < 3; k++) TEST_NEAR(m.sigma[k][3], 0, 1e-8); /* all blocks alike */
}

/* From a plane to the next region half way through. */
static void test_crossing(void) {
  static double x[ATOMS][3][FRAMES];
  nmd_mobility m;
  fill(x);
  for (int t = 0; t < FRAMES; t++) x[0][2][t] = 0.99 + 1e-9 * t + (t >= 40 ? 2 : 0);
  if (!TEST_OK(count(x, 16.0, &m))) return;
  TEST_NEAR(m.atoms[0], 1 + 40.0 / 73, 1e-12);
  TEST_NEAR(m.atoms[1], 1 + 33.0 / 73, 1e-12);
  CU_ASSERT(m.D[0][2] > 0 && m.sigma[0][2] > 0);
}

static void test_refused(void) {
  static double x[ATOMS][3][FRAMES];
  nmd_mobility m;
  fill(x);
  TEST_FAILS(count(x, 0.5, &m), NMD_OUT_OF_RANGE);
  TEST_FAILS(count(x, 100.0, &m), NMD_OUT_OF_RANGE);
  TEST_CONTAINS(nmd_error_text(), "lag of 100 fs; expected two frames (4 fs) up to a quarter of the run (40 fs)");
}

TEST_SUITE("analysis/mobility", TEST(test_regions), TEST(test_crossing), TEST(test_refused))
