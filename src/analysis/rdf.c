/* SPDX-License-Identifier: BSD-3-Clause */
#include "analysis/rdf.h"

#include <math.h>
#include <string.h>

#include "analysis/kinds.h"
#include "base/memory.h"

nmd_status nmd_rdf_init(nmd_rdf *rdf, int kinds, double cutoff, int bins) {
  *rdf = (nmd_rdf){.kinds = kinds, .bins = bins, .cutoff = cutoff};
  nmd_pairs_init(&rdf->pairs);
  nmd_status status = NMD_ALLOC(rdf->count, (int64_t)kinds * kinds * bins);
  if (status == NMD_OK) status = NMD_ALLOC(rdf->values, nmd_rdf_width(rdf));
  if (status == NMD_OK) status = nmd_blocks_init(&rdf->blocks, nmd_rdf_width(rdf));
  if (status != NMD_OK) nmd_rdf_free(rdf);
  return status;
}

void nmd_rdf_free(nmd_rdf *rdf) {
  nmd_free(rdf->count);
  nmd_free(rdf->values);
  nmd_blocks_free(&rdf->blocks);
  nmd_pairs_free(&rdf->pairs);
  *rdf = (nmd_rdf){0};
}

int nmd_rdf_g(const nmd_rdf *rdf, int a, int b, int bin) {
  return nmd_kind_pair(rdf->kinds, a, b) * rdf->bins + bin;
}

int nmd_rdf_n(const nmd_rdf *rdf, int a, int b, int bin) {
  return (nmd_kind_pairs(rdf->kinds) + a * rdf->kinds + b) * rdf->bins + bin;
}

int nmd_rdf_population(const nmd_rdf *rdf, int a) {
  return (nmd_kind_pairs(rdf->kinds) + rdf->kinds * rdf->kinds) * rdf->bins + a;
}

int nmd_rdf_volume(const nmd_rdf *rdf) { return nmd_rdf_population(rdf, rdf->kinds); }
int nmd_rdf_width(const nmd_rdf *rdf) { return nmd_rdf_volume(rdf) + 1; }
double nmd_rdf_r(const nmd_rdf *rdf, int bin) { return (bin + 0.5) * rdf->cutoff / rdf->bins; }

static void count_around(nmd_rdf *rdf, int kind, const nmd_neighbours *near) {
  const double scale = rdf->bins / rdf->cutoff;
  int64_t *count = rdf->count + (int64_t)kind * rdf->kinds * rdf->bins;
  double *r = near->squared; /* in place: the search hands it out anew each time */
  for (int k = 0; k < near->n; k++) r[k] = sqrt(r[k]) * scale;
  for (int k = 0; k < near->n; k++) {
    const int bin = r[k] < rdf->bins ? (int)r[k] : rdf->bins - 1;
    count[near->kind[k] * rdf->bins + bin]++;
  }
}

/* Pairs were found at one end: ordered pairs a-b are those found from a and those found from b. */
static void order_counts(nmd_rdf *rdf) {
  for (int a = 0; a < rdf->kinds; a++)
    for (int b = a; b < rdf->kinds; b++) {
      int64_t *ab = rdf->count + ((int64_t)a * rdf->kinds + b) * rdf->bins;
      int64_t *ba = rdf->count + ((int64_t)b * rdf->kinds + a) * rdf->bins;
      for (int k = 0; k < rdf->bins; k++) ab[k] = ba[k] = ab[k] + ba[k];
    }
}

static void fill_pair(nmd_rdf *rdf, int a, int b, double volume) {
  const double n_a = rdf->values[nmd_rdf_population(rdf, a)], n_b = rdf->values[nmd_rdf_population(rdf, b)];
  const double others = a == b && n_b > 1 ? n_b - 1 : n_b, width = rdf->cutoff / rdf->bins;
  const int64_t *count = rdf->count + ((int64_t)a * rdf->kinds + b) * rdf->bins;
  double within = 0;
  for (int k = 0; k < rdf->bins; k++) {
    const double shell = 4.0 / 3.0 * M_PI * width * width * width * (3.0 * k * (k + 1.0) + 1.0);
    within += (double)count[k];
    rdf->values[nmd_rdf_g(rdf, a, b, k)] = n_a * others > 0 ? (double)count[k] * volume / (n_a * others * shell) : 0;
    rdf->values[nmd_rdf_n(rdf, a, b, k)] = n_a > 0 ? within / n_a : 0;
  }
}

nmd_status nmd_rdf_add(nmd_rdf *rdf, int64_t frame, const nmd_box *box, int64_t n, const double (*x)[3],
                       const int *kind) {
  NMD_TRY(nmd_pairs_build(&rdf->pairs, box, n, x, kind, rdf->cutoff, true));
  memset(rdf->count, 0, sizeof *rdf->count * (size_t)rdf->kinds * (size_t)rdf->kinds * (size_t)rdf->bins);
  memset(rdf->values, 0, sizeof *rdf->values * (size_t)nmd_rdf_width(rdf));
  for (int64_t i = 0; i < n; i++) {
    const int k = kind == NULL ? 0 : kind[i];
    if (k < 0) continue;
    const nmd_neighbours *near;
    NMD_TRY(nmd_pairs_around(&rdf->pairs, i, &near));
    count_around(rdf, k, near);
    rdf->values[nmd_rdf_population(rdf, k)] += 1;
  }
  order_counts(rdf);
  rdf->values[nmd_rdf_volume(rdf)] = box->volume;
  for (int a = 0; a < rdf->kinds; a++)
    for (int b = 0; b < rdf->kinds; b++) fill_pair(rdf, a, b, box->volume);
  nmd_blocks_add(&rdf->blocks, frame, rdf->values);
  return NMD_OK;
}
