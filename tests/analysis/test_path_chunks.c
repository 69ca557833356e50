/* SPDX-License-Identifier: BSD-3-Clause */
/* Paths come back as the positions that were put, for any number of frames. */
#include "analysis/path_chunks.h"

#include "base/memory.h"
#include "support/test.h"

enum { ATOMS = 7, MOST = 200 };

/* Exact in 32 bits. */
static double place(int64_t frame, int64_t atom, int d) { return (double)(1000 * frame + 10 * atom + d) / 8.0; }

static void check(int64_t frames, bool single) {
  static const int64_t which[] = {12, 14, 15}; /* atoms 2, 4 and 5 of those given, which begin with number 10 */
  nmd__path_chunks chunks = {0};
  double frame[ATOMS][3], x[3 * MOST];
  TEST_OK(nmd__path_chunks_begin(&chunks, 3, single));
  for (int64_t t = 0; t < frames; t++) {
    for (int k = 0; k < 3 * ATOMS; k++) frame[k / 3][k % 3] = place(t, k / 3, k % 3);
    TEST_OK(nmd__path_chunks_put(&chunks, (const double(*)[3])frame, which, 10));
  }
  nmd__path_chunks_end(&chunks);
  TEST_EQUAL_INT(chunks.frames, frames);
  for (int i = 0; i < 3; i++) {
    nmd__path_chunks_get(&chunks, i, x);
    for (int d = 0; d < 3; d++)
      for (int64_t t = 0; t < frames; t++) TEST_NEAR(x[d * frames + t], place(t, which[i] - 10, d), 0.0);
  }
  nmd__path_chunks_drop(&chunks);
}

static void test_round_trip(void) {
  static const int64_t frames[] = {0, 1, 15, 16, 17, 64, 65, 79, 80, 81, 128, 200};
  for (int k = 0; k < (int)(sizeof frames / sizeof *frames); k++) {
    check(frames[k], true);
    check(frames[k], false);
  }
}

static void test_memory_is_what_is_said(void) {
  nmd__path_chunks chunks = {0};
  double x[ATOMS][3] = {{0}};
  static const int64_t which[ATOMS] = {0, 1, 2, 3, 4, 5, 6};
  const int64_t before = nmd_memory_in_use();
  TEST_OK(nmd__path_chunks_begin(&chunks, ATOMS, true));
  for (int t = 0; t < 128; t++) TEST_OK(nmd__path_chunks_put(&chunks, (const double(*)[3])x, which, 0));
  const int64_t said = nmd__path_chunks_bytes(ATOMS, 128, true);
  TEST_EQUAL_INT(said, ATOMS * 12 * (128 + 16));
  TEST_CHECK(nmd_memory_in_use() - before < said + 2048, "%lld of %lld bytes",
             (long long)(nmd_memory_in_use() - before), (long long)said);
  nmd__path_chunks_drop(&chunks);
  TEST_EQUAL_INT(nmd_memory_in_use(), before);
}

TEST_SUITE("analysis/path_chunks", TEST(test_round_trip), TEST(test_memory_is_what_is_said))
