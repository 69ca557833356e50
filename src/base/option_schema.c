/* SPDX-License-Identifier: BSD-3-Clause */
/* JSON Schema (draft 2020-12) of an input file, from the option tables: editors complete and check with it. It is as
 * strict as the parser about keys and choices, and a little more lenient about the spelling of quantities. */
#include <stdio.h>
#include <string.h>

#include "base/option_internal.h"
#include "base/text.h"

enum { TABLES_MAX = 256, JSON_DEPTH = 32 };
#define NUMBER_PATTERN "[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][-+]?[0-9]+)?"

/* A JSON text being written: commas and line ends follow from the nesting. */
typedef struct json {
  nmd__output out;
  int depth;
  bool has_item[JSON_DEPTH];
  int n_tables; /* all reachable tables; each becomes one definition */
  const nmd_option_table *tables[TABLES_MAX];
} json;

static void put(json *j, const char *text) { j->out.write(j->out.context, text); }

static void put_string(json *j, const char *text) {
  char piece[8];
  put(j, "\"");
  for (; *text != '\0'; text++) {
    const unsigned char c = (unsigned char)*text;
    if (c == '"' || c == '\\')
      snprintf(piece, sizeof piece, "\\%c", c);
    else if (c < ' ')
      snprintf(piece, sizeof piece, "\\u%04X", c);
    else
      snprintf(piece, sizeof piece, "%c", c);
    put(j, piece);
  }
  put(j, "\"");
}

/* Begin an item of the open object (key) or array (NULL). */
static void item(json *j, const char *key) {
  static const char spaces[] = "                                                                ";
  if (j->has_item[j->depth]) put(j, ",");
  j->has_item[j->depth] = true;
  put(j, "\n");
  put(j, spaces + sizeof spaces - 1 - 2 * j->depth);
  if (key == NULL) return;
  put_string(j, key);
  put(j, ": ");
}

static void open_bracket(json *j, const char *bracket) {
  put(j, bracket);
  NMD_ASSERT(j->depth + 1 < JSON_DEPTH);
  j->has_item[++j->depth] = false;
}

static void close_bracket(json *j, const char *bracket) {
  j->depth--;
  put(j, bracket);
}

static void text_item(json *j, const char *key, const char *text) {
  item(j, key);
  put_string(j, text);
}

static void number_item(json *j, const char *key, double value) {
  item(j, key);
  nmd__print(&j->out, "%.15g", value);
}

static void type_schema(json *j, const char *type) {
  open_bracket(j, "{");
  text_item(j, "type", type);
  close_bracket(j, "}");
}

static void number_schema(json *j, const nmd_option *o, const char *type) {
  open_bracket(j, "{");
  text_item(j, "type", type);
  if (nmd__option_has_min(o))
    number_item(j, o->min_open ? "exclusiveMinimum" : "minimum", nmd_dimension_to_default_unit(o->dimension, o->min));
  if (nmd__option_has_max(o)) number_item(j, "maximum", nmd_dimension_to_default_unit(o->dimension, o->max));
  close_bracket(j, "}");
}

static void append_quantity_pattern(const nmd_option *o, char *text, size_t size) {
  nmd__append(text, size, " *" NUMBER_PATTERN " *(");
  for (int i = 0; nmd_dimension_spelling(o->dimension, i) != NULL; i++) {
    if (i > 0) nmd__append(text, size, "|");
    for (const char *c = nmd_dimension_spelling(o->dimension, i); *c != '\0'; c++)
      nmd__append(text, size, "%s%c", *c == '^' ? "\\" : "", *c);
  }
  nmd__append(text, size, ")? *");
}

static void pattern_schema(json *j, const nmd_option *o, bool is_ramp) {
  char pattern[1024] = "^(";
  append_quantity_pattern(o, pattern, sizeof pattern);
  if (is_ramp) {
    nmd__append(pattern, sizeof pattern, "->");
    append_quantity_pattern(o, pattern, sizeof pattern);
  }
  if (o->dimension == NMD_DIM_WALLTIME)
    nmd__append(pattern, sizeof pattern, "|([0-9]+-)?[0-9]+:[0-5]?[0-9]:[0-5]?[0-9]");
  nmd__append(pattern, sizeof pattern, ")$");
  open_bracket(j, "{");
  text_item(j, "type", "string");
  text_item(j, "pattern", pattern);
  close_bracket(j, "}");
}

/* A quantity is a number in the default unit or a text with a unit: two alternatives of an open anyOf. */
static void quantity_alternatives(json *j, const nmd_option *o) {
  item(j, NULL);
  number_schema(j, o, "number");
  if (o->dimension == NMD_DIM_NONE) return;
  item(j, NULL);
  pattern_schema(j, o, false);
}

