/* SPDX-License-Identifier: BSD-3-Clause */
/* A map of YAML into a parameter struct, by its option table. */
#include "base/option.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/option_internal.h"

enum { NAMES_MAX = 128 };

void nmd__append(char *text, size_t size, const char *format, ...) {
  const size_t used = strlen(text);
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text + used, size - used, format, arguments);
  va_end(arguments);
}

bool nmd__option_has_min(const nmd_option *o) {
  return (o->min_open || o->min != 0 || o->max != 0) && isfinite(o->min);
}
bool nmd__option_has_max(const nmd_option *o) {
  return (o->min != 0 || o->max != 0) && o->max >= o->min && isfinite(o->max);
}

bool nmd__table_needs_keys(const nmd_option_table *table) {
  for (int i = 0; i < table->n; i++)
    if (table->options[i].fallback == NULL) return true;
  return false;
}

bool nmd__choice_name(const char *choices, int i, char *name, size_t size) {
  for (; i > 0; i--) {
    choices = strchr(choices, '|');
    if (choices == NULL) return false;
    choices++;
  }
  snprintf(name, size, "%.*s", (int)strcspn(choices, "|"), choices);
  return true;
}

static void quantity_text(const nmd_option *o, const char *one, char *text, size_t size) {
  if (o->dimension == NMD_DIM_NONE) {
    nmd__append(text, size, "%snumber", one);
    return;
  }
  nmd__append(text, size, "%s%s (", one, nmd_dimension_name(o->dimension));
  for (int i = 0; nmd_dimension_unit(o->dimension, i) != NULL; i++)
    nmd__append(text, size, "%s%s", i > 0 ? ", " : "", nmd_dimension_unit(o->dimension, i));
  nmd__append(text, size, "%s)", o->dimension == NMD_DIM_WALLTIME ? ", H:MM:SS" : "");
}

static void choices_text(const nmd_option *o, char *text, size_t size) {
  char name[64];
  nmd__append(text, size, "one of ");
  for (int i = 0; nmd__choice_name(o->choices, i, name, sizeof name); i++)
    nmd__append(text, size, "%s%s", i > 0 ? ", " : "", name);
}

static void node_text(const nmd_option *o, char *text, size_t size) {
  nmd__append(text, size, "%s", o->is_list ? "a list of " : "");
  if (o->variants == NULL)
    nmd__append(text, size, "%s", o->is_list ? "sections" : "a section");
  else
    nmd__append(text, size, "%s", o->is_list ? "any of " : "one of ");
  for (int i = 0; o->variants != NULL && o->variants[i] != NULL; i++)
    nmd__append(text, size, "%s%s", i > 0 ? ", " : "", o->variants[i]->name);
  if (o->in_file) nmd__append(text, size, ", or {file: PATH}");
}

void nmd__option_type_text(const nmd_option *o, char *text, size_t size) {
  const char *article = o->dimension == NMD_DIM_ENERGY || o->dimension == NMD_DIM_ANGLE ? "an " : "a ";
  text[0] = '\0';
  switch (o->type) {
    case NMD_OPT_BOOL: nmd__append(text, size, "true or false"); break;
    case NMD_OPT_INT: nmd__append(text, size, "a whole number"); break;
    case NMD_OPT_REAL: quantity_text(o, article, text, size); break;
    case NMD_OPT_RAMP:
      quantity_text(o, article, text, size);
      nmd__append(text, size, ", or start -> end");
      break;
    case NMD_OPT_REAL3: quantity_text(o, "one value or a list of three, each a ", text, size); break;
    case NMD_OPT_INT3: nmd__append(text, size, "a whole number or a list of three"); break;
    case NMD_OPT_BOOL3: nmd__append(text, size, "true or false, or a list of three"); break;
    case NMD_OPT_CHOICE: choices_text(o, text, size); break;
    case NMD_OPT_TEXT: nmd__append(text, size, "a text"); break;
    case NMD_OPT_PATH: nmd__append(text, size, "a path"); break;
    case NMD_OPT_TEXT_LIST: nmd__append(text, size, "a word or a list of words"); break;
    case NMD_OPT_NODE: node_text(o, text, size); break;
  }
}

