/* SPDX-License-Identifier: BSD-3-Clause */
#include "parallel/comm.h"

#include "base/memory.h"
#include "parallel/comm_private.h"
#include "support/test.h"

static int rank(void) { return nmd_comm_rank(test_comm); }
static int size(void) { return nmd_comm_size(test_comm); }

static void test_reductions(void) {
  const int n = size(), r = rank();
  double x[2] = {r, -r};
  nmd_comm_sum(TEST_COMM, x, 2);
  CU_ASSERT_EQUAL(x[0], n * (n - 1) / 2);
  x[0] = r, x[1] = -r;
  nmd_comm_max(test_comm, x, 2);
  CU_ASSERT(x[0] == n - 1 && x[1] == 0);
  x[0] = r, x[1] = -r;
  nmd_comm_min(test_comm, x, 2);
  CU_ASSERT(x[0] == 0 && x[1] == 1 - n);
  int64_t k[2] = {(int64_t)1 << 40, r};
  nmd_comm_sum_int(test_comm, k, 2);
  CU_ASSERT(k[0] == (int64_t)n << 40 && k[1] == n * (n - 1) / 2);
  k[0] = r;
  nmd_comm_max_int(test_comm, k, 1);
  CU_ASSERT_EQUAL(k[0], n - 1);
  k[0] = r + 1;
  nmd_comm_prefix_int(test_comm, k);
  CU_ASSERT_EQUAL(k[0], r * (r + 1) / 2);
}

static char pattern(int from, size_t k) { return (char)(31 * from + 7 * (int)(k % 1000) + (int)(k / 1000)); }

static void test_broadcast(void) {
  char text[1000];
  for (int root = 0; root < size(); root++) {
    for (size_t k = 0; k < sizeof text; k++) text[k] = rank() == root ? pattern(root, k) : 0;
    nmd_comm_broadcast(test_comm, text, sizeof text, root);
    int wrong = 0;
    for (size_t k = 0; k < sizeof text; k++) wrong += text[k] != pattern(root, k);
    CU_ASSERT_EQUAL(wrong, 0);
  }
}

/* Bytes that rank r contributes: some nothing, some a lot. */
static size_t share(int r) { return r % 3 == 1 ? 0 : (size_t)(200 * r + 5); }

static void test_share(void) {
  enum { MOST = 16 };
  const int size = nmd_comm_size(TEST_COMM), rank = nmd_comm_rank(TEST_COMM);
  int n[MOST], at[MOST], total = 0;
  double values[MOST * MOST];
  for (int k = 0; k < size; k++, total += n[k - 1]) {
    n[k] = (k + 2) % 4; /* none of some ranks */
    at[k] = total;
  }
  for (int i = 0; i < total; i++) values[i] = i >= at[rank] && i < at[rank] + n[rank] ? 100.0 * rank + i : -1.0;
  nmd_comm_share(TEST_COMM, values, n, at);
  for (int k = 0; k < size; k++)
    for (int i = at[k]; i < at[k] + n[k]; i++) TEST_NEAR(values[i], 100.0 * k + i, 0.0);
}

static void test_gather(void) {
  char mine[20000];
  size_t counts[1024];
  for (int root = 0; root < size(); root++) {
    for (size_t k = 0; k < share(rank()); k++) mine[k] = pattern(rank(), k);
    char *all = NULL;
    TEST_OK(nmd_comm_gather(test_comm, mine, share(rank()), root, &all, rank() == root ? counts : NULL));
    if (rank() != root) continue;
    int wrong = 0;
    const char *next = all;
    for (int r = 0; r < size(); r++) {
      wrong += counts[r] != share(r);
      for (size_t k = 0; k < share(r); k++) wrong += *next++ != pattern(r, k);
    }
    CU_ASSERT_EQUAL(wrong, 0);
    nmd_free(all);
  }
}

/* A ring, open or closed, in steps of `hop`: hop = size sends to itself. */
static void check_exchange(int hop, bool closed) {
  const int n = size();
  int to = rank() + hop, from = rank() - hop;
  if (closed) to = to % n, from = ((from % n) + n) % n;
  if (to >= n) to = -1;
  if (from < 0) from = -1;
  char mine[20000];
  void *incoming = NULL;
  size_t capacity = 0, received = 99;
  for (size_t k = 0; k < share(rank()); k++) mine[k] = pattern(rank(), k);
  TEST_OK(nmd_comm_exchange(test_comm, to, mine, share(rank()), from, &incoming, &capacity, &received));
  CU_ASSERT_EQUAL(received, from < 0 ? 0 : share(from));
  int wrong = 0;
  for (size_t k = 0; k < received; k++) wrong += ((char *)incoming)[k] != pattern(from, k);
  for (size_t k = 0; k < received; k++) ((char *)incoming)[k] = 0;
  nmd_comm_exchange_known(test_comm, to, mine, to < 0 ? 0 : share(rank()), from, incoming, received);
  for (size_t k = 0; k < received; k++) wrong += ((char *)incoming)[k] != pattern(from, k);
  CU_ASSERT_EQUAL(wrong, 0);
  nmd_free(incoming);
}

