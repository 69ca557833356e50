/* SPDX-License-Identifier: BSD-3-Clause */
/* Behler-Parrinello potential: E = sum_i E_Z(i)(G_i), G_i symmetry functions of the environment of atom i, E_Z the
 * network of its element (Behler & Parrinello, PRL 98, 146401 (2007)).
 *
 * This file only carries: owned atoms are taken by element in batches, their neighbours' displacements are gathered
 * from the list, nnp/evaluate returns E_i and g_ij = dE_i/dr_j, and these are added to forces (f_j -= g, f_i += g) and
 * virial (W -= r_ij (x) g_ij). Batches keep the arrays of one call inside the second-level cache. */
#include <math.h>
#include <stdio.h>

#include "base/memory.h"
#include "nnp/evaluate.h"
#include "nnp/model.h"
#include "potential/potential.h"

typedef struct nnp_parameters {
  char *folder;
  int length_unit, energy_unit;
} nnp_parameters;

static const nmd_option nnp_options[] = {
    {"folder", NMD_OPT_PATH, offsetof(nnp_parameters, folder),
     .doc = "model folder in the n2p2 / RuNNer format: input.nn, scaling.data, weights.NNN.data"},
    {"length_unit", NMD_OPT_CHOICE, offsetof(nnp_parameters, length_unit), .choices = "A|bohr",
     .doc = "unit of length the model was fitted in (its files do not say)"},
    {"energy_unit", NMD_OPT_CHOICE, offsetof(nnp_parameters, energy_unit), .choices = "eV|hartree",
     .doc = "unit of energy the model was fitted in (its files do not say)"},
};

extern const nmd_option_table nmd__potential_nnp_options;
const nmd_option_table nmd__potential_nnp_options = {
    "nnp", "Behler-Parrinello neural-network potential (n2p2 / RuNNer files)", sizeof(nnp_parameters),
    NMD_COUNT(nnp_options), nnp_options};

enum { MAX_EXTRAPOLATIONS = 256 }; /* looked at per batch for the table of offenders; the count is exact */

typedef struct nnp {
  nmd_model *model;
  nmd_evaluator *evaluator;
  const nmd_species *species; /* not owned */
  int *element;               /* [species] model element */
  double cutoff2;
  double scale;               /* of displacements: 1 but for count_other_unit */
  bool bohr;                  /* declared unit of length of the files */
  int batch;
  /* scratch of one batch */
  int *centre, *first;        /* [batch], [batch + 1] */
  double *energy;             /* [batch] */
  int64_t capacity;           /* neighbours */
  double *dx, *dy, *dz, *gx, *gy, *gz;
  int *neighbour_element, *neighbour_index;
  nmd_extrapolation extrapolations[MAX_EXTRAPOLATIONS];
} nnp;

static void nnp_destroy(void *opaque) {
  nnp *self = opaque;
  if (self == NULL) return;
  nmd_evaluator_destroy(self->evaluator);
  nmd_model_destroy(self->model);
  void *arrays[] = {self->element, self->centre, self->first, self->energy, self->dx, self->dy, self->dz,
                    self->gx, self->gy, self->gz, self->neighbour_element, self->neighbour_index};
  for (int k = 0; k < NMD_COUNT(arrays); k++) nmd_free(arrays[k]);
  nmd_free(self);
}

static nmd_status reserve_neighbours(nnp *self, int64_t n) {
  if (n <= self->capacity) return NMD_OK;
  n += n / 4;
  double **reals[] = {&self->dx, &self->dy, &self->dz, &self->gx, &self->gy, &self->gz};
  for (int k = 0; k < NMD_COUNT(reals); k++) NMD_TRY(nmd_grow(reals[k], (size_t)self->capacity, (size_t)n, sizeof(double)));
  NMD_TRY(NMD_GROW(self->neighbour_element, self->capacity, n));
  NMD_TRY(NMD_GROW(self->neighbour_index, self->capacity, n));
  self->capacity = n;
  return NMD_OK;
}

