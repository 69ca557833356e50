/* SPDX-License-Identifier: BSD-3-Clause */
#include "nnp/committee.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "nnp/model_data.h"
#include "system/element.h"

static nmd_status check_elements(const nmd_model *a, const nmd_model *b) {
  bool equal = a->n_elements == b->n_elements;
  for (int e = 0; equal && e < a->n_elements; e++) equal = a->elements[e].atomic_number == b->elements[e].atomic_number;
  if (equal) return NMD_OK;
  NMD_FAIL(MODEL_COMMITTEE,
           "%s/input.nn:%d:1: elements differ from those of %s/input.nn:%d; the models of a committee share them",
           b->folder, b->elements_line, a->folder, a->elements_line);
}

static nmd_status check_cutoff(const nmd_model *a, const nmd_model *b) {
  if (a->cutoff_kind == b->cutoff_kind && a->cutoff_alpha == b->cutoff_alpha) return NMD_OK;
  NMD_FAIL(MODEL_COMMITTEE,
           "%s/input.nn:%d:1: the cut-off function (type %d, alpha %g) differs from that of %s/input.nn:%d (type %d, "
           "alpha %g); the models of a committee share it",
           b->folder, b->cutoff_line, (int)b->cutoff_kind, b->cutoff_alpha, a->folder, a->cutoff_line,
           (int)a->cutoff_kind, a->cutoff_alpha);
}

static bool same_function(const nmd_symmetry_function *a, const nmd_symmetry_function *b) {
  return a->kind == b->kind && a->e1 == b->e1 && a->e2 == b->e2 && a->eta == b->eta && a->rs == b->rs &&
         a->lambda == b->lambda && a->zeta == b->zeta && a->rl == b->rl && a->rc == b->rc && a->theta_l == b->theta_l &&
         a->theta_r == b->theta_r && a->compact == b->compact && a->asymmetric == b->asymmetric;
}

static nmd_status check_functions(const nmd_model *a, const nmd_model *b, int element) {
  const nmd_element_model *x = &a->elements[element], *y = &b->elements[element];
  const char *symbol = nmd_element_symbol(x->atomic_number);
  const int n = x->n_functions < y->n_functions ? x->n_functions : y->n_functions;
  for (int f = 0; f < n; f++)
    if (!same_function(&x->functions[f], &y->functions[f]))
      NMD_FAIL(
          MODEL_COMMITTEE,
          "%s/input.nn:%d:1: %s is function %d of %s, but %s/input.nn:%d has another one; the models of a committee "
          "share their functions",
          b->folder, y->functions[f].line, nmd_model_function_text(b, element, f), f + 1, symbol, a->folder,
          x->functions[f].line);
  if (x->n_functions == y->n_functions) return NMD_OK;
  const nmd_model *longer = x->n_functions > y->n_functions ? a : b, *other = longer == a ? b : a;
  NMD_FAIL(MODEL_COMMITTEE,
           "%s/input.nn:%d:1: %s has %d functions, but %d in %s; the models of a committee share their functions",
           longer->folder, longer->elements[element].functions[n].line, symbol, longer->elements[element].n_functions,
           n, other->folder);
}

static nmd_status check_scaling(const nmd_model *a, const nmd_model *b, int element) {
  const nmd_element_model *x = &a->elements[element], *y = &b->elements[element];
  for (int f = 0; f < x->n_functions; f++) {
    if (x->scale_factor[f] == y->scale_factor[f] && x->scale_shift[f] == y->scale_shift[f] &&
        x->scale_base == y->scale_base && x->low[f] == y->low[f] && x->high[f] == y->high[f])
      continue;
    NMD_FAIL(MODEL_COMMITTEE,
             "%s/scaling.data:%d:1: function %d of %s is scaled otherwise than in %s/scaling.data:%d; the models of a "
             "committee share their scaling: use one scaling.data for all and fit again",
             b->folder, y->scaling_line != NULL ? y->scaling_line[f] : 0, f + 1, nmd_element_symbol(x->atomic_number),
             a->folder, x->scaling_line != NULL ? x->scaling_line[f] : 0);
  }
  return NMD_OK;
}

nmd_status nmd_committee_check(const nmd_committee *committee) {
  const nmd_model *first = committee->models[0];
  for (int k = 1; k < committee->n; k++) {
    const nmd_model *other = committee->models[k];
    NMD_TRY(check_elements(first, other));
    NMD_TRY(check_cutoff(first, other));
    for (int e = 0; e < first->n_elements; e++) {
      NMD_TRY(check_functions(first, other, e));
      NMD_TRY(check_scaling(first, other, e));
    }
  }
  return NMD_OK;
}

static bool holds_model(const char *folder, const char *name) {
  char path[4096];
  const int length = snprintf(path, sizeof path, "%s/%s/input.nn", folder, name);
  return length < (int)sizeof path && access(path, F_OK) == 0;
}

static nmd_status read_member(const char *folder, const char *name, double length_unit, double energy_unit,
                              nmd_committee *out) {
  nmd_status status = NMD_OK;
  char *path = NULL;
  if (out->n == NMD_COMMITTEE_MAX)
    NMD_FAIL(MODEL_COMMITTEE, "%s: more than %d models; expected a smaller committee", folder, NMD_COMMITTEE_MAX);
  NMD_GOTO(nmd_path_join(folder, name, &path));
  NMD_GOTO(nmd_model_read(path, length_unit, energy_unit, &out->models[out->n]));
  out->n++;
done:
  nmd_free(path);
  return status;
}

/* 1, 2, ... as far as they go; a gap is a mistake. */
static nmd_status read_numbered(const char *folder, bool single, double length_unit, double energy_unit,
                                nmd_committee *out) {
  enum { FURTHER = 8 };
  char name[16];
  int k = 1;
  for (;; k++) {
    snprintf(name, sizeof name, "%d", k);
    if (!holds_model(folder, name)) break;
    NMD_TRY(read_member(folder, name, length_unit, energy_unit, out));
    if (single) return NMD_OK;
  }
  for (int beyond = k + 1; beyond <= k + FURTHER; beyond++) {
    snprintf(name, sizeof name, "%d", beyond);
    if (holds_model(folder, name))
      NMD_FAIL(MODEL_COMMITTEE, "%s/%d/input.nn is missing, but %s/%d has a model; number the models 1, 2, ...", folder,
               k, folder, beyond);
  }
  return NMD_OK;
}

nmd_status nmd_committee_read(const char *folder, char *const *names, int n_names, bool single, double length_unit,
                              double energy_unit, nmd_committee *out) {
  *out = (nmd_committee){0};
  if (n_names > 0) {
    for (int k = 0; k < (single ? 1 : n_names); k++)
      NMD_TRY(read_member(folder, names[k], length_unit, energy_unit, out));
  } else if (holds_model(folder, "1") && !(single && holds_model(folder, "."))) {
    NMD_TRY(read_numbered(folder, single, length_unit, energy_unit, out));
  } else {
    NMD_TRY(nmd_model_read(folder, length_unit, energy_unit, &out->models[0]));
    out->n = 1;
  }
  return nmd_committee_check(out);
}

void nmd_committee_free(nmd_committee *committee) {
  for (int k = 0; k < committee->n; k++) nmd_model_destroy(committee->models[k]);
  *committee = (nmd_committee){0};
}
