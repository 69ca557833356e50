/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataset/select.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"

static double square_distance(const nmd_points *p, int64_t a, int64_t b) {
  const double *x = p->x + a * p->size, *y = p->x + b * p->size;
  double sum = 0.0;
  for (int k = 0; k < p->size; k++) sum += (x[k] - y[k]) * (x[k] - y[k]);
  return sum;
}

/* Points of each frame: first[f] .. first[f+1]-1 in order[]. */
typedef struct frame_index {
  int64_t *first, *order;
} frame_index;

static nmd_status index_frames(const nmd_points *p, int64_t n_frames, frame_index *out) {
  *out = (frame_index){0};
  NMD_TRY(NMD_ALLOC(out->first, n_frames + 2));
  NMD_TRY(NMD_ALLOC(out->order, p->n));
  for (int64_t k = 0; k < p->n; k++) out->first[p->frame[k] + 2]++;
  for (int64_t f = 0; f < n_frames; f++) out->first[f + 2] += out->first[f + 1];
  for (int64_t k = 0; k < p->n; k++) out->order[out->first[p->frame[k] + 1]++] = k;
  return NMD_OK;
}

static void index_free(frame_index *index) {
  nmd_free(index->first);
  nmd_free(index->order);
}

/* Squared distance of every point to the nearest chosen one, when a frame joins these. */
static void take_frame(const nmd_points *p, const frame_index *index, int64_t frame, double *nearest) {
  for (int64_t m = index->first[frame]; m < index->first[frame + 1]; m++)
    for (int64_t k = 0; k < p->n; k++) {
      const double d = square_distance(p, k, index->order[m]);
      if (d < nearest[k]) nearest[k] = d;
    }
}

static int64_t farthest(const double *nearest, int64_t n) {
  int64_t best = 0;
  for (int64_t k = 1; k < n; k++)
    if (nearest[k] > nearest[best]) best = k;
  return best;
}

nmd_status nmd_coverage_of(const nmd_points *p, int64_t n_frames, const int64_t *frames, int64_t n, nmd_coverage *out) {
  frame_index index;
  double *nearest = NULL;
  *out = (nmd_coverage){0};
  nmd_status status = index_frames(p, n_frames, &index);
  if (status == NMD_OK) status = NMD_ALLOC(nearest, p->n);
  if (status == NMD_OK) {
    for (int64_t k = 0; k < p->n; k++) nearest[k] = INFINITY;
    for (int64_t f = 0; f < n; f++) take_frame(p, &index, frames[f], nearest);
    for (int64_t k = 0; k < p->n; k++) {
      out->radius = fmax(out->radius, sqrt(nearest[k]));
      out->mean += sqrt(nearest[k]) / (double)p->n;
    }
  }
  nmd_free(nearest);
  index_free(&index);
  return status;
}

/* The point nearest to the mean. */
static int64_t central_point(const nmd_points *p) {
  int64_t best = 0;
  double least = INFINITY;
  for (int64_t k = 0; k < p->n; k++) { /* the mean is the origin only for centred points: measure to it properly */
    double sum = 0.0;
    for (int f = 0; f < p->size; f++) sum += p->x[k * p->size + f] * p->x[k * p->size + f];
    if (sum < least) least = sum, best = k;
  }
  return best;
}

nmd_status nmd_select_farthest(const nmd_points *p, int64_t n_frames, const bool *given, int64_t wanted,
                               int64_t *frames, double *radius, int64_t *n) {
  frame_index index;
  double *nearest = NULL;
  bool any = false;
  *n = 0;
  nmd_status status = index_frames(p, n_frames, &index);
  if (status == NMD_OK) status = NMD_ALLOC(nearest, p->n);
  if (status == NMD_OK) {
    for (int64_t k = 0; k < p->n; k++) nearest[k] = INFINITY;
    for (int64_t f = 0; f < n_frames && given != NULL; f++)
      if (given[f]) take_frame(p, &index, f, nearest), any = true;
    while (*n < wanted && p->n > 0) {
      const int64_t point = any ? farthest(nearest, p->n) : central_point(p);
      if (nearest[point] <= 0.0) break;
      radius[*n] = sqrt(nearest[point]);
      frames[(*n)++] = p->frame[point];
      take_frame(p, &index, p->frame[point], nearest);
      any = true;
    }
  }
  nmd_free(nearest);
  index_free(&index);
  return status;
}

nmd_status nmd_select_random(int64_t n_frames, uint64_t seed, int64_t wanted, int64_t *frames, int64_t *n) {
  bool *taken;
  NMD_TRY(NMD_ALLOC(taken, n_frames));
  if (wanted > n_frames) wanted = n_frames;
  *n = 0;
  for (int64_t step = 0; *n < wanted; step++) {
    double u[2];
    nmd_random_uniform2(seed, NMD_STREAM_DATASET, 1, step, 0, u);
    const int64_t f = (int64_t)(u[0] * (double)n_frames);
    if (taken[f]) continue;
    taken[f] = true;
    frames[(*n)++] = f;
  }
  nmd_free(taken);
  return NMD_OK;
}