static void test_exchange(void) {
  for (int hop = 1; hop <= size(); hop++) {
    check_exchange(hop, true);
    check_exchange(hop, false);
  }
}

/* Everything again in messages of 7 bytes, as beyond 2^30 bytes. */
static void test_chunks(void) {
  nmd__comm_set_chunk(test_comm, 7);
  test_broadcast();
  test_gather();
  test_exchange();
  nmd__comm_set_chunk(test_comm, (size_t)1 << 30);
}

static void test_exchange_without_memory(void) {
  const int to = (rank() + 1) % size(), from = (rank() + size() - 1) % size();
  void *incoming = NULL;
  size_t capacity = 0, received;
  /* Rank 0 claims an absurd size: its receiver refuses, nobody hangs. */
  const bool absurd = rank() == 0, victim = from == 0;
  const nmd_status status =
      nmd_comm_exchange(test_comm, to, "x", absurd ? (size_t)1 << 62 : 1, from, &incoming, &capacity, &received);
  CU_ASSERT_EQUAL(status, victim ? NMD_MEMORY : NMD_OK);
  CU_ASSERT_EQUAL(received, victim ? 0 : 1);
  TEST_FAILS(nmd_comm_agree(test_comm, status), NMD_MEMORY);
  nmd_free(incoming);
}

static void test_agree(void) {
  CU_ASSERT_EQUAL(nmd_comm_agree(test_comm, NMD_OK), NMD_OK);
  TEST_FAILS(nmd_comm_agree(test_comm, nmd_fail(NMD_SYNTAX, "input.yaml:1:1: bad")), NMD_SYNTAX);
  TEST_EQUAL_TEXT(nmd_error_text(), "input.yaml:1:1: bad"); /* all the same: no rank is to blame */
  const int last = size() - 1;
  nmd_status mine = NMD_OK;
  if (rank() == last) mine = nmd_fail(NMD_EXPLODED, "atom %d", 40 + rank());
  CU_ASSERT_EQUAL(nmd_comm_agree(test_comm, mine), NMD_EXPLODED);
  char expected[64];
  if (size() > 1)
    snprintf(expected, sizeof expected, "rank %d: atom %d", last, 40 + last);
  else
    snprintf(expected, sizeof expected, "atom 40");
  TEST_EQUAL_TEXT(nmd_error_text(), expected);
  mine = nmd_fail(rank() == 0 ? NMD_READ : NMD_WRITE, "disk %d", rank());
  CU_ASSERT_EQUAL(nmd_comm_agree(test_comm, mine), NMD_READ);
  TEST_EQUAL_TEXT(nmd_error_text(), size() > 1 ? "rank 0: disk 0" : "disk 0");
}

static void test_split(void) {
  nmd_comm *part;
  TEST_OK(nmd_comm_split(test_comm, rank() % 2, &part));
  CU_ASSERT_EQUAL(nmd_comm_size(part), (size() + 1 - rank() % 2) / 2);
  CU_ASSERT_EQUAL(nmd_comm_rank(part), rank() / 2);
  double one = 1.0;
  nmd_comm_sum(part, &one, 1);
  CU_ASSERT_EQUAL(one, nmd_comm_size(part));
  nmd_comm_free(part);
  nmd_comm_free(NULL);
}

static void test_library(void) {
  const char *name = nmd_comm_library();
  TEST_CHECK(strlen(name) > 3 && strpbrk(name, "0123456789") != NULL && strchr(name, '\n') == NULL, "%s", name);
  TEST_OK(nmd_comm_check_launch(test_comm));
}

TEST_SUITE("parallel/mpi_comm", TEST(test_reductions), TEST(test_broadcast), TEST(test_share), TEST(test_gather),
           TEST(test_exchange), TEST(test_chunks), TEST(test_exchange_without_memory), TEST(test_agree),
           TEST(test_split), TEST(test_library))
