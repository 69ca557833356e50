/* SPDX-License-Identifier: BSD-3-Clause */
/* MSDs against direct sums and closed forms. LINKS: parallel */
#include "analysis/msd.h"

#include "analysis/resample.h"
#include "analysis/van_hove.h"
#include "analysis/windows.h"
#include "base/memory.h"
#include "base/random.h"
#include "support/test.h"

enum { IONS = 11, FRAMES = 237 };
static const double cell[3][3] = {{10, 0, 0}, {3, 9, 0}, {1, -2, 8}};

/* Random walks far from the origin, of two species, with a step that differs along x, y, z; ions share a part. */
static void make(double *x, int *number) {
  for (int i = 0; i < IONS; i++) {
    number[i] = i % 3 == 0 ? 3 : 8;
    for (int t = 0; t < FRAMES; t++) {
      double own[3], all[3];
      nmd_random_normal3(7, NMD_STREAM_TEST, t, i + 1, 0, own);
      nmd_random_normal3(7, NMD_STREAM_TEST, t, 0, 0, all);
      for (int d = 0; d < 3; d++)
        x[(3 * i + d) * FRAMES + t] =
            (t > 0 ? x[(3 * i + d) * FRAMES + t - 1] : 100.0 * i + 7.0) + (d + 1) * (own[d] + 0.7 * all[d]);
    }
  }
}

typedef struct scene {
  double *x;
  int number[IONS];
  nmd_paths paths;
} scene;

static void scene_open(scene *s) {
  TEST_OK(NMD_ALLOC(s->x, 3 * IONS * FRAMES));
  make(s->x, s->number);
  TEST_OK(nmd_paths_borrow(TEST_COMM, IONS, s->number, FRAMES, 2.0, cell, s->x, &s->paths));
}

static void scene_close(scene *s) {
  nmd_paths_free(&s->paths);
  nmd_free(s->x);
}

static const int one_of[NMD_TENSOR] = {0, 1, 2, 1, 0, 0}, two_of[NMD_TENSOR] = {0, 1, 2, 2, 2, 1};

static double direct(const double *x, int c, int64_t m) {
  double sum = 0.0;
  for (int t = 0; t + m < FRAMES; t++)
    sum += (x[one_of[c] * FRAMES + t + m] - x[one_of[c] * FRAMES + t]) *
           (x[two_of[c] * FRAMES + t + m] - x[two_of[c] * FRAMES + t]);
  return sum / (double)(FRAMES - m);
}

static void test_transform_is_direct_sum(void) {
  scene s;
  nmd_msd msd;
  scene_open(&s);
  TEST_OK(nmd_msd_self(&s.paths, TEST_COMM, FRAMES, 1, &msd));
  TEST_EQUAL_INT(msd.count[0], 4);
  TEST_EQUAL_INT(msd.count[1], 7);
  for (int kind = 0; kind < 2; kind++)
    for (int c = 0; c < NMD_TENSOR; c++)
      for (int64_t m = 0; m < FRAMES; m++) {
        double sum = 0.0, trace = 0.0;
        for (int i = 0; i < IONS; i++) {
          if ((s.number[i] == 8) != kind) continue;
          sum += direct(s.x + 3 * i * FRAMES, c, m) / (double)msd.count[kind];
          trace += direct(s.x + 3 * i * FRAMES, 2, m) / (double)msd.count[kind];
        }
        TEST_NEAR(msd.tensor[(kind * NMD_TENSOR + c) * FRAMES + m], sum, 1e-11 * trace);
      }
  nmd_msd_free(&msd);
  scene_close(&s);
}

static void test_windows_of_origins(void) {
  scene s;
  nmd_msd msd;
  scene_open(&s);
  TEST_OK(nmd_msd_self(&s.paths, TEST_COMM, 100, 0, &msd));
  double sum = 0.0;
  for (int i = 0; i < IONS; i += 3) sum += pow(s.x[3 * i * FRAMES + 99] - s.x[3 * i * FRAMES], 2.0) / 4.0;
  TEST_RELATIVE(msd.tensor[99], sum, 1e-12);
  nmd_msd_free(&msd);
  TEST_OK(nmd_msd_self(&s.paths, TEST_COMM, 50, 10, &msd));
  sum = 0.0;
  for (int i = 0; i < IONS; i += 3)
    for (int t = 0; t + 49 < FRAMES; t += 10)
      sum += pow(s.x[3 * i * FRAMES + t + 49] - s.x[3 * i * FRAMES + t], 2.0) / (4.0 * 19.0);
  TEST_RELATIVE(msd.tensor[49], sum, 1e-12);
  nmd_msd_free(&msd);
  TEST_FAILS(nmd_msd_self(&s.paths, TEST_COMM, FRAMES + 1, 1, &msd), NMD_OUT_OF_RANGE);
  scene_close(&s);
}

