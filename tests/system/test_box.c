/* SPDX-License-Identifier: BSD-3-Clause */
#include "system/box.h"

#include "base/random.h"
#include "base/vec3.h"
#include "support/test.h"

static double uniform(int64_t id, unsigned draw) {
  double u[2];
  nmd_random_uniform2(7, NMD_STREAM_TEST, 0, id, draw, u);
  return u[0];
}

static void random_matrix(int64_t id, double scale, double h[3][3]) {
  for (int i = 0; i < 9; i++) h[i / 3][i % 3] = scale * (uniform(id, (unsigned)i) - 0.5);
}

static void test_init(void) {
  nmd_box box;
  const double h[3][3] = {{4, 0, 0}, {1, 5, 0}, {-1, 2, 6}}, origin[3] = {1, 2, 3};
  const bool periodic[3] = {true, false, true};
  TEST_OK(nmd_box_init(&box, h, origin, periodic));
  TEST_NEAR(box.volume, 120.0, 1e-12);
  TEST_NEAR(nmd_box_height(&box, 2), 6.0, 1e-12);
  CU_ASSERT(box.periodic[0] && !box.periodic[1] && box.periodic[2]);
  const double s[3] = {0.25, -1.5, 3.0};
  double x[3], back[3];
  nmd_box_to_cartesian(&box, s, x);
  TEST_NEAR(x[0], 1 + 0.25 * 4 - 1.5 - 3.0, 1e-12);
  nmd_box_to_fractional(&box, x, back);
  for (int k = 0; k < 3; k++) TEST_NEAR(back[k], s[k], 1e-13);
  TEST_OK(nmd_box_init(&box, h, NULL, NULL));
  CU_ASSERT(box.periodic[1] && box.origin[2] == 0.0);
}

static void test_left_handed(void) {
  nmd_box box;
  const double h[3][3] = {{0, 4, 0}, {4, 0, 0}, {0, 0, 4}};
  TEST_OK(nmd_box_init(&box, h, NULL, NULL));
  TEST_NEAR(box.volume, 64.0, 1e-12);
  TEST_NEAR(nmd_box_height(&box, 0), 4.0, 1e-12);
}

static void test_bad_cells(void) {
  nmd_box box;
  const double flat[3][3] = {{1, 0, 0}, {2, 0, 0}, {0, 0, 1}};
  const double tiny[3][3] = {{0.009, 0, 0}, {0, 0.01, 0}, {0, 0, 0.01}};
  const double nan[3][3] = {{NAN, 0, 0}, {0, 1, 0}, {0, 0, 1}};
  const double huge[3][3] = {{1e200, 0, 0}, {0, 1e200, 0}, {0, 0, 1}};
  TEST_FAILS(nmd_box_init(&box, flat, NULL, NULL), NMD_BAD_CELL);
  TEST_CONTAINS(nmd_error_text(), "volume 0 A^3");
  TEST_FAILS(nmd_box_init(&box, tiny, NULL, NULL), NMD_BAD_CELL);
  TEST_FAILS(nmd_box_init(&box, nan, NULL, NULL), NMD_BAD_CELL);
  TEST_FAILS(nmd_box_init(&box, huge, NULL, NULL), NMD_BAD_CELL);
}

/* After wrapping: s in [0, 1) and x + image h as before. `far`: cells away. */
static bool wraps_well(const nmd_box *box, const double start[3], double tolerance) {
  double x[3] = {start[0], start[1], start[2]}, s[3];
  int image[3] = {5, -7, 0};
  nmd_box_wrap(box, x, image);
  nmd_box_to_fractional(box, x, s);
  for (int d = 0; d < 3; d++)
    if (box->periodic[d] ? !(s[d] >= 0.0 && s[d] < 1.0) : image[d] != (const int[]){5, -7, 0}[d]) return false;
  for (int k = 0; k < 3; k++) {
    const double unwrapped =
        x[k] + (image[0] - 5) * box->h[0][k] + (image[1] + 7) * box->h[1][k] + image[2] * box->h[2][k];
    if (!(fabs(unwrapped - start[k]) <= tolerance)) return false;
  }
  return true;
}

static void test_wrap_random(void) {
  int bad = 0;
  for (int64_t id = 0; id < 20000; id++) {
    nmd_box box;
    double h[3][3], x[3];
    random_matrix(id, 40.0, h);
    const bool periodic[3] = {id % 2 == 0, id % 3 != 0, id % 5 != 0};
    const double origin[3] = {uniform(id, 30), -uniform(id, 31), 100.0 * uniform(id, 32)};
    if (fabs(nmd_det(h)) < 10.0 || nmd_box_init(&box, h, origin, periodic) != NMD_OK) continue;
    const double reach = id % 4 == 0 ? 1e6 : 60.0;
    for (int k = 0; k < 3; k++) x[k] = reach * (uniform(id, 40 + (unsigned)k) - 0.5);
    if (!wraps_well(&box, x, 1e-13 * reach * 400.0)) bad++;
  }
  TEST_EQUAL_INT(bad, 0);
}

