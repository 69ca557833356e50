/* SPDX-License-Identifier: BSD-3-Clause */
#include "output/msd_window.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/vec3.h"

/* What a saved state begins with; sums of the blocks and paths [total][3][filled] follow. */
typedef struct state_head {
  int64_t frames, lags, kinds, total, filled, windows, stage, block_length;
  double last, spacing, sum_h[3][3];
  int64_t block_count[NMD_BLOCKS_MAX];
} state_head;

nmd_status nmd__msd_window_init(nmd__msd_window *w, int kinds) {
  const double cube[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
  nmd_directions ignored;
  w->kinds = kinds;
  w->stage = -1;
  NMD_TRY(nmd_directions_parse(w->direction, cube, &ignored));
  return nmd_blocks_init(&w->blocks, kinds * (int)w->lags);
}

void nmd__msd_window_free(nmd__msd_window *w) {
  nmd_blocks_free(&w->blocks);
  nmd_share_free(&w->share);
  nmd_buffer_free(&w->pending);
  nmd_free(w->x);
}

static nmd_status begin_anew(nmd__msd_window *w, int stage) {
  if (w->stage == stage) return NMD_OK;
  w->stage = stage;
  w->filled = w->windows = 0;
  nmd_blocks_free(&w->blocks);
  return nmd_blocks_init(&w->blocks, w->kinds * (int)w->lags);
}

static size_t sums_bytes(const nmd__msd_window *w) {
  return (size_t)NMD_BLOCKS_MAX * (size_t)w->kinds * (size_t)w->lags * sizeof(double);
}

/* The restored paths from rank 0, to each rank those of its atoms. */
static nmd_status deal_paths(nmd__msd_window *w, const nmd_comm *comm) {
  const int size = nmd_comm_size(comm), rank = nmd_comm_rank(comm);
  const size_t each = 3 * (size_t)w->filled * sizeof(double);
  const char *paths = rank == 0 ? w->pending.data + sizeof(state_head) + sums_bytes(w) : NULL;
  double *mine = NULL;
  NMD_TRY(nmd_comm_agree(comm, nmd_alloc(&mine, (size_t)w->share.n + 1, each + 1)));
  for (int r = 0; r < size; r++) {
    const int64_t first = r * w->share.total / size, n = (r + 1) * w->share.total / size - first;
    if (rank != 0 && rank != r) continue;
    nmd_comm_exchange_known(comm, rank == 0 ? r : -1, rank == 0 ? paths + (size_t)first * each : NULL,
                            rank == 0 ? (size_t)n * each : 0, rank == r ? 0 : -1, rank == r ? mine : NULL,
                            rank == r ? (size_t)n * each : 0);
  }
  for (int64_t i = 0; i < 3 * w->share.n; i++)
    memcpy(w->x + i * w->frames, mine + i * w->filled, (size_t)w->filled * sizeof *mine);
  nmd_free(mine);
  nmd_buffer_free(&w->pending);
  return NMD_OK;
}

static nmd_status share_out(nmd__msd_window *w, const nmd_observation *seen) {
  if (w->shared) return NMD_OK;
  NMD_TRY(nmd_share_init(&w->share, seen, w->only));
  NMD_TRY(nmd_comm_agree(seen->comm, NMD_ALLOC(w->x, 3 * w->share.n * w->frames)));
  w->shared = true;
  int64_t waiting = (int64_t)w->pending.length;
  nmd_comm_max_int(seen->comm, &waiting, 1);
  return waiting > 0 ? deal_paths(w, seen->comm) : NMD_OK;
}

/* Does the sample go on at the interval of the window? Times of a minimisation stand still. */
static bool goes_on(nmd__msd_window *w, double time) {
  const double step = time - w->last;
  if (w->filled == 1 && step > 0) w->spacing = step;
  return step > 0 && fabs(step - w->spacing) < 1e-6 * w->spacing;
}

static void keep_sample(nmd__msd_window *w, const nmd_observation *seen) {
  if (w->filled > 0 && !goes_on(w, seen->time)) w->filled = 0;
  if (w->filled == 0) memset(w->sum_h, 0, sizeof w->sum_h);
  for (int64_t i = 0; i < w->share.n; i++) {
    double s[3];
    nmd_box_to_fractional(seen->box, w->share.x[i], s);
    for (int d = 0; d < 3; d++) w->x[(3 * i + d) * w->frames + w->filled] = s[d];
  }
  for (int k = 0; k < 9; k++) w->sum_h[k / 3][k % 3] += seen->box->h[k / 3][k % 3];
  w->last = seen->time;
  w->filled++;
}

/* Of a rank without atoms: one that rests, which adds nothing to the sums. */
static nmd_status borrow_paths(nmd__msd_window *w, const nmd_observation *seen, const double h[3][3], double **rest,
                               nmd_paths *paths) {
  const int64_t n = w->share.n > 0 ? w->share.n : 1;
  const int *number = w->share.n > 0 ? w->share.atomic_number : seen->species->atomic_number;
  if (w->share.n == 0) NMD_TRY(NMD_ALLOC(*rest, 3 * w->frames));
  NMD_TRY(nmd_paths_borrow(seen->comm, n, number, w->frames, w->spacing, h, w->share.n > 0 ? w->x : *rest, paths));
  paths->species = *seen->species; /* of all ranks, so that they sum up the same */
  memset(paths->chosen, 0, sizeof paths->chosen);
  for (int64_t i = 0; i < n; i++) paths->kind[i] = nmd_species_index(seen->species, number[i]);
  for (int64_t i = 0; i < w->share.n; i++) paths->chosen[paths->kind[i]]++;
  return NMD_OK;
}

/* Of an element without atoms there is no answer. */
static void project(const nmd_msd *msd, int kind, const nmd_directions *directions, double *out) {
  nmd_msd_project(msd, kind, directions, out);
  for (int64_t m = 0; m < msd->n_lags && msd->count[kind] == 0; m++) out[m] = NAN;
}

static nmd_status measure(nmd__msd_window *w, nmd_paths *paths, const nmd_observation *seen, const double h[3][3]) {
  nmd_msd msd;
  nmd_directions directions;
  double *values;
  nmd_comm_sum_int(seen->comm, paths->chosen, seen->species->n);
  NMD_TRY(nmd_msd_self(paths, seen->comm, w->lags, 1, &msd));
  nmd_status status = NMD_ALLOC(values, w->kinds * w->lags);
  if (status == NMD_OK) status = nmd_directions_parse(w->direction, h, &directions);
  for (int k = 0; k < w->kinds && status == NMD_OK; k++)
    project(&msd, k, &directions, values + k * w->lags);
  if (status == NMD_OK) nmd_blocks_add(&w->blocks, w->windows++, values);
  nmd_free(values);
  nmd_msd_free(&msd);
  return nmd_comm_agree(seen->comm, status);
}

static nmd_status finish(nmd__msd_window *w, const nmd_observation *seen) {
  double h[3][3], *rest = NULL;
  nmd_paths paths = {0};
  for (int k = 0; k < 9; k++) h[k / 3][k % 3] = w->sum_h[k / 3][k % 3] / (double)w->frames;
  for (int64_t i = 0; i < w->share.n; i++)
    for (int64_t t = 0; t < w->frames; t++) {
      double *at = w->x + 3 * i * w->frames + t, x[3];
      const double s[3] = {at[0], at[w->frames], at[2 * w->frames]};
      nmd_row_times(s, h, x);
      for (int d = 0; d < 3; d++) at[d * w->frames] = x[d];
    }
  nmd_status status = nmd_comm_agree(seen->comm, borrow_paths(w, seen, h, &rest, &paths));
  if (status == NMD_OK) status = measure(w, &paths, seen, h);
  nmd_paths_free(&paths);
  nmd_free(rest);
  w->filled = 0;
  return status;
}

nmd_status nmd__msd_window_add(nmd__msd_window *w, const nmd_observation *seen, bool *full) {
  NMD_TRY(share_out(w, seen));
  NMD_TRY(nmd_comm_agree(seen->comm, begin_anew(w, seen->stage)));
  NMD_TRY(nmd_share_fill(&w->share, seen, w->only, true));
  keep_sample(w, seen);
  *full = w->filled == w->frames;
  return *full ? finish(w, seen) : NMD_OK;
}

/* ---- states ---- */

static void put_head(const nmd__msd_window *w, nmd_buffer *out) {
  state_head head;
  memset(&head, 0, sizeof head);
  head.frames = w->frames;
  head.lags = w->lags;
  head.kinds = w->kinds;
  head.total = w->share.total;
  head.filled = w->filled;
  head.windows = w->windows;
  head.stage = w->stage;
  head.block_length = w->blocks.length;
  head.last = w->last;
  head.spacing = w->spacing;
  memcpy(head.sum_h, w->sum_h, sizeof head.sum_h);
  memcpy(head.block_count, w->blocks.count, sizeof head.block_count);
  nmd_buffer_bytes(out, &head, sizeof head);
  nmd_buffer_bytes(out, w->blocks.sum, sums_bytes(w));
}

nmd_status nmd__msd_window_save(const nmd__msd_window *w, const nmd_comm *comm, nmd_buffer *out) {
  const size_t row = (size_t)w->filled * sizeof(double), bytes = 3 * (size_t)w->share.n * row;
  const bool root = nmd_comm_rank(comm) == 0;
  char *mine = NULL, *all = NULL;
  size_t *counts = NULL, total = 0;
  nmd_buffer_clear(out);
  if (!w->shared && w->pending.length > 0) { /* nothing has happened since it was restored */
    nmd_buffer_bytes(out, w->pending.data, w->pending.length);
    return nmd_comm_agree(comm, out->status);
  }
  if (!w->shared) return nmd_comm_agree(comm, NMD_OK);
  nmd_status status = nmd_alloc(&mine, bytes + 1, 1);
  if (status == NMD_OK) status = NMD_ALLOC(counts, nmd_comm_size(comm));
  status = nmd_comm_agree(comm, status);
  for (int64_t i = 0; i < 3 * w->share.n && status == NMD_OK; i++)
    memcpy(mine + (size_t)i * row, w->x + i * w->frames, row);
  if (status == NMD_OK) status = nmd_comm_gather(comm, mine, bytes, 0, &all, counts);
  if (status == NMD_OK && root) {
    for (int r = 0; r < nmd_comm_size(comm); r++) total += counts[r];
    put_head(w, out);
    nmd_buffer_bytes(out, all, total);
    status = out->status;
  }
  nmd_free(all);
  nmd_free(counts);
  nmd_free(mine);
  return nmd_comm_agree(comm, status);
}

static bool fits(const nmd__msd_window *w, const state_head *head, size_t n) {
  return head->frames == w->frames && head->lags == w->lags && head->kinds == w->kinds && head->filled >= 0 &&
         head->filled < w->frames && head->total >= 0 && head->block_length >= 1 &&
         n == sizeof *head + sums_bytes(w) + 3 * (size_t)head->total * (size_t)head->filled * sizeof(double);
}

static void take_head(nmd__msd_window *w, const state_head *head) {
  w->filled = head->filled;
  w->windows = head->windows;
  w->stage = (int)head->stage;
  w->last = head->last;
  w->spacing = head->spacing;
  memcpy(w->sum_h, head->sum_h, sizeof w->sum_h);
  w->blocks.length = head->block_length;
  memcpy(w->blocks.count, head->block_count, sizeof w->blocks.count);
}

nmd_status nmd__msd_window_restore(nmd__msd_window *w, const nmd_comm *comm, const void *bytes, size_t n) {
  state_head head = {0};
  const bool root = nmd_comm_rank(comm) == 0;
  int64_t sound = root && n >= sizeof head;
  if (sound) memcpy(&head, bytes, sizeof head);
  sound = sound && fits(w, &head, n);
  nmd_comm_max_int(comm, &sound, 1);
  if (!sound && root && n > 0) nmd_log_warning("msd: frames, lags or elements have changed: the averages begin anew");
  if (!sound) return NMD_OK;
  nmd_comm_broadcast(comm, &head, sizeof head, 0);
  take_head(w, &head);
  if (root) {
    memcpy(w->blocks.sum, (const char *)bytes + sizeof head, sums_bytes(w));
    nmd_buffer_bytes(&w->pending, bytes, n);
  }
  nmd_comm_broadcast(comm, w->blocks.sum, sums_bytes(w), 0);
  return nmd_comm_agree(comm, w->pending.status);
}
