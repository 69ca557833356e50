/* SPDX-License-Identifier: BSD-3-Clause */
#include "output/share.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

typedef struct share_record {
  int64_t place; /* in the order of ids */
  int32_t atomic_number, unused;
  double x[3], v[3], f[3], scalar[NMD_NETCDF_SCALARS];
} share_record;

static int by_value(const void *a, const void *b) {
  const int64_t i = *(const int64_t *)a, j = *(const int64_t *)b;
  return (i > j) - (i < j);
}

/* The selected ids of all ranks, sorted, on rank 0. */
static nmd_status collect_ids(nmd_share *share, const nmd_observation *seen, const nmd_choice *only) {
  int64_t *mine, n = 0;
  NMD_TRY(nmd_comm_agree(seen->comm, NMD_ALLOC(mine, seen->atoms->n_owned)));
  for (int i = 0; i < seen->atoms->n_owned; i++)
    if (nmd_chosen(only, seen->atoms, i)) mine[n++] = seen->atoms->id[i];
  char *all = NULL;
  int64_t total = n;
  const nmd_status status = nmd_comm_gather(seen->comm, mine, (size_t)n * sizeof *mine, 0, &all, NULL);
  nmd_free(mine);
  NMD_TRY(nmd_comm_agree(seen->comm, status));
  nmd_comm_sum_int(seen->comm, &total, 1);
  share->total = total;
  if (all == NULL) return NMD_OK;
  share->sorted = (int64_t *)(void *)all;
  qsort(share->sorted, (size_t)total, sizeof *share->sorted, by_value);
  return NMD_OK;
}

static nmd_status make_room(nmd_share *share) {
  if (share->sorted == NULL) NMD_TRY(NMD_ALLOC(share->sorted, share->total));
  NMD_TRY(NMD_ALLOC(share->atomic_number, share->n));
  NMD_TRY(NMD_ALLOC(share->x, share->n));
  NMD_TRY(NMD_ALLOC(share->v, share->n));
  for (int k = 0; k < NMD_NETCDF_SCALARS; k++) NMD_TRY(NMD_ALLOC(share->scalar[k], share->n));
  return NMD_ALLOC(share->f, share->n);
}

nmd_status nmd_share_init(nmd_share *share, const nmd_observation *seen, const nmd_choice *only) {
  *share = (nmd_share){0};
  NMD_TRY(collect_ids(share, seen, only));
  const int64_t rank = nmd_comm_rank(seen->comm), size = nmd_comm_size(seen->comm);
  share->first = rank * share->total / size;
  share->n = (rank + 1) * share->total / size - share->first;
  NMD_TRY(nmd_comm_agree(seen->comm, make_room(share)));
  nmd_comm_broadcast(seen->comm, share->sorted, (size_t)share->total * sizeof *share->sorted, 0);
  return NMD_OK;
}

/* -1: not among the selected ones. */
static int64_t place_of(const nmd_share *share, int64_t id) {
  if (id >= 1 && id <= share->total && share->sorted[id - 1] == id) return id - 1; /* ids 1 ... n: no search */
  const int64_t *found = share->total > 0 ? bsearch(&id, share->sorted, (size_t)share->total, sizeof id, by_value) : NULL;
  return found != NULL ? found - share->sorted : -1;
}

static nmd_status elements_changed(void) {
  NMD_FAIL(CONFLICT, "atoms have changed their elements (monte_carlo, semi_grand), but this output holds the elements of its "
                     "atoms once; use a trajectory in extxyz or dump");
}

/* The selected atoms are those of the first frame. Collective. */
static nmd_status check_selection(const nmd_share *share, const nmd_observation *seen, const nmd_choice *only) {
  int64_t counts[2] = {0, 0}; /* selected, unknown */
  for (int i = 0; i < seen->atoms->n_owned; i++) {
    if (!nmd_chosen(only, seen->atoms, i)) continue;
    counts[0]++;
    counts[1] += place_of(share, seen->atoms->id[i]) < 0;
  }
  nmd_comm_sum_int(seen->comm, counts, 2);
  return counts[0] == share->total && counts[1] == 0 ? NMD_OK : elements_changed();
}

/* Whose share holds a place; the inverse of first = rank total / size. */
static int owner_of(const nmd_share *share, int64_t place, int size) {
  return (int)(((place + 1) * size - 1) / share->total);
}

static void fill_scalars(const nmd_observation *seen, int i, double scalar[NMD_NETCDF_SCALARS]) {
  if (seen->atom_energy != NULL) scalar[NMD_NETCDF_ENERGY] = seen->atom_energy[i];
  if (seen->sigma_energy != NULL) scalar[NMD_NETCDF_SIGMA_ENERGY] = seen->sigma_energy[i];
  if (seen->sigma_force != NULL) scalar[NMD_NETCDF_SIGMA_FORCE] = seen->sigma_force[i];
  if (seen->atom_extrapolation != NULL) scalar[NMD_NETCDF_EXTRAPOLATION] = seen->atom_extrapolation[i];
}

