/* SPDX-License-Identifier: BSD-3-Clause */
/* The strict part of YAML that input files need, over libyaml's event interface (its document interface would lose the
 * places of keys). Nodes live in an arena: nothing in a tree is freed alone, and destroying it is one walk. */
#include "base/yaml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/memory.h"
#include "base/yaml_internal.h"

enum { DEPTH_MAX = 64, CHUNK_BYTES = 16384, FIRST_ITEMS = 4 };

typedef struct chunk {
  struct chunk *previous;
  size_t used, size;
} chunk;

struct nmd_yaml {
  chunk *chunks;
  nmd_yaml_node *root;
  const char *folder;
};

static nmd_status arena_get(nmd_yaml *document, size_t bytes, void *out) {
  const size_t rounded = (bytes + 15) / 16 * 16;
  chunk *c = document->chunks;
  if (c == NULL || c->size - c->used < rounded) {
    const size_t size = rounded > CHUNK_BYTES ? rounded : CHUNK_BYTES;
    chunk *fresh;
    NMD_TRY(nmd_alloc((void *)&fresh, sizeof *fresh + size, 1));
    fresh->previous = c;
    fresh->size = size;
    document->chunks = c = fresh;
  }
  *(void **)out = (char *)(c + 1) + c->used;
  c->used += rounded;
  return NMD_OK;
}

nmd_status nmd__yaml_text(nmd_yaml *document, const char *text, size_t length, const char **out) {
  char *copy;
  NMD_TRY(arena_get(document, length + 1, &copy));
  memcpy(copy, text, length);
  copy[length] = '\0';
  *out = copy;
  return NMD_OK;
}

nmd_status nmd__yaml_node(nmd_yaml *document, nmd_yaml_kind kind, const char *file, nmd_yaml_node **out) {
  NMD_TRY(arena_get(document, sizeof **out, out));
  memset(*out, 0, sizeof **out);
  (*out)->kind = kind;
  (*out)->file = file;
  (*out)->folder = document->folder;
  return NMD_OK;
}

/* Room for one more item when n is a power of two: the old array stays behind in the arena, at most as large again. */
static nmd_status widen(nmd_yaml *document, int n, nmd_yaml_node ***items) {
  if (n != 0 && (n < FIRST_ITEMS || (n & (n - 1)) != 0)) return NMD_OK;
  const size_t wanted = n == 0 ? FIRST_ITEMS : 2 * (size_t)n;
  nmd_yaml_node **wider;
  NMD_TRY(arena_get(document, wanted * sizeof *wider, &wider));
  if (n > 0) memcpy(wider, *items, (size_t)n * sizeof *wider);
  *items = wider;
  return NMD_OK;
}

nmd_status nmd__yaml_append(nmd_yaml *document, nmd_yaml_node *parent, nmd_yaml_node *key, nmd_yaml_node *item) {
  NMD_TRY(widen(document, parent->n, &parent->items));
  if (key != NULL) {
    NMD_TRY(widen(document, parent->n, &parent->keys));
    parent->keys[parent->n] = key;
  }
  parent->items[parent->n++] = item;
  return NMD_OK;
}

/* One run of libyaml's parser over one text. */
typedef struct reader {
  yaml_parser_t parser;
  nmd_yaml *document;
  const char *file;
  const char *text;
  size_t length;
  bool has_lines; /* false: a --set value, whose place is its file name alone */
} reader;

static const char *place(const reader *r, yaml_mark_t mark) {
  const nmd_yaml_node here = {.file = r->file,
                              .line = r->has_lines ? (int)mark.line + 1 : 0,
                              .column = r->has_lines ? (int)mark.column + 1 : 0};
  return nmd_yaml_where(&here);
}

/* libyaml gives places of bad bytes as offsets only. */
static yaml_mark_t mark_of_offset(const reader *r, size_t offset) {
  yaml_mark_t mark = {.index = offset};
  for (size_t i = 0; i < offset && i < r->length; i++) {
    mark.column += ((unsigned char)r->text[i] & 0xC0) != 0x80; /* characters, not bytes */
    if (r->text[i] == '\n') mark.line++, mark.column = 0;
  }
  return mark;
}

/* Whether the text at a mark is a tab, the one character that looks right and is not allowed to indent. */
static bool is_tab(const reader *r, yaml_mark_t mark) {
  const char *p = r->text, *end = r->text + r->length;
  for (size_t line = 0; line < mark.line && p != NULL; line++) {
    p = memchr(p, '\n', (size_t)(end - p));
    if (p != NULL) p++;
  }
  return p != NULL && mark.column < (size_t)(end - p) && p[mark.column] == '\t';
}

