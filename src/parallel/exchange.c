/* SPDX-License-Identifier: BSD-3-Clause */
/* The per-step exchanges between owners and ghosts, along the plan made by nmd_halo_build. Nothing is allocated here.
 *
 * Values of more than three components go in several messages, cut by a rule that both ends can work out, so that the
 * buffers need not know how many components will come. */
#include "parallel/comm_private.h"
#include "parallel/halo_private.h"

/* Atoms of one message out of n. */
static int slice_of(int n, int components) {
  if (components <= 3) return n;
  const int64_t m = 3 * (int64_t)n / components;
  return m > 1 ? (int)m : 1;
}

static int part_of(int n, int slice, int64_t done) {
  if (done >= n) return 0;
  return n - done < slice ? (int)(n - done) : slice;
}

static bool is_local(const nmd_halo *halo, const nmd__swap *swap) {
  const int rank = nmd_comm_rank(halo->comm);
  return swap->to == rank && swap->from == rank;
}

static void gather(const double *restrict values, const int32_t *restrict index, int n, int components,
                   double *restrict out) {
  if (components == 3) {
    for (int k = 0; k < n; k++)
      for (int c = 0; c < 3; c++) out[3 * (int64_t)k + c] = values[3 * (int64_t)index[k] + c];
    return;
  }
  for (int k = 0; k < n; k++)
    for (int c = 0; c < components; c++) out[(int64_t)k * components + c] = values[(int64_t)index[k] * components + c];
}

static void scatter_add(const double *in, const int32_t *index, int n, int components, double *values) {
  for (int k = 0; k < n; k++)
    for (int c = 0; c < components; c++) values[(int64_t)index[k] * components + c] += in[(int64_t)k * components + c];
}

/* The q-th message of a forward swap; false when there is nothing left. */
static bool forward_leg(nmd_halo *halo, const nmd__swap *swap, int side, int64_t q, double *values, int components,
                        nmd__leg *leg) {
  const int send_slice = slice_of(swap->n_send, components), receive_slice = slice_of(swap->n_receive, components);
  const int n = part_of(swap->n_send, send_slice, q * send_slice);
  const int m = part_of(swap->n_receive, receive_slice, q * receive_slice);
  gather(values, halo->send_index + swap->first_send + q * send_slice, n, components, halo->buffer[side]);
  const size_t item = (size_t)components * sizeof(double);
  *leg = (nmd__leg){swap->to,
                    halo->buffer[side],
                    (size_t)n * item,
                    swap->from,
                    values + (swap->first_receive + q * receive_slice) * components,
                    (size_t)m * item};
  return n > 0 || m > 0;
}

static void forward_pair(nmd_halo *halo, const nmd__swap *pair, double *values, int components) {
  if (is_local(halo, &pair[0])) { /* then so is the other side: straight into place */
    for (int side = 0; side < 2; side++)
      gather(values, halo->send_index + pair[side].first_send, pair[side].n_send, components,
             values + (int64_t)pair[side].first_receive * components);
    return;
  }
  for (int64_t q = 0;; q++) {
    nmd__leg legs[2];
    const bool low = forward_leg(halo, &pair[0], 0, q, values, components, &legs[0]);
    const bool high = forward_leg(halo, &pair[1], 1, q, values, components, &legs[1]);
    if (!low && !high) return;
    nmd__comm_exchange_legs(halo->comm, legs, 2);
  }
}

/* The q-th message of a reverse swap: ghosts go back to where they came from. */
static bool reverse_leg(nmd_halo *halo, const nmd__swap *swap, int side, int64_t q, double *values, int components,
                        nmd__leg *leg, int *n_incoming) {
  const int send_slice = slice_of(swap->n_receive, components), receive_slice = slice_of(swap->n_send, components);
  const int n = part_of(swap->n_receive, send_slice, q * send_slice);
  const int m = part_of(swap->n_send, receive_slice, q * receive_slice);
  const size_t item = (size_t)components * sizeof(double);
  *leg = (nmd__leg){swap->from,         values + (swap->first_receive + q * send_slice) * components,
                    (size_t)n * item,   swap->to,
                    halo->buffer[side], (size_t)m * item};
  *n_incoming = m;
  return n > 0 || m > 0;
}

static void reverse_pair(nmd_halo *halo, const nmd__swap *pair, double *values, int components) {
  if (is_local(halo, &pair[0])) {
    for (int side = 0; side < 2; side++)
      scatter_add(values + (int64_t)pair[side].first_receive * components, halo->send_index + pair[side].first_send,
                  pair[side].n_send, components, values);
    return;
  }
  for (int64_t q = 0;; q++) {
    nmd__leg legs[2];
    int n[2];
    const bool low = reverse_leg(halo, &pair[0], 0, q, values, components, &legs[0], &n[0]);
    const bool high = reverse_leg(halo, &pair[1], 1, q, values, components, &legs[1], &n[1]);
    if (!low && !high) return;
    nmd__comm_exchange_legs(halo->comm, legs, 2);
    for (int side = 0; side < 2; side++) /* added in a fixed order, not that of arrival */
      scatter_add(halo->buffer[side],
                  halo->send_index + pair[side].first_send + q * slice_of(pair[side].n_send, components), n[side],
                  components, values);
  }
}

void nmd__halo_shift(const nmd_halo *halo, const nmd_box *box, nmd_atoms *atoms) {
  const int first = halo->n_owned, last = halo->n_owned + halo->n_ghost;
  for (int i = first; i < last; i++) {
    const int32_t *shift = halo->shift[i];
    for (int k = 0; k < 3; k++)
      atoms->x[3 * (int64_t)i + k] += shift[0] * box->h[0][k] + shift[1] * box->h[1][k] + shift[2] * box->h[2][k];
  }
}

void nmd_halo_forward_values(nmd_halo *halo, double *values, int components) {
  NMD_ASSERT(components > 0 && components <= NMD__HALO_COMPONENTS_MAX);
  for (int k = 0; k < halo->n_swaps; k += 2) forward_pair(halo, &halo->swaps[k], values, components);
}

void nmd_halo_forward(nmd_halo *halo, const nmd_box *box, nmd_atoms *atoms) {
  NMD_ASSERT(atoms->n_owned == halo->n_owned && atoms->n_ghost == halo->n_ghost);
  nmd_halo_forward_values(halo, atoms->x, 3);
  nmd__halo_shift(halo, box, atoms);
}

void nmd_halo_reverse(nmd_halo *halo, double *values, int components) {
  NMD_ASSERT(components > 0 && components <= NMD__HALO_COMPONENTS_MAX);
  for (int k = halo->n_swaps - 2; k >= 0; k -= 2) reverse_pair(halo, &halo->swaps[k], values, components);
}

void nmd_halo_statistics(const nmd_halo *halo, int *messages, int64_t *bytes) {
  *messages = 0;
  *bytes = 0;
  for (int k = 0; k < halo->n_swaps; k++) {
    const nmd__swap *swap = &halo->swaps[k];
    if (swap->to < 0 || swap->n_send == 0 || is_local(halo, swap)) continue;
    *messages += 1;
    *bytes += 3 * (int64_t)sizeof(double) * swap->n_send;
  }
}
