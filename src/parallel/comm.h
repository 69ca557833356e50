/* SPDX-License-Identifier: BSD-3-Clause */
/* The only door to MPI: ranks, reductions, messages, agreement on failures. All calls are Collective unless said. */
#ifndef NNPMD_PARALLEL_COMM_H
#define NNPMD_PARALLEL_COMM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

typedef struct nmd_comm nmd_comm;

/* Start / end MPI for a program (argc, argv as MPI_Init takes them). After start errors of MPI end the job. */
nmd_status nmd_comm_start(int *argc, char ***argv, nmd_comm **world) NMD_MUST_USE;
void nmd_comm_stop(nmd_comm *world);
/* LAUNCH if this process is one of several singletons a mismatched launcher started (environment says size > 1, MPI
 * says 1). */
nmd_status nmd_comm_check_launch(const nmd_comm *comm) NMD_MUST_USE;
nmd_status nmd_comm_split(const nmd_comm *comm, int colour, nmd_comm **part) NMD_MUST_USE;
nmd_status nmd_comm_alone(nmd_comm **alone) NMD_MUST_USE; /* this process only, without MPI: for the library */
void nmd_comm_free(nmd_comm *part);      /* of split or alone; NULL-safe */
int nmd_comm_rank(const nmd_comm *comm); /* Local */
int nmd_comm_size(const nmd_comm *comm); /* Local */
int nmd_comm_node_size(const nmd_comm *comm); /* ranks on this rank's node */
const char *nmd_comm_library(void);      /* Local: "Open MPI 4.1.4", for --version */
const void *nmd_comm_mpi(const nmd_comm *comm); /* Local: address of its MPI_Comm, for libraries that want one (io/..._mpi.c) */
void nmd_comm_abort(const nmd_comm *comm, int exit_code) __attribute__((noreturn)); /* Local: ends the job */

void nmd_comm_barrier(const nmd_comm *comm);
void nmd_comm_broadcast(const nmd_comm *comm, void *data, size_t bytes, int root); /* any size */
void nmd_comm_sum(const nmd_comm *comm, double *values, int n);                    /* in place, all ranks */
void nmd_comm_sum_int(const nmd_comm *comm, int64_t *values, int n);
void nmd_comm_max(const nmd_comm *comm, double *values, int n);
void nmd_comm_min(const nmd_comm *comm, double *values, int n);
void nmd_comm_max_int(const nmd_comm *comm, int64_t *values, int n);
/* Exclusive prefix sum: *value becomes the sum over lower ranks. */
void nmd_comm_prefix_int(const nmd_comm *comm, int64_t *value);
/* Concatenate blocks of any size on root in rank order: *all (owner: caller, nmd_free) and per-rank byte counts
 * counts [size] are set on root only (counts may be NULL). */
nmd_status nmd_comm_gather(const nmd_comm *comm, const void *mine, size_t bytes, int root, char **all,
                           size_t *counts) NMD_MUST_USE;
/* Send to `to` and receive from `from` at once (either may be -1: none; both may be this rank). *incoming is grown as
 * needed (nmd_grow, *capacity bytes), *received says how many bytes came. */
nmd_status nmd_comm_exchange(const nmd_comm *comm, int to, const void *outgoing, size_t bytes, int from,
                             void **incoming, size_t *capacity, size_t *received) NMD_MUST_USE;
/* As exchange with sizes known on both sides; no allocation, no size message. */
void nmd_comm_exchange_known(const nmd_comm *comm, int to, const void *outgoing, size_t bytes, int from, void *incoming,
                             size_t incoming_bytes);
/* Block k of `outgoing` (n_out[k] numbers from at_out[k]) goes to rank k, that of rank k comes to incoming + at_in[k]. Sizes
 * are known on both sides; the arrays have one entry a rank. */
void nmd_comm_all_to_all(const nmd_comm *comm, const double *outgoing, const int *n_out, const int *at_out,
                         double *incoming, const int *n_in, const int *at_in);
/* Everyone gets all blocks: that of rank k is values + at[k], n[k] numbers; the arrays have one entry a rank, the same on all. */
void nmd_comm_share(const nmd_comm *comm, double *values, const int *n, const int *at);
/* Make a status common: if any rank failed, all return the code and the text of the lowest failing rank (with
 * "rank R: " in front if size > 1 and more than one rank could differ). */
nmd_status nmd_comm_agree(const nmd_comm *comm, nmd_status mine) NMD_MUST_USE;
/* What rank 0 alone has done (reading files) and how it went there, for all: without "rank 0: " in front of the place in
 * the input. Collective. */
nmd_status nmd_comm_agree_root(const nmd_comm *comm, nmd_status mine) NMD_MUST_USE;

#endif
