/* SPDX-License-Identifier: BSD-3-Clause */
#include "training/offsets.h"

#include <cblas.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"

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

nmd_status nmd_offsets_solve(int n, int n_elements, const double *counts, const double *target, double *x) {
  double *a;
  const int m = n_elements;
  NMD_TRY(NMD_ALLOC(a, m * m));
  memset(x, 0, (size_t)m * sizeof *x);
  double trace = 0.0;
  for (int s = 0; s < n; s++)
    for (int i = 0; i < m; i++) {
      const double *row = counts + (size_t)s * (size_t)m;
      x[i] += row[i] * target[s];
      for (int k = 0; k < m; k++) a[i * m + k] += row[i] * row[k];
      trace += row[i] * row[i];
    }
  for (int i = 0; i < m; i++) a[i * m + i] += 1e-9 * trace / m + 1e-300;
  if (trace > 0.0) solve_positive(m, a, x);
  nmd_free(a);
  return NMD_OK;
}

/* Per atom, so that large cells count no more than small ones. */
static nmd_status fit_level(const nmd_sample_set *set, int level, nmd_objective *o) {
  const int m = o->model->n_elements;
  double *counts = NULL, *target = NULL, x[NMD_ELEMENT_MAX];
  nmd_status status;
  int n = 0;
  NMD_GOTO(NMD_ALLOC(counts, (size_t)set->n * (size_t)m));
  NMD_GOTO(NMD_ALLOC(target, set->n));
  for (int i = 0; i < set->n; i++) {
    const nmd_sample *s = &set->samples[i];
    if (s->level != level) continue;
    const double atoms = (double)s->structure.n;
    for (int64_t k = 0; k < s->structure.n; k++) counts[(size_t)n * (size_t)m + (size_t)s->element[k]] += 1.0 / atoms;
    target[n++] = (s->energy - nmd_sample_offset(o, s)) / atoms;
  }
  NMD_GOTO(nmd_offsets_solve(n, m, counts, target, x));
  for (int e = 0; e < m; e++) o->offset[level][e] += x[e];
done:
  nmd_free(counts);
  nmd_free(target);
  return status;
}

nmd_status nmd_offsets_fit(const nmd_sample_set *set, nmd_objective *objective) {
  const size_t bytes = sizeof objective->offset[0];
  memset(objective->offset[0], 0, bytes);
  NMD_TRY(fit_level(set, 0, objective));
  memcpy(objective->offset[1], objective->offset[0], bytes);
  return fit_level(set, 1, objective);
}
