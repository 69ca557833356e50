/* SPDX-License-Identifier: BSD-3-Clause */
/* S(Q) by its three ways: against a Gaussian hole, ASE's Debye sum, plain sums of exponentials, and a crystal. */
#include "analysis/structure_factor.h"

#include <complex.h>
#include <string.h>

#include "analysis/ase_debye.h"
#include "analysis/pair_scene.h"
#include "analysis/scattering.h"
#include "base/vec3.h"
#include "support/test.h"

static pair_scene scene;

/* g - 1 = -exp(-r^2 / 2 w^2) has S - 1 = -rho (2 pi)^(3/2) w^3 exp(-Q^2 w^2 / 2). */
static void test_gaussian_hole(void) {
  enum { BINS = 4000, N = 30 };
  static double g[BINS];
  double q[N], s[N];
  const double dr = 0.004, w = 1.3, rho = 0.05;
  for (int k = 0; k < BINS; k++) g[k] = 1 - exp(-pow((k + 0.5) * dr / w, 2) / 2);
  for (int i = 0; i < N; i++) q[i] = 0.3 * i;
  nmd_sq_from_g(BINS, dr, g, rho, false, N, q, s);
  for (int i = 0; i < N; i++)
    TEST_NEAR(s[i], 1 - rho * pow(2 * M_PI, 1.5) * w * w * w * exp(-q[i] * q[i] * w * w / 2), 3e-6);
}

/* A step in g at the cut-off rings; Lorch's window takes the ringing away at large Q. */
static void test_lorch_window(void) {
  enum { BINS = 500 };
  double g[BINS], plain = 0, smooth = 0;
  for (int k = 0; k < BINS; k++) g[k] = 1.1;
  for (double q = 5; q < 15; q += 0.05) {
    double s;
    nmd_sq_from_g(BINS, 0.02, g, 0.05, false, 1, &q, &s);
    plain = fmax(plain, fabs(s - 1));
    nmd_sq_from_g(BINS, 0.02, g, 0.05, true, 1, &q, &s);
    smooth = fmax(smooth, fabs(s - 1));
  }
  TEST_CHECK(plain > 0.02 && smooth < 0.1 * plain, "ripples %g, with a window %g", plain, smooth);
}

static void test_debye_against_ase(void) {
  int kind[ASE_ATOMS];
  const int number[3] = {6, 28, 79};
  double c[3] = {0}, s[6 * ASE_Q];
  for (int i = 0; i < ASE_ATOMS; i++)
    for (int k = 0; k < 3; k++)
      if (ase_number[i] == number[k]) {
        kind[i] = k;
        c[k] += 1.0 / ASE_ATOMS;
      }
  nmd_sq_debye(3, ASE_ATOMS, (const double(*)[3])ase_x, kind, ASE_Q, ase_q, s);
  for (int i = 0; i < ASE_Q; i++) {
    double f[3], w[6], total = 0, mean = 0, square = 0;
    for (int k = 0; k < 3; k++) {
      TEST_OK(nmd_xray_form_factor(number[k], ase_q[i], &f[k]));
      mean += c[k] * f[k];
      square += c[k] * f[k] * f[k];
    }
    TEST_OK(nmd_faber_ziman(3, c, f, w));
    for (int p = 0; p < 6; p++) total += w[p] * (s[p * ASE_Q + i] - 1);
    TEST_RELATIVE(ASE_ATOMS * (square + mean * mean * total), ase_intensity[i], 1e-5);
  }
}

/* A pair of unlike atoms a distance d apart: S_ab = 1 + 2 sin(Qd)/(Qd). */
static void test_dimer(void) {
  const double x[2][3] = {{0, 0, 0}, {0, 1.7, 0}}, q[2] = {1, 4.2};
  double s[6];
  nmd_sq_debye(2, 2, x, (int[]){0, 1}, 2, q, s);
  for (int i = 0; i < 2; i++) {
    TEST_NEAR(s[i], 1, 1e-15);
    TEST_NEAR(s[2 + i], 1 + 2 * sin(1.7 * q[i]) / (1.7 * q[i]), 1e-14);
    TEST_NEAR(s[4 + i], 1, 1e-15);
  }
}

enum { KINDS = 2, BINS = 6, PAIRS = 3 };
static const double q_max = 2.6;

/* The plain way: every wave vector, every atom, cexp. */
static void plain_sums(double *s, double *q) {
  double count[BINS] = {0}, c[KINDS] = {0};
  for (int i = 0; i < scene.n; i++) c[scene.kind[i]] += 1.0 / scene.n;
  memset(s, 0, sizeof *s * PAIRS * BINS);
  memset(q, 0, sizeof *q * BINS);
  for (int a = -30; a <= 30; a++)
    for (int b = -30; b <= 30; b++)
      for (int m = -30; m <= 30; m++) {
        double k[3];
        for (int d = 0; d < 3; d++)
          k[d] = 2 * M_PI * (scene.box.inverse[d][0] * a + scene.box.inverse[d][1] * b + scene.box.inverse[d][2] * m);
        const double length = nmd_norm(k);
        if (length >= q_max || length == 0) continue;
        const int bin = (int)(length / q_max * BINS);
        double complex rho[KINDS] = {0};
        for (int i = 0; i < scene.n; i++) rho[scene.kind[i]] += cexp(I * nmd_dot(k, scene.x[i]));
        count[bin] += 1;
        q[bin] += length;
        s[bin] += creal(rho[0] * conj(rho[0])) / scene.n;
        s[BINS + bin] += creal(rho[0] * conj(rho[1])) / scene.n;
        s[2 * BINS + bin] += creal(rho[1] * conj(rho[1])) / scene.n;
      }
  for (int k = 0; k < BINS; k++) {
    q[k] /= count[k];
    s[k] = 1 + (s[k] / count[k] - c[0]) / (c[0] * c[0]);
    s[BINS + k] = 1 + s[BINS + k] / count[k] / (c[0] * c[1]);
    s[2 * BINS + k] = 1 + (s[2 * BINS + k] / count[k] - c[1]) / (c[1] * c[1]);
  }
}

