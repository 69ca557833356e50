/* SPDX-License-Identifier: BSD-3-Clause */
#include "analysis/van_hove.h"

#include <math.h>

#include "base/memory.h"

#define BIN 0.05 /* A */

typedef struct counter {
  const nmd_paths *paths;
  nmd_van_hove *result;
} counter;

const double *nmd_van_hove_density(const nmd_van_hove *result, int time, int kind) {
  return result->density + ((int64_t)time * result->n_kinds + kind) * result->n_bins;
}

void nmd_van_hove_free(nmd_van_hove *result) {
  nmd_free(result->density);
  *result = (nmd_van_hove){0};
}

static nmd_status add_atom(void *context, int64_t atom, const double *x) {
  const counter *c = context;
  nmd_van_hove *v = c->result;
  const int64_t n = c->paths->n_frames;
  for (int k = 0; k < v->n_times; k++) {
    double *to = v->density + ((int64_t)k * v->n_kinds + c->paths->kind[atom]) * v->n_bins;
    for (int64_t t = 0; t + v->lag[k] < n; t++) {
      double r2 = 0.0;
      for (int d = 0; d < 3; d++) r2 += pow(x[d * n + t + v->lag[k]] - x[d * n + t], 2.0);
      const int64_t bin = (int64_t)(sqrt(r2) / v->bin);
      if (bin < v->n_bins) to[bin] += 1.0;
    }
  }
  return NMD_OK;
}

static nmd_status prepare(const nmd_paths *paths, int n_times, const double *time, nmd_van_hove *v) {
  *v = (nmd_van_hove){.n_times = n_times, .n_kinds = paths->species.n, .n_bins = NMD_VAN_HOVE_BINS, .bin = BIN};
  for (int k = 0; k < n_times; k++) {
    v->lag[k] = (int64_t)nearbyint(time[k] / paths->spacing);
    v->time[k] = paths->spacing * (double)v->lag[k];
    if (v->lag[k] < 1 || v->lag[k] >= paths->n_frames)
      NMD_FAIL(OUT_OF_RANGE, "van Hove function at %g fs; expected one frame (%g fs) up to the run (%g fs)", time[k],
               paths->spacing, paths->spacing * (double)(paths->n_frames - 1));
  }
  return NMD_ALLOC(v->density, (int64_t)n_times * v->n_kinds * v->n_bins);
}

nmd_status nmd_van_hove_count(const nmd_paths *paths, const nmd_comm *comm, int n_times, const double *time,
                              nmd_van_hove *result) {
  counter c = {paths, result};
  NMD_TRY(nmd_comm_agree(comm, prepare(paths, n_times, time, result)));
  NMD_TRY(nmd_paths_visit(paths, 1, &(nmd_path_visit){add_atom, &c}));
  nmd_comm_sum(comm, result->density, n_times * result->n_kinds * result->n_bins);
  for (int k = 0; k < n_times; k++)
    for (int kind = 0; kind < result->n_kinds; kind++)
      for (int b = 0; b < result->n_bins && paths->chosen[kind] > 0; b++)
        result->density[((int64_t)k * result->n_kinds + kind) * result->n_bins + b] /=
            result->bin * (double)paths->chosen[kind] * (double)(paths->n_frames - result->lag[k]);
  return NMD_OK;
}
