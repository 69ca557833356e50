/* SPDX-License-Identifier: BSD-3-Clause */
/* g(r) against a direct sum, MDAnalysis, the shells of a crystal and the ideal gas. */
#include "analysis/rdf.h"

#include <string.h>

#include "analysis/mdanalysis_rdf.h"
#include "analysis/pair_scene.h"
#include "base/memory.h"
#include "base/vec3.h"
#include "support/test.h"

static pair_scene scene;

enum { KINDS = 3, BINS = 37 };

typedef struct direct {
  double cutoff, count[KINDS][KINDS][BINS];
} direct;

static void add_pair(void *context, int i, int j, const double d[3]) {
  direct *sums = context;
  const int bin = (int)(nmd_norm(d) / sums->cutoff * BINS);
  sums->count[scene.kind[i]][scene.kind[j]][bin < BINS ? bin : BINS - 1] += 1;
}

static void compare_kinds(const nmd_rdf *rdf, const direct *sums, const double *mean, int a, int b) {
  double population[KINDS] = {0}, within = 0;
  for (int i = 0; i < scene.n; i++) population[scene.kind[i]] += 1;
  const double others = population[b] - (a == b), dr = sums->cutoff / BINS;
  TEST_NEAR(mean[nmd_rdf_population(rdf, a)], population[a], 0);
  for (int k = 0; k < BINS; k++) {
    const double shell = 4 * M_PI / 3 * (pow((k + 1) * dr, 3) - pow(k * dr, 3));
    within += sums->count[a][b][k];
    TEST_RELATIVE(mean[nmd_rdf_g(rdf, a, b, k)],
                  sums->count[a][b][k] / population[a] / (others / scene.box.volume) / shell, 1e-9);
    TEST_RELATIVE(mean[nmd_rdf_n(rdf, a, b, k)], within / population[a], 1e-9);
  }
}

static void test_direct_sum(void) {
  for (int cell = 0; cell < SCENE_CELLS; cell++)
    for (double cutoff = 4.3; cutoff < 10; cutoff += 5.1) {
      pair_scene_fill(&scene, cell, 80, KINDS, NULL, cell);
      direct sums = {.cutoff = cutoff};
      pair_scene_visit(&scene, cutoff, add_pair, &sums);
      nmd_rdf rdf;
      TEST_OK(nmd_rdf_init(&rdf, KINDS, cutoff, BINS));
      TEST_OK(nmd_rdf_add(&rdf, 0, &scene.box, scene.n, (const double(*)[3])scene.x, scene.kind));
      double *mean = malloc(sizeof *mean * (size_t)nmd_rdf_width(&rdf));
      nmd_blocks_mean(&rdf.blocks, mean, NULL);
      for (int a = 0; a < KINDS; a++)
        for (int b = 0; b < KINDS; b++) compare_kinds(&rdf, &sums, mean, a, b);
      free(mean);
      nmd_rdf_free(&rdf);
    }
}

static void test_mdanalysis(void) {
  nmd_box box;
  nmd_rdf rdf;
  int kind[MDA_A + MDA_B];
  double h[3][3];
  memcpy(h, mda_cell, sizeof h);
  TEST_OK(nmd_box_init(&box, h, NULL, NULL));
  TEST_OK(nmd_rdf_init(&rdf, 2, mda_cutoff, MDA_BINS));
  for (int i = 0; i < MDA_A + MDA_B; i++) kind[i] = i >= MDA_A;
  const double(*x)[3] = (const double(*)[3])mda_x;
  for (int f = 0; f < MDA_FRAMES; f++)
    TEST_OK(nmd_rdf_add(&rdf, f, &box, MDA_A + MDA_B, x + f * (MDA_A + MDA_B), kind));
  double *mean = malloc(sizeof *mean * (size_t)nmd_rdf_width(&rdf));
  nmd_blocks_mean(&rdf.blocks, mean, NULL);
  for (int k = 0; k < MDA_BINS; k++) {
    TEST_RELATIVE(mean[nmd_rdf_g(&rdf, 0, 0, k)], mda_g_aa[k], 1e-5);
    TEST_RELATIVE(mean[nmd_rdf_g(&rdf, 0, 1, k)], mda_g_ab[k], 1e-5);
    TEST_RELATIVE(mean[nmd_rdf_g(&rdf, 1, 1, k)], mda_g_bb[k], 1e-5);
  }
  free(mean);
  nmd_rdf_free(&rdf);
}

