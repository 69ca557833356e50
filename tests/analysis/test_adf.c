/* SPDX-License-Identifier: BSD-3-Clause */
/* Angles of crystals, of random directions, and against a direct sum. */
#include "analysis/adf.h"

#include <string.h>

#include "analysis/pair_scene.h"
#include "base/vec3.h"
#include "support/test.h"

static pair_scene scene;

/* fcc, 12 neighbours: 24 angles of 60, 12 of 90, 24 of 120, 6 of 180 degrees. */
static void test_fcc(void) {
  const double h[3][3] = {{0, 2, 2}, {2, 0, 2}, {2, 2, 0}}, x[1][3] = {{1, 2, 3}}, cutoff = 3.2;
  nmd_box box;
  nmd_adf adf;
  double p[36], error[36], angles;
  TEST_OK(nmd_box_init(&box, h, NULL, NULL));
  TEST_OK(nmd_adf_init(&adf, 1, &cutoff, 36));
  TEST_OK(nmd_adf_add(&adf, 0, &box, 1, x, NULL));
  TEST_OK(nmd_adf_result(&adf, p, error, &angles));
  TEST_NEAR(angles, 66, 0);
  TEST_NEAR(5 * (p[11] + p[12]), 24.0 / 66, 1e-14); /* 60 degrees lie on the edge of two bins */
  TEST_NEAR(5 * (p[17] + p[18]), 12.0 / 66, 1e-14);
  TEST_NEAR(5 * (p[23] + p[24]), 24.0 / 66, 1e-14);
  TEST_NEAR(5 * p[35], 6.0 / 66, 1e-14);
  nmd_adf_free(&adf);
}

enum { KINDS = 2, BINS = 15, BONDS_MAX = 400 };

/* Bonds of each centre by the direct sum over pairs. */
typedef struct bonds {
  double cutoff[KINDS * KINDS];
  int n[SCENE_ATOMS_MAX], kind[SCENE_ATOMS_MAX][BONDS_MAX];
  double d[SCENE_ATOMS_MAX][BONDS_MAX][3];
} bonds;
static bonds all;

static void add_bond(void *context, int i, int j, const double d[3]) {
  (void)context;
  if (!(nmd_norm(d) < all.cutoff[scene.kind[i] * KINDS + scene.kind[j]])) return;
  memcpy(all.d[i][all.n[i]], d, sizeof all.d[0][0]);
  all.kind[i][all.n[i]++] = scene.kind[j];
}

static void direct(double count[6][BINS]) {
  for (int i = 0; i < scene.n; i++)
    for (int j = 0; j < all.n[i]; j++)
      for (int k = 0; k < j; k++) {
        const double *u = all.d[i][j], *v = all.d[i][k];
        const double theta = acos(nmd_dot(u, v) / nmd_norm(u) / nmd_norm(v)) * 180 / M_PI;
        count[scene.kind[i] * 3 + all.kind[i][j] + all.kind[i][k]][(int)(theta / 180 * BINS)] += 1;
      }
}

static void test_direct_sum(void) {
  const double cutoff[4] = {3.4, 2.9, 2.9, 0};
  for (int cell = 0; cell < 5; cell++) {
    nmd_adf adf;
    double p[6 * BINS], error[6 * BINS], angles[6], count[6][BINS] = {{0}}, population[KINDS] = {0};
    pair_scene_fill(&scene, cell, 60, KINDS, NULL, cell);
    memset(&all, 0, sizeof all);
    memcpy(all.cutoff, cutoff, sizeof cutoff);
    pair_scene_visit(&scene, 3.5, add_bond, NULL);
    direct(count);
    TEST_OK(nmd_adf_init(&adf, KINDS, cutoff, BINS));
    TEST_OK(nmd_adf_add(&adf, 0, &scene.box, scene.n, (const double(*)[3])scene.x, scene.kind));
    TEST_OK(nmd_adf_result(&adf, p, error, angles));
    for (int i = 0; i < scene.n; i++) population[scene.kind[i]] += 1;
    for (int t = 0; t < 6; t++) {
      double sum = 0;
      for (int k = 0; k < BINS; k++) sum += count[t][k];
      TEST_NEAR(angles[t], sum / population[t / 3], 1e-12);
      for (int k = 0; k < BINS && sum > 0; k++) TEST_NEAR(p[t * BINS + k], count[t][k] / sum * BINS / 180, 1e-12);
      CU_ASSERT(sum > 0 || isnan(p[t * BINS]));
    }
    CU_ASSERT(isnan(p[5 * BINS])); /* no 1-1 bonds, so no 1-1-1 angles */
    nmd_adf_free(&adf);
  }
}

/* Uncorrelated directions: p = (pi / 360) sin theta within errors. */
static void test_ideal_gas(void) {
  enum { FRAMES = 100, ANGLES = 18 };
  const double cutoff = 4;
  nmd_adf adf;
  double p[ANGLES], error[ANGLES], angles, chi2 = 0;
  TEST_OK(nmd_adf_init(&adf, 1, &cutoff, ANGLES));
  for (int f = 0; f < FRAMES; f++) {
    pair_scene_fill(&scene, 0, 50, 1, NULL, 500 + f);
    TEST_OK(nmd_adf_add(&adf, f, &scene.box, 50, (const double(*)[3])scene.x, scene.kind));
  }
  TEST_OK(nmd_adf_result(&adf, p, error, &angles));
  for (int k = 0; k < ANGLES; k++) {
    const double low = k * M_PI / ANGLES, high = (k + 1) * M_PI / ANGLES;
    chi2 += pow((p[k] - (cos(low) - cos(high)) / 2 * ANGLES / 180) / error[k], 2);
  }
  TEST_CHECK(chi2 > 4 && chi2 < 50, "chi2 %g of 17", chi2);
  nmd_adf_free(&adf);
}

static void test_errors(void) {
  nmd_adf adf;
  const double none = 0;
  TEST_FAILS(nmd_adf_init(&adf, 1, &none, 10), NMD_OUT_OF_RANGE);
}

TEST_SUITE("analysis/adf", TEST(test_fcc), TEST(test_direct_sum), TEST(test_ideal_gas), TEST(test_errors))
