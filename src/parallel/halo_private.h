/* SPDX-License-Identifier: BSD-3-Clause */
/* The plan that nmd_halo_build makes and the exchanges follow. */
#ifndef NNPMD_PARALLEL_HALO_PRIVATE_H
#define NNPMD_PARALLEL_HALO_PRIVATE_H

#include "parallel/domain.h"

enum { NMD__HALO_COMPONENTS_MAX = 1024 }; /* of values per atom */

/* One message: atoms send_index[first_send ...] go out, ghosts first_receive ... come in. */
typedef struct nmd__swap {
  int to, from; /* ranks; -1: none (open edge) */
  int n_send, n_receive;
  int64_t first_send;
  int first_receive;
} nmd__swap;

/* Swaps come in pairs, to the low and the high side in the same pass: neither sends what the other receives. */
struct nmd_halo {
  const nmd_comm *comm; /* not owned */
  int n_owned, n_ghost, n_swaps;
  nmd__swap *swaps;
  int32_t *send_index;
  int32_t (*shift)[3]; /* [n_owned + n_ghost] cells crossed since the owner; 0 for owned atoms */
  double *buffer[2];   /* one a side: outgoing of forward, incoming of reverse */
  int64_t n_send, capacity_swaps, capacity_send, capacity_shift, capacity_buffer[2];
  /* scratch of the build */
  double (*s)[3];
  char *packed;
  void *incoming;
  int64_t capacity_s, capacity_packed;
  size_t capacity_incoming;
};

/* Ghosts' x += shift h. Local. */
void nmd__halo_shift(const nmd_halo *halo, const nmd_box *box, nmd_atoms *atoms);

#endif
