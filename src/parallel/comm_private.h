/* SPDX-License-Identifier: BSD-3-Clause */
/* What the parallel module shares inside itself about messages and the launch. */
#ifndef NNPMD_PARALLEL_COMM_PRIVATE_H
#define NNPMD_PARALLEL_COMM_PRIVATE_H

#include "parallel/comm.h"

/* One message out and one in; sizes are known on both sides. Ranks may be -1 (none) or this rank. */
typedef struct nmd__leg {
  int to;
  const void *outgoing;
  size_t bytes;
  int from;
  void *incoming;
  size_t incoming_bytes;
} nmd__leg;

enum { NMD__LEGS_MAX = 2 };

/* All legs at once: receives are posted before sends; leg k of a rank matches leg k of its partners. No allocation. */
void nmd__comm_exchange_legs(const nmd_comm *comm, const nmd__leg *legs, int n);

/* Longest single message in bytes (for tests of the chunking; the same on all ranks). Local. */
void nmd__comm_set_chunk(nmd_comm *comm, size_t bytes);

/* The environment variable (read by `get`) that says this process is one of several, and how many at least; NULL if
 * none does. Local. */
const char *nmd__launch_claim(char *(*get)(const char *), int64_t *processes);

#endif
