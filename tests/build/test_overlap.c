/* SPDX-License-Identifier: BSD-3-Clause */
#include "build/overlap.h"

#include "base/random.h"
#include "build_support.h"

static double uniform(int64_t id, unsigned draw) {
  double u[2];
  nmd_random_uniform2(11, NMD_STREAM_TEST, 1, id, draw, u);
  return u[0];
}

/* Smallest distance by brute force over images, the own ones included. */
static double closest(const nmd_structure *s, double limit) {
  double low = 0.0, high = limit;
  if (count_pairs(s, 0, 0, -1.0, limit) == 0) return limit;
  for (int step = 0; step < 40; step++) {
    const double middle = 0.5 * (low + high);
    if (count_pairs(s, 0, 0, -1.0, middle) > 0)
      high = middle;
    else
      low = middle;
  }
  return high;
}

/* A few atoms anywhere (also outside) in a random cell: tiny, flat, skewed; some axes open. */
static bool random_structure(int64_t id, nmd_structure *s) {
  double h[3][3], x[3];
  for (int i = 0; i < 9; i++) h[i / 3][i % 3] = 8.0 * (uniform(id, (unsigned)i) - 0.5);
  if (fabs(nmd_det(h)) < 3.0) return false;
  const bool periodic[3] = {id % 2 == 0, id % 3 != 0, id % 5 != 0};
  TEST_OK(nmd_structure_init(s, 1 + id % 4));
  TEST_OK(nmd_box_init(&s->box, h, NULL, periodic));
  for (int64_t i = 0; i < s->n; i++) {
    for (int k = 0; k < 3; k++) x[k] = 12.0 * (uniform(id, 100 + 3 * (unsigned)i + (unsigned)k) - 0.5);
    memcpy(s->x[i], x, sizeof x);
    s->atomic_number[i] = 79;
  }
  return true;
}

/* No overlap just below the smallest distance, one just above it. */
static void test_random_cells(void) {
  int tried = 0, wrong = 0;
  for (int64_t id = 0; id < 600; id++) {
    nmd_structure s, unit;
    if (!random_structure(id, &s)) continue;
    int image[3] = {0};
    for (int64_t i = 0; i < s.n; i++) nmd_box_wrap(&s.box, s.x[i], image);
    const double r = closest(&s, 4.0);
    TEST_OK(nmd_structure_copy(&s, &unit));
    for (int64_t i = 0; i < s.n; i++) /* any images must do */
      for (int k = 0; k < 3; k++)
        for (int d = 0; d < 3; d++) unit.x[i][k] += s.box.periodic[d] ? (double)(3 * i - d) * s.box.h[d][k] : 0.0;
    wrong += nmd_structure_check_overlaps(&unit, r * (1.0 - 1e-9)) != NMD_OK;
    if (r < 4.0) wrong += nmd_structure_check_overlaps(&unit, r * (1.0 + 1e-9)) != NMD_OVERLAP;
    tried++;
    nmd_structure_free(&unit);
    nmd_structure_free(&s);
  }
  TEST_CHECK(wrong == 0 && tried > 300, "%d wrong of %d", wrong, tried);
}

static void test_message(void) {
  nmd_structure s;
  const double h[3][3] = {{10, 0, 0}, {0, 10, 0}, {0, 0, 10}};
  TEST_OK(nmd_structure_init(&s, 3));
  TEST_OK(nmd_box_init(&s.box, h, NULL, NULL));
  memcpy(s.x, (double[3][3]){{0.1, 5, 5}, {5, 5, 5}, {9.8, 5, 5}}, sizeof(double[3][3]));
  memcpy(s.atomic_number, (int[3]){79, 8, 3}, sizeof(int[3]));
  memcpy(s.id, (int64_t[3]){17, 4, 5}, sizeof(int64_t[3]));
  TEST_FAILS(nmd_structure_check_overlaps(&s, 0.5), NMD_OVERLAP);
  TEST_CONTAINS(nmd_error_text(), "atoms 5 (Li) and 17 (Au) are 0.3 A apart");
  TEST_OK(nmd_structure_check_overlaps(&s, 0.25));
  s.box.periodic[0] = false;
  TEST_OK(nmd_structure_check_overlaps(&s, 0.5));
  TEST_FAILS(nmd_structure_check_overlaps(&s, 10.5), NMD_OVERLAP);
  TEST_CONTAINS(nmd_error_text(), "own periodic image");
  s.x[1][0] = NAN;
  TEST_FAILS(nmd_structure_check_overlaps(&s, 0.5), NMD_BAD_NUMBER);
  s.x[1][0] = 1e300;
  TEST_FAILS(nmd_structure_check_overlaps(&s, 0.5), NMD_BAD_NUMBER);
  nmd_structure_free(&s);
  TEST_OK(nmd_structure_init(&s, 0));
  TEST_OK(nmd_structure_check_overlaps(&s, 0.5));
  nmd_structure_free(&s);
}

/* A cell whose vectors are a long way from the shortest ones of its lattice. */
static void test_skewed_cell(void) {
  nmd_structure s;
  const double h[3][3] = {{3, 0, 0}, {3000, 3, 0}, {-7002, 6003, 3}};
  TEST_OK(nmd_structure_init(&s, 2));
  TEST_OK(nmd_box_init(&s.box, h, NULL, NULL));
  for (int k = 0; k < 3; k++) s.x[1][k] = 1.5 + h[1][k] - 5 * h[2][k];
  TEST_OK(nmd_structure_check_overlaps(&s, 2.59));
  TEST_FAILS(nmd_structure_check_overlaps(&s, 2.6), NMD_OVERLAP);
  nmd_structure_free(&s);
}

/* All atoms in one place, and two clusters far apart in an open cell: no quadratic time, no huge grid. */
static void test_hard_arrangements(void) {
  enum { N = 100000 };
  nmd_structure s;
  const double h[3][3] = {{1e7, 0, 0}, {0, 1e7, 0}, {0, 0, 1e7}};
  TEST_OK(nmd_structure_init(&s, N));
  TEST_OK(nmd_box_init(&s.box, h, NULL, (bool[3]){false, false, true}));
  TEST_FAILS(nmd_structure_check_overlaps(&s, 0.5), NMD_OVERLAP);
  for (int i = 0; i < N; i++) {
    const int n = i / 2;
    s.x[i][0] = n % 37 + 1e6 * (i % 2);
    s.x[i][1] = n / 37 % 37;
    s.x[i][2] = n / (37 * 37);
  }
  TEST_OK(nmd_structure_check_overlaps(&s, 0.999));
  TEST_FAILS(nmd_structure_check_overlaps(&s, 1.001), NMD_OVERLAP);
  nmd_structure_free(&s);
}

TEST_SUITE("build/overlap", TEST(test_random_cells), TEST(test_message), TEST(test_skewed_cell),
           TEST(test_hard_arrangements))