static nmd_status parser_failed(const reader *r) {
  const yaml_parser_t *p = &r->parser;
  const char *problem = p->problem == NULL ? "cannot be parsed" : p->problem;
  if (p->error == YAML_MEMORY_ERROR) NMD_FAIL(MEMORY, "%s: out of memory while parsing", r->file);
  if (p->error == YAML_READER_ERROR)
    NMD_FAIL(SYNTAX, "%s: not plain UTF-8 text: %s (byte 0x%02X)", place(r, mark_of_offset(r, p->problem_offset)),
             problem, (unsigned)p->problem_value & 0xFF);
  if (is_tab(r, p->problem_mark))
    NMD_FAIL(SYNTAX, "%s: a tab cannot indent YAML; use spaces", place(r, p->problem_mark));
  char context[128] = "";
  if (p->context != NULL && r->has_lines)
    snprintf(context, sizeof context, " (%s that starts at line %zu, column %zu)", p->context, p->context_mark.line + 1,
             p->context_mark.column + 1);
  NMD_FAIL(SYNTAX, "%s: YAML: %s%s; check the indentation, colons, quotes and brackets", place(r, p->problem_mark),
           problem, context);
}

static nmd_status next_event(reader *r, yaml_event_t *event) {
  if (yaml_parser_parse(&r->parser, event)) return NMD_OK;
  return parser_failed(r);
}

static bool is_null(const char *text) {
  return text[0] == '\0' || strcmp(text, "~") == 0 || strcmp(text, "null") == 0 || strcmp(text, "Null") == 0 ||
         strcmp(text, "NULL") == 0;
}

static nmd_status node_at(reader *r, nmd_yaml_kind kind, yaml_mark_t mark, nmd_yaml_node **out) {
  NMD_TRY(nmd__yaml_node(r->document, kind, r->file, out));
  if (r->has_lines) {
    (*out)->line = (int)mark.line + 1;
    (*out)->column = (int)mark.column + 1;
  }
  return NMD_OK;
}

static nmd_status refuse_property(const reader *r, const yaml_event_t *event, const char *anchor, const char *tag) {
  if (anchor != NULL)
    NMD_FAIL(SYNTAX, "%s: anchor \"&%.40s\": anchors are not supported; write the value out",
             place(r, event->start_mark), anchor);
  if (tag != NULL)
    NMD_FAIL(SYNTAX, "%s: tag \"%.60s\": tags are not supported; remove it (text is written in quotes)",
             place(r, event->start_mark), tag);
  return NMD_OK;
}

static nmd_status build_scalar(reader *r, const yaml_event_t *event, nmd_yaml_node **out) {
  const char *value = (const char *)event->data.scalar.value;
  const size_t length = event->data.scalar.length;
  NMD_TRY(refuse_property(r, event, (const char *)event->data.scalar.anchor, (const char *)event->data.scalar.tag));
  if (memchr(value, '\0', length) != NULL)
    NMD_FAIL(SYNTAX, "%s: text with a NUL character (\\0); remove it", place(r, event->start_mark));
  const bool quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
  if (!quoted && is_null(value)) return node_at(r, NMD_YAML_NULL, event->start_mark, out);
  NMD_TRY(node_at(r, NMD_YAML_SCALAR, event->start_mark, out));
  (*out)->quoted = quoted;
  return nmd__yaml_text(r->document, value, length, &(*out)->text);
}

static int by_name_then_place(const void *a, const void *b) {
  const nmd_yaml_node *x = *(nmd_yaml_node *const *)a, *y = *(nmd_yaml_node *const *)b;
  const int order = strcmp(x->text, y->text);
  if (order != 0) return order;
  return x->line != y->line ? (x->line > y->line) - (x->line < y->line) : x->column - y->column;
}

/* By sorting, so that a hostile file of many keys costs n log n. */
static nmd_status refuse_duplicates(const nmd_yaml_node *map) {
  if (map->n < 2) return NMD_OK;
  nmd_yaml_node **sorted;
  NMD_TRY(NMD_ALLOC(sorted, map->n));
  memcpy(sorted, map->keys, (size_t)map->n * sizeof *sorted);
  qsort(sorted, (size_t)map->n, sizeof *sorted, by_name_then_place);
  nmd_status status = NMD_OK;
  for (int i = 1; i < map->n && status == NMD_OK; i++)
    if (strcmp(sorted[i - 1]->text, sorted[i]->text) == 0)
      status =
          nmd_yaml_fail(sorted[i], NMD_DUPLICATE_KEY, "key \"%.80s\" is given twice, first at %s; keep one of them",
                        sorted[i]->text, nmd_yaml_where(sorted[i - 1]));
  nmd_free(sorted);
  return status;
}

