/* SPDX-License-Identifier: BSD-3-Clause */
/* Behler-Parrinello potential: E = sum_i E_Z(i)(G_i), G_i symmetry functions of the environment of atom i, E_Z the
 * network of its element (Behler & Parrinello, PRL 98, 146401 (2007)).
 *
 * This only carries (nnp_worker.c): owned atoms are taken by element in batches, their neighbours' displacements are
 * gathered from the list, nnp/evaluate returns E_i and g_ij = dE_i/dr_j, and these are added to forces (f_j -= g, f_i +=
 * g) and virial (W -= r_ij (x) g_ij). Batches keep the arrays of one call inside the second-level cache. Threads share a
 * rank's atoms in nnp_team.c. */
#include <math.h>
#include <stdio.h>

#include "base/hash.h"
#include "base/memory.h"
#include "nnp/model.h"
#include "potential/nnp_worker.h"

typedef struct nnp_parameters {
  char *folder;
  int length_unit, energy_unit, precision, committee;
  nmd_text_list members;
} nnp_parameters;

static const nmd_option nnp_options[] = {
    {"folder", NMD_OPT_PATH, offsetof(nnp_parameters, folder),
     .doc = "model folder in the n2p2 / RuNNer format: input.nn, scaling.data, weights.NNN.data; or a folder with such "
            "folders 1, 2, ...: a committee"},
    {"length_unit", NMD_OPT_CHOICE, offsetof(nnp_parameters, length_unit), .choices = "A|bohr",
     .doc = "unit of length the model was fitted in (its files do not say)"},
    {"energy_unit", NMD_OPT_CHOICE, offsetof(nnp_parameters, energy_unit), .choices = "eV|hartree",
     .doc = "unit of energy the model was fitted in (its files do not say)"},
    {"precision", NMD_OPT_CHOICE, offsetof(nnp_parameters, precision), .fallback = "double", .choices = "double|mixed",
     .doc = "mixed: single-precision arithmetic with sums, energies, forces and virial in double; faster, exact to "
            "about 1e-3 meV/atom and 1e-5 eV/A"},
    {"committee", NMD_OPT_CHOICE, offsetof(nnp_parameters, committee), .fallback = "auto", .choices = "auto|off",
     .doc = "auto: the mean of all models there are, and the spread of their energies; they must share elements, "
            "functions and scaling. off: the folder's own model, or the first one"},
    {"members", NMD_OPT_TEXT_LIST, offsetof(nnp_parameters, members), .fallback = "",
     .doc = "sub-folders of `folder` with the models of the committee, where they are not called 1, 2, ..."},
};

_Static_assert((int)NMD_COMMITTEE_MAX <= (int)NMD_POTENTIAL_MEMBERS_MAX, "a committee has its energies in the partial");

extern const nmd_option_table nmd__potential_nnp_options;
const nmd_option_table nmd__potential_nnp_options = {
    "nnp", "Behler-Parrinello neural-network potential (n2p2 / RuNNer files)", sizeof(nnp_parameters),
    NMD_COUNT(nnp_options), nnp_options};

typedef struct nnp {
  nmd__nnp_shared shared;
  nmd__nnp_team team;
  bool bohr;     /* declared unit of length of the files */
  int precision; /* as in the options */
} nnp;

static void nnp_destroy(void *opaque) {
  nnp *self = opaque;
  if (self == NULL) return;
  nmd__nnp_team_free(&self->team);
  nmd_evaluator_destroy(self->shared.evaluator);
  nmd_committee_free(&self->shared.committee);
  nmd_free(self->shared.element);
  nmd_free(self);
}

static nmd_status map_elements(nnp *self, const nmd_species *species) {
  NMD_TRY(NMD_ALLOC(self->shared.element, species->n));
  for (int s = 0; s < species->n; s++) {
    self->shared.element[s] = nmd_model_element_index(self->shared.model, species->atomic_number[s]);
    if (self->shared.element[s] >= 0) continue;
    char known[256];
    int used = 0;
    for (int e = 0; e < nmd_model_element_count(self->shared.model) && used < (int)sizeof known - 8; e++)
      used += snprintf(known + used, sizeof known - (size_t)used, " %s",
                       nmd_element_symbol(nmd_model_atomic_number(self->shared.model, e)));
    NMD_FAIL(MODEL_ELEMENT, "the structure has %s, which the model does not know; expected only:%s",
             nmd_element_symbol(species->atomic_number[s]), known);
  }
  return NMD_OK;
}

/* Cut-offs in use lie between these (A); one outside that would lie inside in the other unit is worth a word. */
#define NMD_USUAL_CUTOFF_LOW 4.0
#define NMD_USUAL_CUTOFF_HIGH 9.5

static bool usual_cutoff(double cutoff) { return cutoff >= NMD_USUAL_CUTOFF_LOW && cutoff <= NMD_USUAL_CUTOFF_HIGH; }

static void warn_about_cutoff(const nnp *self, double cutoff) {
  const double other = self->bohr ? cutoff / NMD_BOHR : cutoff * NMD_BOHR;
  if (usual_cutoff(cutoff) || !usual_cutoff(other)) return;
  nmd_log_warning("the model's cut-off is %.3g A with length_unit: %s, it would be %.3g A with length_unit: %s; check the "
                  "unit the model was fitted in",
                  cutoff, self->bohr ? "bohr" : "A", other, self->bohr ? "A" : "bohr");
}