static void scalar_alternatives(json *j, const nmd_option *o) {
  if (o->type == NMD_OPT_RAMP || o->type == NMD_OPT_REAL3) {
    quantity_alternatives(j, o);
    return;
  }
  item(j, NULL);
  if (o->type == NMD_OPT_INT3)
    number_schema(j, o, "integer");
  else
    type_schema(j, "boolean");
}

/* One value or a list of n. */
static void one_or_list(json *j, const nmd_option *o, int n) {
  item(j, "anyOf");
  open_bracket(j, "[");
  scalar_alternatives(j, o);
  if (o->type == NMD_OPT_RAMP) {
    item(j, NULL);
    pattern_schema(j, o, true);
  }
  item(j, NULL);
  open_bracket(j, "{");
  text_item(j, "type", "array");
  number_item(j, "minItems", n);
  number_item(j, "maxItems", n);
  item(j, "items");
  open_bracket(j, "{");
  item(j, "anyOf");
  open_bracket(j, "[");
  scalar_alternatives(j, o);
  close_bracket(j, "]");
  close_bracket(j, "}");
  close_bracket(j, "}");
  close_bracket(j, "]");
}

static void choice_schema(json *j, const nmd_option *o) {
  char name[64];
  item(j, "enum");
  open_bracket(j, "[");
  for (int i = 0; nmd__choice_name(o->choices, i, name, sizeof name); i++) {
    double number;
    text_item(j, NULL, name);
    if (!nmd_parse_real(name, &number)) continue;
    item(j, NULL); /* surface: 100 is a number to every other reader of YAML */
    put(j, name);
  }
  close_bracket(j, "]");
}

/* Any scalar is a text to the parser: an unquoted 5 as well. */
static void text_types(json *j, bool or_list) {
  static const char *const types[] = {"string", "number", "boolean"};
  item(j, "type");
  open_bracket(j, "[");
  for (int i = 0; i < NMD_COUNT(types); i++) text_item(j, NULL, types[i]);
  if (or_list) text_item(j, NULL, "array");
  close_bracket(j, "]");
  if (!or_list) return;
  item(j, "items");
  open_bracket(j, "{");
  text_types(j, false);
  close_bracket(j, "}");
}

/* Two tables may share a name (a "file" output and a "file" source): the later one gets a number. */
static void table_reference(const json *j, const nmd_option_table *table, const char *prefix, char *text, size_t size) {
  int same = 0;
  for (int i = 0; i < j->n_tables && j->tables[i] != table; i++) same += strcmp(j->tables[i]->name, table->name) == 0;
  snprintf(text, size, same == 0 ? "%s%s" : "%s%s_%d", prefix, table->name, same + 1);
}

static void reference_schema(json *j, const nmd_option_table *table) {
  char text[128];
  table_reference(j, table, "#/$defs/", text, sizeof text);
  open_bracket(j, "{");
  text_item(j, "$ref", text);
  close_bracket(j, "}");
}

/* The table's map, or nothing if all its keys have defaults. */
static void body_schema(json *j, const nmd_option_table *table) {
  if (nmd__table_needs_keys(table)) {
    reference_schema(j, table);
    return;
  }
  open_bracket(j, "{");
  item(j, "anyOf");
  open_bracket(j, "[");
  item(j, NULL);
  reference_schema(j, table);
  item(j, NULL);
  type_schema(j, "null");
  close_bracket(j, "]");
  close_bracket(j, "}");
}

static void plain_names(json *j, const nmd_option_table *const *variants) {
  int n = 0;
  for (int v = 0; variants[v] != NULL; v++) n += !nmd__table_needs_keys(variants[v]);
  if (n == 0) return; /* an empty enum is not allowed */
  item(j, NULL);
  open_bracket(j, "{");
  item(j, "enum");
  open_bracket(j, "[");
  for (int v = 0; variants[v] != NULL; v++)
    if (!nmd__table_needs_keys(variants[v])) text_item(j, NULL, variants[v]->name);
  close_bracket(j, "]");
  close_bracket(j, "}");
}

/* `name: {...}` as a map of one key, or the plain name. */
static void variants_schema(json *j, const nmd_option *o) {
  const nmd_option_table *const *variants = o->variants;
  open_bracket(j, "{");
  item(j, "anyOf");
  open_bracket(j, "[");
  plain_names(j, variants);
  item(j, NULL);
  open_bracket(j, "{");
  text_item(j, "type", "object");
  number_item(j, "minProperties", 1);
  number_item(j, "maxProperties", 1);
  item(j, "additionalProperties");
  put(j, "false");
  item(j, "properties");
  open_bracket(j, "{");
  for (int v = 0; variants[v] != NULL; v++) {
    item(j, variants[v]->name);
    body_schema(j, variants[v]);
  }
  if (o->in_file) {
    item(j, "file");
    open_bracket(j, "{");
    text_types(j, false);
    close_bracket(j, "}");
  }
  close_bracket(j, "}");
  close_bracket(j, "}");
  close_bracket(j, "]");
  close_bracket(j, "}");
}

