/* SPDX-License-Identifier: BSD-3-Clause */
#include "fit/labelled.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "io/read_structure.h"
#include "simulation/evaluate_structure.h"

enum { ELEMENTS_MAX = 16 };

/* ---- reading ---- */

static nmd_status add_elements(nmd_labelled *set, const nmd_species *species) {
  for (int s = 0; s < species->n; s++) {
    int k = 0;
    while (k < set->n_elements && set->elements[k] != species->atomic_number[s]) k++;
    if (k == ELEMENTS_MAX) NMD_FAIL(CONFLICT, "more than %d elements in the labelled structures", ELEMENTS_MAX);
    if (k == set->n_elements) set->elements[set->n_elements++] = species->atomic_number[s];
  }
  return NMD_OK;
}

static nmd_status take_frame(nmd_labelled *set, nmd_structure *structure, const char *place) {
  if (!structure->has_energy || structure->f == NULL)
    NMD_FAIL(CONFLICT, "%s: no %s; expected structures with energies and forces", place,
             structure->has_energy ? "forces" : "energy");
  NMD_TRY(NMD_GROW(set->samples, set->n, set->n + 1));
  nmd_labelled_sample *sample = &set->samples[set->n];
  NMD_TRY(NMD_ALLOC(sample->force, structure->n));
  sample->structure = *structure;
  *structure = (nmd_structure){0};
  set->n++;
  nmd_species_init(&sample->species, sample->structure.atomic_number, (long)sample->structure.n);
  return add_elements(set, &sample->species);
}

static nmd_status read_frames(nmd_structure_reader *reader, int64_t every, int64_t most, nmd_labelled *out) {
  for (int64_t frame = 0; most == 0 || out->n < most; frame++) {
    nmd_structure structure = {0};
    bool end;
    NMD_TRY(nmd_structure_reader_next(reader, &structure, &end));
    if (end) break;
    const nmd_status status =
        frame % every == 0 ? take_frame(out, &structure, nmd_structure_reader_place(reader)) : NMD_OK;
    nmd_structure_free(&structure);
    NMD_TRY(status);
  }
  return NMD_OK;
}

nmd_status nmd_labelled_read(const char *path, int64_t every, int64_t most, nmd_labelled *out) {
  nmd_structure_reader *reader;
  *out = (nmd_labelled){0};
  NMD_TRY(nmd_structure_reader_open(path, NULL, &reader));
  nmd_status status = read_frames(reader, every, most, out);
  nmd_structure_reader_close(reader);
  if (status == NMD_OK && out->n == 0)
    status = nmd_fail(NMD_CONFLICT, "%s: no structures; expected labelled ones", path);
  if (status != NMD_OK) nmd_labelled_free(out);
  return status;
}

void nmd_labelled_free(nmd_labelled *set) {
  for (int k = 0; k < set->n; k++) {
    nmd_structure_free(&set->samples[k].structure);
    nmd_free(set->samples[k].force);
  }
  nmd_free(set->samples);
  *set = (nmd_labelled){0};
}

/* ---- energies of the elements ---- */

/* Solve (A + ridge) c = b by elimination; A is positive. */
static void solve(double a[ELEMENTS_MAX][ELEMENTS_MAX], double *b, int n) {
  double trace = 0;
  for (int k = 0; k < n; k++) trace += a[k][k];
  for (int k = 0; k < n; k++) a[k][k] += 1e-9 * trace; /* one composition alone does not tell elements apart */
  for (int k = 0; k < n; k++)
    for (int r = k + 1; r < n; r++) {
      const double factor = a[r][k] / a[k][k];
      for (int c = k; c < n; c++) a[r][c] -= factor * a[k][c];
      b[r] -= factor * b[k];
    }
  for (int k = n - 1; k >= 0; k--) {
    for (int c = k + 1; c < n; c++) b[k] -= a[k][c] * b[c];
    b[k] /= a[k][k];
  }
}

static double fraction(const nmd_labelled *set, int sample, int element) {
  const nmd_species *species = &set->samples[sample].species;
  const int s = nmd_species_index(species, set->elements[element]);
  return s >= 0 ? (double)species->atoms[s] / (double)set->samples[sample].structure.n : 0;
}