static void bound_text(const nmd_option *o, const char *relation, double bound, char *text, size_t size) {
  char value[64];
  if (o->type == NMD_OPT_INT || o->type == NMD_OPT_INT3)
    snprintf(value, sizeof value, "%.0f", bound);
  else
    snprintf(value, sizeof value, "%.10g%s%s", nmd_dimension_to_default_unit(o->dimension, bound),
             o->dimension == NMD_DIM_NONE ? "" : " ", nmd_dimension_default_unit(o->dimension));
  nmd__append(text, size, "%s %s", relation, value);
}

void nmd__option_range_text(const nmd_option *o, char *text, size_t size) {
  text[0] = '\0';
  if (nmd__option_has_min(o)) bound_text(o, o->min_open ? ">" : ">=", o->min, text, size);
  if (nmd__option_has_min(o) && nmd__option_has_max(o)) nmd__append(text, size, " and ");
  if (nmd__option_has_max(o)) bound_text(o, "<=", o->max, text, size);
}

static nmd_status unknown_key(const nmd_yaml_node *at, const char *found, const char *what, const char *const *names,
                              int n) {
  char known[1024] = "";
  const char *near = nmd_nearest(found, names, n);
  for (int i = 0; i < n; i++) nmd__append(known, sizeof known, "%s%s", i > 0 ? ", " : "", names[i]);
  NMD_FAIL_AT(at, UNKNOWN_KEY, "%s: unknown key \"%.60s\"%s%s%s; known: %s", what, found,
              near == NULL ? "" : "; did you mean \"", near == NULL ? "" : near, near == NULL ? "" : "\"?", known);
}

static nmd_status refuse_unknown_keys(const nmd_option_table *table, const nmd_yaml_node *map) {
  const char *names[NAMES_MAX];
  const int n = table->n < NAMES_MAX ? table->n : NAMES_MAX;
  for (int i = 0; i < n; i++) names[i] = table->options[i].key;
  for (int k = 0; k < map->n; k++) {
    bool known = false;
    for (int i = 0; i < table->n && !known; i++) known = strcmp(map->keys[k]->text, table->options[i].key) == 0;
    if (!known) return unknown_key(map->keys[k], map->keys[k]->text, table->name, names, n);
  }
  return NMD_OK;
}

/* The default goes the same way as a value of the user, so it cannot mean anything else. */
static nmd_status use_fallback(const nmd_option *o, const nmd_yaml_node *near, void *member) {
  if (o->fallback[0] == '\0') return NMD_OK;
  nmd_yaml *document;
  NMD_TRY(nmd_yaml_parse("default", o->fallback, strlen(o->fallback), &document));
  nmd_yaml_node value = *nmd_yaml_root(document);
  value.folder = near == NULL ? "" : near->folder;
  nmd_status status = o->type == NMD_OPT_NODE ? nmd_fail(NMD_INTERNAL, "a section cannot have a default text")
                                              : nmd__option_value(o, &value, member);
  nmd_yaml_destroy(document);
  if (status != NMD_OK && status != NMD_MEMORY) status = nmd_fail_prefix(NMD_INTERNAL, "default of \"%s\"", o->key);
  return status;
}

static nmd_status missing_key(const nmd_option_table *table, const nmd_option *o, const nmd_yaml_node *node) {
  char type[NMD__TEXT_MAX];
  nmd__option_type_text(o, type, sizeof type);
  NMD_FAIL_AT(node, MISSING_KEY, "%s: required key \"%s\" is missing (%s); expected %s", table->name, o->key,
              o->doc == NULL ? "" : o->doc, type);
}

