/* SPDX-License-Identifier: BSD-3-Clause */
/* Walking and changing a YAML tree: find, where, and the --set assignments of the command line. */
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/yaml_internal.h"

enum { NAME_SHOWN = 100, WHERE_BUFFERS = 4, WHERE_LENGTH = 512, PATH_DEPTH = 32, STEP_LENGTH = 128 };

const nmd_yaml_node *nmd_yaml_find(const nmd_yaml_node *map, const char *key) {
  if (map == NULL || map->kind != NMD_YAML_MAP) return NULL;
  for (int i = 0; i < map->n; i++)
    if (strcmp(map->keys[i]->text, key) == 0) return map->items[i];
  return NULL;
}

const char *nmd_yaml_where(const nmd_yaml_node *node) {
  static _Thread_local char buffers[WHERE_BUFFERS][WHERE_LENGTH];
  static _Thread_local unsigned next;
  char *text = buffers[next++ % WHERE_BUFFERS];
  if (node == NULL)
    snprintf(text, WHERE_LENGTH, "input");
  else if (node->line == 0) /* from the command line */
    snprintf(text, WHERE_LENGTH, "%s", node->file);
  else
    snprintf(text, WHERE_LENGTH, "%s:%d:%d", node->file, node->line, node->column);
  return text;
}

nmd_status nmd_yaml_fail(const nmd_yaml_node *node, nmd_status code, const char *format, ...) {
  char message[NMD_ERROR_TEXT_MAX];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  nmd_fail(code, "%s: %s", nmd_yaml_where(node), message);
  nmd_error_set_file(node != NULL ? node->file : NULL);
  return code;
}

nmd_status nmd_yaml_blame(nmd_status status, const nmd_yaml_node *node, const char *what) {
  if (status == NMD_OK || nmd_error_is_in(node->file)) return status;
  nmd_fail_prefix(status, "%s%s%s", nmd_yaml_where(node), what != NULL ? ": " : "", what != NULL ? what : "");
  nmd_error_set_file(node->file);
  return status;
}

/* "a.b.0.c" cut into steps. */
typedef struct path {
  const char *file; /* "--set a.b.0.c=value" for messages */
  int n;
  char steps[PATH_DEPTH][STEP_LENGTH];
} path;

static nmd_status path_cut(const char *text, size_t length, path *p) {
  p->n = 0;
  for (size_t start = 0, end; start <= length; start = end + 1) {
    const char *dot = memchr(text + start, '.', length - start);
    end = dot == NULL ? length : (size_t)(dot - text);
    if (end == start) NMD_FAIL(USAGE, "%s: empty key before \"=\" or \".\"; expected key.key=value", p->file);
    if (p->n == PATH_DEPTH || end - start >= STEP_LENGTH)
      NMD_FAIL(USAGE, "%s: key path too long; at most %d keys of %d characters", p->file, PATH_DEPTH, STEP_LENGTH - 1);
    memcpy(p->steps[p->n], text + start, end - start);
    p->steps[p->n++][end - start] = '\0';
  }
  return NMD_OK;
}

/* Where the value of a step sits in its parent; -1: a map that lacks the key. */
static nmd_status slot_of(const path *p, const nmd_yaml_node *parent, const char *step, int *slot) {
  *slot = -1;
  if (parent->kind == NMD_YAML_LIST) {
    int64_t i;
    if (!nmd_parse_int(step, &i))
      NMD_FAIL(USAGE, "%s: \"%s\" is not an index into the list at %s; expected 0 to %d", p->file, step,
               nmd_yaml_where(parent), parent->n - 1);
    if (i < 0 || i >= parent->n)
      NMD_FAIL(OUT_OF_RANGE, "%s: index %s is out of range; the list at %s has %d item%s, counted from 0", p->file,
               step, nmd_yaml_where(parent), parent->n, parent->n == 1 ? "" : "s");
    *slot = (int)i;
    return NMD_OK;
  }
  for (int i = 0; i < parent->n; i++)
    if (strcmp(parent->keys[i]->text, step) == 0) *slot = i;
  return NMD_OK;
}

/* A node that must hold `step`: an absent value becomes an empty map, and a plain `nvt` becomes `nvt:`. */
static nmd_status make_container(nmd_yaml *document, const path *p, const char *step, nmd_yaml_node *node) {
  if (node->kind == NMD_YAML_MAP || node->kind == NMD_YAML_LIST) return NMD_OK;
  if (node->kind == NMD_YAML_SCALAR) {
    if (strcmp(node->text, step) != 0)
      NMD_FAIL(WRONG_TYPE, "%s: \"%s\" cannot be set inside the value \"%.60s\" at %s; expected a map there", p->file,
               step, node->text, nmd_yaml_where(node));
    nmd_yaml_node *key, *value;
    NMD_TRY(nmd__yaml_node(document, NMD_YAML_SCALAR, node->file, &key));
    *key = *node;
    NMD_TRY(nmd__yaml_node(document, NMD_YAML_NULL, node->file, &value));
    value->line = node->line;
    value->column = node->column;
    node->kind = NMD_YAML_MAP;
    node->text = NULL;
    node->quoted = false;
    return nmd__yaml_append(document, node, key, value);
  }
  node->kind = NMD_YAML_MAP;
  return NMD_OK;
}

static nmd_status assign(nmd_yaml *document, const path *p, nmd_yaml_node *root, nmd_yaml_node *value) {
  nmd_yaml_node *node = root;
  for (int i = 0; i < p->n; i++) {
    const bool last = i == p->n - 1;
    int slot;
    NMD_TRY(make_container(document, p, p->steps[i], node));
    NMD_TRY(slot_of(p, node, p->steps[i], &slot));
    if (slot < 0) {
      nmd_yaml_node *key, *item = value;
      NMD_TRY(nmd__yaml_node(document, NMD_YAML_SCALAR, p->file, &key));
      NMD_TRY(nmd__yaml_text(document, p->steps[i], strlen(p->steps[i]), &key->text));
      if (!last) NMD_TRY(nmd__yaml_node(document, NMD_YAML_NULL, p->file, &item));
      NMD_TRY(nmd__yaml_append(document, node, key, item));
      slot = node->n - 1;
    }
    if (last) node->items[slot] = value;
    node = node->items[slot];
  }
  return NMD_OK;
}

/* One line of limited length, whatever the shell handed over. */
static nmd_status assignment_name(nmd_yaml *document, const char *assignment, const char **name) {
  char shown[NAME_SHOWN + 16];
  int used = snprintf(shown, sizeof shown, "--set %.*s", NAME_SHOWN, assignment);
  for (int i = 0; i < used; i++)
    if ((unsigned char)shown[i] < ' ') shown[i] = ' ';
  return nmd__yaml_text(document, shown, (size_t)used, name);
}

nmd_status nmd_yaml_set(nmd_yaml *document, const char *assignment) {
  path p;
  nmd_yaml_node *value = NULL, *root = (nmd_yaml_node *)nmd_yaml_root(document);
  NMD_TRY(assignment_name(document, assignment, &p.file));
  const char *equals = strchr(assignment, '=');
  if (equals == NULL) NMD_FAIL(USAGE, "%s: no \"=\"; expected key.key=value", p.file);
  NMD_TRY(path_cut(assignment, (size_t)(equals - assignment), &p));
  NMD_TRY(nmd__yaml_read(document, p.file, false, equals + 1, strlen(equals + 1), &value));
  if (value == NULL) NMD_TRY(nmd__yaml_node(document, NMD_YAML_NULL, p.file, &value));
  return assign(document, &p, root, value);
}