static void node_content(json *j, const nmd_option *o) {
  if (o->section != NULL)
    body_schema(j, o->section);
  else if (o->variants != NULL)
    variants_schema(j, o);
  else
    put(j, "true");
}

static void node_schema(json *j, const nmd_option *o) {
  if (o->is_list) {
    text_item(j, "type", "array");
    item(j, "items");
    node_content(j, o);
    return;
  }
  item(j, "allOf");
  open_bracket(j, "[");
  item(j, NULL);
  node_content(j, o);
  close_bracket(j, "]");
}

static void value_schema(json *j, const nmd_option *o) {
  switch (o->type) {
    case NMD_OPT_BOOL: text_item(j, "type", "boolean"); break;
    case NMD_OPT_INT:
    case NMD_OPT_REAL:
      item(j, "anyOf");
      open_bracket(j, "[");
      if (o->type == NMD_OPT_REAL) {
        quantity_alternatives(j, o);
      } else {
        item(j, NULL);
        number_schema(j, o, "integer");
      }
      close_bracket(j, "]");
      break;
    case NMD_OPT_RAMP: one_or_list(j, o, 2); break;
    case NMD_OPT_REAL3:
    case NMD_OPT_INT3:
    case NMD_OPT_BOOL3: one_or_list(j, o, 3); break;
    case NMD_OPT_CHOICE: choice_schema(j, o); break;
    case NMD_OPT_TEXT:
    case NMD_OPT_PATH: text_types(j, false); break;
    case NMD_OPT_TEXT_LIST: text_types(j, true); break;
    case NMD_OPT_NODE: node_schema(j, o); break;
  }
}

/* Lists are left to the description. */
static void default_item(json *j, const nmd_option *o) {
  double number;
  if (o->fallback == NULL || o->fallback[0] == '\0' || o->fallback[0] == '[') return;
  const bool is_text = o->type == NMD_OPT_TEXT || o->type == NMD_OPT_PATH || o->type == NMD_OPT_TEXT_LIST;
  if (!is_text && nmd_parse_real(o->fallback, &number)) {
    number_item(j, "default", number);
  } else if (o->type == NMD_OPT_BOOL || o->type == NMD_OPT_BOOL3) {
    item(j, "default");
    put(j, o->fallback);
  } else {
    text_item(j, "default", o->fallback);
  }
}

static void option_schema(json *j, const nmd_option *o) {
  char text[2 * NMD__TEXT_MAX] = "";
  nmd__append(text, sizeof text, "%s", o->doc);
  if (o->fallback != NULL && o->fallback[0] != '\0') nmd__append(text, sizeof text, " (default: %s)", o->fallback);
  item(j, o->key);
  open_bracket(j, "{");
  text_item(j, "description", text);
  value_schema(j, o);
  default_item(j, o);
  close_bracket(j, "}");
}

/* The members of a table's schema into an open object. */
static void table_members(json *j, const nmd_option_table *table) {
  text_item(j, "description", table->doc);
  text_item(j, "type", "object");
  item(j, "additionalProperties");
  put(j, "false");
  item(j, "properties");
  open_bracket(j, "{");
  for (int i = 0; i < table->n; i++) option_schema(j, &table->options[i]);
  close_bracket(j, "}");
  item(j, "required");
  open_bracket(j, "[");
  for (int i = 0; i < table->n; i++)
    if (table->options[i].fallback == NULL) text_item(j, NULL, table->options[i].key);
  close_bracket(j, "]");
}

static void visit_tables(void *context, const char *path, const nmd_option *option, const nmd_option_table *table) {
  (void)path;
  json *j = context;
  const nmd_option_table *t = option != NULL ? option->section : table;
  if (t == NULL) return;
  for (int i = 0; i < j->n_tables; i++)
    if (j->tables[i] == t) return;
  NMD_ASSERT(j->n_tables < TABLES_MAX);
  j->tables[j->n_tables++] = t;
}

void nmd_options_schema(const nmd_option_table *root, const char *title, nmd_text_writer *write, void *context) {
  json j = {.out = {write, context}};
  char name[128];
  nmd__options_visit(root, visit_tables, &j);
  open_bracket(&j, "{");
  text_item(&j, "$schema", "https://json-schema.org/draft/2020-12/schema");
  text_item(&j, "title", title);
  table_members(&j, root);
  item(&j, "$defs");
  open_bracket(&j, "{");
  for (int i = 0; i < j.n_tables; i++) {
    table_reference(&j, j.tables[i], "", name, sizeof name);
    item(&j, name);
    open_bracket(&j, "{");
    table_members(&j, j.tables[i]);
    close_bracket(&j, "}");
  }
  close_bracket(&j, "}");
  close_bracket(&j, "}");
  put(&j, "\n");
}
