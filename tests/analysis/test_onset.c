/* SPDX-License-Identifier: BSD-3-Clause */
/* The test for atoms that dissolve together: honest p values when they do not, small ones when they do. */
#include "analysis/onset.h"
#include "base/memory.h"
#include "base/random.h"
#include "support/test.h"

/* A slab of gold (lower third) below lithium, simple cubic; some lithium of the upper part becomes gold. */
enum { EDGE = 10, N = EDGE * EDGE * EDGE, GOLD_LAYERS = 3, DISSOLVED = 12, PERMUTATIONS = 199, TRIALS = 300 };
#define A 3.0

typedef struct scene {
  nmd_box box;
  double x[N][3];
  int kind[N]; /* 0: Au, 1: Li */
} scene;

static const nmd_onset_rule rule = {.cluster = {.solute = 0, .solvent = 1, .bond = 3.2, .link = 3.2, .share = 0.5},
                                    .axis = 2, .layer = 2.9, .permutations = PERMUTATIONS, .seed = 5};

static int site(int i, int j, int k) { return ((i + EDGE) % EDGE * EDGE + (j + EDGE) % EDGE) * EDGE + k; }

static void clean_scene(scene *s) {
  const double h[3][3] = {{EDGE * A, 0, 0}, {0, EDGE * A, 0}, {0, 0, EDGE * A}};
  TEST_OK(nmd_box_init(&s->box, h, NULL, NULL));
  for (int i = 0; i < N; i++) {
    const int at[3] = {i / (EDGE * EDGE), i / EDGE % EDGE, i % EDGE};
    for (int k = 0; k < 3; k++) s->x[i][k] = A * (at[k] + 0.25);
    s->kind[i] = at[2] >= GOLD_LAYERS;
  }
}

static double uniform(int64_t trial, int64_t draw) {
  double u[2];
  nmd_random_uniform2(9, NMD_STREAM_TEST, trial, draw, 0, u);
  return u[0];
}

/* Independent of each other, but many near the interface: half of them in the first free layer. */
static void dissolve_independently(scene *s, int64_t trial) {
  clean_scene(s);
  int placed = 0;
  for (int64_t draw = 0; placed < DISSOLVED; draw++) {
    const int k = placed % 2 == 0 ? GOLD_LAYERS + 1 : GOLD_LAYERS + 1 + (int)(5 * uniform(trial, 3 * draw));
    const int i = site((int)(EDGE * uniform(trial, 3 * draw + 1)), (int)(EDGE * uniform(trial, 3 * draw + 2)), k);
    if (s->kind[i] == 0) continue;
    s->kind[i] = 0;
    placed++;
  }
}

/* p values of independent atoms: below any level at most as often as the level says; and not far less often. */
static void test_honest(void) {
  scene *s;
  double null[PERMUTATIONS], mean = 0;
  int below[2] = {0, 0};
  TEST_OK(NMD_ALLOC(s, 1));
  for (int t = 0; t < TRIALS; t++) {
    nmd_onset onset;
    dissolve_independently(s, t);
    if (!TEST_OK(nmd_onset_test(&rule, &s->box, N, (const double(*)[3])s->x, s->kind, t, &onset, null))) break;
    CU_ASSERT(onset.dissolved >= DISSOLVED - 2 && onset.places > 500);
    below[0] += onset.p <= 0.1;
    below[1] += onset.p <= 0.5;
    mean += onset.p / TRIALS;
  }
  TEST_CHECK(below[0] <= 0.1 * TRIALS + 3 * sqrt(0.09 * TRIALS), "p <= 0.1 in %d of %d", below[0], TRIALS);
  TEST_CHECK(below[1] <= 0.5 * TRIALS + 3 * sqrt(0.25 * TRIALS), "p <= 0.5 in %d of %d", below[1], TRIALS);
  TEST_CHECK(below[1] > 0.15 * TRIALS && mean < 0.8, "p <= 0.5 in %d of %d, mean %g", below[1], TRIALS, mean);
  nmd_free(s);
}

/* Four groups of three: far beyond chance; the expected number of pairs by hand. */
static void test_together(void) {
  scene *s;
  double null[PERMUTATIONS];
  nmd_onset onset;
  TEST_OK(NMD_ALLOC(s, 1));
  clean_scene(s);
  for (int g = 0; g < 4; g++)
    for (int m = 0; m < 3; m++) s->kind[site(3 * g, m, 6)] = 0;
  TEST_OK(nmd_onset_test(&rule, &s->box, N, (const double(*)[3])s->x, s->kind, 0, &onset, null));
  TEST_EQUAL_INT(onset.dissolved, 12);
  TEST_EQUAL_INT(onset.pairs, 8 + 3); /* rows of three: two pairs each; the rows at 9 and 0 are adjacent, three pairs */
  TEST_EQUAL_INT(onset.largest, 6);
  TEST_NEAR(onset.p, 1.0 / (1 + PERMUTATIONS), 1e-12);
  /* 100 places of a layer, 200 adjacent pairs in it, each with chance 12 * 11 / (100 * 99). */
  TEST_NEAR(onset.expected, 200 * 12.0 * 11 / (100 * 99), 5 * onset.deviation / sqrt(PERMUTATIONS));
  nmd_free(s);
}

static void test_sums(void) {
  const double null[4] = {1, 2, 3, 4};
  TEST_NEAR(nmd_onset_p(3, null, 4), 3.0 / 5, 1e-15);
  TEST_NEAR(nmd_onset_p(5, null, 4), 1.0 / 5, 1e-15);
  TEST_NEAR(nmd_onset_p(0, null, 4), 1, 1e-15);
}

TEST_SUITE("analysis/onset", TEST(test_honest), TEST(test_together), TEST(test_sums))
