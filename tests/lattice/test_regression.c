/* SPDX-License-Identifier: BSD-3-Clause */
/* Fits: planted coefficients come back, leave-one-out in closed form equals leaving each out, mapping finds what was
 * moved. */
#include "base/memory.h"
#include "base/random.h"
#include "lattice/expansion.h"
#include "lattice/mapping.h"
#include "lattice/regression.h"
#include "lattice_case.h"
#include "support/test.h"

enum { N = 60, P = 24 };

static double normal(int i, int k) {
  double g[2];
  nmd_random_normal2(17, NMD_STREAM_TEST, i, k, 0, g);
  return g[0];
}

/* y = 1.5 + 2 x_3 - 0.5 x_7 + noise. */
static void make_rows(double *x, double *y, double noise) {
  for (int i = 0; i < N; i++) {
    for (int k = 0; k < P; k++) x[i * P + k] = normal(i, k);
    x[i * P + 5] = 0.25; /* does not vary */
    y[i] = 1.5 + 2 * x[i * P + 3] - 0.5 * x[i * P + 7] + noise * normal(i, 1000);
  }
}

static void test_planted(void) {
  double x[N * P], y[N];
  nmd_regression fit;
  for (int method = 0; method < 2; method++) {
    const nmd_regression_settings settings = {.method = (nmd_regression_method)method, .folds = 10, .seed = 3};
    make_rows(x, y, 0);
    if (!TEST_OK(nmd_regression_fit(&settings, N, P, x, y, &fit))) return;
    const double exact = method == 0 ? 1e-8 : 1e-3;
    TEST_NEAR(fit.j[0], 1.5, exact);
    TEST_NEAR(fit.j[1 + 3], 2, exact);
    TEST_NEAR(fit.j[1 + 7], -0.5, exact);
    TEST_NEAR(fit.j[1 + 5], 0, 0);
    TEST_CHECK(fit.loo < exact && fit.folds < exact, "errors %g %g", fit.loo, fit.folds);
    nmd_regression_free(&fit);
  }
}

/* Noise of 0.3: errors tell it, and lasso leaves most coefficients at zero. */
static void test_noise(void) {
  double x[N * P], y[N];
  nmd_regression fit;
  make_rows(x, y, 0.3);
  nmd_regression_settings settings = {.method = NMD_REGRESSION_LASSO, .folds = 10, .seed = 3};
  if (!TEST_OK(nmd_regression_fit(&settings, N, P, x, y, &fit))) return;
  TEST_CHECK(fit.used >= 2 && fit.used <= 14, "%d used", fit.used);
  TEST_NEAR(fit.j[1 + 3], 2, 0.2);
  TEST_CHECK(fit.folds > 0.24 && fit.folds < 0.45, "error %g", fit.folds);
  nmd_regression_free(&fit);
}

/* The centred problem with one row left out is solved again: columns are scaled by what is left there, so lambda is
 * turned into that of unscaled columns of unit variance by data that have it for all rows and parts: differences stay
 * below a percent. */
static void test_leave_one_out(void) {
  double x[N * P], y[N], one_x[N * P], one_y[N];
  nmd_regression fit, part;
  make_rows(x, y, 0.3);
  const nmd_regression_settings settings = {.folds = N, .lambda = 4, .seed = 1};
  if (!TEST_OK(nmd_regression_fit(&settings, N, P, x, y, &fit))) return;
  TEST_RELATIVE(fit.folds, fit.loo, 0.02);
  for (int i = 0; i < N; i += 7) {
    for (int k = 0, at = 0; k < N; k++) {
      if (k == i) continue;
      memcpy(one_x + at * P, x + k * P, P * sizeof *x);
      one_y[at++] = y[k];
    }
    const nmd_regression_settings rest = {.folds = 2, .lambda = 4, .seed = 1};
    if (!TEST_OK(nmd_regression_fit(&rest, N - 1, P, one_x, one_y, &part))) return;
    double predicted = part.j[0];
    for (int k = 0; k < P; k++) predicted += part.j[1 + k] * x[i * P + k];
    TEST_NEAR(fit.left_out[i], predicted, 0.02);
    nmd_regression_free(&part);
  }
  nmd_regression_free(&fit);
}

static void test_fit_errors(void) {
  double x[4] = {1, 2, 3, NAN}, y[4] = {1, 2, 3, 4};
  nmd_regression fit;
  const nmd_regression_settings two = {.folds = 2}, nine = {.folds = 9};
  TEST_FAILS(nmd_regression_fit(&two, 2, 1, x, y, &fit), NMD_NO_ANSWER);
  TEST_CONTAINS(nmd_error_text(), "at least three");
  TEST_FAILS(nmd_regression_fit(&nine, 4, 1, x, y, &fit), NMD_OUT_OF_RANGE);
  TEST_FAILS(nmd_regression_fit(&two, 4, 1, x, y, &fit), NMD_BAD_NUMBER);
}