static nmd_status nnp_setup(nnp *self, const nnp_parameters *p, const nmd_species *species) {
  nmd_committee *committee = &self->shared.committee;
  NMD_TRY(nmd_committee_read(p->folder, p->members.items, p->members.n, p->committee == 1,
                             p->length_unit == 1 ? NMD_BOHR : 1.0, p->energy_unit == 1 ? NMD_HARTREE : 1.0, committee));
  self->shared.model = committee->models[0];
  NMD_TRY(map_elements(self, species));
  const nmd_evaluator_options options = {.precision = p->precision == 1 ? NMD_PRECISION_MIXED : NMD_PRECISION_DOUBLE};
  NMD_TRY(nmd_evaluator_create_committee((const nmd_model *const *)committee->models, committee->n, &options,
                                         &self->shared.evaluator));
  const double cutoff = nmd_model_cutoff(self->shared.model);
  self->shared.cutoff2 = cutoff * cutoff;
  self->shared.species = species;
  self->shared.scale = 1;
  self->bohr = p->length_unit == 1;
  self->precision = p->precision;
  warn_about_cutoff(self, cutoff);
  nmd__nnp_team_init(&self->team, &self->shared);
  return NMD_OK;
}

static nmd_status nnp_create(const void *parameters, const nmd_species *species, void **out) {
  nnp *self;
  NMD_TRY(NMD_ALLOC(self, 1));
  const nmd_status status = nnp_setup(self, parameters, species);
  if (status != NMD_OK) {
    nnp_destroy(self);
    return status;
  }
  *out = self;
  return NMD_OK;
}

static double nnp_cutoff(const void *self) { return nmd_model_cutoff(((const nnp *)self)->shared.model); }

static nmd_status nnp_compute(void *opaque, const nmd_potential_input *input, nmd_potential_partial *partial) {
  return nmd__nnp_team_compute(&((nnp *)opaque)->team, input, partial);
}

/* In the other unit the same atoms are closer or farther by the ratio of the units. */
static nmd_status nnp_count_other_unit(void *opaque, const nmd_potential_input *input, int64_t *count,
                                       const char **unit) {
  nnp *self = opaque;
  nmd_potential_partial partial = {0};
  self->shared.scale = self->bohr ? NMD_BOHR : 1 / NMD_BOHR;
  const nmd_status status = nnp_compute(self, input, &partial);
  self->shared.scale = 1;
  *count = partial.extrapolations;
  *unit = self->bohr ? "A" : "bohr";
  return status;
}

static void nnp_describe(const void *opaque, nmd_text_writer *write, void *context) {
  const nnp *self = opaque;
  const int n = self->shared.committee.n;
  char line[80];
  nmd_model_describe(self->shared.model, write, context);
  snprintf(line, sizeof line, "  committee of %d models, of which this is the first\n", n);
  if (n > 1) write(context, line);
}

static void nnp_identify(const void *opaque, uint64_t *hash) {
  const nnp *self = opaque;
  for (int k = 0; k < self->shared.committee.n; k++) nmd_model_identify(self->shared.committee.models[k], hash);
  nmd_hash_bytes(hash, &self->precision, sizeof self->precision);
}

/* Of an environment of typical density, averaged over the run's elements. */
static double nnp_cost(const void *opaque) {
  const nnp *self = opaque;
  double sum = 0;
  const nmd__nnp_shared *shared = &self->shared;
  for (int s = 0; s < shared->species->n; s++) sum += nmd_evaluator_cost(shared->evaluator, shared->element[s], NULL);
  return sum / shared->species->n;
}

static int nnp_members(const void *opaque) { return ((const nnp *)opaque)->shared.committee.n; }

static double nnp_atom_cost(const void *opaque, int species, int neighbours) {
  return nmd__nnp_atom_cost(&((const nnp *)opaque)->shared, species, neighbours);
}

static nmd_status nnp_describe_cost(const void *opaque, const double *neighbours, nmd_text_writer *write,
                                    void *context, double *us) {
  const nmd__nnp_shared *shared = &((const nnp *)opaque)->shared;
  double by_element[NMD_ELEMENT_MAX] = {0}, total = 0, sum = 0;
  for (int s = 0; s < shared->species->n; s++) by_element[shared->element[s]] += neighbours[s];
  NMD_TRY(nmd_evaluator_describe(shared->evaluator, by_element, write, context));
  for (int s = 0; s < shared->species->n; s++) { /* the elements' shares of the neighbours are those of the atoms */
    total += neighbours[s];
    sum += neighbours[s] * nmd_evaluator_cost(shared->evaluator, shared->element[s], by_element);
  }
  *us = total > 0 ? sum / total : nnp_cost(opaque);
  return NMD_OK;
}

extern const nmd_potential_ops nmd__potential_nnp;
const nmd_potential_ops nmd__potential_nnp = {
    .name = "nnp",
    .options = &nmd__potential_nnp_options,
    .create = nnp_create,
    .cutoff = nnp_cutoff,
    .compute = nnp_compute,
    .describe = nnp_describe,
    .identify = nnp_identify,
    .count_other_unit = nnp_count_other_unit,
    .members = nnp_members,
    .cost = nnp_cost,
    .atom_cost = nnp_atom_cost,
    .describe_cost = nnp_describe_cost,
    .destroy = nnp_destroy,
};
