/* SPDX-License-Identifier: BSD-3-Clause */
/* The C API over the modules of the program.
 *
 * A potential has scratch memory, so one serves one call at a time. A model keeps those that are idle; a call takes one
 * or makes another, so that threads never wait for each other longer than it takes to pick one. */
#include "nnpmd/nnpmd.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "api/model.h"
#include "base/memory.h"
#include "base/version.h"
#include "io/buffer.h"
#include "nnp/committee.h"
#include "parallel/input_tree.h"
#include "simulation/evaluate_structure.h"
#include "simulation/spread.h"

#define MARGIN 10.0 /* A around the atoms of a structure without cell */

NMD_EXPORT const char *nnpmd_version(void);
NMD_EXPORT int nnpmd_load(const char *folder, const nnpmd_options *options, nnpmd_model **model, char *error,
                          size_t error_size);
NMD_EXPORT int nnpmd_load_input(const char *potential, const int *atomic_numbers, int n, nnpmd_model **model, char *error,
                            size_t error_size);
NMD_EXPORT void nnpmd_free(nnpmd_model *model);
NMD_EXPORT double nnpmd_cutoff(const nnpmd_model *model);
NMD_EXPORT int nnpmd_elements(const nnpmd_model *model, int *atomic_numbers, int max);
NMD_EXPORT int nnpmd_evaluate(nnpmd_model *model, const nnpmd_structure *structure, nnpmd_results *results, char *error,
                          size_t error_size);

const char *nnpmd_version(void) { return NMD_VERSION; }

int nmd__answer(nmd_status status, char *error, size_t size) {
  if (error != NULL && size > 0) snprintf(error, size, "%s", status == NMD_OK ? "" : nmd_error_text());
  return nmd_status_exit_code(status);
}

static nmd_status worker_create(const nnpmd_model *model, nmd__worker **out) {
  nmd__worker *fresh;
  NMD_TRY(NMD_ALLOC(fresh, 1));
  const nmd_status status = nmd_potential_create(nmd_yaml_root(model->tree), &model->species, &fresh->potential);
  if (status == NMD_OK)
    *out = fresh;
  else
    nmd_free(fresh);
  return status;
}

nmd_status nmd__worker_take(nnpmd_model *model, nmd__worker **out) {
  nmd_status status = NMD_OK;
  pthread_mutex_lock(&model->lock);
  *out = model->idle;
  if (*out != NULL)
    model->idle = (*out)->next;
  else
    status = worker_create(model, out); /* under the lock: it reads the input's tree */
  pthread_mutex_unlock(&model->lock);
  return status;
}

void nmd__worker_give_back(nnpmd_model *model, nmd__worker *done) {
  pthread_mutex_lock(&model->lock);
  done->next = model->idle;
  model->idle = done;
  pthread_mutex_unlock(&model->lock);
}

void nnpmd_free(nnpmd_model *model) {
  if (model == NULL) return;
  while (model->idle != NULL) {
    nmd__worker *first = model->idle;
    model->idle = first->next;
    nmd_potential_destroy(&first->potential);
    nmd_free(first);
  }
  nmd_comm_free(model->alone);
  nmd_yaml_destroy(model->tree);
  pthread_mutex_destroy(&model->lock);
  nmd_free(model);
}

/* The first worker tells at once whether the files are sound. */
static nmd_status fill_model(nnpmd_model *model, const char *text, const int *atomic_numbers, int n) {
  nmd_species_init(&model->species, atomic_numbers, n);
  memset(model->species.atoms, 0, sizeof model->species.atoms); /* elements that structures may have, no composition */
  NMD_TRY(nmd_comm_alone(&model->alone));
  NMD_TRY(nmd_yaml_parse("potential", text, strlen(text), &model->tree));
  NMD_TRY(nmd_input_include(model->alone, model->tree, nmd_yaml_root(model->tree), "potential"));
  NMD_TRY(worker_create(model, &model->idle));
  const nmd_potential *potential = &model->idle->potential;
  model->cutoff = potential->ops->cutoff(potential->self);
  return NMD_OK;
}

