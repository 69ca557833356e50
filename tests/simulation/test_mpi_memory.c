/* SPDX-License-Identifier: BSD-3-Clause */
/* The last rank runs out of memory, at each of its allocations in turn: all ranks get the same error, none waits for
 * another, and after it the same program can go on. LINKS: engine */
#include "base/memory.h"
#include "parallel/comm.h"
#include "support/engine.h"
#include "support/test.h"

#define IONIC                                                                                                          \
  "sum: {terms: [{buckingham: {cutoff: 5, pairs: [{elements: [Li, F], A: 900, rho: 0.27}]}}, {spme: {cutoff: 5, "      \
  "ions: "                                                                                                             \
  "[{element: Li, charge: 1}, {element: F, charge: -1}]}}]}"

static const char *input_path;

/* Set-up, list, forces with values of atoms. */
static nmd_status run_once(void) {
  nmd_simulation *s;
  NMD_TRY(engine_create(TEST_COMM, input_path, &s));
  nmd_status status = nmd_simulation_rebuild(s);
  s->wants = NMD_WANT_ATOM_ENERGY | NMD_WANT_ATOM_VIRIAL;
  if (status == NMD_OK) status = nmd_simulation_forces(s);
  nmd_simulation_destroy(s);
  return status;
}

static int64_t fail_everywhere(int64_t first, int64_t stride) {
  const bool victim = nmd_comm_rank(TEST_COMM) == nmd_comm_size(TEST_COMM) - 1;
  for (int64_t n = first;; n += stride) {
    nmd__memory_fail_at(victim ? n : 0);
    const nmd_status status = run_once();
    nmd__memory_fail_at(0);
    int64_t codes[2] = {status, -(int64_t)status};
    nmd_comm_max_int(TEST_COMM, codes, 2);
    if (!TEST_CHECK(codes[0] == -codes[1], "allocation %lld: ranks disagree, %lld and %lld", (long long)n,
                    (long long)-codes[1], (long long)codes[0]))
      return n;
    if (status == NMD_OK) return n;
    if (!TEST_CHECK(status == NMD_MEMORY, "allocation %lld: status %d, %s", (long long)n, (int)status,
                    nmd_error_text()))
      return n;
  }
}

static void test_every_allocation(void) {
  const engine_crystal crystal = {.sites = "b2", .a = 2.5, .cells = {4, 3, 3}, .z = {3, 9}, .rattle = 0.03};
  engine_write_crystal(&crystal, "start.extxyz");
  input_path = engine_write_input(
      "input.yaml", "structure: {file: start.extxyz}\npotential:\n  %s\nstages: [nve: {steps: 1}]\n", IONIC);
  if (!TEST_OK(run_once())) return;
  const int ranks = nmd_comm_size(TEST_COMM);
  const int64_t n = fail_everywhere(1, ranks == 1 ? 1 : 2 * ranks + 1); /* ranks that share cores are slow */
  engine_say("  %lld allocations of the last rank failed in turn\n", (long long)n - 1);
  TEST_CHECK(n > 100, "only %lld allocations", (long long)n);
  TEST_OK(run_once());
}

TEST_SUITE("simulation/mpi_memory", TEST(test_every_allocation))
