/* SPDX-License-Identifier: BSD-3-Clause */
#include "support/test_mpi.h"

#include "parallel/comm.h"
#include "support/test.h"

struct nmd_comm *test_comm;

void test_mpi_start(int *argc, char ***argv) {
  if (nmd_comm_start(argc, argv, &test_comm) == NMD_OK) return;
  fprintf(stderr, "MPI cannot be started: %s\n", nmd_error_text());
  exit(EXIT_FAILURE);
}

void test_mpi_stop(void) {
  nmd_comm_stop(test_comm);
  test_comm = NULL;
}

int test_mpi_max(int value) {
  double largest = value;
  nmd_comm_max(test_comm, &largest, 1);
  return (int)largest;
}

int test_mpi_rank(void) { return test_comm ? nmd_comm_rank(test_comm) : 0; }
int test_mpi_size(void) { return test_comm ? nmd_comm_size(test_comm) : 1; }

void test_mpi_barrier(void) {
  if (test_comm) nmd_comm_barrier(test_comm);
}