/* Positions within a few ulps of faces, edges and corners, of cells whose inverse is not exact. */
static void test_wrap_on_faces(void) {
  int bad = 0;
  for (int64_t id = 0; id < 20000; id++) {
    nmd_box box;
    double h[3][3], s[3], x[3];
    random_matrix(id, 30.0, h);
    const double origin[3] = {0.1, 1e3 * uniform(id, 20), -1.0 / 3.0};
    if (fabs(nmd_det(h)) < 10.0 || nmd_box_init(&box, h, origin, NULL) != NMD_OK) continue;
    for (int d = 0; d < 3; d++) s[d] = floor(7.0 * uniform(id, 50 + (unsigned)d)) - 3.0;
    nmd_box_to_cartesian(&box, s, x);
    for (int k = 0; k < 3; k++)
      for (int steps = (int)(5.0 * uniform(id, 60 + (unsigned)k)); steps > 0; steps--)
        x[k] = nextafter(x[k], id % 2 ? INFINITY : -INFINITY);
    if (!wraps_well(&box, x, 1e-10)) bad++;
  }
  TEST_EQUAL_INT(bad, 0);
}

static void test_wrap_tiny_negative(void) {
  nmd_box box;
  const double h[3][3] = {{10, 0, 0}, {0, 10, 0}, {0, 0, 10}};
  TEST_OK(nmd_box_init(&box, h, NULL, NULL));
  static const double values[] = {-1e-300, -1e-20, -0.0, 10.0, 20.0, -10.0, 9.9999999999999982, 1e9, -1e10 - 3.0};
  for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
    const double x[3] = {values[i], 5.0, values[i]};
    TEST_CHECK(wraps_well(&box, x, 1e-5), "x = %.17g", values[i]);
  }
}

static void test_wrap_hopeless(void) {
  nmd_box box;
  const double h[3][3] = {{10, 0, 0}, {0, 10, 0}, {0, 0, 10}};
  TEST_OK(nmd_box_init(&box, h, NULL, NULL));
  static const double values[] = {NAN, INFINITY, -INFINITY, 1e300, -1e12};
  for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
    double x[3] = {values[i], 1.0, 1.0};
    int image[3] = {1, 2, 3};
    nmd_box_wrap(&box, x, image);
    CU_ASSERT(memcmp(&x[0], &values[i], sizeof x[0]) == 0);
    CU_ASSERT(image[0] == 1 && image[1] == 2 && image[2] == 3);
  }
  double x[3] = {35.0, 1.0, 1.0};
  int full[3] = {INT32_MAX - 1, 0, 0};
  nmd_box_wrap(&box, x, full);
  CU_ASSERT(full[0] == INT32_MAX - 1 && x[0] == 35.0);
}

/* Smallest |v A| over unit vectors v by a fine scan is never below the value, and close to it. */
static void test_smallest_stretch(void) {
  const double diagonal[3][3] = {{3, 0, 0}, {0, -0.5, 0}, {0, 0, 2}}, zero[3][3] = {{0}};
  TEST_NEAR(nmd_smallest_stretch(diagonal), 0.5, 1e-14);
  TEST_NEAR(nmd_smallest_stretch(zero), 0.0, 0.0);
  const double c = cos(0.7), s = sin(0.7);
  const double turned[3][3] = {{3 * c, 3 * s, 0}, {-0.5 * s, 0.5 * c, 0}, {0, 0, 2}};
  TEST_NEAR(nmd_smallest_stretch(turned), 0.5, 1e-14);
  const double shear[3][3] = {{1, 1, 0}, {0, 1, 0}, {0, 0, 1}};
  TEST_NEAR(nmd_smallest_stretch(shear), 0.5 * (sqrt(5.0) - 1.0), 1e-14);
  for (int64_t id = 0; id < 50; id++) {
    double a[3][3], least = INFINITY;
    random_matrix(id, 2.0, a);
    for (int i = 0; i < 200; i++)
      for (int j = 0; j < 400; j++) {
        const double theta = M_PI * i / 400.0, phi = 2.0 * M_PI * j / 400.0;
        const double v[3] = {sin(theta) * cos(phi), sin(theta) * sin(phi), cos(theta)};
        double w[3];
        nmd_row_times(v, a, w);
        least = fmin(least, nmd_norm(w));
      }
    const double value = nmd_smallest_stretch(a);
    TEST_CHECK(value <= least + 1e-12 && value > least - 0.03, "%g against %g", value, least);
  }
}

TEST_SUITE("system/box", TEST(test_init), TEST(test_left_handed), TEST(test_bad_cells), TEST(test_wrap_random),
           TEST(test_wrap_on_faces), TEST(test_wrap_tiny_negative), TEST(test_wrap_hopeless),
           TEST(test_smallest_stretch))
