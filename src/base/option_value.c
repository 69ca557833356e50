/* SPDX-License-Identifier: BSD-3-Clause */
/* One value of an option: reading it from a YAML node, with the message that the user sees when it is wrong. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/option_internal.h"
#include "base/text.h"

enum { SHOWN_MAX = 80, CHOICE_MAX = 64, CHOICES_MAX = 64 };
#define EXACT_INTEGERS 9007199254740992.0 /* 2^53: integers beyond are not exact in a double */

/* The value as the user wrote it, in quotes, on one line and not too long; or what stands there instead. */
static const char *shown(const nmd_yaml_node *node) {
  static _Thread_local char text[SHOWN_MAX + 8];
  if (node->kind == NMD_YAML_LIST) return "a list";
  if (node->kind == NMD_YAML_MAP) return "a map";
  if (node->kind == NMD_YAML_NULL) return "nothing";
  snprintf(text, sizeof text, "\"%.*s%s\"", SHOWN_MAX, node->text, strlen(node->text) > SHOWN_MAX ? "..." : "");
  for (char *c = text; *c != '\0'; c++)
    if (iscntrl((unsigned char)*c)) *c = ' ';
  return text;
}

static nmd_status wrong_type(const nmd_option *o, const nmd_yaml_node *node, const char *hint) {
  char type[NMD__TEXT_MAX], range[NMD__TEXT_MAX];
  nmd__option_type_text(o, type, sizeof type);
  nmd__option_range_text(o, range, sizeof range);
  NMD_FAIL_AT(node, WRONG_TYPE, "%s: got %s%s; expected %s%s%s", o->key, shown(node), hint, type,
              range[0] == '\0' ? "" : ", ", range);
}

static nmd_status need_scalar(const nmd_option *o, const nmd_yaml_node *node) {
  if (node->kind == NMD_YAML_SCALAR) return NMD_OK;
  if (node->kind == NMD_YAML_NULL && o->fallback != NULL)
    return wrong_type(o, node, " (give a value, or remove the line for the default)");
  return wrong_type(o, node, "");
}

static nmd_status need_unquoted(const nmd_option *o, const nmd_yaml_node *node) {
  NMD_TRY(need_scalar(o, node));
  return node->quoted ? wrong_type(o, node, " in quotes, which is text (remove the quotes)") : NMD_OK;
}

static nmd_status check_range(const nmd_option *o, const nmd_yaml_node *node, double value) {
  const bool too_low = nmd__option_has_min(o) && (o->min_open ? !(value > o->min) : !(value >= o->min));
  const bool too_high = nmd__option_has_max(o) && !(value <= o->max);
  if (!too_low && !too_high) return NMD_OK;
  char range[NMD__TEXT_MAX];
  nmd__option_range_text(o, range, sizeof range);
  NMD_FAIL_AT(node, OUT_OF_RANGE, "%s: %s is out of range; expected %s", o->key, shown(node), range);
}

/* Only the two booleans of YAML 1.2: the many of YAML 1.1 turn country codes into false. */
static nmd_status read_bool(const nmd_option *o, const nmd_yaml_node *node, void *member) {
  static const char *const yes_words[] = {"yes", "on", "y", "1", "true"};
  static const char *const no_words[] = {"no", "off", "n", "0", "false"};
  NMD_TRY(need_unquoted(o, node));
  const bool yes = strcmp(node->text, "true") == 0;
  if (!yes && strcmp(node->text, "false") != 0) {
    const char *hint = "";
    for (int i = 0; i < NMD_COUNT(yes_words); i++) {
      if (strcasecmp(node->text, yes_words[i]) == 0) hint = " (write true)";
      if (strcasecmp(node->text, no_words[i]) == 0) hint = " (write false)";
    }
    return wrong_type(o, node, hint);
  }
  *(bool *)member = yes;
  return NMD_OK;
}