static void test_directions(void) {
  nmd_directions d;
  nmd_msd msd;
  scene s;
  double out[100];
  scene_open(&s);
  TEST_OK(nmd_msd_self(&s.paths, TEST_COMM, 100, 1, &msd));
  const double *t = msd.tensor;
  TEST_OK(nmd_directions_parse("xyz", cell, &d));
  nmd_msd_project(&msd, 0, &d, out);
  TEST_RELATIVE(out[50], t[50] + t[150] + t[250], 1e-13);
  TEST_OK(nmd_directions_parse("ab", cell, &d)); /* a and b lie in the xy plane */
  nmd_msd_project(&msd, 0, &d, out);
  TEST_RELATIVE(out[50], t[50] + t[150], 1e-13);
  TEST_OK(nmd_directions_parse("c", cell, &d)); /* along (1, -2, 8) */
  nmd_msd_project(&msd, 0, &d, out);
  TEST_RELATIVE(out[50], (t[50] + 4 * t[150] + 64 * t[250] - 32 * t[350] + 16 * t[450] - 4 * t[550]) / 69.0, 1e-12);
  TEST_OK(nmd_directions_parse("0,1,1", cell, &d));
  nmd_msd_project(&msd, 0, &d, out);
  TEST_RELATIVE(out[50], 0.5 * (t[150] + t[250]) + t[350], 1e-12);
  TEST_FAILS(nmd_directions_parse("q", cell, &d), NMD_BAD_CHOICE);
  TEST_FAILS(nmd_directions_parse("0,0,0", cell, &d), NMD_BAD_CHOICE);
  TEST_CONTAINS(nmd_error_text(), "expected x, y, z, xyz, ab, c or a vector");
  nmd_msd_free(&msd);
  scene_close(&s);
}

static void test_collective(void) {
  scene s;
  nmd_msd msd;
  const double charge[] = {2.0, -1.0};
  scene_open(&s);
  TEST_OK(nmd_msd_collective(&s.paths, charge, 60, &msd));
  double sum = 0.0;
  for (int t = 0; t + 59 < FRAMES; t++) {
    double shift = 0.0;
    for (int i = 0; i < IONS; i++)
      shift += charge[s.number[i] == 8] * (s.x[(3 * i + 1) * FRAMES + t + 59] - s.x[(3 * i + 1) * FRAMES + t]);
    sum += shift * shift / (FRAMES - 59);
  }
  TEST_RELATIVE(msd.tensor[60 + 59], sum, 1e-10);
  nmd_msd_free(&msd);
  scene_close(&s);
}

static void test_van_hove(void) {
  scene s;
  nmd_van_hove v;
  const double time[] = {2.0, 8.0};
  scene_open(&s);
  TEST_OK(nmd_van_hove_count(&s.paths, TEST_COMM, 2, time, &v));
  TEST_EQUAL_INT(v.lag[1], 4);
  double whole = 0.0, square = 0.0;
  nmd_msd msd;
  for (int b = 0; b < v.n_bins; b++) {
    const double p = nmd_van_hove_density(&v, 0, 1)[b] * v.bin, r = (b + 0.5) * v.bin;
    whole += p;
    square += p * r * r;
  }
  TEST_OK(nmd_msd_self(&s.paths, TEST_COMM, 2, 1, &msd));
  const double *t = msd.tensor + NMD_TENSOR * 2;
  TEST_NEAR(whole, 1.0, 1e-12);
  TEST_RELATIVE(square, t[1] + t[3] + t[5], 2e-3); /* bins of 0.05 A */
  nmd_msd_free(&msd);
  nmd_van_hove_free(&v);
  const double none[] = {0.5};
  TEST_FAILS(nmd_van_hove_count(&s.paths, TEST_COMM, 1, none, &v), NMD_OUT_OF_RANGE);
  nmd_van_hove_free(&v);
  scene_close(&s);
}

/* Participation of ions that share a part of their noise is known: (1 + (N - 1) rho^2) / N. */
static void test_participation(void) {
  scene s;
  nmd_windows w;
  nmd_directions y;
  nmd_spread spread;
  scene_open(&s);
  TEST_OK(nmd_directions_parse("y", cell, &y));
  TEST_OK(nmd_windows_count(&s.paths, TEST_COMM, &y, 1, &w));
  nmd_windows_spread(&w, 0, 1, 0, &spread);
  const double rho = 0.49 / 1.49;
  TEST_EQUAL_INT(spread.windows, NMD_WINDOWS_MAX);
  TEST_NEAR(spread.participation, (1 + 6 * rho * rho) / 7.0, 0.08);
  TEST_NEAR(spread.dimension, 1.0, 1e-12);
  TEST_NEAR(spread.kurtosis, 0.0, 0.6);
  nmd_windows_free(&w);
  scene_close(&s);
}

static void test_resampled(void) {
  scene s;
  nmd_directions x;
  nmd_resampled r;
  scene_open(&s);
  TEST_OK(nmd_directions_parse("x", cell, &x));
  TEST_OK(nmd_resample(&s.paths, TEST_COMM, 1, &x, 2, 6, &r));
  nmd_msd msd;
  TEST_OK(nmd_msd_self(&s.paths, TEST_COMM, 7, 1, &msd));
  const double *m = msd.tensor + NMD_TENSOR * 7;
  TEST_RELATIVE(r.value, (m[6] - m[2]) / 4.0 / 2.0 / 2.0, 1e-10);
  TEST_CHECK(r.block_sigma > 0.01 * r.value && r.block_sigma < r.value, "blocks: %g of %g", r.block_sigma, r.value);
  TEST_CHECK(r.bootstrap_sigma > 0.01 * r.value && r.bootstrap_sigma < r.value, "bootstrap: %g", r.bootstrap_sigma);
  nmd_msd_free(&msd);
  scene_close(&s);
}

TEST_SUITE("analysis/msd", TEST(test_transform_is_direct_sum), TEST(test_windows_of_origins), TEST(test_directions),
           TEST(test_collective), TEST(test_van_hove), TEST(test_participation), TEST(test_resampled))
