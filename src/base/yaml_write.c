/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/yaml_write.h"

#include <stdio.h>
#include <string.h>

typedef struct writing {
  nmd_yaml_replacer *replace;
  void *replace_context;
  nmd_text_writer *write;
  void *context;
} writing;

static void put(const writing *w, const char *text) { w->write(w->context, text); }

static void put_indent(const writing *w, int indent) {
  for (int k = 0; k < indent; k++) put(w, " ");
}

static void put_quoted(const writing *w, const char *text) {
  char escaped[8];
  put(w, "\"");
  for (; *text != '\0'; text++) {
    const unsigned char c = (unsigned char)*text;
    if (c == '"' || c == '\\')
      snprintf(escaped, sizeof escaped, "\\%c", c);
    else if (c < 0x20 || c == 0x7f)
      snprintf(escaped, sizeof escaped, "\\x%02X", c);
    else
      snprintf(escaped, sizeof escaped, "%c", c);
    put(w, escaped);
  }
  put(w, "\"");
}

/* What was plain in the document is plain here, but for line breaks (folded from several) and a lone "-" of flow style.
 */
static void put_text(const writing *w, const char *text, bool quoted) {
  if (quoted || strchr(text, '\n') != NULL || strcmp(text, "-") == 0)
    put_quoted(w, text);
  else
    put(w, text);
}

static void put_scalar(const writing *w, const char *key, const nmd_yaml_node *node) {
  const char *other = w->replace != NULL ? w->replace(w->replace_context, key, node) : NULL;
  if (other != NULL)
    put(w, other);
  else
    put_text(w, node->text, node->quoted);
}

/* Behind a key or a dash: on the same line if it is no collection, else on the lines below. */
static void put_node(const writing *w, int indent, const char *key, const nmd_yaml_node *node) {
  if (node->kind == NMD_YAML_SCALAR) {
    put(w, " ");
    put_scalar(w, key, node);
  } else if (node->kind == NMD_YAML_NULL)
    put(w, " null");
  else if (node->n == 0)
    put(w, node->kind == NMD_YAML_MAP ? " {}" : " []");
  else {
    for (int k = 0; k < node->n; k++) {
      put(w, "\n");
      put_indent(w, indent);
      if (node->kind == NMD_YAML_MAP) put_text(w, node->keys[k]->text, node->keys[k]->quoted);
      put(w, node->kind == NMD_YAML_MAP ? ":" : "-");
      put_node(w, indent + 2, node->kind == NMD_YAML_MAP ? node->keys[k]->text : NULL, node->items[k]);
    }
  }
}

void nmd_yaml_write(const nmd_yaml_node *node, int indent, nmd_yaml_replacer *replace, void *replace_context,
                    nmd_text_writer *write, void *context) {
  const writing w = {replace, replace_context, write, context};
  put_node(&w, indent, NULL, node);
  put(&w, "\n");
}
