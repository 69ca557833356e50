/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataset/fingerprint.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "system/element.h"

enum { SHELLS = NMD_FINGERPRINT_SHELLS, SIZE = NMD_FINGERPRINT_SIZE };

/* A weight of an element that is no simple multiple of another's. */
static double element_weight(int atomic_number) { return sqrt((double)atomic_number + 0.37); }

/* Radial sums around an atom: plain and weighted by the neighbours' elements. */
static void shells_of(const nmd_structure *s, const nmd_neighbours *nb, int64_t i, double cutoff, double plain[SHELLS],
                      double weighted[SHELLS]) {
  const double width = cutoff / SHELLS;
  memset(plain, 0, SHELLS * sizeof(double));
  memset(weighted, 0, SHELLS * sizeof(double));
  for (int64_t k = nb->first[i]; k < nb->first[i + 1]; k++) {
    const double t = 1.0 - nb->r[k] * nb->r[k] / (cutoff * cutoff), fade = t * t * t;
    const double w = element_weight(s->atomic_number[nb->atom[k]]);
    for (int m = 0; m < SHELLS; m++) {
      const double u = (nb->r[k] - (m + 0.5) * width) / width, g = fade * exp(-u * u);
      plain[m] += g;
      weighted[m] += w * g;
    }
  }
}

void nmd_fingerprint(const nmd_structure *s, const nmd_neighbours *nb, double cutoff, double out[SIZE]) {
  memset(out, 0, SIZE * sizeof(double));
  for (int64_t i = 0; i < s->n; i++) {
    double p[SHELLS], w[SHELLS];
    const double z = element_weight(s->atomic_number[i]) / (double)s->n, one = 1.0 / (double)s->n;
    shells_of(s, nb, i, cutoff, p, w);
    for (int m = 0; m < SHELLS; m++) {
      double *o = out + 8 * m;
      const int next = (m + 1) % SHELLS;
      o[0] += one * p[m];
      o[1] += one * w[m];
      o[2] += z * p[m];
      o[3] += z * w[m];
      o[4] += one * p[m] * p[m];
      o[5] += z * w[m] * w[m];
      o[6] += one * p[m] * p[next] * p[next];
      o[7] += z * w[m] * p[next];
    }
  }
}

double nmd_fingerprint_difference(const double a[SIZE], const double b[SIZE]) {
  double norm = 1e-300, largest = 0.0;
  for (int k = 0; k < SIZE; k++) norm = fmax(norm, fmax(fabs(a[k]), fabs(b[k])));
  for (int k = 0; k < SIZE; k++) largest = fmax(largest, fabs(a[k] - b[k]));
  return largest / norm;
}

typedef struct entry {
  double key; /* first component: alike structures are near in it */
  int64_t frame;
} entry;

static int by_key(const void *a, const void *b) {
  const entry *x = a, *y = b;
  return x->key != y->key ? (x->key > y->key) - (x->key < y->key) : (x->frame > y->frame) - (x->frame < y->frame);
}

static int by_second(const void *a, const void *b) {
  const nmd_duplicate *x = a, *y = b;
  return (x->second > y->second) - (x->second < y->second);
}

/* The same elements in the same proportions? */
static bool same_composition(const nmd_structure *a, const nmd_structure *b) {
  int64_t count[2][NMD_ELEMENT_MAX + 1] = {{0}};
  for (int64_t i = 0; i < a->n; i++) count[0][a->atomic_number[i]]++;
  for (int64_t i = 0; i < b->n; i++) count[1][b->atomic_number[i]]++;
  for (int z = 1; z <= NMD_ELEMENT_MAX; z++)
    if (count[0][z] * b->n != count[1][z] * a->n) return false;
  return true;
}

static bool alike(const nmd_dataset *set, const double *prints, double tolerance, int64_t a, int64_t b,
                  double *difference) {
  *difference = nmd_fingerprint_difference(prints + a * SIZE, prints + b * SIZE);
  return *difference < tolerance && same_composition(&set->frames[a], &set->frames[b]);
}

nmd_status nmd_duplicates_find(const nmd_dataset *set, const double *prints, double tolerance, nmd_duplicate **found,
                               int64_t *n) {
  entry *entries;
  *n = 0;
  *found = NULL;
  NMD_TRY(NMD_ALLOC(entries, set->n));
  nmd_status status = NMD_ALLOC(*found, set->n);
  for (int64_t k = 0; k < set->n; k++) entries[k] = (entry){prints[k * SIZE], k};
  if (set->n > 0) qsort(entries, (size_t)set->n, sizeof *entries, by_key);
  for (int64_t k = 1; k < set->n && status == NMD_OK; k++) {
    nmd_duplicate best = {.first = entries[k].frame, .second = entries[k].frame};
    for (int64_t m = k - 1; m >= 0; m--) {
      double difference;
      const double norm = fabs(entries[k].key) + 1.0;
      if (entries[k].key - entries[m].key > 100.0 * tolerance * norm) break; /* other components may be larger */
      if (!alike(set, prints, tolerance, entries[k].frame, entries[m].frame, &difference)) continue;
      best = (nmd_duplicate){entries[m].frame, entries[k].frame, difference};
    }
    if (best.first == best.second) continue;
    if (best.first > best.second) best = (nmd_duplicate){best.second, best.first, best.difference};
    (*found)[(*n)++] = best;
  }
  nmd_free(entries);
  if (status == NMD_OK && *n > 0) qsort(*found, (size_t)*n, sizeof **found, by_second);
  return status;
}