static nmd_status read_int(const nmd_option *o, const nmd_yaml_node *node, void *member) {
  int64_t value;
  double real;
  NMD_TRY(need_unquoted(o, node));
  if (!nmd_parse_int(node->text, &value)) {
    if (strchr(node->text, '_') != NULL) return wrong_type(o, node, " (write the digits without \"_\")");
    if (!nmd_parse_real(node->text, &real) || real != floor(real)) return wrong_type(o, node, "");
    if (fabs(real) > EXACT_INTEGERS)
      NMD_FAIL_AT(node, OUT_OF_RANGE, "%s: %s is out of range; expected at most %.0f in size", o->key, shown(node),
                  EXACT_INTEGERS);
    value = (int64_t)real;
  }
  NMD_TRY(check_range(o, node, (double)value));
  *(int64_t *)member = value;
  return NMD_OK;
}

static nmd_status quantity(const nmd_option *o, const nmd_yaml_node *node, const char *text, double *value) {
  const nmd_status status = nmd_quantity_parse(text, o->dimension, value);
  NMD_TRY(nmd_yaml_blame(status, node, o->key));
  return check_range(o, node, *value);
}

static bool has_unit(const char *text) { return text[strspn(text, "0123456789+-.eE: \t")] != '\0'; }

static nmd_status read_real(const nmd_option *o, const nmd_yaml_node *node, void *member) {
  NMD_TRY(need_scalar(o, node));
  if (node->quoted && !has_unit(node->text)) NMD_TRY(need_unquoted(o, node)); /* "300 K" may be quoted, "300" is text */
  return quantity(o, node, node->text, member);
}

static nmd_status ramp_ends(const nmd_option *o, const nmd_yaml_node *node, const char *const ends[2],
                            const nmd_yaml_node *const at[2], double *ramp) {
  /* [1, 2 ps] would silently be 1 fs to 2 ps */
  if (has_unit(ends[0]) != has_unit(ends[1]))
    NMD_FAIL_AT(node, WRONG_UNIT, "%s: only one of \"%.30s\" and \"%.30s\" has a unit; give it to both", o->key,
                ends[0], ends[1]);
  for (int i = 0; i < 2; i++) NMD_TRY(quantity(o, at[i], ends[i], &ramp[i]));
  return NMD_OK;
}

/* A ramp: "300 K", "300 K -> 600 K" or [300 K, 600 K]. */
static nmd_status read_ramp(const nmd_option *o, const nmd_yaml_node *node, void *member) {
  double *ramp = member;
  if (node->kind == NMD_YAML_LIST) {
    if (node->n != 2) return wrong_type(o, node, node->n < 2 ? " with too few values" : " with too many values");
    for (int i = 0; i < 2; i++) NMD_TRY(need_scalar(o, node->items[i]));
    return ramp_ends(o, node, (const char *const[]){node->items[0]->text, node->items[1]->text},
                     (const nmd_yaml_node *const[]){node->items[0], node->items[1]}, ramp);
  }
  NMD_TRY(need_scalar(o, node));
  const char *arrow = strstr(node->text, "->");
  if (arrow == NULL) {
    NMD_TRY(read_real(o, node, &ramp[0]));
    ramp[1] = ramp[0];
    return NMD_OK;
  }
  char start[CHOICE_MAX];
  if (arrow - node->text >= (ptrdiff_t)sizeof start) return wrong_type(o, node, "");
  snprintf(start, sizeof start, "%.*s", (int)(arrow - node->text), node->text);
  return ramp_ends(o, node, (const char *const[]){start, arrow + 2}, (const nmd_yaml_node *const[]){node, node}, ramp);
}

/* One value for all three directions, or a list of three. */
static nmd_status read_three(const nmd_option *o, const nmd_yaml_node *node, void *member) {
  const size_t size = o->type == NMD_OPT_REAL3  ? sizeof(double)
                      : o->type == NMD_OPT_INT3 ? sizeof(int64_t)
                                                : sizeof(bool);
  const bool is_list = node->kind == NMD_YAML_LIST;
  if (is_list && node->n != 3)
    return wrong_type(o, node, node->n < 3 ? " with too few values" : " with too many values");
  for (size_t i = 0; i < 3; i++) {
    const nmd_yaml_node *item = is_list ? node->items[i] : node;
    void *out = (char *)member + i * size;
    if (o->type == NMD_OPT_REAL3) NMD_TRY(read_real(o, item, out));
    if (o->type == NMD_OPT_INT3) NMD_TRY(read_int(o, item, out));
    if (o->type == NMD_OPT_BOOL3) NMD_TRY(read_bool(o, item, out));
  }
  return NMD_OK;
}

