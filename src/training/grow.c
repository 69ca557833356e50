/* SPDX-License-Identifier: BSD-3-Clause */
#include "training/grow.h"

#include <string.h>

#include "system/element.h"
#include "training/input_scaling.h"

static int atomic_number(const nmd_model *model, int e) { return e < 0 ? 0 : model->elements[e].atomic_number; }

/* Elements are compared by atomic number, as their order may differ; lines of files do not count. */
static bool same_function(const nmd_model *a, const nmd_symmetry_function *f, const nmd_model *b,
                          const nmd_symmetry_function *g) {
  return f->kind == g->kind && atomic_number(a, f->e1) == atomic_number(b, g->e1) &&
         atomic_number(a, f->e2) == atomic_number(b, g->e2) && f->eta == g->eta && f->rs == g->rs &&
         f->lambda == g->lambda && f->zeta == g->zeta && f->rl == g->rl && f->rc == g->rc && f->theta_l == g->theta_l &&
         f->theta_r == g->theta_r && f->compact == g->compact && f->asymmetric == g->asymmetric;
}

/* Place of function f of `from` among those of an element of `to`; -1: it is not there. */
static int place(const nmd_model *from, const nmd_symmetry_function *f, const nmd_model *to,
                 const nmd_element_model *element) {
  for (int k = 0; k < element->n_functions; k++)
    if (same_function(from, f, to, &element->functions[k])) return k;
  return -1;
}

static bool same_layers(const nmd_element_model *a, const nmd_element_model *b) {
  if (a->n_layers != b->n_layers) return false;
  for (int l = 0; l < a->n_layers; l++)
    if (a->layers[l].n_out != b->layers[l].n_out || a->layers[l].activation != b->layers[l].activation) return false;
  return true;
}

static nmd_status check_element(const nmd_model *old, const nmd_model *model, int e) {
  const nmd_element_model *a = &old->elements[e], *b = &model->elements[e];
  const char *symbol = nmd_element_symbol(b->atomic_number);
  if (a->atomic_number != b->atomic_number || !same_layers(a, b))
    NMD_FAIL(CONFLICT, "%s: %s: expected the elements and hidden layers of start_from, %s", model->folder, symbol,
             old->folder);
  for (int f = 0; f < a->n_functions; f++)
    if (place(old, &a->functions[f], model, b) < 0)
      NMD_FAIL(CONFLICT, "%s: %s: function %d of start_from (line %d of %s/input.nn) is missing; expected all of them",
               model->folder, symbol, f + 1, a->functions[f].line, old->folder);
  return NMD_OK;
}

nmd_status nmd_grow_begin(const nmd_model *old, nmd_model *model) {
  if (old->n_elements != model->n_elements || old->cutoff_kind != model->cutoff_kind ||
      old->cutoff_alpha != model->cutoff_alpha)
    NMD_FAIL(CONFLICT, "%s: expected the elements and the cut-off function of start_from, %s", model->folder,
             old->folder);
  for (int e = 0; e < model->n_elements; e++) {
    NMD_TRY(check_element(old, model, e));
    model->elements[e].offset = old->elements[e].offset;
  }
  model->energy_factor = old->energy_factor;
  return NMD_OK;
}

static void first_layer(const nmd_model *old, const nmd_model *model, int e) {
  const nmd_element_model *a = &old->elements[e], *b = &model->elements[e];
  const nmd_layer *from = &a->layers[0], *to = &b->layers[0];
  const size_t n = (size_t)to->n_out;
  memset(to->weight, 0, (size_t)to->n_in * n * sizeof *to->weight);
  memcpy(to->bias, from->bias, n * sizeof *to->bias);
  for (int f = 0; f < a->n_functions; f++) {
    const int k = place(old, &a->functions[f], model, b);
    double constant;
    const double ratio = nmd_input_change(nmd_input_scaling_of(a, f), nmd_input_scaling_of(b, k), &constant);
    for (size_t j = 0; j < n; j++) {
      to->weight[(size_t)k * n + j] = ratio * from->weight[(size_t)f * n + j];
      to->bias[j] += constant * from->weight[(size_t)f * n + j];
    }
  }
}

void nmd_grow_weights(const nmd_model *old, nmd_model *model) {
  for (int e = 0; e < model->n_elements; e++) {
    first_layer(old, model, e);
    for (int l = 1; l < model->elements[e].n_layers; l++) {
      const nmd_layer *from = &old->elements[e].layers[l], *to = &model->elements[e].layers[l];
      memcpy(to->weight, from->weight, (size_t)to->n_in * (size_t)to->n_out * sizeof *to->weight);
      memcpy(to->bias, from->bias, (size_t)to->n_out * sizeof *to->bias);
    }
  }
}
