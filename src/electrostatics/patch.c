/* SPDX-License-Identifier: BSD-3-Clause */
#include "electrostatics/patch.h"

#include <string.h>

#include "base/memory.h"

void nmd__patch_free(nmd__patch *patch) {
  nmd_free(patch->extents);
  nmd_free(patch->values);
  nmd_free(patch->out);
  nmd_free(patch->in);
  nmd_free(patch->counts);
  *patch = (nmd__patch){0};
}

static int wrapped(int i, int k) {
  const int r = i % k;
  return r < 0 ? r + k : r;
}

/* Points of an extent along an axis that lie in [begin, end) of a mesh of k points. */
static int count_inside(const nmd__extent *e, int axis, int k, int begin, int end) {
  int n = e->n[axis] / k * (end - begin);
  for (int c = e->n[axis] / k * k; c < e->n[axis]; c++) {
    const int w = wrapped(e->low[axis] + c, k);
    n += w >= begin && w < end;
  }
  return n;
}

static int64_t message_length(const nmd__extent *e, const nmd_fft_layout *l, int rank) {
  const int i = rank / l->grid[1], j = rank % l->grid[1];
  if (i >= l->grid[0]) return 0;
  const int64_t n0 =
      count_inside(e, 0, l->k[0], nmd_fft_block(l->k[0], i, l->grid[0]), nmd_fft_block(l->k[0], i + 1, l->grid[0]));
  const int64_t n1 =
      count_inside(e, 1, l->k[1], nmd_fft_block(l->k[1], j, l->grid[1]), nmd_fft_block(l->k[1], j + 1, l->grid[1]));
  return n0 * n1 * e->n[2];
}

static nmd_status grow(double **array, int64_t *capacity, int64_t wanted) {
  if (wanted <= *capacity && *array != NULL) return NMD_OK;
  NMD_TRY(NMD_GROW(*array, 0, wanted + wanted / 8 + 1));
  *capacity = wanted + wanted / 8;
  return NMD_OK;
}

/* Counts and places of the messages of all ranks, to and from. */
static nmd_status count_messages(nmd__patch *patch, const nmd_comm *comm, const nmd_fft_layout *layout, int64_t *out,
                                 int64_t *in) {
  const int ranks = nmd_comm_size(comm), rank = nmd_comm_rank(comm);
  if (patch->counts == NULL) NMD_TRY(NMD_ALLOC(patch->counts, 4 * ranks));
  *out = *in = 0;
  for (int r = 0; r < ranks; r++) {
    const int64_t to = message_length(&patch->extents[rank], layout, r);
    const int64_t from = message_length(&patch->extents[r], layout, rank);
    if (*out + to > INT32_MAX || *in + from > INT32_MAX)
      NMD_FAIL(MEMORY, "a patch of more than 2^31 mesh points; use more ranks or a coarser mesh");
    patch->counts[r] = (int)to;
    patch->counts[ranks + r] = (int)*out;
    patch->counts[2 * ranks + r] = (int)from;
    patch->counts[3 * ranks + r] = (int)*in;
    *out += to;
    *in += from;
  }
  return NMD_OK;
}

nmd_status nmd__patch_prepare(nmd__patch *patch, const nmd_comm *comm, const nmd_fft_layout *layout) {
  const nmd__extent *own = &patch->extents[nmd_comm_rank(comm)];
  const int64_t points = (int64_t)own->n[0] * own->n[1] * own->n[2];
  int64_t out, in;
  NMD_TRY(grow(&patch->values, &patch->capacity, points));
  memset(patch->values, 0, (size_t)points * sizeof *patch->values);
  NMD_TRY(count_messages(patch, comm, layout, &out, &in));
  if (nmd_comm_size(comm) == 1) return NMD_OK; /* the patch is the message */
  NMD_TRY(grow(&patch->out, &patch->capacity_out, out));
  return grow(&patch->in, &patch->capacity_in, in);
}

/* What becomes of a row of a patch, in the order in which rows follow each other in a message. */
typedef struct walk {
  const nmd_fft_layout *layout;
  const nmd__extent *extent;
  double *values; /* patch of the extent, or NULL */
  double *real;   /* this rank's pencils, or NULL */
  double *message;
} walk;

