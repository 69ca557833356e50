/* SPDX-License-Identifier: BSD-3-Clause */
#include "fit/baseline.h"

#include <string.h>

#include "base/memory.h"
#include "base/vec3.h"
#include "base/yaml_write.h"
#include "io/buffer.h"
#include "simulation/evaluate_structure.h"

typedef struct ground {
  nmd_yaml *tree; /* owned */
  nmd_comm *alone;
  nmd_species species; /* that the potential was made for; n 0: none yet */
  nmd_potential potential;
} ground;

/* A potential may depend on the whole composition (charges), so each one has its own. */
static nmd_status make_potential(ground *self, const nmd_structure *s) {
  nmd_species species;
  nmd_species_init(&species, s->atomic_number, (long)s->n);
  const bool same = species.n == self->species.n &&
                    memcmp(species.atomic_number, self->species.atomic_number, sizeof species.atomic_number) == 0 &&
                    memcmp(species.atoms, self->species.atoms, sizeof species.atoms) == 0;
  if (same) return NMD_OK;
  nmd_potential_destroy(&self->potential);
  self->species = species; /* which must stay where it is as long as the potential lives */
  return nmd_potential_create(nmd_yaml_root(self->tree), &self->species, &self->potential);
}

static nmd_status evaluate(void *context, const nmd_structure *s, double *energy, double (*force)[3],
                           double virial[6]) {
  ground *self = context;
  nmd_structure_results r;
  NMD_TRY(make_potential(self, s));
  NMD_TRY(nmd_structure_evaluate(self->alone, &self->potential, &self->species, s, &r));
  *energy = r.energy;
  memcpy(force, r.force, (size_t)s->n * sizeof *force);
  for (int k = 0; k < 6; k++) virial[k] = nmd_symmetric((const double(*)[3])r.virial, k);
  nmd_structure_results_free(&r);
  return NMD_OK;
}

static void to_buffer(void *context, const char *text) { nmd_buffer_text(context, text); }

static nmd_status open_ground(const nmd_yaml_node *terms, ground *self) {
  nmd_buffer text = {0};
  NMD_TRY(nmd_comm_alone(&self->alone));
  nmd_buffer_text(&text, "sum:\n  terms:");
  nmd_yaml_write(terms, 4, NULL, NULL, to_buffer, &text);
  nmd_status status = text.status;
  if (status == NMD_OK) status = nmd_yaml_parse("baseline", text.data, text.length, &self->tree);
  nmd_buffer_free(&text);
  return status;
}

nmd_status nmd_baseline_create(const nmd_yaml_node *terms, nmd_baseline *out) {
  ground *self;
  *out = (nmd_baseline){0};
  if (terms == NULL) return NMD_OK;
  if (terms->kind != NMD_YAML_LIST)
    NMD_FAIL_AT(terms, WRONG_TYPE, "baseline: expected a list of potentials, e.g. [zbl]");
  NMD_TRY(NMD_ALLOC(self, 1));
  *out = (nmd_baseline){self, evaluate};
  return open_ground(terms, self);
}

void nmd_baseline_destroy(nmd_baseline *baseline) {
  ground *self = baseline->context;
  if (self == NULL) return;
  nmd_potential_destroy(&self->potential);
  nmd_yaml_destroy(self->tree);
  nmd_comm_free(self->alone);
  nmd_free(self);
  *baseline = (nmd_baseline){0};
}
