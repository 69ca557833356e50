/* SPDX-License-Identifier: BSD-3-Clause */
/* The YAML file that tells a program what to do: read by rank 0, known to all. */
#ifndef NNPMD_PARALLEL_INPUT_TREE_H
#define NNPMD_PARALLEL_INPUT_TREE_H

#include "base/option.h"
#include "base/yaml.h"
#include "parallel/comm.h"

/* *text gets the file and a zero behind it, *length bytes without that; free with nmd_free. Collective. Errors: those of
 * nmd_text_read_file, the same on all ranks. */
nmd_status nmd_comm_read_file(const nmd_comm *comm, const char *path, char **text, size_t *length) NMD_MUST_USE;

/* While `node` of `tree` is {file: PATH}: the section `key` of that file in its place. Collective. Errors: those of
 * nmd_text_read_file and nmd_yaml_include, CONFLICT (files that name each other), the same on all ranks. */
nmd_status nmd_input_include(const nmd_comm *comm, nmd_yaml *tree, const nmd_yaml_node *node,
                             const char *key) NMD_MUST_USE;

/* A kind of input file: a table of options whose struct starts with the tree it was read from, `nmd_yaml *tree`. */
typedef struct {
  const nmd_option_table *(*table)(void);
  nmd_status (*finish)(void *input); /* parses the sections and checks the whole */
  void (*free)(void *input);         /* takes an input that was read in part, too */
} nmd_input_kind;

/* Parse `tree`, which `input` owns from then on. On an error free `input` nevertheless. */
nmd_status nmd_input_kind_parse(const nmd_input_kind *kind, nmd_yaml *tree, void *input) NMD_MUST_USE;

/* Read `path`, apply `n` assignments "a.b=c" and put sections that are in other files in their places (before the first
 * assignment to something inside), then parse. Collective. Errors: those of nmd_text_read_file, nmd_yaml_parse (with
 * file:line:column), nmd_yaml_set, nmd_input_include, of the kind; the same on all ranks, `input` freed. */
nmd_status nmd_input_kind_read(const nmd_input_kind *kind, const nmd_comm *comm, const char *path, int n,
                               char *const *assignments, void *input) NMD_MUST_USE;

#endif