/* Primitive fcc cell of one atom: 12, 6, 24, 12 neighbours, all of them images. */
static void test_fcc_shells(void) {
  const double a = 4.0, h[3][3] = {{0, a / 2, a / 2}, {a / 2, 0, a / 2}, {a / 2, a / 2, 0}}, x[1][3] = {{0.3, 9, -7}};
  nmd_box box;
  nmd_rdf rdf;
  TEST_OK(nmd_box_init(&box, h, NULL, NULL));
  TEST_OK(nmd_rdf_init(&rdf, 1, 5.9, 590));
  TEST_OK(nmd_rdf_add(&rdf, 0, &box, 1, x, NULL));
  double *mean = malloc(sizeof *mean * (size_t)nmd_rdf_width(&rdf));
  nmd_blocks_mean(&rdf.blocks, mean, NULL);
  CU_ASSERT_EQUAL(mean[nmd_rdf_n(&rdf, 0, 0, 275)], 0);
  CU_ASSERT_EQUAL(mean[nmd_rdf_n(&rdf, 0, 0, 290)], 12);
  CU_ASSERT_EQUAL(mean[nmd_rdf_n(&rdf, 0, 0, 410)], 18);
  CU_ASSERT_EQUAL(mean[nmd_rdf_n(&rdf, 0, 0, 500)], 42);
  CU_ASSERT_EQUAL(mean[nmd_rdf_n(&rdf, 0, 0, 589)], 54);
  free(mean);
  nmd_rdf_free(&rdf);
}

/* Uncorrelated atoms: g = 1 within four of its own errors at nearly all distances, like and unlike kinds alike. */
static void test_ideal_gas(void) {
  enum { FRAMES = 200, GAS = 60, GAS_BINS = 20 };
  nmd_rdf rdf;
  TEST_OK(nmd_rdf_init(&rdf, 2, 6.5, GAS_BINS));
  for (int f = 0; f < FRAMES; f++) {
    pair_scene_fill(&scene, 2, GAS, 2, NULL, 1000 + f);
    for (int i = 0; i < GAS; i++) scene.kind[i] = i < 20;
    TEST_OK(nmd_rdf_add(&rdf, f, &scene.box, GAS, (const double(*)[3])scene.x, scene.kind));
  }
  const size_t width = (size_t)nmd_rdf_width(&rdf);
  double *mean = malloc(sizeof *mean * width), *error = malloc(sizeof *error * width);
  nmd_blocks_mean(&rdf.blocks, mean, error);
  int outside = 0;
  double chi2 = 0;
  for (int k = 1; k < 3 * GAS_BINS; k++) { /* aa, ab, bb follow each other */
    const double off = (mean[k] - 1) / error[k];
    if (k % GAS_BINS == 0) continue; /* hardly any pair */
    chi2 += off * off;
    outside += fabs(off) > 4;
  }
  TEST_CHECK(outside <= 1, "%d bins beyond 4 errors", outside);
  TEST_CHECK(chi2 > 25 && chi2 < 110, "chi2 %g of 57", chi2);
  free(mean);
  free(error);
  nmd_rdf_free(&rdf);
}

TEST_SUITE("analysis/rdf", TEST(test_direct_sum), TEST(test_mdanalysis), TEST(test_fcc_shells), TEST(test_ideal_gas))
