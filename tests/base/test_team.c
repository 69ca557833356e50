/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/team.h"

#include <stdlib.h>

#include "support/test.h"

enum { PARTS = 13 };

typedef struct marks {
  int done[PARTS];
  int failing, other; /* parts that fail; -1: none */
} marks;

static nmd_status mark(void *context, int part) {
  marks *m = context;
  m->done[part]++;
  if (part == m->failing || part == m->other) NMD_FAIL(EXPLODED, "part %d", part);
  return NMD_OK;
}

static void test_every_part_once(void) {
  for (int n = 1; n <= PARTS; n++) {
    marks m = {{0}, -1, -1};
    TEST_OK(nmd_team_run(n, mark, &m));
    for (int k = 0; k < PARTS; k++) TEST_EQUAL_INT(m.done[k], k < n);
  }
  marks m = {{0}, -1, -1};
  TEST_OK(nmd_team_run(0, mark, &m));
  TEST_EQUAL_INT(m.done[0], 1);
}

/* The error text belongs to a thread: that of the lowest failing part must reach the caller, each time. */
static void test_failures(void) {
  for (int round = 0; round < 50; round++) {
    marks m = {{0}, 11, 5};
    TEST_FAILS(nmd_team_run(PARTS, mark, &m), NMD_EXPLODED);
    TEST_EQUAL_TEXT(nmd_error_text(), "part 5");
    TEST_EQUAL_INT(m.done[12], 1);
  }
}

static void test_shares(void) {
  for (int n = 1; n < 9; n++) {
    TEST_EQUAL_INT(nmd_team_share(1000, 0, n), 0);
    TEST_EQUAL_INT(nmd_team_share(1000, n, n), 1000);
    for (int k = 0; k < n; k++) {
      const int64_t share = nmd_team_share(1000, k + 1, n) - nmd_team_share(1000, k, n);
      CU_ASSERT(share >= 1000 / n && share <= 1000 / n + 1);
    }
  }
  TEST_EQUAL_INT(nmd_team_share(0, 1, 3), 0);
}

static void test_wish(void) {
  static const struct {
    const char *text;
    int wish;
  } cases[] = {{"4", 4}, {"2,3", 2}, {"0", 1}, {"-3", 1}, {"many", 1}, {"100000", NMD_THREADS_MAX}};
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    setenv("OMP_NUM_THREADS", cases[k].text, 1);
    TEST_EQUAL_INT(nmd_team_wish(), cases[k].wish);
  }
  unsetenv("OMP_NUM_THREADS");
  TEST_EQUAL_INT(nmd_team_wish(), 1);
  CU_ASSERT(nmd_team_cores() >= 1);
  CU_ASSERT(nmd_team_binding()[0] != '\0');
}

TEST_SUITE("base/team", TEST(test_every_part_once), TEST(test_failures), TEST(test_shares), TEST(test_wish))
