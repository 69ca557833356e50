/* SPDX-License-Identifier: BSD-3-Clause */
/* Which environments are taken for a job of several processes. */
#include "base/status.h"
#include "parallel/comm_private.h"
#include "support/test.h"

static const char *const *fake; /* name, value, ..., NULL */

static char *fake_get(const char *name) {
  for (int k = 0; fake[k] != NULL; k += 2)
    if (strcmp(fake[k], name) == 0) return (char *)fake[k + 1];
  return NULL;
}

#define CLAIM(expected, count, ...)                                                                                    \
  do {                                                                                                                 \
    const char *const variables[] = {__VA_ARGS__ NULL};                                                                \
    int64_t n;                                                                                                         \
    fake = variables;                                                                                                  \
    const char *claim = nmd__launch_claim(fake_get, &n);                                                               \
    TEST_EQUAL_TEXT(claim ? claim : "none", expected);                                                                 \
    TEST_EQUAL_INT(n, count);                                                                                          \
  } while (0)

static void test_claims(void) {
  CLAIM("none", 1, );
  CLAIM("OMPI_COMM_WORLD_SIZE", 8, "OMPI_COMM_WORLD_SIZE", "8", );
  CLAIM("PMI_SIZE", 4, "PMI_SIZE", "4", );
  CLAIM("PMIX_RANK", 3, "PMIX_RANK", "2", );
  CLAIM("SLURM_STEP_NUM_TASKS", 16, "SLURM_STEP_NUM_TASKS", "16", "SLURM_PROCID", "0", );
  CLAIM("SLURM_PROCID", 6, "SLURM_PROCID", "5", "SLURM_NTASKS", "16", );
}

static void test_no_claims(void) {
  CLAIM("none", 1, "OMPI_COMM_WORLD_SIZE", "1", "PMIX_RANK", "0", );
  CLAIM("none", 1, "SLURM_NTASKS", "16", "SLURM_PROCID", "0", );                /* in a batch script */
  CLAIM("none", 1, "OMPI_COMM_WORLD_SIZE", "1", "SLURM_STEP_NUM_TASKS", "4", ); /* mpirun -n 1 */
  CLAIM("none", 1, "PMI_SIZE", "", "OMPI_COMM_WORLD_SIZE", "x", "MV2_COMM_WORLD_SIZE", "-3", "PMI_RANK",
        "99999999999", );
}

TEST_SUITE("parallel/launch", TEST(test_claims), TEST(test_no_claims))
