/* SPDX-License-Identifier: BSD-3-Clause */
#include "electrostatics/fft.h"

#include <fftw3.h>
#include <stdbool.h>
#include <string.h>

#include "base/memory.h"

typedef double complex_number[2];

/* An exchange among the ranks of a row or a column: block b of one side goes to rank b. */
typedef struct exchange {
  nmd_comm *comm; /* owned */
  int parts;
  int *n_out, *at_out, *n_in, *at_in; /* [parts] in doubles, of the forward direction; one allocation at n_out */
} exchange;

struct nmd_fft {
  nmd_fft_layout layout;
  const nmd_comm *comm; /* not owned */
  bool alone;
  double *real;
  complex_number *modes, *work[2];   /* work: not when alone */
  exchange row, column;              /* of one i, of one j */
  fftw_plan forward[3], backward[3]; /* along axes 2, 1, 0; alone: the first is all of it */
};

int nmd_fft_block(int n, int b, int p) { return (int)((int64_t)n * b / p); }

/* As many pencils as there are ranks, if the mesh has so many; nearest to a square. */
static void choose_grid(int ranks, const int k[3], int grid[2]) {
  const int most_0 = k[0] < k[1] ? k[0] : k[1], half = k[2] / 2 + 1, most_1 = k[1] < half ? k[1] : half;
  grid[0] = grid[1] = 1;
  for (int a = 1; a <= ranks && a <= most_0; a++) {
    const int b = ranks / a < most_1 ? ranks / a : most_1;
    if (a * b > grid[0] * grid[1] || (a * b == grid[0] * grid[1] && a <= b)) grid[0] = a, grid[1] = b;
  }
}

static void set_blocks(nmd_fft_layout *l, int rank, bool alone) {
  const int half = l->k[2] / 2 + 1, i = rank / l->grid[1], j = rank % l->grid[1];
  l->mode_n[0] = l->k[0];
  if (i >= l->grid[0]) return; /* no pencils */
  l->low[0] = nmd_fft_block(l->k[0], i, l->grid[0]);
  l->n[0] = nmd_fft_block(l->k[0], i + 1, l->grid[0]) - l->low[0];
  l->low[1] = nmd_fft_block(l->k[1], j, l->grid[1]);
  l->n[1] = nmd_fft_block(l->k[1], j + 1, l->grid[1]) - l->low[1];
  l->mode_low[1] = nmd_fft_block(l->k[1], i, l->grid[0]);
  l->mode_n[1] = nmd_fft_block(l->k[1], i + 1, l->grid[0]) - l->mode_low[1];
  l->mode_low[2] = nmd_fft_block(half, j, l->grid[1]);
  l->mode_n[2] = nmd_fft_block(half, j + 1, l->grid[1]) - l->mode_low[2];
  const int64_t apart[3] = {1, l->k[0], (int64_t)l->k[0] * l->mode_n[1]};
  const int64_t together[3] = {(int64_t)l->k[1] * half, half, 1};
  memcpy(l->mode_stride, alone ? together : apart, sizeof apart);
}

static nmd_status exchange_init(exchange *e, const nmd_comm *comm, int colour, int parts) {
  e->parts = parts;
  NMD_TRY(nmd_comm_split(comm, colour, &e->comm));
  const int size = nmd_comm_size(e->comm); /* ranks without pencils have one with each other, of any size */
  NMD_TRY(
      nmd_comm_agree(comm, NMD_ALLOC(e->n_out, 4 * (size > parts ? size : parts)))); /* the next split is collective */
  e->at_out = e->n_out + (size > parts ? size : parts);
  e->n_in = e->at_out + (size > parts ? size : parts);
  e->at_in = e->n_in + (size > parts ? size : parts);
  return NMD_OK;
}

/* Forward, block b of `out_items` in `parts` goes out with `out_rest` complex numbers an item; what comes has `in_rest`
 * an item of block b of `in_items`. */
static void exchange_sizes(exchange *e, int out_items, int64_t out_rest, int in_items, int64_t in_rest) {
  for (int b = 0; b < e->parts; b++) {
    const int out = nmd_fft_block(out_items, b, e->parts), in = nmd_fft_block(in_items, b, e->parts);
    e->at_out[b] = (int)(2 * out * out_rest);
    e->n_out[b] = (int)(2 * (nmd_fft_block(out_items, b + 1, e->parts) - out) * out_rest);
    e->at_in[b] = (int)(2 * in * in_rest);
    e->n_in[b] = (int)(2 * (nmd_fft_block(in_items, b + 1, e->parts) - in) * in_rest);
  }
}