static nmd_status read_choice(const nmd_option *o, const nmd_yaml_node *node, void *member) {
  static _Thread_local char names[CHOICES_MAX][CHOICE_MAX];
  const char *pointers[CHOICES_MAX];
  int n = 0;
  NMD_TRY(need_scalar(o, node));
  for (; n < CHOICES_MAX && nmd__choice_name(o->choices, n, names[n], CHOICE_MAX); n++) {
    pointers[n] = names[n];
    if (strcmp(node->text, names[n]) != 0) continue;
    *(int *)member = n;
    return NMD_OK;
  }
  const char *near = nmd_nearest(node->text, pointers, n);
  char type[NMD__TEXT_MAX];
  nmd__option_type_text(o, type, sizeof type);
  NMD_FAIL_AT(node, BAD_CHOICE, "%s: %s is not a choice%s%s%s; expected %s", o->key, shown(node),
              near == NULL ? "" : "; did you mean \"", near == NULL ? "" : near, near == NULL ? "" : "\"?", type);
}

static nmd_status read_text(const nmd_option *o, const nmd_yaml_node *node, void *member) {
  NMD_TRY(need_scalar(o, node));
  return nmd_strdup(node->text, member);
}

static nmd_status read_path(const nmd_option *o, const nmd_yaml_node *node, void *member) {
  NMD_TRY(need_scalar(o, node));
  if (node->text[0] == '\0') return wrong_type(o, node, "");
  const char *folder = node->text[0] == '/' || node->folder == NULL ? "" : node->folder;
  const size_t size = strlen(folder) + strlen(node->text) + 1;
  char *path;
  NMD_TRY(NMD_ALLOC(path, size));
  snprintf(path, size, "%s%s", folder, node->text);
  *(char **)member = path;
  return NMD_OK;
}

static nmd_status read_text_list(const nmd_option *o, const nmd_yaml_node *node, void *member) {
  nmd_text_list *list = member;
  const bool is_list = node->kind == NMD_YAML_LIST;
  const int n = is_list ? node->n : 1;
  NMD_TRY(NMD_ALLOC(list->items, n));
  for (int i = 0; i < n; i++) {
    NMD_TRY(read_text(o, is_list ? node->items[i] : node, &list->items[i]));
    list->n = i + 1;
  }
  return NMD_OK;
}

static nmd_status read_node(const nmd_option *o, const nmd_yaml_node *node, void *member) {
  if (o->is_list && node->kind != NMD_YAML_LIST) return wrong_type(o, node, " (begin each entry with \"- \")");
  *(const nmd_yaml_node **)member = node;
  return NMD_OK;
}

typedef nmd_status value_reader(const nmd_option *option, const nmd_yaml_node *node, void *member);

nmd_status nmd__option_value(const nmd_option *option, const nmd_yaml_node *node, void *member) {
  static value_reader *const readers[] = {[NMD_OPT_BOOL] = read_bool,           [NMD_OPT_INT] = read_int,
                                          [NMD_OPT_REAL] = read_real,           [NMD_OPT_RAMP] = read_ramp,
                                          [NMD_OPT_REAL3] = read_three,         [NMD_OPT_INT3] = read_three,
                                          [NMD_OPT_BOOL3] = read_three,         [NMD_OPT_CHOICE] = read_choice,
                                          [NMD_OPT_TEXT] = read_text,           [NMD_OPT_PATH] = read_path,
                                          [NMD_OPT_TEXT_LIST] = read_text_list, [NMD_OPT_NODE] = read_node};
  return readers[option->type](option, node, member);
}