static nmd_status make_model(const char *text, const int *atomic_numbers, int n, nnpmd_model **out) {
  nnpmd_model *model;
  *out = NULL;
  for (int k = 0; k < n; k++)
    if (atomic_numbers[k] < 1 || atomic_numbers[k] > NMD_ELEMENT_MAX)
      NMD_FAIL(UNKNOWN_ELEMENT, "atomic number %d; expected 1 to %d", atomic_numbers[k], NMD_ELEMENT_MAX);
  if (n < 1) NMD_FAIL(MISSING_KEY, "no elements; expected the atomic numbers that structures may have");
  NMD_TRY(NMD_ALLOC(model, 1));
  pthread_mutex_init(&model->lock, NULL);
  const nmd_status status = fill_model(model, text, atomic_numbers, n);
  if (status == NMD_OK)
    *out = model;
  else
    nnpmd_free(model);
  return status;
}

int nnpmd_load_input(const char *potential, const int *atomic_numbers, int n, nnpmd_model **model, char *error,
                     size_t error_size) {
  return nmd__answer(make_model(potential, atomic_numbers, n, model), error, error_size);
}

/* All elements of the model, so that every structure it knows can be evaluated. */
static nmd_status elements_of(const char *folder, int *numbers, int *n) {
  nmd_committee files;
  const nmd_status status = nmd_committee_read(folder, NULL, 0, true, 1.0, 1.0, &files);
  if (status == NMD_OK) {
    *n = nmd_model_element_count(files.models[0]);
    for (int e = 0; e < *n; e++) numbers[e] = nmd_model_atomic_number(files.models[0], e);
  }
  nmd_committee_free(&files);
  return status;
}

static void put_choice(nmd_buffer *out, const char *key, const char *value) {
  if (value == NULL) return;
  nmd_buffer_printf(out, ", %s: ", key);
  nmd_buffer_quote(out, value);
}

static nmd_status load(const char *folder, const nnpmd_options *options, nnpmd_model **model) {
  const nnpmd_options defaults = {0}, *o = options != NULL ? options : &defaults;
  int numbers[NMD_ELEMENT_MAX], n;
  NMD_TRY(elements_of(folder, numbers, &n));
  nmd_buffer text = {0};
  nmd_buffer_text(&text, "nnp: {folder: ");
  nmd_buffer_quote(&text, folder);
  put_choice(&text, "length_unit", o->length_unit != NULL ? o->length_unit : "A");
  put_choice(&text, "energy_unit", o->energy_unit != NULL ? o->energy_unit : "eV");
  put_choice(&text, "precision", o->precision);
  nmd_buffer_text(&text, "}");
  const nmd_status status = text.status == NMD_OK ? make_model(text.data, numbers, n, model) : text.status;
  nmd_buffer_free(&text);
  return status;
}

int nnpmd_load(const char *folder, const nnpmd_options *options, nnpmd_model **model, char *error, size_t error_size) {
  *model = NULL;
  return nmd__answer(load(folder, options, model), error, error_size);
}

double nnpmd_cutoff(const nnpmd_model *model) { return model->cutoff; }

int nnpmd_elements(const nnpmd_model *model, int *atomic_numbers, int max) {
  for (int k = 0; k < model->species.n && k < max; k++) atomic_numbers[k] = model->species.atomic_number[k];
  return model->species.n;
}

/* ---- evaluation ---- */

static nmd_status box_around(const nnpmd_structure *in, nmd_box *box) {
  static const bool open[3] = {false, false, false};
  double h[3][3] = {{0}}, low[3];
  for (int d = 0; d < 3; d++) {
    double high = low[d] = in->position[d];
    for (int64_t i = 1; i < in->n; i++) {
      low[d] = fmin(low[d], in->position[3 * i + d]);
      high = fmax(high, in->position[3 * i + d]);
    }
    low[d] -= MARGIN;
    h[d][d] = high + MARGIN - low[d];
  }
  return nmd_box_init(box, h, low, open);
}

static nmd_status make_box(const nnpmd_structure *in, nmd_box *box) {
  if (in->cell == NULL) {
    for (int d = 0; d < 3 && in->periodic != NULL; d++)
      if (in->periodic[d]) NMD_FAIL(CONFLICT, "periodic along axis %d, but there is no cell; expected one", d + 1);
    return box_around(in, box);
  }
  double h[3][3];
  bool periodic[3];
  memcpy(h, in->cell, sizeof h);
  for (int d = 0; d < 3; d++) periodic[d] = in->periodic == NULL || in->periodic[d] != 0;
  return nmd_box_init(box, h, NULL, periodic);
}

