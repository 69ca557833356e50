/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataset/statistics.h"

#include <math.h>

#include "base/memory.h"
#include "base/vec3.h"
#include "dataset/energies.h"
#include "dataset/environments.h"

nmd_status nmd_histogram_init(nmd_histogram *h, double low, double high, int bins) {
  *h = (nmd_histogram){.low = low, .width = (high > low ? high - low : 1.0) / bins, .n = bins};
  return NMD_ALLOC(h->count, bins);
}

void nmd_histogram_add(nmd_histogram *h, double x) {
  const double at = floor((x - h->low) / h->width);
  const int bin = at < 0.0 ? 0 : at >= h->n ? h->n - 1 : (int)at;
  h->count[bin]++;
  h->total++;
}

void nmd_histogram_free(nmd_histogram *h) {
  nmd_free(h->count);
  *h = (nmd_histogram){0};
}

static nmd_status find_energies(const nmd_dataset *set, nmd_statistics *out) {
  double low = INFINITY, high = -INFINITY, fraction[NMD_ELEMENT_MAX];
  NMD_TRY(NMD_ALLOC(out->energy, set->n));
  NMD_TRY(nmd_dataset_fit_elements(set, &out->species, out->element_energy));
  for (int64_t k = 0; k < set->n; k++) {
    const nmd_structure *s = &set->frames[k];
    out->energy[k] = NAN;
    if (!s->has_energy) continue;
    nmd_structure_fractions(s, &out->species, fraction);
    out->energy[k] = s->energy / (double)s->n;
    for (int e = 0; e < out->species.n; e++) out->energy[k] -= fraction[e] * out->element_energy[e];
    low = fmin(low, out->energy[k]);
    high = fmax(high, out->energy[k]);
    out->with_energy++;
  }
  NMD_TRY(nmd_histogram_init(&out->energies, low, high, NMD_STATISTICS_BINS));
  for (int64_t k = 0; k < set->n; k++)
    if (!isnan(out->energy[k])) nmd_histogram_add(&out->energies, out->energy[k]);
  return NMD_OK;
}

static nmd_status find_forces(const nmd_dataset *set, nmd_statistics *out) {
  double largest = 0.0;
  for (int64_t k = 0; k < set->n; k++) largest = fmax(largest, nmd_structure_largest_force(&set->frames[k]));
  for (int e = 0; e < out->species.n; e++)
    NMD_TRY(nmd_histogram_init(&out->forces[e], 0.0, largest, NMD_STATISTICS_BINS));
  for (int64_t k = 0; k < set->n; k++) {
    const nmd_structure *s = &set->frames[k];
    out->with_forces += s->f != NULL;
    out->with_stress += s->has_stress;
    out->atoms += s->n;
    for (int64_t i = 0; i < s->n; i++) {
      const int e = nmd_species_index(&out->species, s->atomic_number[i]);
      out->atoms_of[e]++;
      if (s->f == NULL) continue;
      nmd_histogram_add(&out->forces[e], nmd_norm(s->f[i]));
      out->force_rms[e] += nmd_dot(s->f[i], s->f[i]) / 3.0;
    }
  }
  for (int e = 0; e < out->species.n; e++)
    if (out->forces[e].total > 0) out->force_rms[e] = sqrt(out->force_rms[e] / (double)out->forces[e].total);
  return NMD_OK;
}

static void add_distances(const nmd_structure *s, const nmd_neighbours *nb, nmd_statistics *out) {
  for (int64_t i = 0; i < s->n; i++) {
    const int a = nmd_species_index(&out->species, s->atomic_number[i]);
    for (int64_t k = nb->first[i]; k < nb->first[i + 1]; k++) {
      const int b = nmd_species_index(&out->species, s->atomic_number[nb->atom[k]]);
      const int pair = a * out->species.n + b;
      if (a > b) continue;
      nmd_histogram_add(&out->distances[pair], nb->r[k]);
      out->nearest[pair] = fmin(out->nearest[pair], nb->r[k]);
    }
  }
}

static nmd_status find_distances(const nmd_comm *alone, const nmd_dataset *set, double cutoff, nmd_statistics *out) {
  const int n = out->species.n;
  for (int p = 0; p < n * n; p++) {
    out->nearest[p] = INFINITY;
    NMD_TRY(nmd_histogram_init(&out->distances[p], 0.0, cutoff, NMD_STATISTICS_BINS));
  }
  for (int64_t k = 0; k < set->n; k++) {
    nmd_neighbours nb;
    const nmd_status status = nmd_neighbours_find(alone, &set->frames[k], cutoff, &nb);
    if (status != NMD_OK) return nmd_fail_prefix(status, "%s", set->place[k]);
    add_distances(&set->frames[k], &nb, out);
    nmd_neighbours_free(&nb);
  }
  return NMD_OK;
}

nmd_status nmd_dataset_statistics(const nmd_comm *alone, const nmd_dataset *set, double cutoff, nmd_statistics *out) {
  *out = (nmd_statistics){0};
  nmd_dataset_elements(set, &out->species);
  const int n = out->species.n;
  nmd_status status;
  NMD_GOTO(NMD_ALLOC(out->forces, n));
  NMD_GOTO(NMD_ALLOC(out->distances, n * n));
  NMD_GOTO(NMD_ALLOC(out->nearest, n * n));
  NMD_GOTO(find_energies(set, out));
  NMD_GOTO(find_forces(set, out));
  NMD_GOTO(find_distances(alone, set, cutoff, out));
done:
  if (status != NMD_OK) nmd_statistics_free(out);
  return status;
}

void nmd_statistics_free(nmd_statistics *s) {
  for (int e = 0; e < s->species.n && s->forces != NULL; e++) nmd_histogram_free(&s->forces[e]);
  for (int p = 0; p < s->species.n * s->species.n && s->distances != NULL; p++) nmd_histogram_free(&s->distances[p]);
  nmd_histogram_free(&s->energies);
  nmd_free(s->forces);
  nmd_free(s->distances);
  nmd_free(s->nearest);
  nmd_free(s->energy);
  *s = (nmd_statistics){0};
}
