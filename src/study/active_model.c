/* SPDX-License-Identifier: BSD-3-Clause */
#include "study/active_model.h"

#include <math.h>

#include "base/memory.h"
#include "simulation/evaluate_structure.h"
#include "study/active_walks.h"
#include "training/metrics.h"

/* The elements of all structures, each once. */
static void find_elements(const nmd_dataset *set, nmd_species *species) {
  int z[NMD_ELEMENT_MAX], n = 0;
  bool there[NMD_ELEMENT_MAX + 1] = {false};
  for (int64_t k = 0; k < set->n; k++)
    for (int64_t i = 0; i < set->frames[k].n; i++) there[set->frames[k].atomic_number[i]] = true;
  for (int e = 1; e <= NMD_ELEMENT_MAX; e++)
    if (there[e]) z[n++] = e;
  nmd_species_init(species, z, n);
}

nmd_status nmd_active_potential_open(const nmd_active *a, const char *models, const nmd_dataset *structures,
                                     nmd_active_potential *out) {
  nmd_buffer text = {0};
  *out = (nmd_active_potential){.alone = a->alone};
  find_elements(structures, &out->species);
  nmd_buffer_text(&text, "potential:");
  nmd_status status = nmd_active_potential_text(a, models, 2, &text);
  if (status == NMD_OK) status = nmd_yaml_parse("potential", text.data, text.length, &out->tree);
  nmd_buffer_free(&text);
  NMD_TRY(status);
  return nmd_potential_create(nmd_yaml_find(nmd_yaml_root(out->tree), "potential"), &out->species, &out->potential);
}

void nmd_active_potential_free(nmd_active_potential *p) {
  nmd_potential_destroy(&p->potential);
  nmd_yaml_destroy(p->tree);
  p->tree = NULL;
}

nmd_status nmd_active_doubt(const nmd_active_potential *p, const nmd_structure *s, double *sigma,
                            int64_t *extrapolations) {
  nmd_structure_results r;
  *sigma = 0;
  NMD_TRY(nmd_structure_evaluate_spread(p->alone, &p->potential, &p->species, s, &r));
  for (int64_t i = 0; r.force_sigma != NULL && i < s->n; i++) *sigma = fmax(*sigma, r.force_sigma[i]);
  *extrapolations = r.extrapolations;
  nmd_structure_results_free(&r);
  return NMD_OK;
}

static nmd_status add_errors(const nmd_active_potential *p, const nmd_structure *s, nmd_error_sums *sums) {
  nmd_structure_results r;
  NMD_TRY(nmd_structure_evaluate(p->alone, &p->potential, &p->species, s, &r));
  nmd_error_sums_energy(sums, (r.energy - s->energy) / (double)s->n);
  for (int64_t i = 0; i < 3 * s->n; i++) (&r.force[0][0])[i] -= (&s->f[0][0])[i];
  nmd_error_sums_force(sums, 3 * s->n, &r.force[0][0]);
  nmd_structure_results_free(&r);
  return NMD_OK;
}

nmd_status nmd_active_measure(const nmd_active_potential *p, const nmd_dataset *labelled, nmd_active_errors *out) {
  nmd_error_sums sums = {0};
  for (int64_t k = 0; k < labelled->n; k++) {
    const nmd_structure *s = &labelled->frames[k];
    if (!s->has_energy || s->f == NULL) continue;
    const nmd_status status = add_errors(p, s, &sums);
    if (status != NMD_OK) return nmd_fail_prefix(status, "%s", labelled->place[k]);
  }
  out->energy = sums.n_energy > 0 ? nmd_rms(sums.energy2, sums.n_energy) : -1;
  out->force = sums.n_force > 0 ? nmd_rms(sums.force2, sums.n_force) : -1;
  return NMD_OK;
}
