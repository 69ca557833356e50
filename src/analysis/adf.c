/* SPDX-License-Identifier: BSD-3-Clause */
#include "analysis/adf.h"

#include <math.h>
#include <string.h>

#include "analysis/kinds.h"
#include "base/memory.h"
#include "base/vec3.h"

static int width_of(const nmd_adf *adf) { return nmd_adf_triplets(adf) * adf->bins + adf->kinds; }

nmd_status nmd_adf_init(nmd_adf *adf, int kinds, const double *cutoff, int bins) {
  *adf = (nmd_adf){.kinds = kinds, .bins = bins};
  nmd_pairs_init(&adf->pairs);
  nmd_status status = NMD_ALLOC(adf->cutoff, kinds * kinds);
  if (status == NMD_OK) status = NMD_ALLOC(adf->values, width_of(adf));
  if (status == NMD_OK) status = nmd_blocks_init(&adf->blocks, width_of(adf));
  double longest = 0;
  for (int k = 0; k < kinds * kinds && status == NMD_OK; k++) {
    adf->cutoff[k] = cutoff[k];
    longest = fmax(longest, cutoff[k]);
  }
  if (status == NMD_OK && !(longest > 0)) status = nmd_fail(NMD_OUT_OF_RANGE, "bond cut-offs: expected one above 0 A");
  if (status != NMD_OK) nmd_adf_free(adf);
  return status;
}

void nmd_adf_free(nmd_adf *adf) {
  nmd_free(adf->cutoff);
  nmd_free(adf->values);
  nmd_free(adf->bonded);
  nmd_free(adf->unit);
  nmd_blocks_free(&adf->blocks);
  nmd_pairs_free(&adf->pairs);
  *adf = (nmd_adf){0};
}

int nmd_adf_triplets(const nmd_adf *adf) { return adf->kinds * nmd_kind_pairs(adf->kinds); }

int nmd_adf_triplet(const nmd_adf *adf, int a, int centre, int b) {
  return centre * nmd_kind_pairs(adf->kinds) + nmd_kind_pair(adf->kinds, a, b);
}

static nmd_status find_bonded(nmd_adf *adf, int centre, const nmd_neighbours *near, int *n_bonded) {
  if (near->n > adf->capacity) {
    adf->capacity = 0;
    NMD_TRY(NMD_GROW(adf->bonded, 0, 2 * near->n));
    NMD_TRY(NMD_GROW(adf->unit, 0, 2 * near->n));
    adf->capacity = 2 * near->n;
  }
  int n = 0;
  for (int k = 0; k < near->n; k++) {
    const double limit = adf->cutoff[centre * adf->kinds + near->kind[k]], r = sqrt(near->squared[k]);
    if (!(r < limit) || r == 0) continue;
    adf->bonded[n] = near->kind[k];
    for (int d = 0; d < 3; d++) adf->unit[n][d] = near->d[d][k] / r;
    n++;
  }
  *n_bonded = n;
  return NMD_OK;
}

static void count_angles(nmd_adf *adf, int centre, int n) {
  for (int j = 0; j < n; j++)
    for (int k = 0; k < j; k++) {
      const double c = nmd_dot(adf->unit[j], adf->unit[k]), theta = acos(fmin(1, fmax(-1, c)));
      const int bin = (int)(theta / M_PI * adf->bins);
      const int triplet = nmd_adf_triplet(adf, adf->bonded[j], centre, adf->bonded[k]);
      adf->values[triplet * adf->bins + (bin < adf->bins ? bin : adf->bins - 1)] += 1;
    }
}

nmd_status nmd_adf_add(nmd_adf *adf, int64_t frame, const nmd_box *box, int64_t n, const double (*x)[3],
                       const int *kind) {
  double longest = 0;
  for (int k = 0; k < adf->kinds * adf->kinds; k++) longest = fmax(longest, adf->cutoff[k]);
  NMD_TRY(nmd_pairs_build(&adf->pairs, box, n, x, kind, longest, false));
  memset(adf->values, 0, sizeof *adf->values * (size_t)width_of(adf));
  for (int64_t i = 0; i < n; i++) {
    const int centre = kind == NULL ? 0 : kind[i];
    if (centre < 0) continue;
    const nmd_neighbours *near;
    int bonded;
    NMD_TRY(nmd_pairs_around(&adf->pairs, i, &near));
    NMD_TRY(find_bonded(adf, centre, near, &bonded));
    count_angles(adf, centre, bonded);
    adf->values[nmd_adf_triplets(adf) * adf->bins + centre] += 1;
  }
  nmd_blocks_add(&adf->blocks, frame, adf->values);
  return NMD_OK;
}

/* Distributions, then numbers of angles a centre. */
static void derive(const void *opaque, const double *mean, double *derived) {
  const nmd_adf *adf = opaque;
  const int triplets = nmd_adf_triplets(adf), per_centre = triplets / adf->kinds;
  for (int t = 0; t < triplets; t++) {
    const double *count = mean + t * adf->bins;
    double sum = 0;
    for (int k = 0; k < adf->bins; k++) sum += count[k];
    for (int k = 0; k < adf->bins; k++) derived[t * adf->bins + k] = count[k] / sum * adf->bins / 180;
    derived[triplets * adf->bins + t] = sum / mean[triplets * adf->bins + t / per_centre];
  }
}

nmd_status nmd_adf_result(const nmd_adf *adf, double *p, double *error, double *angles) {
  const int triplets = nmd_adf_triplets(adf), n = triplets * (adf->bins + 1);
  double *value;
  NMD_TRY(NMD_ALLOC(value, 2 * n));
  const nmd_status status = nmd_blocks_derive(&adf->blocks, derive, adf, n, value, value + n);
  memcpy(p, value, sizeof *p * (size_t)(triplets * adf->bins));
  memcpy(error, value + n, sizeof *error * (size_t)(triplets * adf->bins));
  memcpy(angles, value + triplets * adf->bins, sizeof *angles * (size_t)triplets);
  nmd_free(value);
  return status;
}
