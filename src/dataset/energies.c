/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataset/energies.h"

#include <string.h>

#include "base/memory.h"
#include "dataset/median.h"

void nmd_structure_fractions(const nmd_structure *s, const nmd_species *species, double *fraction) {
  for (int e = 0; e < species->n; e++) fraction[e] = 0.0;
  for (int64_t i = 0; i < s->n; i++) fraction[nmd_species_index(species, s->atomic_number[i])] += 1.0 / (double)s->n;
}

void nmd_dataset_elements(const nmd_dataset *set, nmd_species *species) {
  bool seen[NMD_ELEMENT_MAX + 1] = {false};
  int present[NMD_ELEMENT_MAX], n = 0;
  for (int64_t k = 0; k < set->n; k++)
    for (int64_t i = 0; i < set->frames[k].n; i++) seen[set->frames[k].atomic_number[i]] = true;
  for (int z = 1; z <= NMD_ELEMENT_MAX; z++)
    if (seen[z]) present[n++] = z;
  nmd_species_init(species, present, n);
}

nmd_status nmd_dataset_fit_elements(const nmd_dataset *set, const nmd_species *species, double *energy) {
  const int n = species->n;
  double *a, fraction[NMD_ELEMENT_MAX];
  NMD_TRY(NMD_ALLOC(a, n * n));
  memset(energy, 0, (size_t)n * sizeof *energy);
  for (int64_t k = 0; k < set->n; k++) {
    const nmd_structure *s = &set->frames[k];
    if (!s->has_energy) continue;
    nmd_structure_fractions(s, species, fraction);
    for (int e = 0; e < n; e++) {
      energy[e] += fraction[e] * s->energy / (double)s->n;
      for (int g = 0; g < n; g++) a[e * n + g] += fraction[e] * fraction[g];
    }
  }
  nmd_solve_symmetric(a, energy, n);
  nmd_free(a);
  return NMD_OK;
}
