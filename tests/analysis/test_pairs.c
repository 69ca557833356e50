/* SPDX-License-Identifier: BSD-3-Clause */
/* The search for pairs against all pairs and images. */
#include "analysis/pairs.h"

#include "analysis/pair_scene.h"
#include "base/vec3.h"
#include "support/test.h"

static pair_scene scene;

/* What pairs add up to: their number, and sums that tell vectors and indices apart. */
typedef struct pair_sums {
  int64_t n;
  double length, index, vector[3];
} pair_sums;

static void add_pair(void *context, int i, int j, const double d[3]) {
  pair_sums *sums = context;
  sums->n++;
  sums->length += nmd_norm(d);
  sums->index += (i + 1) * sqrt(j + 2.0);
  for (int k = 0; k < 3; k++) sums->vector[k] += d[k] * sin(i + 2 * j);
}

static pair_sums search(double cutoff, bool once) {
  nmd_pairs pairs;
  pair_sums sums = {0};
  nmd_pairs_init(&pairs);
  TEST_OK(nmd_pairs_build(&pairs, &scene.box, scene.n, (const double(*)[3])scene.x, scene.kind, cutoff, once));
  for (int i = 0; i < scene.n; i++) {
    const nmd_neighbours *near;
    TEST_OK(nmd_pairs_around(&pairs, i, &near));
    for (int k = 0; k < near->n; k++) {
      const double d[3] = {near->d[0][k], near->d[1][k], near->d[2][k]}, back[3] = {-d[0], -d[1], -d[2]};
      add_pair(&sums, i, near->atom[k], d);
      if (once) add_pair(&sums, near->atom[k], i, back);
      CU_ASSERT(near->kind[k] == scene.kind[near->atom[k]]);
      TEST_NEAR(near->squared[k], nmd_dot(d, d), 1e-14);
    }
  }
  nmd_pairs_free(&pairs);
  return sums;
}

static void compare(double cutoff) {
  pair_sums direct = {0};
  pair_scene_visit(&scene, cutoff, add_pair, &direct);
  for (int once = 0; once < 2; once++) {
    const pair_sums sums = search(cutoff, once);
    TEST_EQUAL_INT(sums.n, direct.n);
    TEST_NEAR(sums.length, direct.length, 1e-10 * (1 + direct.length));
    TEST_NEAR(sums.index, direct.index, 1e-10 * (1 + direct.index));
    for (int k = 0; k < 3; k++) TEST_NEAR(sums.vector[k], direct.vector[k], 1e-9);
  }
}

static void test_cells(void) {
  for (int cell = 0; cell < SCENE_CELLS; cell++)
    for (int n = 1; n <= 64; n *= 4)
      for (double cutoff = 1.93; cutoff < 9; cutoff += 3.1) {
        pair_scene_fill(&scene, cell, n, 2, NULL, n);
        compare(cutoff);
      }
}

static void test_open_axes(void) {
  for (int open = 1; open < 8; open++) {
    const bool periodic[3] = {!(open & 1), !(open & 2), !(open & 4)};
    for (int cell = 0; cell < SCENE_CELLS; cell++) {
      pair_scene_fill(&scene, cell, 20, 2, periodic, open);
      compare(4.2);
    }
  }
}

/* Thousands of atoms: several cells of the search along each axis. */
static void test_many_atoms(void) {
  pair_scene_fill(&scene, 2, 900, 3, NULL, 1);
  compare(2.3);
}

static void test_left_out(void) {
  pair_scene_fill(&scene, 0, 50, 2, NULL, 1);
  for (int i = 0; i < 50; i += 2) scene.kind[i] = -1;
  nmd_pairs pairs;
  const nmd_neighbours *near;
  nmd_pairs_init(&pairs);
  TEST_OK(nmd_pairs_build(&pairs, &scene.box, 50, (const double(*)[3])scene.x, scene.kind, 6, false));
  TEST_OK(nmd_pairs_around(&pairs, 0, &near));
  CU_ASSERT_EQUAL(near->n, 0);
  TEST_OK(nmd_pairs_around(&pairs, 1, &near));
  CU_ASSERT(near->n > 0);
  for (int k = 0; k < near->n; k++) CU_ASSERT(near->atom[k] % 2 == 1);
  nmd_pairs_free(&pairs);
}

static void test_errors(void) {
  pair_scene_fill(&scene, 5, 3, 1, NULL, 1);
  nmd_pairs pairs;
  nmd_pairs_init(&pairs);
  const double(*x)[3] = (const double(*)[3])scene.x;
  TEST_FAILS(nmd_pairs_build(&pairs, &scene.box, 3, x, NULL, 0, false), NMD_OUT_OF_RANGE);
  TEST_FAILS(nmd_pairs_build(&pairs, &scene.box, 3, x, NULL, NAN, false), NMD_OUT_OF_RANGE);
  TEST_FAILS(nmd_pairs_build(&pairs, &scene.box, 3, x, NULL, 1e9, false), NMD_OUT_OF_RANGE);
  scene.x[1][2] = NAN;
  TEST_FAILS(nmd_pairs_build(&pairs, &scene.box, 3, x, NULL, 2, false), NMD_OUT_OF_RANGE);
  TEST_CONTAINS(nmd_error_text(), "atom 2 at (");
  scene.x[1][2] = 1e300;
  TEST_FAILS(nmd_pairs_build(&pairs, &scene.box, 3, x, NULL, 2, false), NMD_OUT_OF_RANGE);
  nmd_pairs_free(&pairs);
}

TEST_SUITE("analysis/pairs", TEST(test_cells), TEST(test_open_axes), TEST(test_many_atoms), TEST(test_left_out),
           TEST(test_errors))