static nmd_status map_elements(nnp *self, const nmd_species *species) {
  NMD_TRY(NMD_ALLOC(self->element, species->n));
  for (int s = 0; s < species->n; s++) {
    self->element[s] = nmd_model_element_index(self->model, species->atomic_number[s]);
    if (self->element[s] >= 0) continue;
    char known[256];
    int used = 0;
    for (int e = 0; e < nmd_model_element_count(self->model) && used < (int)sizeof known - 8; e++)
      used += snprintf(known + used, sizeof known - (size_t)used, " %s",
                       nmd_element_symbol(nmd_model_atomic_number(self->model, e)));
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
  NMD_TRY(nmd_model_read(p->folder, p->length_unit == 1 ? NMD_BOHR : 1.0, p->energy_unit == 1 ? NMD_HARTREE : 1.0,
                         &self->model));
  NMD_TRY(map_elements(self, species));
  NMD_TRY(nmd_evaluator_create(self->model, NULL, &self->evaluator));
  const double cutoff = nmd_model_cutoff(self->model);
  self->cutoff2 = cutoff * cutoff;
  self->species = species;
  self->scale = 1;
  self->bohr = p->length_unit == 1;
  warn_about_cutoff(self, cutoff);
  self->batch = nmd_evaluator_batch_size(self->evaluator);
  NMD_TRY(NMD_ALLOC(self->centre, self->batch));
  NMD_TRY(NMD_ALLOC(self->first, self->batch + 1));
  NMD_TRY(NMD_ALLOC(self->energy, self->batch));
  return reserve_neighbours(self, 128 * self->batch);
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

static double nnp_cutoff(const void *self) { return nmd_model_cutoff(((const nnp *)self)->model); }

/* Append the neighbours of atom i within the cut-off; returns the new end. */
static int gather_neighbours(nnp *self, const nmd_potential_input *input, int i, int end) {
  const double *x = input->atoms->x;
  const double xi = x[3 * i], yi = x[3 * i + 1], zi = x[3 * i + 2], scale = self->scale;
  const int32_t *index = input->list->index;
  for (int64_t k = input->list->first[i]; k < input->list->first[i + 1]; k++) {
    const int j = index[k];
    const double dx = (x[3 * j] - xi) * scale, dy = (x[3 * j + 1] - yi) * scale, dz = (x[3 * j + 2] - zi) * scale;
    self->dx[end] = dx;
    self->dy[end] = dy;
    self->dz[end] = dz;
    self->neighbour_element[end] = self->element[input->atoms->species[j]];
    self->neighbour_index[end] = j;
    end += dx * dx + dy * dy + dz * dz < self->cutoff2; /* branch-free: the next one overwrites what is too far */
  }
  return end;
}

static void scatter(const nnp *self, const nmd_potential_input *input, int c, nmd_potential_partial *partial) {
  const int i = self->centre[c];
  double fx = 0, fy = 0, fz = 0;
  double w[3][3] = {{0}};
  for (int k = self->first[c]; k < self->first[c + 1]; k++) {
    double *f = partial->force[self->neighbour_index[k]];
    const double gx = self->gx[k], gy = self->gy[k], gz = self->gz[k];
    const double dx = self->dx[k], dy = self->dy[k], dz = self->dz[k];
    f[0] -= gx;
    f[1] -= gy;
    f[2] -= gz;
    fx += gx;
    fy += gy;
    fz += gz;
    w[0][0] -= dx * gx, w[0][1] -= dx * gy, w[0][2] -= dx * gz;
    w[1][0] -= dy * gx, w[1][1] -= dy * gy, w[1][2] -= dy * gz;
    w[2][0] -= dz * gx, w[2][1] -= dz * gy, w[2][2] -= dz * gz;
  }
  partial->force[i][0] += fx;
  partial->force[i][1] += fy;
  partial->force[i][2] += fz;
  for (int a = 0; a < 3; a++)
    for (int b = 0; b < 3; b++) partial->virial[a][b] += w[a][b];
  const double energy = self->energy[c] + nmd_model_offset(self->model, self->element[input->atoms->species[i]]);
  partial->energy += energy;
  if (input->want_atom_energy) partial->atom_energy[i] += energy;
}

static void scatter_atom_virial(const nnp *self, int c, nmd_potential_partial *partial) {
  for (int k = self->first[c]; k < self->first[c + 1]; k++) {
    const double d[3] = {self->dx[k], self->dy[k], self->dz[k]}, g[3] = {self->gx[k], self->gy[k], self->gz[k]};
    double *w = partial->atom_virial[self->neighbour_index[k]];
    for (int a = 0; a < 3; a++)
      for (int b = 0; b < 3; b++) w[3 * a + b] -= d[a] * g[b];
  }
}

static void note_extrapolations(const nnp *self, const nmd_potential_input *input,
                                const nmd_environment_results *results, nmd_potential_partial *partial) {
  partial->extrapolations += results->n_extrapolations;
  const int64_t listed = results->n_extrapolations < results->capacity ? results->n_extrapolations : results->capacity;
  for (int64_t k = 0; k < listed; k++) {
    const nmd_extrapolation *e = &results->extrapolations[k];
    const int i = self->centre[e->centre];
    const double range = e->high > e->low ? e->high - e->low : 1.0;
    const nmd_offender offender = {.atom_id = input->atoms->id[i],
                                   .atomic_number = self->species->atomic_number[input->atoms->species[i]],
                                   .function = e->function + 1,
                                   .value = e->value,
                                   .low = e->low,
                                   .high = e->high,
                                   .excess = (e->value < e->low ? e->low - e->value : e->value - e->high) / range};
    nmd_offenders_add(partial->offenders, &partial->n_offenders, &offender);
  }
}

static nmd_status compute_batch(nnp *self, const nmd_potential_input *input, int element, int n,
                                nmd_potential_partial *partial) {
  const nmd_environments environments = {n, element, self->first, self->dx, self->dy, self->dz, self->neighbour_element};
  nmd_environment_results results = {.energy = self->energy, .gx = self->gx, .gy = self->gy, .gz = self->gz,
                                     .capacity = MAX_EXTRAPOLATIONS, .extrapolations = self->extrapolations};
  const bool count_only = partial->force == NULL;
  if (count_only) results.gx = results.gy = results.gz = NULL;
  NMD_TRY(nmd_evaluate(self->evaluator, &environments, &results));
  if (results.n_extrapolations > 0) note_extrapolations(self, input, &results, partial);
  for (int c = 0; c < n && !count_only; c++) {
    scatter(self, input, c, partial);
    if (input->want_atom_virial) scatter_atom_virial(self, c, partial);
  }
  return NMD_OK;
}

static nmd_status nnp_compute(void *opaque, const nmd_potential_input *input, nmd_potential_partial *partial) {
  nnp *self = opaque;
  const nmd_neighbour_list *list = input->list;
  for (int s = 0; s < self->species->n; s++) {
    int n = 0, end = 0;
    for (int i = 0; i < list->n; i++) {
      if (input->atoms->species[i] != s) continue;
      NMD_TRY(reserve_neighbours(self, end + 1 + list->first[i + 1] - list->first[i]));
      self->centre[n] = i;
      self->first[n] = end;
      end = gather_neighbours(self, input, i, end);
      self->first[++n] = end;
      if (n < self->batch) continue;
      NMD_TRY(compute_batch(self, input, self->element[s], n, partial));
      n = end = 0;
    }
    if (n > 0) NMD_TRY(compute_batch(self, input, self->element[s], n, partial));
  }
  return NMD_OK;
}

/* In the other unit the same atoms are closer or farther by the ratio of the units. */
static nmd_status nnp_count_other_unit(void *opaque, const nmd_potential_input *input, int64_t *count,
                                       const char **unit) {
  nnp *self = opaque;
  nmd_potential_partial partial = {0};
  self->scale = self->bohr ? NMD_BOHR : 1 / NMD_BOHR;
  const nmd_status status = nnp_compute(self, input, &partial);
  self->scale = 1;
  *count = partial.extrapolations;
  *unit = self->bohr ? "A" : "bohr";
  return status;
}

static void nnp_describe(const void *opaque, nmd_text_writer *write, void *context) {
  const nnp *self = opaque;
  nmd_model_describe(self->model, write, context);
}

/* Typical: the cost of an environment of 64 neighbours, averaged over the run's elements. */
static double nnp_cost(const void *opaque) {
  const nnp *self = opaque;
  double sum = 0;
  for (int s = 0; s < self->species->n; s++) sum += nmd_evaluator_cost(self->evaluator, self->element[s], 64);
  return sum / self->species->n;
}

extern const nmd_potential_ops nmd__potential_nnp;
const nmd_potential_ops nmd__potential_nnp = {
    .name = "nnp",
    .options = &nmd__potential_nnp_options,
    .create = nnp_create,
    .cutoff = nnp_cutoff,
    .compute = nnp_compute,
    .describe = nnp_describe,
    .count_other_unit = nnp_count_other_unit,
    .cost = nnp_cost,
    .destroy = nnp_destroy,
};