static void add_row(const walk *w, double *real) {
  const int k = w->layout->k[2];
  int z = wrapped(w->extent->low[2], k);
  for (int c = 0; c < w->extent->n[2]; c++) {
    real[z] += w->message[c];
    z = z + 1 == k ? 0 : z + 1;
  }
}

static void take_row(const walk *w, const double *real) {
  const int k = w->layout->k[2];
  int z = wrapped(w->extent->low[2], k);
  for (int c = 0; c < w->extent->n[2]; c++) {
    w->message[c] = real[z];
    z = z + 1 == k ? 0 : z + 1;
  }
}

enum { PACK, UNPACK, ADD, TAKE };

/* Visit the rows of w->extent that pencil `rank` has: patch to or from message, or message to or from this rank's mesh.
 */
static void walk_rows(walk w, int rank, int what) {
  const nmd_fft_layout *l = w.layout;
  const nmd__extent *e = w.extent;
  const int i = rank / l->grid[1], j = rank % l->grid[1];
  if (i >= l->grid[0]) return;
  const int low0 = nmd_fft_block(l->k[0], i, l->grid[0]), high0 = nmd_fft_block(l->k[0], i + 1, l->grid[0]);
  const int low1 = nmd_fft_block(l->k[1], j, l->grid[1]), high1 = nmd_fft_block(l->k[1], j + 1, l->grid[1]);
  for (int a = 0; a < e->n[0]; a++) {
    const int x = wrapped(e->low[0] + a, l->k[0]);
    if (x < low0 || x >= high0) continue;
    for (int b = 0; b < e->n[1]; b++) {
      const int y = wrapped(e->low[1] + b, l->k[1]);
      if (y < low1 || y >= high1) continue;
      const size_t bytes = (size_t)e->n[2] * sizeof(double);
      double *row = w.values != NULL ? w.values + ((int64_t)a * e->n[1] + b) * e->n[2] : NULL;
      double *real = w.real != NULL ? w.real + ((int64_t)(x - low0) * (high1 - low1) + (y - low1)) * l->k[2] : NULL;
      if (what == PACK) memcpy(w.message, row, bytes);
      if (what == UNPACK) memcpy(row, w.message, bytes);
      if (what == ADD) add_row(&w, real);
      if (what == TAKE) take_row(&w, real);
      w.message += e->n[2];
    }
  }
}

void nmd__patch_gather(nmd__patch *patch, const nmd_comm *comm, const nmd_fft_layout *layout, double *real) {
  const int ranks = nmd_comm_size(comm), rank = nmd_comm_rank(comm), *n_out = patch->counts, *at_out = n_out + ranks,
            *n_in = at_out + ranks, *at_in = n_in + ranks;
  memset(real, 0, (size_t)layout->n[0] * (size_t)layout->n[1] * (size_t)layout->k[2] * sizeof *real);
  double *in = ranks == 1 ? patch->values : patch->in;
  for (int r = 0; r < ranks && ranks > 1; r++)
    if (n_out[r] > 0)
      walk_rows((walk){layout, &patch->extents[rank], patch->values, NULL, patch->out + at_out[r]}, r, PACK);
  if (ranks > 1) nmd_comm_all_to_all(comm, patch->out, n_out, at_out, patch->in, n_in, at_in);
  for (int r = 0; r < ranks; r++)
    if (n_in[r] > 0) walk_rows((walk){layout, &patch->extents[r], NULL, real, in + at_in[r]}, rank, ADD);
}

void nmd__patch_scatter(nmd__patch *patch, const nmd_comm *comm, const nmd_fft_layout *layout, const double *real) {
  const int ranks = nmd_comm_size(comm), rank = nmd_comm_rank(comm), *n_out = patch->counts, *at_out = n_out + ranks,
            *n_in = at_out + ranks, *at_in = n_in + ranks;
  double *in = ranks == 1 ? patch->values : patch->in;
  for (int r = 0; r < ranks; r++)
    if (n_in[r] > 0) walk_rows((walk){layout, &patch->extents[r], NULL, (double *)real, in + at_in[r]}, rank, TAKE);
  if (ranks == 1) return;
  nmd_comm_all_to_all(comm, patch->in, n_in, at_in, patch->out, n_out, at_out);
  for (int r = 0; r < ranks; r++)
    if (n_out[r] > 0)
      walk_rows((walk){layout, &patch->extents[rank], patch->values, NULL, patch->out + at_out[r]}, r, UNPACK);
}
