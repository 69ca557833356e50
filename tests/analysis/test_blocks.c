/* SPDX-License-Identifier: BSD-3-Clause */
/* Block averages against means and errors that are known, and shared over ranks in another order. */
#include "analysis/blocks.h"

#include "base/memory.h"
#include "base/random.h"
#include "support/test.h"

static double normal(int64_t k) {
  double g[2];
  nmd_random_normal2(3, NMD_STREAM_TEST, k, 1, 0, g);
  return g[0];
}

static void test_few_frames(void) {
  nmd_blocks blocks;
  double mean[2], error[2];
  TEST_OK(nmd_blocks_init(&blocks, 2));
  nmd_blocks_mean(&blocks, mean, error);
  CU_ASSERT(isnan(mean[0]) && isnan(error[0]));
  nmd_blocks_add(&blocks, 0, (double[]){1, 10});
  nmd_blocks_mean(&blocks, mean, error);
  CU_ASSERT(mean[1] == 10 && isnan(error[1]));
  nmd_blocks_add(&blocks, 1, (double[]){3, 10});
  nmd_blocks_mean(&blocks, mean, error);
  CU_ASSERT(mean[0] == 2 && mean[1] == 10);
  TEST_NEAR(error[0], 1, 1e-15); /* sd sqrt 2 over sqrt 2 */
  CU_ASSERT(error[1] == 0);
  nmd_blocks_free(&blocks);
}

/* A first-order autoregressive series x' = a x + noise: variance of the mean of n is (1 + a)/(1 - a) / n. */
static void test_correlated_error(void) {
  enum { N = 1 << 17 };
  const double a = 0.9;
  nmd_blocks blocks;
  double x = 0, sum = 0, mean, error;
  TEST_OK(nmd_blocks_init(&blocks, 1));
  for (int64_t k = 0; k < N; k++) {
    x = a * x + sqrt(1 - a * a) * normal(k);
    sum += x;
    nmd_blocks_add(&blocks, k, &x);
  }
  nmd_blocks_mean(&blocks, &mean, &error);
  TEST_NEAR(mean, sum / N, 1e-12);
  TEST_RELATIVE(error, sqrt((1 + a) / (1 - a) / N), 0.4); /* three standard errors of an error from 31 blocks */
  CU_ASSERT(nmd_blocks_full(&blocks) >= 16 && nmd_blocks_frames(&blocks) == N);
  nmd_blocks_free(&blocks);
}

/* The same blocks whoever gets which frame, and in which order. */
static void test_order(void) {
  nmd_blocks forward, backward;
  double mean[2][1], error[2][1];
  TEST_OK(nmd_blocks_init(&forward, 1));
  TEST_OK(nmd_blocks_init(&backward, 1));
  for (int64_t k = 0; k < 1000; k++) {
    const double there = normal(k), back = normal(999 - k);
    nmd_blocks_add(&forward, k, &there);
    nmd_blocks_add(&backward, 999 - k, &back);
  }
  TEST_EQUAL_INT(forward.length, backward.length);
  nmd_blocks_mean(&forward, mean[0], error[0]);
  nmd_blocks_mean(&backward, mean[1], error[1]);
  TEST_NEAR(mean[0][0], mean[1][0], 1e-14);
  TEST_NEAR(error[0][0], error[1][0], 1e-14);
  nmd_blocks_block_mean(&forward, 0, mean[0]);
  double sum = 0;
  for (int64_t k = 0; k < forward.length; k++) sum += normal(k);
  TEST_NEAR(mean[0][0], sum / (double)forward.length, 1e-14);
  nmd_blocks_free(&forward);
  nmd_blocks_free(&backward);
}

/* A ratio of means, and its error by the same function of every block. */
static void ratio(const void *context, const double *mean, double *derived) {
  (void)context;
  derived[0] = mean[0] / mean[1];
  derived[1] = mean[1];
}

static void test_derived(void) {
  nmd_blocks blocks;
  double value[2], error[2], mean[2], plain[2];
  TEST_OK(nmd_blocks_init(&blocks, 2));
  for (int64_t k = 0; k < 640; k++) nmd_blocks_add(&blocks, k, (double[]){3 * (5 + normal(k)), 5 + normal(k)});
  TEST_OK(nmd_blocks_derive(&blocks, ratio, NULL, 2, value, error));
  nmd_blocks_mean(&blocks, mean, plain);
  TEST_NEAR(value[0], 3, 1e-13);
  TEST_NEAR(error[0], 0, 1e-14);
  TEST_NEAR(value[1], mean[1], 1e-14);
  TEST_NEAR(error[1], plain[1], 1e-15);
  CU_ASSERT(error[1] > 0.02 && error[1] < 0.07); /* 1 / sqrt(640) = 0.04 */
  nmd_blocks_free(&blocks);
}

TEST_SUITE("analysis/blocks", TEST(test_few_frames), TEST(test_correlated_error), TEST(test_order), TEST(test_derived))