static nmd_status make_exchanges(nmd_fft *fft) {
  const nmd_fft_layout *l = &fft->layout;
  const int rank = nmd_comm_rank(fft->comm), half = l->k[2] / 2 + 1;
  const bool idle = rank >= l->grid[0] * l->grid[1];
  NMD_TRY(exchange_init(&fft->row, fft->comm, idle ? l->grid[0] : rank / l->grid[1], l->grid[1]));
  NMD_TRY(exchange_init(&fft->column, fft->comm, idle ? l->grid[1] : rank % l->grid[1], l->grid[0]));
  if (idle) return NMD_OK;
  exchange_sizes(&fft->row, half, (int64_t)l->n[0] * l->n[1], l->k[1], (int64_t)l->n[0] * l->mode_n[2]);
  exchange_sizes(&fft->column, l->k[1], (int64_t)l->n[0] * l->mode_n[2], l->k[0], (int64_t)l->mode_n[1] * l->mode_n[2]);
  return NMD_OK;
}

static int64_t largest_stage(const nmd_fft_layout *l) {
  const int64_t a = (int64_t)l->n[0] * l->n[1] * (l->k[2] / 2 + 1), b = (int64_t)l->n[0] * l->mode_n[2] * l->k[1];
  const int64_t c = (int64_t)l->k[0] * l->mode_n[1] * l->mode_n[2], ab = a > b ? a : b;
  return ab > c ? ab : c;
}

static nmd_status make_arrays(nmd_fft *fft) {
  const nmd_fft_layout *l = &fft->layout;
  NMD_TRY(NMD_ALLOC(fft->real, (int64_t)l->n[0] * l->n[1] * l->k[2]));
  NMD_TRY(NMD_ALLOC(fft->modes, (int64_t)l->mode_n[0] * l->mode_n[1] * l->mode_n[2]));
  for (int w = 0; w < 2 && !fft->alone; w++) NMD_TRY(NMD_ALLOC(fft->work[w], largest_stage(l)));
  return NMD_OK;
}

/* `many` transforms of length n, one behind the other, in place. */
static fftw_plan rows_plan(int n, int many, complex_number *data, int sign) {
  return fftw_plan_many_dft(1, &n, many, data, NULL, 1, n, data, NULL, 1, n, sign, FFTW_ESTIMATE);
}

static bool make_plans(nmd_fft *fft) {
  const nmd_fft_layout *l = &fft->layout;
  const int half = l->k[2] / 2 + 1, many = l->n[0] * l->n[1];
  if (many == 0) return true;
  if (fft->alone) {
    fft->forward[0] = fftw_plan_dft_r2c_3d(l->k[0], l->k[1], l->k[2], fft->real, fft->modes, FFTW_ESTIMATE);
    fft->backward[0] = fftw_plan_dft_c2r_3d(l->k[0], l->k[1], l->k[2], fft->modes, fft->real, FFTW_ESTIMATE);
    return fft->forward[0] != NULL && fft->backward[0] != NULL;
  }
  fft->forward[0] = fftw_plan_many_dft_r2c(1, &l->k[2], many, fft->real, NULL, 1, l->k[2], fft->work[0], NULL, 1, half,
                                           FFTW_ESTIMATE);
  fft->backward[0] = fftw_plan_many_dft_c2r(1, &l->k[2], many, fft->work[0], NULL, 1, half, fft->real, NULL, 1, l->k[2],
                                            FFTW_ESTIMATE);
  fft->forward[1] = rows_plan(l->k[1], l->n[0] * l->mode_n[2], fft->work[1], FFTW_FORWARD);
  fft->backward[1] = rows_plan(l->k[1], l->n[0] * l->mode_n[2], fft->work[1], FFTW_BACKWARD);
  fft->forward[2] = rows_plan(l->k[0], l->mode_n[1] * l->mode_n[2], fft->modes, FFTW_FORWARD);
  fft->backward[2] = rows_plan(l->k[0], l->mode_n[1] * l->mode_n[2], fft->modes, FFTW_BACKWARD);
  for (int a = 0; a < 3; a++)
    if (fft->forward[a] == NULL || fft->backward[a] == NULL) return false;
  return true;
}

nmd_status nmd_fft_create(const nmd_comm *comm, const int k[3], nmd_fft **out) {
  nmd_fft *fft;
  *out = NULL;
  NMD_TRY(nmd_comm_agree(comm, NMD_ALLOC(fft, 1)));
  fft->comm = comm;
  fft->alone = nmd_comm_size(comm) == 1;
  memcpy(fft->layout.k, k, sizeof fft->layout.k);
  choose_grid(nmd_comm_size(comm), k, fft->layout.grid);
  set_blocks(&fft->layout, nmd_comm_rank(comm), fft->alone);
  nmd_status status = fft->alone ? NMD_OK : make_exchanges(fft);
  if (status == NMD_OK) status = make_arrays(fft);
  if (status == NMD_OK && !make_plans(fft))
    status = nmd_fail(NMD_INTERNAL, "no plan for transforms of %d x %d x %d points", k[0], k[1], k[2]);
  status = nmd_comm_agree(comm, status);
  if (status != NMD_OK)
    nmd_fft_destroy(fft);
  else
    *out = fft;
  return status;
}