/* Take the best sum of energies of elements off y [n] (per atom). */
static void take_off_elements(const nmd_labelled *set, double *y) {
  double a[ELEMENTS_MAX][ELEMENTS_MAX] = {{0}}, b[ELEMENTS_MAX] = {0};
  const int n = set->n_elements;
  for (int k = 0; k < set->n; k++)
    for (int p = 0; p < n; p++) {
      b[p] += fraction(set, k, p) * y[k];
      for (int q = 0; q < n; q++) a[p][q] += fraction(set, k, p) * fraction(set, k, q);
    }
  solve(a, b, n);
  for (int k = 0; k < set->n; k++)
    for (int p = 0; p < n; p++) y[k] -= fraction(set, k, p) * b[p];
}

nmd_status nmd_labelled_energies(const nmd_labelled *set, double *label, double *computed) {
  for (int k = 0; k < set->n; k++) {
    const nmd_labelled_sample *s = &set->samples[k];
    label[k] = s->structure.energy / (double)s->structure.n;
    computed[k] = s->energy / (double)s->structure.n;
  }
  take_off_elements(set, label);
  take_off_elements(set, computed);
  return NMD_OK;
}

/* ---- evaluation ---- */

static nmd_status evaluate_sample(nmd_labelled_sample *s, const nmd_comm *alone, const nmd_potential *potential,
                                  const nmd_species *species) {
  nmd_structure_results r;
  NMD_TRY(nmd_structure_evaluate(alone, potential, species, &s->structure, &r));
  s->energy = r.energy;
  memcpy(s->force, r.force, (size_t)r.n * sizeof *s->force);
  for (int k = 0; k < 9; k++) s->stress[k / 3][k % 3] = -r.virial[k / 3][k % 3] / s->structure.box.volume;
  nmd_structure_results_free(&r);
  return NMD_OK;
}

static bool same_composition(const nmd_species *a, const nmd_species *b) {
  return a->n == b->n && memcmp(a->atomic_number, b->atomic_number, sizeof a->atomic_number) == 0 &&
         memcmp(a->atoms, b->atoms, sizeof a->atoms) == 0;
}

static nmd_status evaluate_all(nmd_labelled *set, const nmd_comm *alone, const nmd_yaml_node *node) {
  nmd_potential potential = {0};
  const nmd_species *species = NULL;
  nmd_status status = NMD_OK;
  for (int k = 0; k < set->n && status == NMD_OK; k++) {
    if (species == NULL || !same_composition(species, &set->samples[k].species)) {
      nmd_potential_destroy(&potential);
      species = &set->samples[k].species;
      status = nmd_potential_create(node, species, &potential);
    }
    if (status == NMD_OK) status = evaluate_sample(&set->samples[k], alone, &potential, species);
  }
  nmd_potential_destroy(&potential);
  return status;
}

/* Squared differences, squares of labels, and numbers of both. */
typedef struct squares {
  double difference, label, n;
} squares;

static void add_square(squares *s, double computed, double label) {
  s->difference += (computed - label) * (computed - label);
  s->label += label * label;
  s->n++;
}

static double share(const squares *s) { return s->label > 1e-20 ? s->difference / s->label : 0; }
static double rmse(const squares *s, double components) {
  return s->n > 0 ? sqrt(s->difference * components / s->n) : 0;
}

nmd_status nmd_labelled_evaluate(nmd_labelled *set, const nmd_comm *alone, const nmd_yaml_node *potential,
                                 nmd_labelled_loss *loss) {
  squares energy = {0}, force = {0}, stress = {0};
  double *values;
  NMD_TRY(evaluate_all(set, alone, potential));
  NMD_TRY(NMD_ALLOC(values, 2 * set->n));
  const nmd_status status = nmd_labelled_energies(set, values, values + set->n);
  for (int k = 0; k < set->n; k++) {
    const nmd_labelled_sample *s = &set->samples[k];
    add_square(&energy, values[set->n + k], values[k]);
    for (int64_t i = 0; i < 3 * s->structure.n; i++)
      add_square(&force, s->force[i / 3][i % 3], s->structure.f[i / 3][i % 3]);
    for (int c = 0; c < 9 && s->structure.has_stress; c++)
      add_square(&stress, s->stress[c / 3][c % 3], s->structure.stress[c / 3][c % 3]);
  }
  nmd_free(values);
  *loss = (nmd_labelled_loss){share(&energy),   share(&force),   share(&stress),
                              rmse(&energy, 1), rmse(&force, 3), rmse(&stress, 1)};
  return status;
}
