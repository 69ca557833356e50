/* SPDX-License-Identifier: BSD-3-Clause */
/* A YAML document as a tree whose nodes know their line and column. */
#ifndef NNPMD_BASE_YAML_H
#define NNPMD_BASE_YAML_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

typedef enum nmd_yaml_kind { NMD_YAML_NULL, NMD_YAML_SCALAR, NMD_YAML_LIST, NMD_YAML_MAP } nmd_yaml_kind;

typedef struct nmd_yaml_node {
  nmd_yaml_kind kind;
  const char *file;              /* name for messages, not owned: of the file or "--set a.b=c" */
  const char *folder;            /* of the input file with its final '/', or "": paths are relative to it; not owned */
  int line, column;              /* 1-based; 0: a value of --set */
  const char *text;              /* scalar: its text; NULL otherwise */
  bool quoted;                   /* scalar: was in quotes (so never a number or bool) */
  int n;                         /* list, map: number of items */
  struct nmd_yaml_node **items;  /* list: items; map: values */
  struct nmd_yaml_node **keys;   /* map: keys (scalars) */
} nmd_yaml_node;

typedef struct nmd_yaml nmd_yaml; /* owns the nodes */

/* Parse `length` bytes; `file` is the name used in messages. Duplicate map keys, anchors and tags, several documents,
 * tabs as indentation, non-UTF-8, too deep nesting: SYNTAX / DUPLICATE_KEY with file:line:column. Empty text:
 * a map with n = 0. Local. */
nmd_status nmd_yaml_parse(const char *file, const char *text, size_t length, nmd_yaml **out) NMD_MUST_USE;
/* Apply "a.b.0.c=value" (value parsed as YAML flow text; list items by 0-based index; missing map keys are made).
 * Errors name "--set a.b=c". */
nmd_status nmd_yaml_set(nmd_yaml *document, const char *assignment) NMD_MUST_USE;
/* In place of `node`, which this document has: the value of `key` in the text of another file, whose paths are relative to
 * that file. Errors: as nmd_yaml_parse, MISSING_KEY; all name that file. */
nmd_status nmd_yaml_include(nmd_yaml *document, const nmd_yaml_node *node, const char *key, const char *file,
                            const char *text, size_t length) NMD_MUST_USE;
/* The same again, to change and throw away; texts stay those of `document`, which must live as long. Errors: MEMORY. */
nmd_status nmd_yaml_copy(const nmd_yaml *document, nmd_yaml **out) NMD_MUST_USE;
const nmd_yaml_node *nmd_yaml_root(const nmd_yaml *document);
/* Value of a key in a map, or NULL. */
const nmd_yaml_node *nmd_yaml_find(const nmd_yaml_node *map, const char *key);
/* "file:line:column" of a node for messages ("--set a.b=c" for a value of --set, "input" for NULL); valid until the
 * fourth next call of this thread. */
const char *nmd_yaml_where(const nmd_yaml_node *node);
/* A failure at a node: "<place of node>: <message>". NMD_FAIL_AT(node, WRONG_TYPE, "masses: ...", ...) returns it. */
nmd_status nmd_yaml_fail(const nmd_yaml_node *node, nmd_status code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
#define NMD_FAIL_AT(node, code, ...) return nmd_yaml_fail(node, NMD_##code, __VA_ARGS__)
/* Put "<place of node>: <what>: " before the last message, unless it names a place in the node's file already (keys of
 * inner sections report their own). what NULL: the place alone. Returns the status. */
nmd_status nmd_yaml_blame(nmd_status status, const nmd_yaml_node *node, const char *what);
void nmd_yaml_destroy(nmd_yaml *document);

#endif