static void test_direct_against_plain_sums(void) {
  for (int cell = 0; cell < 5; cell++) {
    nmd_sq sq;
    double s[PAIRS * BINS], q[BINS], error[PAIRS * BINS], plain[PAIRS * BINS], plain_q[BINS], c[KINDS] = {0};
    pair_scene_fill(&scene, cell, cell == 2 ? 300 : 40, KINDS, NULL, 3); /* 300: more than one chunk of a kind */
    for (int i = 0; i < scene.n; i++) c[scene.kind[i]] += 1.0 / scene.n;
    TEST_OK(nmd_sq_init(&sq, KINDS, q_max, BINS, 1 << 30));
    TEST_OK(nmd_sq_add(&sq, 0, &scene.box, scene.n, (const double(*)[3])scene.x, scene.kind));
    TEST_OK(nmd_sq_result(&sq, c, q, s, error));
    plain_sums(plain, plain_q);
    for (int k = 0; k < PAIRS * BINS; k++) {
      if (isnan(plain_q[k % BINS])) CU_ASSERT(isnan(s[k]));
      if (isnan(plain_q[k % BINS])) continue;
      TEST_NEAR(s[k], plain[k], 1e-10 * (1 + fabs(plain[k])));
      TEST_NEAR(q[k % BINS], plain_q[k % BINS], 1e-12);
    }
    nmd_sq_free(&sq);
  }
}

/* 4 x 4 x 4 cells of simple cubic, a = 3: S = N at the Bragg peaks of length 2 pi / 3 and zero elsewhere. */
static void test_bragg(void) {
  const double h[3][3] = {{12, 0, 0}, {0, 12, 0}, {0, 0, 12}}, one = 1;
  double x[64][3], s[20], q[20], error[20];
  int kind[64] = {0};
  nmd_box box;
  nmd_sq sq;
  for (int i = 0; i < 64; i++)
    for (int d = 0; d < 3; d++) x[i][d] = 3.0 * (i / (d == 0 ? 1 : d == 1 ? 4 : 16) % 4) + 0.37;
  TEST_OK(nmd_box_init(&box, h, NULL, NULL));
  TEST_OK(nmd_sq_init(&sq, 1, 2.2, 20, 1000));
  TEST_OK(nmd_sq_add(&sq, 0, &box, 64, (const double(*)[3])x, kind));
  TEST_OK(nmd_sq_result(&sq, &one, q, s, error));
  double peak = 0;
  for (int k = 0; k < 20; k++) {
    const bool bragg = k == (int)(2 * M_PI / 3 / 2.2 * 20);
    if (bragg) peak = s[k];
    if (!bragg && !isnan(s[k])) TEST_NEAR(s[k], 0, 1e-10);
  }
  TEST_CHECK(peak > 5 && peak <= 64.000001, "peak %g", peak); /* shares its bin with some other wave vectors */
  nmd_sq_free(&sq);
}

/* A few of many wave vectors estimate the same, and the ideal gas has 1 + (1 +- error). */
static void test_selection_and_errors(void) {
  enum { FRAMES = 60, Q = 12 };
  nmd_sq sq;
  double s[Q], q[Q], error[Q], one = 1, chi2 = 0;
  TEST_OK(nmd_sq_init(&sq, 1, 6, Q, 12));
  for (int f = 0; f < FRAMES; f++) {
    pair_scene_fill(&scene, 2, 100, 1, NULL, 50 + f);
    TEST_OK(nmd_sq_add(&sq, f, &scene.box, 100, (const double(*)[3])scene.x, scene.kind));
  }
  TEST_OK(nmd_sq_result(&sq, &one, q, s, error));
  for (int k = 2; k < Q; k++) chi2 += pow((s[k] - 1) / error[k], 2);
  TEST_CHECK(chi2 > 2 && chi2 < 30, "chi2 %g of 10", chi2);
  TEST_CHECK(error[Q - 1] > 0.01 && error[Q - 1] < 0.12, "error %g", error[Q - 1]);
  nmd_sq_free(&sq);
}

static void test_errors(void) {
  nmd_sq sq;
  const bool open[3] = {true, true, false};
  pair_scene_fill(&scene, 0, 5, 1, open, 1);
  TEST_OK(nmd_sq_init(&sq, 1, 6, 10, 5));
  TEST_FAILS(nmd_sq_add(&sq, 0, &scene.box, 5, (const double(*)[3])scene.x, scene.kind), NMD_CONFLICT);
  nmd_sq_free(&sq);
  pair_scene_fill(&scene, 0, 5, 1, NULL, 1);
  TEST_OK(nmd_sq_init(&sq, 1, 1e4, 10, 5));
  TEST_FAILS(nmd_sq_add(&sq, 0, &scene.box, 5, (const double(*)[3])scene.x, scene.kind), NMD_OUT_OF_RANGE);
  nmd_sq_free(&sq);
}

TEST_SUITE("analysis/structure_factor", TEST(test_gaussian_hole), TEST(test_lorch_window), TEST(test_debye_against_ase),
           TEST(test_dimer), TEST(test_direct_against_plain_sums), TEST(test_bragg), TEST(test_selection_and_errors),
           TEST(test_errors))
