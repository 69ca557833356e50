/* SPDX-License-Identifier: BSD-3-Clause */
#include "analysis/blocks.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"

nmd_status nmd_blocks_init(nmd_blocks *blocks, int width) {
  *blocks = (nmd_blocks){.width = width, .length = 1};
  return NMD_ALLOC(blocks->sum, (int64_t)NMD_BLOCKS_MAX * width);
}

void nmd_blocks_free(nmd_blocks *blocks) {
  nmd_free(blocks->sum);
  *blocks = (nmd_blocks){0};
}

static double *sum_of(const nmd_blocks *blocks, int b) { return blocks->sum + (int64_t)b * blocks->width; }

/* Twice the length: pairs of neighbours become one block. */
static void merge(nmd_blocks *blocks) {
  for (int b = 0; b < NMD_BLOCKS_MAX / 2; b++) {
    double *to = sum_of(blocks, b);
    const double *left = sum_of(blocks, 2 * b), *right = sum_of(blocks, 2 * b + 1);
    for (int k = 0; k < blocks->width; k++) to[k] = left[k] + right[k];
    blocks->count[b] = blocks->count[2 * b] + blocks->count[2 * b + 1];
  }
  memset(sum_of(blocks, NMD_BLOCKS_MAX / 2), 0, sizeof(double) * NMD_BLOCKS_MAX / 2 * (size_t)blocks->width);
  memset(blocks->count + NMD_BLOCKS_MAX / 2, 0, sizeof *blocks->count * NMD_BLOCKS_MAX / 2);
  blocks->length *= 2;
}

void nmd_blocks_add(nmd_blocks *blocks, int64_t frame, const double *values) {
  while (frame / blocks->length >= NMD_BLOCKS_MAX) merge(blocks);
  const int b = (int)(frame / blocks->length);
  double *sum = sum_of(blocks, b);
  for (int k = 0; k < blocks->width; k++) sum[k] += values[k];
  blocks->count[b]++;
}

void nmd_blocks_reduce(nmd_blocks *blocks, const nmd_comm *comm) {
  int64_t longest = blocks->length;
  nmd_comm_max_int(comm, &longest, 1);
  while (blocks->length < longest) merge(blocks);
  nmd_comm_sum_int(comm, blocks->count, NMD_BLOCKS_MAX);
  for (int b = 0; b < NMD_BLOCKS_MAX; b++) nmd_comm_sum(comm, sum_of(blocks, b), blocks->width);
}

int64_t nmd_blocks_frames(const nmd_blocks *blocks) {
  int64_t frames = 0;
  for (int b = 0; b < NMD_BLOCKS_MAX; b++) frames += blocks->count[b];
  return frames;
}

int nmd_blocks_full(const nmd_blocks *blocks) {
  int full = 0;
  for (int b = 0; b < NMD_BLOCKS_MAX; b++) full += blocks->count[b] == blocks->length;
  return full;
}

/* Welford's running mean and sum of squared deviations. */
static void welford(double value, double n, double *mean, double *squares) {
  const double off = value - *mean;
  *mean += off / n;
  *squares += off * (value - *mean);
}

static double error_of(const nmd_blocks *blocks, int k) {
  double n = 0, mean = 0, squares = 0;
  for (int b = 0; b < NMD_BLOCKS_MAX; b++)
    if (blocks->count[b] == blocks->length)
      welford(sum_of(blocks, b)[k] / (double)blocks->length, n += 1, &mean, &squares);
  return n < 2 ? NAN : sqrt(squares / (n - 1) / n);
}

void nmd_blocks_mean(const nmd_blocks *blocks, double *mean, double *error) {
  const double frames = (double)nmd_blocks_frames(blocks);
  for (int k = 0; k < blocks->width; k++) {
    double sum = 0;
    for (int b = 0; b < NMD_BLOCKS_MAX; b++) sum += sum_of(blocks, b)[k];
    mean[k] = frames > 0 ? sum / frames : NAN;
    if (error != NULL) error[k] = error_of(blocks, k);
  }
}

void nmd_blocks_block_mean(const nmd_blocks *blocks, int b, double *mean) {
  for (int k = 0; k < blocks->width; k++) mean[k] = sum_of(blocks, b)[k] / (double)blocks->count[b];
}

nmd_status nmd_blocks_derive(const nmd_blocks *blocks, nmd_blocks_function *function, const void *context, int n,
                             double *value, double *error) {
  double *mean, *derived, *centre, full = 0;
  NMD_TRY(NMD_ALLOC(mean, blocks->width + 2 * n));
  derived = mean + blocks->width;
  centre = derived + n;
  nmd_blocks_mean(blocks, mean, NULL);
  function(context, mean, value);
  memset(error, 0, sizeof *error * (size_t)n);
  for (int b = 0; b < NMD_BLOCKS_MAX; b++) {
    if (blocks->count[b] != blocks->length) continue;
    nmd_blocks_block_mean(blocks, b, mean);
    function(context, mean, derived);
    full += 1;
    for (int k = 0; k < n; k++) welford(derived[k], full, &centre[k], &error[k]);
  }
  for (int k = 0; k < n; k++) error[k] = full < 2 ? NAN : sqrt(error[k] / (full - 1) / full);
  nmd_free(mean);
  return NMD_OK;
}
