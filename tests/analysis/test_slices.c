/* SPDX-License-Identifier: BSD-3-Clause */
/* Counting in slices and the mixing fraction, against hand-made arrangements whose answer is known. */
#include "analysis/slices.h"
#include "support/test.h"

enum { BINS = 4, EACH = 6, N = BINS * EACH };

typedef struct scene {
  nmd_box box;
  nmd_slices slices;
  double x[N][3];
  int kind[N];
} scene;

static void scene_open(scene *s) {
  memset(s, 0, sizeof *s);
  const double h[3][3] = {{5, 0, 0}, {1, 6, 0}, {2, -1, 8}};
  TEST_OK(nmd_box_init(&s->box, h, NULL, NULL));
  TEST_OK(nmd_slices_init(&s->slices, 2, BINS, 2));
  for (int i = 0; i < N; i++) { /* EACH atoms in the middle of each slice; every other one a cell away */
    const double fractional[3] = {0.1 * i, 0.3, (i / EACH + 0.5) / BINS + (i & 1)};
    nmd_box_to_cartesian(&s->box, fractional, s->x[i]);
  }
}

static void scene_close(scene *s) { nmd_slices_free(&s->slices); }

static double mixing_of(scene *s, int (*species)(int)) {
  for (int i = 0; i < N; i++) s->kind[i] = species(i);
  nmd_slices_count(&s->slices, &s->box, N, (const double(*)[3])s->x, s->kind);
  return nmd_slices_mixing(&s->slices);
}

static int separated(int i) { return i / EACH >= BINS / 2; }
static int mixed(int i) { return i & 1; }
static int one_element(int i) { return 0 * i; }
static int by_thirds(int i) { return i / EACH < BINS / 2 ? i % 3 == 0 : i % 3 != 0; } /* x = 1/3 and 2/3 */

static void test_counts(void) {
  scene s;
  scene_open(&s);
  mixing_of(&s, by_thirds);
  for (int b = 0; b < BINS; b++) {
    CU_ASSERT_EQUAL(s.slices.count[2 * b] + s.slices.count[2 * b + 1], EACH);
    CU_ASSERT_EQUAL(s.slices.count[2 * b + 1], b < BINS / 2 ? EACH / 3 : 2 * EACH / 3);
  }
  scene_close(&s);
}

static void test_mixing(void) {
  scene s;
  scene_open(&s);
  TEST_NEAR(mixing_of(&s, separated), 0.0, 1e-15);
  TEST_NEAR(mixing_of(&s, mixed), 1.0, 1e-15);
  TEST_NEAR(mixing_of(&s, one_element), 1.0, 1e-15);
  TEST_NEAR(mixing_of(&s, by_thirds), 1 - (1.0 / 36) / (1.0 / 4), 1e-15); /* variance (1/6)^2 of x (1 - x) = 1/4 */
  scene_close(&s);
}

TEST_SUITE("analysis/slices", TEST(test_counts), TEST(test_mixing))
