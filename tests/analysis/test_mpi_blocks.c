/* SPDX-License-Identifier: BSD-3-Clause */
/* Frames shared over ranks give the averages of one rank. */
#include "analysis/blocks.h"

#include "support/test.h"
#include "support/test_mpi.h"

static double value_of(int64_t frame) { return sin(0.37 * (double)frame) + 1e-3 * (double)frame; }

static void test_shared_frames(void) {
  enum { FRAMES = 333 };
  nmd_blocks alone, shared;
  double mean[2], error[2];
  TEST_OK(nmd_blocks_init(&alone, 1));
  TEST_OK(nmd_blocks_init(&shared, 1));
  for (int64_t k = 0; k < FRAMES; k++) {
    const double value = value_of(k);
    nmd_blocks_add(&alone, k, &value);
    if (k % nmd_comm_size(TEST_COMM) == nmd_comm_rank(TEST_COMM)) nmd_blocks_add(&shared, k, &value);
  }
  nmd_blocks_reduce(&shared, TEST_COMM);
  TEST_EQUAL_INT(shared.length, alone.length);
  TEST_EQUAL_INT(nmd_blocks_frames(&shared), FRAMES);
  nmd_blocks_mean(&alone, &mean[0], &error[0]);
  nmd_blocks_mean(&shared, &mean[1], &error[1]);
  TEST_NEAR(mean[1], mean[0], 1e-13);
  TEST_NEAR(error[1], error[0], 1e-13);
  nmd_blocks_free(&alone);
  nmd_blocks_free(&shared);
}

TEST_SUITE("analysis/mpi_blocks", TEST(test_shared_frames))
