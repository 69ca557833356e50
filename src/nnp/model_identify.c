/* SPDX-License-Identifier: BSD-3-Clause */
/* What a model's energies depend on, as a hash: functions, scaling, networks, offsets; neither its folder nor comments.
 */
#include "base/hash.h"
#include "nnp/model_data.h"

static void add_numbers(uint64_t *hash, const double *x, int n) { nmd_hash_bytes(hash, x, (size_t)n * sizeof *x); }

static void add_function(uint64_t *hash, const nmd_symmetry_function *f) {
  const int kinds[] = {(int)f->kind, f->e1, f->e2, (int)f->compact, f->asymmetric};
  const double numbers[] = {f->eta, f->rs, f->lambda, f->zeta, f->rl, f->rc, f->theta_l, f->theta_r};
  nmd_hash_bytes(hash, kinds, sizeof kinds);
  nmd_hash_bytes(hash, numbers, sizeof numbers);
}

static void add_layer(uint64_t *hash, const nmd_layer *layer) {
  const int shape[] = {layer->n_in, layer->n_out, (int)layer->activation};
  nmd_hash_bytes(hash, shape, sizeof shape);
  add_numbers(hash, layer->weight, layer->n_in * layer->n_out);
  add_numbers(hash, layer->bias, layer->n_out);
}

static void add_element(uint64_t *hash, const nmd_element_model *e) {
  const int shape[] = {e->atomic_number, e->n_functions, e->n_layers};
  nmd_hash_bytes(hash, shape, sizeof shape);
  for (int f = 0; f < e->n_functions; f++) add_function(hash, &e->functions[f]);
  const double *const scaling[] = {e->scale_factor, e->scale_shift, e->low, e->high};
  for (int k = 0; k < NMD_COUNT(scaling); k++) add_numbers(hash, scaling[k], e->n_functions);
  add_numbers(hash, &e->scale_base, 1);
  add_numbers(hash, &e->offset, 1);
  for (int l = 0; l < e->n_layers; l++) add_layer(hash, &e->layers[l]);
}

void nmd_model_identify(const nmd_model *model, uint64_t *hash) {
  const int kinds[] = {(int)model->cutoff_kind, model->n_elements};
  const double numbers[] = {model->cutoff_alpha, model->cutoff, model->energy_factor};
  nmd_hash_bytes(hash, kinds, sizeof kinds);
  nmd_hash_bytes(hash, numbers, sizeof numbers);
  for (int e = 0; e < model->n_elements; e++) add_element(hash, &model->elements[e]);
}
