/* SPDX-License-Identifier: BSD-3-Clause */
/* Option tables: one line per input key. From a table follow parsing of YAML into a struct, unit conversion, range and
 * choice checks, unknown-key errors with the nearest key, the echo in the log, --explain, --schema and docs/input. */
#ifndef NNPMD_BASE_OPTION_H
#define NNPMD_BASE_OPTION_H

#include <stddef.h>

#include "base/log.h"
#include "base/status.h"
#include "base/units.h"
#include "base/yaml.h"

typedef enum nmd_option_type {
  NMD_OPT_BOOL,      /* bool: true / false */
  NMD_OPT_INT,       /* int64_t */
  NMD_OPT_REAL,      /* double, internal units */
  NMD_OPT_RAMP,      /* double[2]: "300 K" or [300 K, 600 K] (start, end) */
  NMD_OPT_REAL3,     /* double[3]: a number (all three) or a list of three */
  NMD_OPT_INT3,      /* int64_t[3], likewise */
  NMD_OPT_BOOL3,     /* bool[3], likewise */
  NMD_OPT_CHOICE,    /* int: index into `choices` ("a|b|c") */
  NMD_OPT_TEXT,      /* char *, owned by the struct */
  NMD_OPT_PATH,      /* char *, relative to the input file's folder; owned by the struct */
  NMD_OPT_TEXT_LIST, /* nmd_text_list: a scalar or a list of scalars */
  NMD_OPT_NODE       /* const nmd_yaml_node *: handed over as it stands (sub-sections parsed by their own table) */
} nmd_option_type;

typedef struct nmd_text_list {
  int n;
  char **items; /* owned */
} nmd_text_list;

typedef struct nmd_option_table nmd_option_table;

typedef struct nmd_option {
  const char *key;
  nmd_option_type type;
  size_t offset;            /* of the member in the parameter struct */
  nmd_dimension dimension;  /* REAL, RAMP, REAL3 */
  const char *fallback;     /* default as it would be written in YAML; NULL: required; "": absent means NULL / 0 / empty
                             * (the only one that a NODE may have) */
  double min, max;          /* INT, REAL, RAMP, ...: inclusive bounds in internal units; both 0: no bounds;
                             * max < min: no upper bound. min_open: > min (with both 0: > 0, no upper bound) */
  int min_open;
  const char *choices;      /* CHOICE: "a|b|c" */
  const char *doc;          /* one line for people */
  /* NODE: the tables it may hold (for schema and docs), NULL-terminated; else NULL. Each is written `name: {...}` or
   * plain `name`. */
  const nmd_option_table *const *variants;
  int is_list;              /* NODE: a list of such variants or sections */
  const nmd_option_table *section; /* NODE: the map under this key holds this table's keys directly (no variant name);
                             * parsed by its owner with nmd_options_parse; here for --explain, --schema, docs */
  int in_file;              /* NODE of the whole input: may be written {file: PATH}, a file with a section of this name
                             * (put in its place before parsing: nmd_input_include) */
} nmd_option;

struct nmd_option_table {
  const char *name;         /* "nvt": also the key under which it appears */
  const char *doc;          /* one line */
  size_t size;              /* sizeof the parameter struct */
  int n;
  const nmd_option *options;
};

/* Fill *parameters (zeroed first) from a map node (NULL, an empty value or the table's plain name: all defaults;
 * missing required keys then fail). Texts are copied; NODE members point into the document, which must outlive them.
 * Errors carry file:line:column, the value, what was expected, the nearest key. On error nothing is left allocated. */
nmd_status nmd_options_parse(const nmd_option_table *table, const nmd_yaml_node *node, void *parameters) NMD_MUST_USE;
/* Free the texts and lists inside *parameters. */
void nmd_options_free(const nmd_option_table *table, void *parameters);
/* A NODE option holding one variant, written `name: {...}` (a map with one key) or plain `name`: finds its table by
 * name among `variants`; *body is for nmd_options_parse: the inner map, or a node that knows its place and means all
 * defaults. Errors: UNKNOWN_KEY with nearest name and the list of names, WRONG_TYPE, MISSING_KEY (node is NULL). */
nmd_status nmd_options_variant(const nmd_yaml_node *node, const nmd_option_table *const *variants, const char *what,
                               int *index, const nmd_yaml_node **body) NMD_MUST_USE;
/* Nearest of n names to `text` by edit distance, or NULL if none is near. */
const char *nmd_nearest(const char *text, const char *const *names, int n);

/* Documentation from the tables; text is written through `write` so that this layer prints nothing.
 * `root` is the table of the whole input; key path "stages.nvt.temperature" or a bare key. */
typedef void nmd_text_writer(void *context, const char *text);
nmd_status nmd_options_explain(const nmd_option_table *root, const char *key, nmd_text_writer *write, void *context)
    NMD_MUST_USE;
void nmd_options_schema(const nmd_option_table *root, const char *title, nmd_text_writer *write, void *context);
void nmd_options_markdown(const nmd_option_table *root, nmd_text_writer *write, void *context);
/* The effective values in default units, one call of `write` per option with "key: value unit" and no line end; the
 * lines together are YAML that parses to the same values. NODE options are left to the owner of their table. */
void nmd_options_echo(const nmd_option_table *table, const void *parameters, nmd_text_writer *write, void *context);

#define NMD_COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

#endif
