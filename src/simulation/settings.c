/* SPDX-License-Identifier: BSD-3-Clause */
#include "simulation/settings.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "io/buffer.h"

enum { PATH_MAX_BYTES = 512 };

static void put_scalar(const char *path, const char *value, nmd_buffer *out) {
  nmd_buffer_printf(out, "%s ", path);
  for (const char *c = value; *c != '\0'; c++) { /* a value stays on its line */
    const char one[2] = {*c == '\n' ? ' ' : *c, '\0'};
    nmd_buffer_text(out, one);
  }
  nmd_buffer_text(out, "\n");
}

static void put_node(const nmd_yaml_node *node, const char *path, nmd_buffer *out) {
  if (node->kind == NMD_YAML_SCALAR) put_scalar(path, node->text, out);
  if (node->kind == NMD_YAML_NULL || (node->kind != NMD_YAML_SCALAR && node->n == 0))
    put_scalar(path, "(default)", out);
  for (int k = 0; k < node->n; k++) {
    char below[PATH_MAX_BYTES];
    const char *dot = path[0] == '\0' ? "" : ".";
    if (node->kind == NMD_YAML_MAP)
      snprintf(below, sizeof below, "%s%s%s", path, dot, node->keys[k]->text);
    else
      snprintf(below, sizeof below, "%s%s%d", path, dot, k);
    put_node(node->items[k], below, out);
  }
}

nmd_status nmd_settings_save(const nmd_yaml_node *root, nmd_checkpoint_writer *writer) {
  nmd_buffer list = {0};
  put_node(root, "", &list);
  nmd_status status = list.status;
  if (status == NMD_OK) status = nmd_checkpoint_writer_add(writer, "settings", list.data, list.length);
  nmd_buffer_free(&list);
  return status;
}

/* A line of a list: path and value, neither terminated. */
typedef struct setting {
  const char *path, *value;
  size_t path_length, value_length;
} setting;

/* The next line from *at on; false at the end. */
static bool next_setting(const char **at, const char *end, setting *s) {
  if (*at >= end) return false;
  const char *stop = memchr(*at, '\n', (size_t)(end - *at));
  if (stop == NULL) stop = end;
  const char *space = memchr(*at, ' ', (size_t)(stop - *at));
  if (space == NULL) space = stop;
  s->path = *at;
  s->path_length = (size_t)(space - *at);
  s->value = space < stop ? space + 1 : stop;
  s->value_length = (size_t)(stop - s->value);
  *at = stop + 1;
  return true;
}

static bool find_setting(const char *list, const char *end, const setting *wanted, setting *found) {
  while (next_setting(&list, end, found))
    if (found->path_length == wanted->path_length && memcmp(found->path, wanted->path, wanted->path_length) == 0)
      return true;
  return false;
}

static void log_change(const setting *path, const setting *then, const setting *now) {
  static const setting none = {.value = "not given", .value_length = sizeof "not given" - 1};
  if (then == NULL) then = &none;
  if (now == NULL) now = &none;
  nmd_log_info("Changed since the checkpoint: %.*s: %.*s -> %.*s", (int)path->path_length, path->path,
               (int)then->value_length, then->value, (int)now->value_length, now->value);
}

static void log_changes(const char *then, size_t then_length, const char *now, size_t now_length) {
  const char *then_end = then + then_length, *now_end = now + now_length;
  setting s, other;
  for (const char *at = then; next_setting(&at, then_end, &s);)
    if (!find_setting(now, now_end, &s, &other))
      log_change(&s, &s, NULL);
    else if (s.value_length != other.value_length || memcmp(s.value, other.value, s.value_length) != 0)
      log_change(&s, &s, &other);
  for (const char *at = now; next_setting(&at, now_end, &s);)
    if (!find_setting(then, then_end, &s, &other)) log_change(&s, NULL, &s);
}

nmd_status nmd_settings_compare(const nmd_yaml_node *root, const nmd_checkpoint *file) {
  const void *then;
  size_t n;
  if (!nmd_checkpoint_has(file, "settings")) return NMD_OK;
  NMD_TRY(nmd_checkpoint_view(file, "settings", 1, &then, &n));
  nmd_buffer now = {0};
  put_node(root, "", &now);
  const nmd_status status = now.status;
  if (status == NMD_OK) log_changes(then, n, now.data, now.length);
  nmd_buffer_free(&now);
  return status;
}
