/* SPDX-License-Identifier: BSD-3-Clause */
/* A training on all ranks gives the weights of a training on one. LINKS: reference */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "support/test.h"
#include "training/covariance.h"
#include "training/fit_case.h"

static void test_start(void) { fit_case_write(20); }

static void compare(const char *stages, double tolerance) {
  nmd_fit_input input[2];
  nmd_fit *fit[2];
  nmd_comm *alone;
  char path[2][2048];
  TEST_OK(nmd_comm_split(TEST_COMM, nmd_comm_rank(TEST_COMM), &alone));
  snprintf(path[0], sizeof path[0], "%s", fit_case_input("together", "", stages));
  snprintf(path[1], sizeof path[1], "%s", fit_case_input("alone", "", stages));
  TEST_OK(fit_case_run(TEST_COMM, path[0], NULL, &input[0], &fit[0]));
  if (nmd_comm_rank(TEST_COMM) == 0) {
    double most = 0.0;
    TEST_OK(fit_case_run(alone, path[1], NULL, &input[1], &fit[1]));
    for (size_t k = 0; k < fit[0]->layout.n; k++)
      most = fmax(most, fabs(fit[0]->members[0].weights[k] - fit[1]->members[0].weights[k]));
    TEST_CHECK(most < tolerance, "%s: weights differ by %g", stages, most);
    nmd_fit_destroy(fit[1]);
    nmd_fit_input_free(&input[1]);
  }
  nmd_fit_destroy(fit[0]);
  nmd_fit_input_free(&input[0]);
  nmd_comm_barrier(TEST_COMM);
  nmd_comm_free(alone);
}

static void test_kalman(void) { compare("[kalman: {epochs: 1}]", 1e-9); }
static void test_kalman_by_element(void) {
  compare("[kalman: {epochs: 1, blocks: element, selection: component}]", 1e-9);
}
static void test_others(void) {
  compare("[adam: {epochs: 1}]", 1e-9);
  compare("[levenberg_marquardt: {epochs: 1}]", 1e-8);
  compare("[lbfgs: {epochs: 2}]", 1e-9);
}

/* P h and the update against the full matrix, blocks included. */
static void test_covariance(void) {
  enum { N = 300, M = 5 };
  static double full[N][N], h[M][N], x[M][N];
  const size_t ends[2] = {170, N};
  nmd_covariance c;
  TEST_OK(nmd_covariance_init(&c, TEST_COMM, N, 2, ends, 2.0, M));
  TEST_NEAR((double)nmd_covariance_length(&c), nmd_covariance_numbers(170) + nmd_covariance_numbers(N - 170), 0.0);
  memset(full, 0, sizeof full);
  for (int i = 0; i < N; i++) full[i][i] = 2.0;
  for (int round = 0; round < 3; round++) {
    for (int m = 0; m < M; m++)
      for (int i = 0; i < N; i++) h[m][i] = 0.05 * sin(1.0 + 0.7 * i * (m + 1) + round);
    nmd_covariance_update(&c, M, &h[0][0], 0.9, 1e-3);
    for (int i = 0; i < N; i++)
      for (int j = 0; j < N; j++) {
        if ((i < 170) != (j < 170)) continue;
        for (int m = 0; m < M; m++) full[i][j] -= h[m][i] * h[m][j];
        full[i][j] = full[i][j] / 0.9 + (i == j ? 1e-3 : 0.0);
      }
  }
  nmd_covariance_times(&c, M, &h[0][0], &x[0][0]);
  for (int m = 0; m < M; m++)
    for (int i = 0; i < N; i++) {
      double sum = 0.0;
      for (int j = 0; j < N; j++) sum += full[i][j] * h[m][j];
      TEST_NEAR(x[m][i], sum, 1e-13);
    }
  nmd_covariance_free(&c);
}

TEST_SUITE("training/mpi_fit", TEST(test_start), TEST(test_covariance), TEST(test_kalman), TEST(test_kalman_by_element),
           TEST(test_others))