nmd_status nmd__unknown_element(const nnpmd_model *model, int64_t atom, int atomic_number) {
  char known[512] = "";
  size_t used = 0;
  for (int k = 0; k < model->species.n && used < sizeof known - 8; k++)
    used +=
        (size_t)snprintf(known + used, sizeof known - used, " %s", nmd_element_symbol(model->species.atomic_number[k]));
  NMD_FAIL(MODEL_ELEMENT,
           "atom %lld (from 0) is %s (atomic number %d), which the model does not know; expected only:%s", (long long)atom,
           nmd_element_symbol(atomic_number), atomic_number, known);
}

static nmd_status check_structure(const nnpmd_model *model, const nnpmd_structure *in) {
  if (in->n < 1 || in->n > INT32_MAX)
    NMD_FAIL(OUT_OF_RANGE, "%lld atoms; expected 1 to %d", (long long)in->n, INT32_MAX);
  for (int64_t i = 0; i < in->n; i++) {
    if (nmd_species_index(&model->species, in->atomic_number[i]) < 0) return nmd__unknown_element(model, i, in->atomic_number[i]);
    for (int d = 0; d < 3; d++)
      if (!isfinite(in->position[3 * i + d]))
        NMD_FAIL(BAD_NUMBER, "the position of atom %lld (from 0) is not finite", (long long)i);
  }
  return NMD_OK;
}

static nmd_status fill_structure(const nnpmd_structure *in, nmd_structure *out) {
  NMD_TRY(nmd_structure_init(out, in->n));
  memcpy(out->x, in->position, (size_t)in->n * sizeof *out->x);
  memcpy(out->atomic_number, in->atomic_number, (size_t)in->n * sizeof *out->atomic_number);
  return make_box(in, &out->box);
}

static void copy_results(const nmd_structure_results *from, nnpmd_results *to) {
  const size_t n = (size_t)from->n;
  to->energy = from->energy;
  memcpy(to->virial, from->virial, sizeof to->virial);
  to->extrapolations = from->extrapolations;
  if (to->force != NULL) memcpy(to->force, from->force, n * sizeof *from->force);
  if (to->atom_energy != NULL) memcpy(to->atom_energy, from->atom_energy, n * sizeof *from->atom_energy);
  if (to->atom_virial != NULL) memcpy(to->atom_virial, from->atom_virial, n * sizeof *from->atom_virial);
  to->members = from->members;
  to->sigma = nmd_spread_of(from->member_energy, from->members);
  if (to->sigma_energy != NULL) memcpy(to->sigma_energy, from->atom_sigma, n * sizeof *from->atom_sigma);
  if (to->sigma_force != NULL) memcpy(to->sigma_force, from->force_sigma, n * sizeof *from->force_sigma);
}

static nmd_status compute(nnpmd_model *model, const nmd_structure *structure, nnpmd_results *results) {
  nmd__worker *own;
  nmd_structure_results found;
  NMD_TRY(nmd__worker_take(model, &own));
  nmd_status status = (results->sigma_force != NULL ? nmd_structure_evaluate_spread : nmd_structure_evaluate)(
      model->alone, &own->potential, &model->species, structure, &found);
  nmd__worker_give_back(model, own);
  NMD_TRY(status);
  if (!isfinite(found.energy))
    status = nmd_fail(NMD_EXPLODED, "the energy is not a number: atoms are far outside the range of the potential");
  else
    copy_results(&found, results);
  nmd_structure_results_free(&found);
  return status;
}

static nmd_status evaluate(nnpmd_model *model, const nnpmd_structure *in, nnpmd_results *results) {
  NMD_TRY(check_structure(model, in));
  nmd_structure structure = {0};
  nmd_status status = fill_structure(in, &structure);
  if (status == NMD_OK) status = compute(model, &structure, results);
  nmd_structure_free(&structure);
  return status;
}

int nnpmd_evaluate(nnpmd_model *model, const nnpmd_structure *structure, nnpmd_results *results, char *error,
                   size_t error_size) {
  return nmd__answer(evaluate(model, structure, results), error, error_size);
}