static nmd_status build_node(reader *r, const yaml_event_t *event, int depth, nmd_yaml_node **out);

static nmd_status build_list(reader *r, nmd_yaml_node *list, int depth) {
  for (;;) {
    yaml_event_t event;
    nmd_yaml_node *item = NULL;
    NMD_TRY(next_event(r, &event));
    const bool end = event.type == YAML_SEQUENCE_END_EVENT;
    nmd_status status = NMD_OK;
    if (!end) status = build_node(r, &event, depth, &item);
    yaml_event_delete(&event);
    if (end || status != NMD_OK) return status;
    NMD_TRY(nmd__yaml_append(r->document, list, NULL, item));
  }
}

static nmd_status build_key(reader *r, const yaml_event_t *event, nmd_yaml_node **key) {
  if (event->type != YAML_SCALAR_EVENT && event->type != YAML_ALIAS_EVENT)
    NMD_FAIL(SYNTAX, "%s: a key must be a word; found a %s", place(r, event->start_mark),
             event->type == YAML_MAPPING_START_EVENT ? "map" : "list");
  NMD_TRY(build_node(r, event, 0, key));
  if ((*key)->kind != NMD_YAML_SCALAR)
    NMD_FAIL(SYNTAX, "%s: empty key; write \"key: value\"", place(r, event->start_mark));
  return NMD_OK;
}

static nmd_status build_map(reader *r, nmd_yaml_node *map, int depth) {
  nmd_yaml_node *key = NULL;
  for (;;) {
    yaml_event_t event;
    nmd_yaml_node *item = NULL;
    NMD_TRY(next_event(r, &event));
    const bool end = event.type == YAML_MAPPING_END_EVENT;
    nmd_status status = NMD_OK;
    if (!end) status = key == NULL ? build_key(r, &event, &key) : build_node(r, &event, depth, &item);
    yaml_event_delete(&event);
    if (status != NMD_OK) return status;
    if (end) return refuse_duplicates(map);
    if (item == NULL) continue;
    NMD_TRY(nmd__yaml_append(r->document, map, key, item));
    key = NULL;
  }
}

static nmd_status build_node(reader *r, const yaml_event_t *event, int depth, nmd_yaml_node **out) {
  if (depth > DEPTH_MAX) NMD_FAIL(SYNTAX, "%s: nested more than %d deep", place(r, event->start_mark), DEPTH_MAX);
  switch (event->type) {
    case YAML_SCALAR_EVENT: return build_scalar(r, event, out);
    case YAML_SEQUENCE_START_EVENT:
      NMD_TRY(refuse_property(r, event, (const char *)event->data.sequence_start.anchor,
                              (const char *)event->data.sequence_start.tag));
      NMD_TRY(node_at(r, NMD_YAML_LIST, event->start_mark, out));
      return build_list(r, *out, depth + 1);
    case YAML_MAPPING_START_EVENT:
      NMD_TRY(refuse_property(r, event, (const char *)event->data.mapping_start.anchor,
                              (const char *)event->data.mapping_start.tag));
      NMD_TRY(node_at(r, NMD_YAML_MAP, event->start_mark, out));
      return build_map(r, *out, depth + 1);
    case YAML_ALIAS_EVENT:
      NMD_FAIL(SYNTAX,
               "%s: alias \"*%.40s\": aliases are not supported; write the value out (a text that begins with * is "
               "written in quotes)",
               place(r, event->start_mark), (const char *)event->data.alias.anchor);
    default: NMD_FAIL(SYNTAX, "%s: unexpected end of the document", place(r, event->start_mark));
  }
}

/* Stream start, at most one document, stream end. */
static nmd_status build_stream(reader *r, nmd_yaml_node **root) {
  *root = NULL;
  for (;;) {
    yaml_event_t event;
    NMD_TRY(next_event(r, &event));
    const yaml_event_type_t type = event.type;
    nmd_status status = NMD_OK;
    if (type == YAML_DOCUMENT_START_EVENT && *root != NULL)
      status = nmd_fail(NMD_SYNTAX, "%s: a second document starts here (---); expected one document in a file",
                        place(r, event.start_mark));
    else if (type != YAML_STREAM_START_EVENT && type != YAML_STREAM_END_EVENT && type != YAML_DOCUMENT_START_EVENT &&
             type != YAML_DOCUMENT_END_EVENT)
      status = build_node(r, &event, 0, root);
    yaml_event_delete(&event);
    if (status != NMD_OK || type == YAML_STREAM_END_EVENT) return status;
  }
}

