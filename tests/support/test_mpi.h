/* SPDX-License-Identifier: BSD-3-Clause */
/* What test.c asks of MPI. Weak do-nothings in test.c, the real ones in test_mpi.c, linked into MPI tests only. */
#ifndef NNPMD_TESTS_SUPPORT_TEST_MPI_H
#define NNPMD_TESTS_SUPPORT_TEST_MPI_H

void test_mpi_start(int *argc, char ***argv);
void test_mpi_stop(void);
int test_mpi_max(int value); /* over the ranks */
int test_mpi_rank(void);
int test_mpi_size(void);
void test_mpi_barrier(void);

#endif
