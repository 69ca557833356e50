/* SPDX-License-Identifier: BSD-3-Clause */
/* The effective values of an option table, for the log. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/option_internal.h"

enum { LINE_MAX_LENGTH = 4096 };

/* Double-quoted YAML. */
static void append_quoted(char *line, const char *text) {
  nmd__append(line, LINE_MAX_LENGTH, "\"");
  for (; *text != '\0'; text++) {
    const unsigned char c = (unsigned char)*text;
    if (c == '"' || c == '\\')
      nmd__append(line, LINE_MAX_LENGTH, "\\%c", c);
    else if (c < ' ' || c == 0x7F)
      nmd__append(line, LINE_MAX_LENGTH, "\\x%02X", c);
    else
      nmd__append(line, LINE_MAX_LENGTH, "%c", c);
  }
  nmd__append(line, LINE_MAX_LENGTH, "\"");
}

static void append_quantity(char *line, const nmd_option *o, double value) {
  char text[96];
  nmd_quantity_format(value, o->dimension, text, sizeof text);
  nmd__append(line, LINE_MAX_LENGTH, "%s", text);
}

static void append_three(char *line, const nmd_option *o, const void *member) {
  for (int k = 0; k < 3; k++) {
    nmd__append(line, LINE_MAX_LENGTH, "%s", k == 0 ? "[" : ", ");
    if (o->type == NMD_OPT_REAL3) append_quantity(line, o, ((const double *)member)[k]);
    if (o->type == NMD_OPT_INT3) nmd__append(line, LINE_MAX_LENGTH, "%" PRId64, ((const int64_t *)member)[k]);
    if (o->type == NMD_OPT_BOOL3) nmd__append(line, LINE_MAX_LENGTH, ((const bool *)member)[k] ? "true" : "false");
  }
  nmd__append(line, LINE_MAX_LENGTH, "]");
}

static void append_ramp(char *line, const nmd_option *o, const double ramp[2]) {
  append_quantity(line, o, ramp[0]);
  if (ramp[1] == ramp[0]) return;
  nmd__append(line, LINE_MAX_LENGTH, " -> ");
  append_quantity(line, o, ramp[1]);
}

static void append_text_list(char *line, const nmd_text_list *list) {
  nmd__append(line, LINE_MAX_LENGTH, "[");
  for (int k = 0; k < list->n; k++) {
    if (k > 0) nmd__append(line, LINE_MAX_LENGTH, ", ");
    append_quoted(line, list->items[k]);
  }
  nmd__append(line, LINE_MAX_LENGTH, "]");
}

static void append_value(char *line, const nmd_option *o, const void *member) {
  char name[64];
  switch (o->type) {
    case NMD_OPT_BOOL: nmd__append(line, LINE_MAX_LENGTH, *(const bool *)member ? "true" : "false"); break;
    case NMD_OPT_INT: nmd__append(line, LINE_MAX_LENGTH, "%" PRId64, *(const int64_t *)member); break;
    case NMD_OPT_REAL: append_quantity(line, o, *(const double *)member); break;
    case NMD_OPT_RAMP: append_ramp(line, o, member); break;
    case NMD_OPT_REAL3:
    case NMD_OPT_INT3:
    case NMD_OPT_BOOL3: append_three(line, o, member); break;
    case NMD_OPT_CHOICE:
      if (nmd__choice_name(o->choices, *(const int *)member, name, sizeof name))
        nmd__append(line, LINE_MAX_LENGTH, "%s", name);
      break;
    case NMD_OPT_TEXT:
    case NMD_OPT_PATH: append_quoted(line, *(char *const *)member); break;
    case NMD_OPT_TEXT_LIST: append_text_list(line, member); break;
    case NMD_OPT_NODE: break;
  }
}

/* An optional value that was not given. Zero stands for it, and may lie outside the range. */
static bool is_absent(const nmd_option *o, const void *member) {
  static const char zeros[4 * sizeof(double)];
  static const size_t sizes[] = {
      [NMD_OPT_BOOL] = sizeof(bool),       [NMD_OPT_INT] = sizeof(int64_t),      [NMD_OPT_REAL] = sizeof(double),
      [NMD_OPT_RAMP] = 2 * sizeof(double), [NMD_OPT_REAL3] = 3 * sizeof(double), [NMD_OPT_INT3] = 3 * sizeof(int64_t),
      [NMD_OPT_BOOL3] = 3 * sizeof(bool),  [NMD_OPT_CHOICE] = sizeof(int),       [NMD_OPT_TEXT] = sizeof(char *),
      [NMD_OPT_PATH] = sizeof(char *),     [NMD_OPT_TEXT_LIST] = sizeof(int),    [NMD_OPT_NODE] = 0};
  if (o->type == NMD_OPT_NODE) return true;
  return o->fallback != NULL && o->fallback[0] == '\0' && memcmp(member, zeros, sizes[o->type]) == 0;
}

void nmd_options_echo(const nmd_option_table *table, const void *parameters, nmd_text_writer *write, void *context) {
  for (int i = 0; i < table->n; i++) {
    const nmd_option *o = &table->options[i];
    const void *member = (const char *)parameters + o->offset;
    if (is_absent(o, member)) continue;
    char line[LINE_MAX_LENGTH];
    snprintf(line, sizeof line, "%s: ", o->key);
    append_value(line, o, member);
    write(context, line);
  }
}