static void exchange_free(exchange *e) {
  nmd_comm_free(e->comm);
  nmd_free(e->n_out);
}

void nmd_fft_destroy(nmd_fft *fft) {
  if (fft == NULL) return;
  for (int a = 0; a < 3; a++) {
    if (fft->forward[a] != NULL) fftw_destroy_plan(fft->forward[a]);
    if (fft->backward[a] != NULL) fftw_destroy_plan(fft->backward[a]);
  }
  exchange_free(&fft->row);
  exchange_free(&fft->column);
  nmd_free(fft->real);
  nmd_free(fft->modes);
  nmd_free(fft->work[0]);
  nmd_free(fft->work[1]);
  nmd_free(fft);
}

const nmd_fft_layout *nmd_fft_layout_of(const nmd_fft *fft) { return &fft->layout; }
double *nmd_fft_real(nmd_fft *fft) { return fft->real; }
double (*nmd_fft_modes(nmd_fft *fft))[2] { return fft->modes; }

/* ---- exchanges ---- */

/* rows [m][n] <-> blocks of columns one behind the other, each [m][its columns]. */
static void rows_to_blocks(complex_number *rows, int64_t m, int n, int parts, complex_number *blocks, bool forth) {
  for (int b = 0; b < parts; b++) {
    const int low = nmd_fft_block(n, b, parts), width = nmd_fft_block(n, b + 1, parts) - low;
    const size_t bytes = (size_t)width * sizeof *rows;
    for (int64_t r = 0; r < m; r++, blocks += width) {
      complex_number *row = rows + r * n + low;
      memcpy(forth ? blocks : row, forth ? row : blocks, bytes);
    }
  }
}

/* Blocks [outer][c in block b][inner] one behind the other <-> [outer][inner][n], c becoming the last axis. */
static void blocks_to_last(complex_number *blocks, int outer, int n, int inner, int parts, complex_number *last,
                           bool forth) {
  for (int b = 0; b < parts; b++) {
    const int low = nmd_fft_block(n, b, parts), high = nmd_fft_block(n, b + 1, parts);
    for (int o = 0; o < outer; o++)
      for (int c = low; c < high; c++, blocks += inner)
        for (int i = 0; i < inner; i++) {
          double *at = last[((int64_t)o * inner + i) * n + c];
          memcpy(forth ? at : blocks[i], forth ? blocks[i] : at, sizeof *blocks);
        }
  }
}

static void exchange_run(const exchange *e, complex_number *from, complex_number *to, bool forth) {
  if (forth)
    nmd_comm_all_to_all(e->comm, from[0], e->n_out, e->at_out, to[0], e->n_in, e->at_in);
  else
    nmd_comm_all_to_all(e->comm, from[0], e->n_in, e->at_in, to[0], e->n_out, e->at_out);
}

void nmd_fft_forward(nmd_fft *fft) {
  const nmd_fft_layout *l = &fft->layout;
  if (l->n[0] * l->n[1] == 0) return;
  fftw_execute(fft->forward[0]);
  if (fft->alone) return;
  complex_number *a = fft->work[0], *b = fft->work[1];
  rows_to_blocks(a, (int64_t)l->n[0] * l->n[1], l->k[2] / 2 + 1, l->grid[1], b, true);
  exchange_run(&fft->row, b, a, true);
  blocks_to_last(a, l->n[0], l->k[1], l->mode_n[2], l->grid[1], b, true);
  fftw_execute(fft->forward[1]);
  rows_to_blocks(b, (int64_t)l->n[0] * l->mode_n[2], l->k[1], l->grid[0], a, true);
  exchange_run(&fft->column, a, b, true);
  blocks_to_last(b, 1, l->k[0], l->mode_n[2] * l->mode_n[1], l->grid[0], fft->modes, true);
  fftw_execute(fft->forward[2]);
}

void nmd_fft_backward(nmd_fft *fft) {
  const nmd_fft_layout *l = &fft->layout;
  if (l->n[0] * l->n[1] == 0) return;
  if (!fft->alone) {
    complex_number *a = fft->work[0], *b = fft->work[1];
    fftw_execute(fft->backward[2]);
    blocks_to_last(b, 1, l->k[0], l->mode_n[2] * l->mode_n[1], l->grid[0], fft->modes, false);
    exchange_run(&fft->column, b, a, false);
    rows_to_blocks(b, (int64_t)l->n[0] * l->mode_n[2], l->k[1], l->grid[0], a, false);
    fftw_execute(fft->backward[1]);
    blocks_to_last(a, l->n[0], l->k[1], l->mode_n[2], l->grid[1], b, false);
    exchange_run(&fft->row, a, b, false);
    rows_to_blocks(a, (int64_t)l->n[0] * l->n[1], l->k[2] / 2 + 1, l->grid[1], b, false);
  }
  fftw_execute(fft->backward[0]);
}
