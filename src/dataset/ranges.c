/* SPDX-License-Identifier: BSD-3-Clause */
#include <math.h>

#include "base/memory.h"
#include "base/vec3.h"
#include "dataset/energies.h"
#include "dataset/environments.h"
#include "dataset/functions.h"
#include "dataset/statistics.h"

enum { BINS = 600 };
#define RARE 1e-3

/* Value below which a fraction RARE lies; `none` without values. */
static double low_end(const nmd_histogram *h, double none) {
  int64_t sum = 0;
  for (int b = 0; b < h->n; b++) {
    sum += h->count[b];
    if ((double)sum > RARE * (double)h->total) return h->low + b * h->width;
  }
  return none;
}

typedef struct histograms {
  nmd_histogram *distance, *angle; /* [n * n], [n * n * n] */
  int n;
} histograms;

static nmd_status histograms_make(histograms *h, int n, double cutoff) {
  h->n = n;
  NMD_TRY(NMD_ALLOC(h->distance, n * n));
  NMD_TRY(NMD_ALLOC(h->angle, n * n * n));
  for (int p = 0; p < n * n; p++) NMD_TRY(nmd_histogram_init(&h->distance[p], 0.0, cutoff, BINS));
  for (int p = 0; p < n * n * n; p++) NMD_TRY(nmd_histogram_init(&h->angle[p], 0.0, 180.0, BINS));
  return NMD_OK;
}

static void histograms_free(histograms *h) {
  for (int p = 0; h->distance != NULL && p < h->n * h->n; p++) nmd_histogram_free(&h->distance[p]);
  for (int p = 0; h->angle != NULL && p < h->n * h->n * h->n; p++) nmd_histogram_free(&h->angle[p]);
  nmd_free(h->distance);
  nmd_free(h->angle);
}

/* Angles among near neighbours only: far ones are many and their small angles say nothing. */
static void add_angles(const nmd_neighbours *nb, int64_t i, const int *element, double near, histograms *h) {
  const int a = element[i];
  for (int64_t k = nb->first[i]; k < nb->first[i + 1]; k++) {
    if (nb->r[k] > near) continue;
    for (int64_t m = nb->first[i]; m < k; m++) {
      if (nb->r[m] > near) continue;
      int b = element[nb->atom[k]], c = element[nb->atom[m]];
      if (b > c) b = c, c = element[nb->atom[k]];
      const double cosine = nmd_dot(nb->d[k], nb->d[m]) / (nb->r[k] * nb->r[m]);
      nmd_histogram_add(&h->angle[(a * h->n + b) * h->n + c], acos(fmin(1.0, fmax(-1.0, cosine))) * 180.0 / M_PI);
    }
  }
}

static nmd_status add_frame(const nmd_comm *alone, const nmd_structure *s, double cutoff, nmd_ranges *r,
                            histograms *h) {
  nmd_neighbours nb;
  int *element;
  NMD_TRY(NMD_ALLOC(element, s->n));
  for (int64_t i = 0; i < s->n; i++) element[i] = nmd_species_index(&r->species, s->atomic_number[i]);
  const nmd_status status = nmd_neighbours_find(alone, s, cutoff, &nb);
  for (int64_t i = 0; status == NMD_OK && i < s->n; i++) {
    r->share[element[i]] += 1.0;
    for (int64_t k = nb.first[i]; k < nb.first[i + 1]; k++) {
      const int pair = element[i] * h->n + element[nb.atom[k]];
      nmd_histogram_add(&h->distance[pair], nb.r[k]);
      r->neighbours[pair] += 1.0;
    }
    add_angles(&nb, i, element, 0.7 * cutoff, h);
  }
  if (status == NMD_OK) nmd_neighbours_free(&nb);
  nmd_free(element);
  return status;
}

static void conclude(const histograms *h, double cutoff, nmd_ranges *out) {
  double atoms = 0.0;
  for (int p = 0; p < h->n * h->n; p++) out->shortest[p] = low_end(&h->distance[p], cutoff);
  for (int p = 0; p < h->n * h->n * h->n; p++) out->smallest_angle[p] = low_end(&h->angle[p], 180.0);
  for (int e = 0; e < h->n; e++) {
    for (int b = 0; b < h->n && out->share[e] > 0.0; b++) out->neighbours[e * h->n + b] /= out->share[e];
    atoms += out->share[e];
  }
  for (int e = 0; e < h->n; e++) out->share[e] /= atoms;
}

nmd_status nmd_ranges_find(const nmd_comm *alone, const nmd_dataset *set, double cutoff, nmd_ranges *out) {
  histograms h = {0};
  *out = (nmd_ranges){0};
  nmd_dataset_elements(set, &out->species);
  const int n = out->species.n;
  nmd_status status;
  NMD_GOTO(NMD_ALLOC(out->shortest, n * n));
  NMD_GOTO(NMD_ALLOC(out->smallest_angle, n * n * n));
  NMD_GOTO(NMD_ALLOC(out->neighbours, n * n));
  NMD_GOTO(NMD_ALLOC(out->share, n));
  NMD_GOTO(histograms_make(&h, n, cutoff));
  for (int64_t k = 0; k < set->n; k++) NMD_GOTO(add_frame(alone, &set->frames[k], cutoff, out, &h));
  conclude(&h, cutoff, out);
done:
  histograms_free(&h);
  if (status != NMD_OK) nmd_ranges_free(out);
  return status;
}

void nmd_ranges_free(nmd_ranges *ranges) {
  nmd_free(ranges->shortest);
  nmd_free(ranges->smallest_angle);
  nmd_free(ranges->neighbours);
  nmd_free(ranges->share);
  *ranges = (nmd_ranges){0};
}
