/* SPDX-License-Identifier: BSD-3-Clause */
#include "training/offsets.h"

#include <cblas.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"

nmd_status nmd_offset_sums_init(nmd_offset_sums *sums, int n_elements) {
  sums->n = n_elements;
  sums->numbers = NULL;
  return NMD_ALLOC(sums->numbers, n_elements * (n_elements + 1));
}

void nmd_offset_sums_free(nmd_offset_sums *sums) { nmd_free(sums->numbers); }

void nmd_offset_sums_add(nmd_offset_sums *sums, const nmd_sample *sample, double energy) {
  const int n = sums->n;
  const double atom = 1.0 / (double)sample->structure.n;
  double fraction[NMD_ELEMENT_MAX] = {0};
  for (int64_t i = 0; i < sample->structure.n; i++) fraction[sample->element[i]] += atom;
  for (int a = 0; a < n; a++) {
    for (int b = 0; b < n; b++) sums->numbers[a * n + b] += fraction[a] * fraction[b];
    sums->numbers[n * n + a] += fraction[a] * energy * atom;
  }
}

/* a = l l^T in place, then x by two substitutions; a is positive definite. */
static void solve_positive(int n, double *a, double *x) {
  for (int k = 0; k < n; k++) {
    for (int i = 0; i < k; i++) a[k * n + k] -= a[k * n + i] * a[k * n + i];
    a[k * n + k] = sqrt(a[k * n + k]);
    for (int r = k + 1; r < n; r++) {
      for (int i = 0; i < k; i++) a[r * n + k] -= a[r * n + i] * a[k * n + i];
      a[r * n + k] /= a[k * n + k];
    }
  }
  cblas_dtrsv(CblasRowMajor, CblasLower, CblasNoTrans, CblasNonUnit, n, a, n, x, 1);
  cblas_dtrsv(CblasRowMajor, CblasLower, CblasTrans, CblasNonUnit, n, a, n, x, 1);
}

void nmd_offset_sums_solve(nmd_offset_sums *sums, double *x) {
  const int n = sums->n;
  double trace = 0.0;
  for (int i = 0; i < n; i++) trace += sums->numbers[i * n + i];
  for (int i = 0; i < n; i++) sums->numbers[i * n + i] += 1e-9 * trace / n;
  memcpy(x, sums->numbers + n * n, (size_t)n * sizeof *x);
  if (trace > 0.0) solve_positive(n, sums->numbers, x);
}

static nmd_status fit_level(const nmd_sample_set *set, int level, nmd_objective *o) {
  nmd_offset_sums sums;
  double x[NMD_ELEMENT_MAX];
  NMD_TRY(nmd_offset_sums_init(&sums, o->model->n_elements));
  for (int i = 0; i < set->n; i++)
    if (set->samples[i].level == level)
      nmd_offset_sums_add(&sums, &set->samples[i], set->samples[i].energy - nmd_sample_offset(o, &set->samples[i]));
  nmd_offset_sums_solve(&sums, x);
  for (int e = 0; e < o->model->n_elements; e++) o->offset[level][e] += x[e];
  nmd_offset_sums_free(&sums);
  return NMD_OK;
}

nmd_status nmd_offsets_fit(const nmd_sample_set *set, nmd_objective *objective) {
  const size_t bytes = sizeof objective->offset[0];
  memset(objective->offset[0], 0, bytes);
  NMD_TRY(fit_level(set, 0, objective));
  memcpy(objective->offset[1], objective->offset[0], bytes);
  return fit_level(set, 1, objective);
}