/* ---- mapping ---- */

static void make_moved(const nmd_parent_lattice *p, const uint8_t *occupation, double noise, const double shift[3],
                       nmd_structure *s) {
  const int matrix[3][3] = {{3, 0, 0}, {0, 2, 0}, {0, 0, 2}};
  const double strain[3][3] = {{1.03, 0.01, 0}, {0, 0.99, 0.02}, {0, 0, 1.04}};
  nmd_supercell super;
  double h[3][3];
  if (!TEST_OK(nmd_supercell_init(&super, p, matrix)) || !TEST_OK(nmd_supercell_structure(&super, p, occupation, s)))
    return;
  for (int64_t i = 0; i < s->n; i++) {
    double x[3] = {0};
    for (int a = 0; a < 3; a++)
      for (int b = 0; b < 3; b++) x[b] += s->x[i][a] * strain[a][b];
    for (int a = 0; a < 3; a++) s->x[i][a] = x[a] + shift[a] + noise * normal((int)i, a);
  }
  for (int k = 0; k < 9; k++) {
    h[k / 3][k % 3] = 0;
    for (int m = 0; m < 3; m++) h[k / 3][k % 3] += s->box.h[k / 3][m] * strain[m][k % 3];
  }
  TEST_OK(nmd_box_set_h(&s->box, (const double(*)[3])h));
  nmd_supercell_free(&super);
}

static void test_mapping(void) {
  const nmd_mapping_settings settings = {.displacement = 1.2, .strain = 0.1};
  const uint8_t occupation[12] = {0, 1, 1, 0, 1, 1, 0, 1, 1, 1, 0, 1};
  const double none[3] = {0}, moved[3] = {0.7, -1.1, 1.9};
  nmd_parent_lattice p;
  nmd_structure s;
  nmd_mapping m;
  if (!lattice_case("perovskite", &p)) return;
  for (int k = 0; k < 2; k++) {
    make_moved(&p, occupation, 0.08, k == 0 ? none : moved, &s);
    if (TEST_OK(nmd_mapping_find(&p, &settings, &s, &m))) {
      TEST_CHECK(m.result == NMD_MAPPED, "%s, %g", nmd_mapping_reason(m.result), m.largest);
      TEST_EQUAL_INT(m.super.cells, 12);
      int taken = 0, equal = 0;
      for (int i = 0; i < 12 && m.occupation != NULL; i++) {
        taken += m.occupation[i] == 0;
        equal += m.occupation[i] == occupation[i];
      }
      TEST_EQUAL_INT(taken, 4);
      if (k == 0) TEST_EQUAL_INT(equal, 12);
      nmd_mapping_free(&m);
    }
    nmd_structure_free(&s);
  }
  nmd_parent_lattice_free(&p);
}

static void check_left(const nmd_parent_lattice *p, nmd_structure *s, nmd_mapping_result expected) {
  const nmd_mapping_settings settings = {.displacement = 1.2, .strain = 0.1};
  nmd_mapping m;
  if (!TEST_OK(nmd_mapping_find(p, &settings, s, &m))) return;
  TEST_CHECK(m.result == expected, "%s instead of %s", nmd_mapping_reason(m.result), nmd_mapping_reason(expected));
  nmd_mapping_free(&m);
}

static void test_left(void) {
  const uint8_t occupation[12] = {0, 1, 1, 0, 1, 1, 0, 1, 1, 1, 0, 1};
  const double none[3] = {0};
  nmd_parent_lattice p;
  nmd_structure s;
  if (!lattice_case("perovskite", &p)) return;
  make_moved(&p, occupation, 0.01, none, &s);
  for (int a = 0; a < 3; a++) s.x[0][a] += 1.8; /* La towards the middle of its cube */
  check_left(&p, &s, NMD_MAPPING_FAR);
  for (int a = 0; a < 3; a++) s.x[0][a] -= 1.8;
  memcpy(s.x[0], s.x[1], sizeof s.x[0]);
  s.x[0][0] += 0.3;
  check_left(&p, &s, NMD_MAPPING_SHARED);
  nmd_structure_free(&s);
  make_moved(&p, occupation, 0.01, none, &s);
  s.n--; /* an O of the frame is missing */
  check_left(&p, &s, NMD_MAPPING_HOLE);
  s.n++;
  double h[3][3];
  memcpy(h, s.box.h, sizeof h);
  for (int a = 0; a < 3; a++) h[2][a] *= 1.15;
  TEST_OK(nmd_box_set_h(&s.box, (const double(*)[3])h));
  check_left(&p, &s, NMD_MAPPING_CELL);
  nmd_structure_free(&s);
  nmd_parent_lattice_free(&p);
}

TEST_SUITE("lattice/regression", TEST(test_planted), TEST(test_noise), TEST(test_leave_one_out), TEST(test_fit_errors),
           TEST(test_mapping), TEST(test_left))
