/* SPDX-License-Identifier: BSD-3-Clause */
#include "nnp/cutoff.h"
#include "support/test.h"

static const double rc = 6.0;

static void test_ends(void) {
  for (int k = NMD_CUTOFF_HARD; k <= NMD_CUTOFF_POLY4; k++) {
    const nmd_cutoff_kind kind = (nmd_cutoff_kind)k;
    double slope = 1.0;
    TEST_NEAR(nmd_cutoff_value(kind, 0.0, rc, 0.0, NULL), kind == NMD_CUTOFF_TANH3 ? pow(tanh(1.0), 3) : 1.0, 1e-15);
    TEST_NEAR(nmd_cutoff_value(kind, 0.0, rc, rc, &slope), 0.0, 0.0);
    TEST_NEAR(slope, 0.0, 0.0);
    TEST_NEAR(nmd_cutoff_value(kind, 0.0, rc, rc + 3.0, &slope), 0.0, 0.0);
    if (kind == NMD_CUTOFF_HARD) continue;
    TEST_NEAR(nmd_cutoff_value(kind, 0.3, rc, rc * (1.0 - 1e-12), &slope), 0.0, 1e-13); /* no jump at rc */
    TEST_NEAR(slope, 0.0, 1e-9);
  }
}

static void test_inner_radius(void) {
  for (int k = NMD_CUTOFF_HARD; k <= NMD_CUTOFF_POLY4; k++) {
    const nmd_cutoff_kind kind = (nmd_cutoff_kind)k;
    const bool ignores_alpha = kind == NMD_CUTOFF_TANH3 || kind == NMD_CUTOFF_TANH3_NORMALISED;
    double slope;
    const double inside = nmd_cutoff_value(kind, 0.4, rc, 0.39 * rc, &slope);
    if (ignores_alpha)
      TEST_NEAR(inside, nmd_cutoff_value(kind, 0.0, rc, 0.39 * rc, NULL), 0.0);
    else
      TEST_CHECK(inside == 1.0 && slope == 0.0, "kind %d: %g, slope %g below the inner radius", k, inside, slope);
    TEST_NEAR(nmd_cutoff_value(kind, 0.4, rc, 0.4 * rc * (1.0 + 1e-13), NULL),
              nmd_cutoff_value(kind, 0.4, rc, 0.4 * rc * (1.0 - 1e-13), NULL), 1e-12);
  }
}

/* Fixed points of the formulas: half way, every function but tanh^3 and exp is 1/2 by symmetry. */
static void test_middle(void) {
  static const nmd_cutoff_kind kinds[] = {NMD_CUTOFF_COSINE, NMD_CUTOFF_POLY1, NMD_CUTOFF_POLY2, NMD_CUTOFF_POLY3,
                                          NMD_CUTOFF_POLY4};
  for (int k = 0; k < 5; k++) {
    TEST_NEAR(nmd_cutoff_value(kinds[k], 0.0, rc, 3.0, NULL), 0.5, 1e-15);
    TEST_NEAR(nmd_cutoff_value(kinds[k], 0.5, rc, 4.5, NULL), 0.5, 1e-15);
    TEST_NEAR(nmd_cutoff_value(kinds[k], 0.0, rc, 1.0, NULL) + nmd_cutoff_value(kinds[k], 0.0, rc, 5.0, NULL), 1.0,
              1e-13);
  }
  TEST_NEAR(nmd_cutoff_value(NMD_CUTOFF_EXP, 0.0, rc, 3.0, NULL), exp(-1.0 / 3.0), 1e-15);
  TEST_NEAR(nmd_cutoff_value(NMD_CUTOFF_TANH3_NORMALISED, 0.0, rc, 3.0, NULL), pow(tanh(0.5) / tanh(1.0), 3), 1e-15);
}

/* Five-point derivative. */
#define DERIVATIVE(f, x, h) ((8.0 * (f((x) + (h)) - f((x) - (h))) - (f((x) + 2 * (h)) - f((x)-2 * (h)))) / (12.0 * (h)))

static void test_slopes(void) {
  double largest = 0.0;
  for (int k = NMD_CUTOFF_HARD; k <= NMD_CUTOFF_POLY4; k++)
    for (int a = 0; a < 2; a++)
      for (double r = 0.01; r < 0.985 * rc; r += 0.0137) {
        const nmd_cutoff_kind kind = (nmd_cutoff_kind)k;
        const double alpha = 0.35 * a;
        double slope;
        if (fabs(r - alpha * rc) < 0.003) continue; /* second derivatives jump there */
        nmd_cutoff_value(kind, alpha, rc, r, &slope);
#define FC(r) nmd_cutoff_value(kind, alpha, rc, r, NULL)
        largest = fmax(largest, fabs(slope - DERIVATIVE(FC, r, 1e-3)));
#undef FC
      }
  printf("  cut-off functions: slope off by at most %.1e\n", largest);
  TEST_CHECK(largest < 1e-9, "slope off by %g", largest);
}

static void test_compact_slopes(void) {
  double largest = 0.0;
  for (int k = NMD_CUTOFF_EXP; k <= NMD_CUTOFF_POLY4; k++)
    for (int a = 0; a < 2; a++)
      for (double x = -1.95; x < 4.95; x += 0.0137) {
        const nmd_cutoff_kind kind = (nmd_cutoff_kind)k;
        double slope;
        if (kind == NMD_CUTOFF_EXP && a == 1) continue;
        if (fabs(x - 1.5) < 0.003) continue; /* the centre */
        nmd_compact_value(kind, a == 1, -2.0, 5.0, x, &slope);
#define C(x) nmd_compact_value(kind, a == 1, -2.0, 5.0, x, NULL)
        largest = fmax(largest, fabs(slope - DERIVATIVE(C, x, 1e-3)));
#undef C
      }
  printf("  compact functions: slope off by at most %.1e\n", largest);
  TEST_CHECK(largest < 1e-9, "slope off by %g", largest);
}

static void test_compact_values(void) {
  double slope = 1.0;
  TEST_NEAR(nmd_compact_value(NMD_CUTOFF_POLY2, false, 1.0, 5.0, 3.0, &slope), 1.0, 0.0);
  TEST_NEAR(slope, 0.0, 0.0);
  TEST_NEAR(nmd_compact_value(NMD_CUTOFF_POLY2, true, 1.0, 5.0, 1.0, &slope), 0.0, 0.0);
  TEST_NEAR(nmd_compact_value(NMD_CUTOFF_POLY2, false, 1.0, 5.0, 5.5, &slope), 0.0, 0.0);
  TEST_NEAR(slope, 0.0, 0.0);
  TEST_NEAR(nmd_compact_value(NMD_CUTOFF_POLY3, false, 1.0, 5.0, 4.0, NULL), 0.5, 1e-15);
  TEST_NEAR(nmd_compact_value(NMD_CUTOFF_POLY1, true, 1.0, 5.0, 4.0, NULL), 1 + 0.5625 * (1.5 - 3.0), 1e-15);
  TEST_NEAR(nmd_compact_value(NMD_CUTOFF_EXP, false, -5.0, 5.0, 2.5, NULL), exp(-1.0 / 3.0), 1e-15);
}

TEST_SUITE("nnp/cutoff", TEST(test_ends), TEST(test_inner_radius), TEST(test_middle), TEST(test_slopes),
           TEST(test_compact_slopes), TEST(test_compact_values))
