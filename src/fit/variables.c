/* SPDX-License-Identifier: BSD-3-Clause */
#include "fit/variables.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

static const nmd_option options[] = {
    {"path", NMD_OPT_TEXT, offsetof(nmd_variable, path),
     .doc = "place of the number in the potential, list entries counted from 0: sum.terms.0.morse.pairs.1.depth"},
    {"low", NMD_OPT_REAL, offsetof(nmd_variable, low), .fallback = "0", .min = -1e12, .max = 1e12,
     .doc = "lower bound, in the default unit of the key"},
    {"high", NMD_OPT_REAL, offsetof(nmd_variable, high), .fallback = "0", .min = -1e12, .max = 1e12,
     .doc = "upper bound"},
    {"fixed", NMD_OPT_BOOL, offsetof(nmd_variable, fixed), .fallback = "false",
     .doc = "keep the number of the potential (to switch a parameter off for a while)"},
    {"same_as", NMD_OPT_TEXT, offsetof(nmd_variable, same_as), .fallback = "",
     .doc = "path of another parameter: this one is `factor` times that one"},
    {"factor", NMD_OPT_REAL, offsetof(nmd_variable, factor), .fallback = "1", .min = -1e12, .max = 1e12,
     .doc = "of a tied parameter"},
};
const nmd_option_table nmd_variable_table = {"parameters", "one number that is fitted", sizeof(nmd_variable),
                                             NMD_COUNT(options), options};

/* The node at a path of keys and indices, or NULL. */
static const nmd_yaml_node *find_place(const nmd_yaml_node *node, const char *path) {
  char key[128];
  while (node != NULL && *path != '\0') {
    const size_t length = strcspn(path, ".");
    if (length >= sizeof key) return NULL;
    memcpy(key, path, length);
    key[length] = '\0';
    path += length + (path[length] == '.');
    if (node->kind == NMD_YAML_LIST) {
      int64_t index;
      node = nmd_parse_int(key, &index) && index >= 0 && index < node->n ? node->items[index] : NULL;
    } else
      node = node->kind == NMD_YAML_MAP ? nmd_yaml_find(node, key) : NULL;
  }
  return node;
}

static nmd_status check_variable(const nmd_variable *v, const nmd_yaml_node *entry, const nmd_yaml_node *potential,
                                 double *start) {
  const nmd_yaml_node *place = find_place(potential, v->path);
  char *end = NULL;
  if (place == NULL || place->kind != NMD_YAML_SCALAR)
    NMD_FAIL_AT(entry, MISSING_KEY, "path: nothing at \"%s\" in the potential; expected a number there to start from",
                v->path);
  *start = strtod(place->text, &end); /* a unit may follow, which must be the default one */
  if (end == place->text || !isfinite(*start))
    NMD_FAIL_AT(entry, BAD_NUMBER, "path: \"%s\" is \"%s\"; expected a number", v->path, place->text);
  if (!v->fixed && v->same_as == NULL && !(v->low < v->high))
    NMD_FAIL_AT(entry, CONFLICT, "low %g, high %g; expected low < high", v->low, v->high);
  return NMD_OK;
}

static nmd_status tie(nmd_variables *v, const nmd_yaml_node *list) {
  for (int k = 0; k < v->n; k++) {
    if (v->all[k].same_as == NULL || v->all[k].fixed) continue;
    for (int other = 0; other < v->n; other++)
      if (v->all[other].same_as == NULL && strcmp(v->all[other].path, v->all[k].same_as) == 0)
        v->source[k] = v->source[other];
    if (v->source[k] < 0)
      NMD_FAIL_AT(list->items[k], CONFLICT, "same_as: \"%s\" is not fitted here; expected the path of a free parameter",
                  v->all[k].same_as);
  }
  return NMD_OK;
}

static nmd_status read_all(const nmd_yaml_node *list, const nmd_yaml_node *potential, nmd_variables *v) {
  for (; v->n < list->n; v->n++) {
    double start = 0;
    NMD_TRY(nmd_options_parse(&nmd_variable_table, list->items[v->n], &v->all[v->n]));
    const nmd_variable *one = &v->all[v->n];
    v->source[v->n] = -1;
    const nmd_status status = check_variable(one, list->items[v->n], potential, &start);
    if (status != NMD_OK) {
      v->n++; /* its texts are freed with the others */
      return status;
    }
    if (one->fixed || one->same_as != NULL) continue;
    v->source[v->n] = v->n_free;
    v->low[v->n_free] = one->low;
    v->high[v->n_free] = one->high;
    v->start[v->n_free] = fmin(fmax(start, one->low), one->high);
    v->free[v->n_free++] = v->n;
  }
  return tie(v, list);
}

nmd_status nmd_variables_read(const nmd_yaml_node *list, const nmd_yaml_node *potential, nmd_variables *out) {
  *out = (nmd_variables){0};
  if (list == NULL || list->kind != NMD_YAML_LIST || list->n == 0 || list->n > NMD_COUNT(out->free))
    NMD_FAIL_AT(list, WRONG_TYPE,
                "parameters: expected a list of 1 to %d entries such as {path: ..., low: ..., high: ...}",
                NMD_COUNT(out->free));
  nmd_status status = NMD_ALLOC(out->all, list->n);
  if (status == NMD_OK) status = NMD_ALLOC(out->source, list->n);
  if (status == NMD_OK) status = NMD_ALLOC(out->low, list->n);
  if (status == NMD_OK) status = NMD_ALLOC(out->high, list->n);
  if (status == NMD_OK) status = NMD_ALLOC(out->start, list->n);
  if (status == NMD_OK) status = read_all(list, potential, out);
  if (status == NMD_OK && out->n_free == 0)
    status = nmd_yaml_fail(list, NMD_CONFLICT, "parameters: all are fixed or tied; expected one that is free");
  if (status != NMD_OK) nmd_variables_free(out);
  return status;
}

void nmd_variables_free(nmd_variables *v) {
  for (int k = 0; k < v->n; k++) nmd_options_free(&nmd_variable_table, &v->all[k]);
  nmd_free(v->all);
  nmd_free(v->source);
  nmd_free(v->low);
  nmd_free(v->high);
  nmd_free(v->start);
  *v = (nmd_variables){0};
}

nmd_status nmd_variables_apply(const nmd_variables *v, const double *x, nmd_yaml *document) {
  for (int k = 0; k < v->n; k++) {
    char text[256];
    if (v->source[k] < 0) continue;
    const double value = x[v->source[k]] * (v->all[k].same_as != NULL ? v->all[k].factor : 1);
    snprintf(text, sizeof text, "potential.%s=%.15g", v->all[k].path, value);
    NMD_TRY(nmd_yaml_set(document, text));
  }
  return NMD_OK;
}