nmd_status nmd__yaml_read(nmd_yaml *document, const char *file, bool has_lines, const char *text, size_t length,
                          nmd_yaml_node **root) {
  const size_t mark = length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
  reader r = {.document = document, .file = file, .text = text + mark, .length = length - mark, .has_lines = has_lines};
  if (!yaml_parser_initialize(&r.parser)) NMD_FAIL(MEMORY, "%s: out of memory while parsing", file);
  yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
  yaml_parser_set_input_string(&r.parser, (const unsigned char *)r.text, r.length);
  const nmd_status status = build_stream(&r, root);
  yaml_parser_delete(&r.parser);
  return status;
}

static nmd_status folder_of(nmd_yaml *document, const char *file) {
  const char *slash = strrchr(file, '/');
  return nmd__yaml_text(document, file, slash == NULL ? 0 : (size_t)(slash - file) + 1, &document->folder);
}

nmd_status nmd_yaml_parse(const char *file, const char *text, size_t length, nmd_yaml **out) {
  nmd_status status;
  nmd_yaml *document;
  const char *name;
  NMD_TRY(NMD_ALLOC(document, 1));
  NMD_GOTO(nmd__yaml_text(document, file, strlen(file), &name));
  NMD_GOTO(folder_of(document, name));
  NMD_GOTO(nmd__yaml_read(document, name, true, text, length, &document->root));
  if (document->root == NULL || document->root->kind == NMD_YAML_NULL) {
    NMD_GOTO(nmd__yaml_node(document, NMD_YAML_MAP, name, &document->root));
    document->root->line = document->root->column = 1;
  }
  *out = document;
  document = NULL;
done:
  nmd_yaml_destroy(document);
  return status;
}

/* Nodes made meanwhile have the folder of their own file. */
static nmd_status read_other(nmd_yaml *document, const char *file, const char *text, size_t length,
                             nmd_yaml_node **root) {
  const char *name, *folder = document->folder;
  NMD_TRY(nmd__yaml_text(document, file, strlen(file), &name));
  nmd_status status = folder_of(document, name);
  if (status == NMD_OK) status = nmd__yaml_read(document, name, true, text, length, root);
  document->folder = folder;
  return status;
}

nmd_status nmd_yaml_include(nmd_yaml *document, const nmd_yaml_node *node, const char *key, const char *file,
                            const char *text, size_t length) {
  nmd_yaml_node *root;
  NMD_TRY(read_other(document, file, text, length, &root));
  const nmd_yaml_node *found = nmd_yaml_find(root, key);
  if (found == NULL) NMD_FAIL(MISSING_KEY, "%s: no section \"%s\"; expected a file with %s: ...", file, key, key);
  *(nmd_yaml_node *)node = *found;
  return NMD_OK;
}

static nmd_status copy_node(nmd_yaml *document, const nmd_yaml_node *node, nmd_yaml_node **out) {
  nmd_yaml_node *copy, *key = NULL, *item;
  NMD_TRY(nmd__yaml_node(document, node->kind, node->file, &copy));
  *copy = *node;
  copy->n = 0;
  copy->items = copy->keys = NULL;
  for (int i = 0; i < node->n; i++) {
    if (node->keys != NULL) NMD_TRY(copy_node(document, node->keys[i], &key));
    NMD_TRY(copy_node(document, node->items[i], &item));
    NMD_TRY(nmd__yaml_append(document, copy, key, item));
  }
  *out = copy;
  return NMD_OK;
}

nmd_status nmd_yaml_copy(const nmd_yaml *document, nmd_yaml **out) {
  nmd_yaml *copy;
  NMD_TRY(NMD_ALLOC(copy, 1));
  copy->folder = document->folder;
  const nmd_status status = copy_node(copy, document->root, &copy->root);
  if (status == NMD_OK)
    *out = copy;
  else
    nmd_yaml_destroy(copy);
  return status;
}

void nmd_yaml_destroy(nmd_yaml *document) {
  if (document == NULL) return;
  for (chunk *c = document->chunks; c != NULL;) {
    chunk *previous = c->previous;
    nmd_free(c);
    c = previous;
  }
  nmd_free(document);
}

const nmd_yaml_node *nmd_yaml_root(const nmd_yaml *document) { return document->root; }