static bool means_defaults(const nmd_option_table *table, const nmd_yaml_node *node) {
  return node == NULL || node->kind == NMD_YAML_NULL ||
         (node->kind == NMD_YAML_SCALAR && strcmp(node->text, table->name) == 0);
}

static nmd_status parse_options(const nmd_option_table *table, const nmd_yaml_node *node, void *parameters) {
  if (!means_defaults(table, node)) {
    if (node->kind != NMD_YAML_MAP)
      NMD_FAIL_AT(node, WRONG_TYPE, "%s: got %s%.60s%s; expected \"key: value\" lines (a blank after the colon)",
                  table->name, node->kind == NMD_YAML_LIST ? "a list" : "\"",
                  node->kind == NMD_YAML_LIST ? "" : node->text, node->kind == NMD_YAML_LIST ? "" : "\"");
    NMD_TRY(refuse_unknown_keys(table, node));
  }
  for (int i = 0; i < table->n; i++) {
    const nmd_option *o = &table->options[i];
    void *member = (char *)parameters + o->offset;
    const nmd_yaml_node *value = nmd_yaml_find(node, o->key);
    if (value != NULL)
      NMD_TRY(nmd__option_value(o, value, member));
    else if (o->fallback == NULL)
      return missing_key(table, o, node);
    else
      NMD_TRY(use_fallback(o, node, member));
  }
  return NMD_OK;
}

nmd_status nmd_options_parse(const nmd_option_table *table, const nmd_yaml_node *node, void *parameters) {
  memset(parameters, 0, table->size);
  const nmd_status status = parse_options(table, node, parameters);
  if (status != NMD_OK) nmd_options_free(table, parameters);
  return status;
}

void nmd_options_free(const nmd_option_table *table, void *parameters) {
  for (int i = 0; i < table->n; i++) {
    const nmd_option *o = &table->options[i];
    char *member = (char *)parameters + o->offset;
    if (o->type == NMD_OPT_TEXT || o->type == NMD_OPT_PATH) {
      nmd_free(*(char **)(void *)member);
      *(char **)(void *)member = NULL;
    } else if (o->type == NMD_OPT_TEXT_LIST) {
      nmd_text_list *list = (nmd_text_list *)(void *)member;
      for (int k = 0; k < list->n; k++) nmd_free(list->items[k]);
      nmd_free(list->items);
      *list = (nmd_text_list){0};
    }
  }
}

nmd_status nmd_options_variant(const nmd_yaml_node *node, const nmd_option_table *const *variants, const char *what,
                               int *index, const nmd_yaml_node **body) {
  const char *names[NAMES_MAX];
  char known[1024] = "";
  int n = 0;
  for (; n < NAMES_MAX && variants[n] != NULL; n++) {
    names[n] = variants[n]->name;
    nmd__append(known, sizeof known, "%s%s", n > 0 ? ", " : "", names[n]);
  }
  if (node == NULL) NMD_FAIL(MISSING_KEY, "%s: nothing given; expected one of %s", what, known);
  const bool is_map = node->kind == NMD_YAML_MAP;
  if (is_map && node->n != 1)
    NMD_FAIL_AT(node, WRONG_TYPE,
                "%s: got a map with %d keys; expected exactly one of %s (indent what belongs to it deeper)", what,
                node->n, known);
  if (!is_map && node->kind != NMD_YAML_SCALAR)
    NMD_FAIL_AT(node, WRONG_TYPE, "%s: got %s; expected one of %s", what,
                node->kind == NMD_YAML_LIST ? "a list" : "nothing", known);
  const nmd_yaml_node *name = is_map ? node->keys[0] : node;
  for (int i = 0; i < n; i++) {
    if (strcmp(names[i], name->text) != 0) continue;
    *index = i;
    *body = is_map ? node->items[0] : node;
    return NMD_OK;
  }
  return unknown_key(name, name->text, what, names, n);
}