static void fill_record(const nmd_share *share, const nmd_observation *seen, int i, bool unwrapped, share_record *r) {
  const nmd_atoms *atoms = seen->atoms;
  *r = (share_record){.place = place_of(share, atoms->id[i]),
                      .atomic_number = seen->species->atomic_number[atoms->species[i]]};
  memcpy(r->x, atoms->x + 3 * i, sizeof r->x);
  memcpy(r->v, atoms->v + 3 * i, sizeof r->v);
  memcpy(r->f, atoms->f + 3 * i, sizeof r->f);
  fill_scalars(seen, i, r->scalar);
  int image[3] = {0, 0, 0};
  nmd_box_wrap(seen->box, r->x, image);
  for (int d = 0; d < 3 && unwrapped; d++)
    for (int k = 0; k < 3; k++) r->x[k] += (image[d] + atoms->image[3 * i + d]) * seen->box->h[d][k];
}

/* This rank's atoms sorted by the rank they go to: start [size + 1] of each block in records. */
static void sort_records(const nmd_share *share, const nmd_observation *seen, const nmd_choice *only, bool unwrapped,
                         int64_t *start, share_record *records) {
  const int size = nmd_comm_size(seen->comm), n = seen->atoms->n_owned;
  memset(start, 0, (size_t)(size + 2) * sizeof *start);
  for (int i = 0; i < n; i++)
    if (nmd_chosen(only, seen->atoms, i)) start[owner_of(share, place_of(share, seen->atoms->id[i]), size) + 2]++;
  for (int r = 2; r <= size + 1; r++) start[r] += start[r - 1];
  for (int i = 0; i < n; i++) {
    if (!nmd_chosen(only, seen->atoms, i)) continue;
    share_record record;
    fill_record(share, seen, i, unwrapped, &record);
    records[start[owner_of(share, record.place, size) + 1]++] = record;
  }
}

static nmd_status place_records(nmd_share *share, const share_record *records, size_t n) {
  bool same = true;
  for (size_t k = 0; k < n; k++) {
    const int64_t i = records[k].place - share->first;
    same = same && (!share->filled || share->atomic_number[i] == records[k].atomic_number);
    share->atomic_number[i] = records[k].atomic_number;
    memcpy(share->x[i], records[k].x, sizeof records[k].x);
    memcpy(share->v[i], records[k].v, sizeof records[k].v);
    memcpy(share->f[i], records[k].f, sizeof records[k].f);
    for (int s = 0; s < NMD_NETCDF_SCALARS; s++) share->scalar[s][i] = records[k].scalar[s];
  }
  return same ? NMD_OK : elements_changed();
}

/* In turn with the rank `shift` above and the one `shift` below. */
static nmd_status exchange(nmd_share *share, const nmd_comm *comm, const int64_t *start, const share_record *records) {
  const int size = nmd_comm_size(comm), rank = nmd_comm_rank(comm);
  nmd_status status = NMD_OK;
  for (int shift = 0; shift < size; shift++) {
    const int to = (rank + shift) % size, from = (rank - shift + size) % size;
    size_t received = 0;
    NMD_TRY(nmd_comm_exchange(comm, to, records + start[to], (size_t)(start[to + 1] - start[to]) * sizeof *records,
                              from, &share->incoming, &share->capacity, &received));
    const nmd_status placed = place_records(share, share->incoming, received / sizeof *records);
    if (status == NMD_OK) status = placed;
  }
  share->filled = true;
  return status;
}

nmd_status nmd_share_fill(nmd_share *share, const nmd_observation *seen, const nmd_choice *only, bool unwrapped) {
  int64_t *start = NULL;
  share_record *records = NULL;
  NMD_TRY(check_selection(share, seen, only));
  nmd_status status = NMD_ALLOC(start, nmd_comm_size(seen->comm) + 2);
  if (status == NMD_OK) status = NMD_ALLOC(records, seen->atoms->n_owned);
  status = nmd_comm_agree(seen->comm, status);
  if (status == NMD_OK) {
    sort_records(share, seen, only, unwrapped, start, records);
    status = nmd_comm_agree(seen->comm, exchange(share, seen->comm, start, records));
  }
  nmd_free(records);
  nmd_free(start);
  return status;
}

void nmd_share_free(nmd_share *share) {
  void *arrays[] = {share->sorted, share->atomic_number, share->x, share->v, share->f, share->incoming};
  for (int k = 0; k < NMD_COUNT(arrays); k++) nmd_free(arrays[k]);
  for (int k = 0; k < NMD_NETCDF_SCALARS; k++) nmd_free(share->scalar[k]);
  *share = (nmd_share){0};
}
