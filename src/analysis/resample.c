/* SPDX-License-Identifier: BSD-3-Clause */
#include "analysis/resample.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "base/vec3.h"

enum { SEED = 20240229 }; /* the same numbers each time */

typedef struct resampler {
  const nmd_paths *paths;
  const nmd_directions *directions;
  int kind;
  int64_t a, b, found;
  double *ion;                   /* slope of each ion of this rank */
  double block[NMD_TIME_BLOCKS]; /* sums over ions */
} resampler;

/* Mean squared displacement over `lag` with origins from ... to - 1. */
static double mean_square(const resampler *r, const double *x, int64_t lag, int64_t from, int64_t to) {
  const int64_t n = r->paths->n_frames;
  double sum = 0.0;
  for (int64_t t = from; t < to; t++) {
    const double d[3] = {x[t + lag] - x[t], x[n + t + lag] - x[n + t], x[2 * n + t + lag] - x[2 * n + t]};
    for (int k = 0; k < r->directions->n; k++) sum += pow(nmd_dot(r->directions->axis[k], d), 2.0);
  }
  return sum / (double)(to - from);
}

static nmd_status add_ion(void *context, int64_t atom, const double *x) {
  resampler *r = context;
  if (r->paths->kind[atom] != r->kind) return NMD_OK;
  const int64_t n = r->paths->n_frames, length = n / NMD_TIME_BLOCKS;
  const double run = (double)(r->b - r->a);
  r->ion[r->found++] = (mean_square(r, x, r->b, 0, n - r->b) - mean_square(r, x, r->a, 0, n - r->a)) / run;
  for (int k = 0; k < NMD_TIME_BLOCKS && length > r->b + 1; k++)
    r->block[k] += (mean_square(r, x, r->b, k * length, (k + 1) * length - r->b) -
                    mean_square(r, x, r->a, k * length, (k + 1) * length - r->a)) /
                   run;
  return NMD_OK;
}

static double scatter(const double *values, int n) {
  double sum = 0.0, squares = 0.0;
  for (int k = 0; k < n; k++) sum += values[k], squares += values[k] * values[k];
  return sqrt(fmax(0.0, (squares - sum * sum / n) / (n - 1)));
}

static double bootstrap(const double *ion, int64_t n) {
  double means[NMD_RESAMPLES];
  for (int k = 0; k < NMD_RESAMPLES; k++) {
    double sum = 0.0;
    for (int64_t i = 0; i < n; i++) {
      double u[2];
      nmd_random_uniform2(SEED, NMD_STREAM_BOOTSTRAP, k, i, 0, u);
      sum += ion[(int64_t)(u[0] * (double)n)];
    }
    means[k] = sum / (double)n;
  }
  return scatter(means, NMD_RESAMPLES);
}

static nmd_status finish(const nmd_comm *comm, resampler *r, nmd_resampled *result) {
  char *all = NULL;
  NMD_TRY(nmd_comm_gather(comm, r->ion, (size_t)r->found * sizeof(double), 0, &all, NULL));
  nmd_comm_sum(comm, r->block, NMD_TIME_BLOCKS);
  const int64_t n = r->paths->chosen[r->kind];
  const double unit = 1.0 / (2.0 * r->directions->n * r->paths->spacing);
  double values[2] = {0.0, NAN};
  if (nmd_comm_rank(comm) == 0) {
    const double *ion = (const double *)(const void *)all;
    for (int64_t i = 0; i < n; i++) values[0] += ion[i] / (double)n;
    if (n > 1) values[1] = bootstrap(ion, n);
    nmd_free(all);
  }
  nmd_comm_broadcast(comm, values, sizeof values, 0);
  *result = (nmd_resampled){.value = unit * values[0], .bootstrap_sigma = unit * values[1], .block_sigma = NAN};
  if (r->paths->n_frames / NMD_TIME_BLOCKS > r->b + 1)
    result->block_sigma = unit * scatter(r->block, NMD_TIME_BLOCKS) / ((double)n * sqrt(NMD_TIME_BLOCKS));
  return NMD_OK;
}

nmd_status nmd_resample(const nmd_paths *paths, const nmd_comm *comm, int kind, const nmd_directions *directions,
                        int64_t a, int64_t b, nmd_resampled *result) {
  resampler r = {.paths = paths, .directions = directions, .kind = kind, .a = a, .b = b};
  NMD_TRY(nmd_comm_agree(comm, NMD_ALLOC(r.ion, paths->n + 1)));
  nmd_status status = nmd_paths_visit(paths, 1, &(nmd_path_visit){add_ion, &r});
  if (status == NMD_OK) status = finish(comm, &r, result);
  nmd_free(r.ion);
  return status;
}
