/* SPDX-License-Identifier: BSD-3-Clause */
#include "parallel/input_tree.h"

#include <string.h>

#include "base/memory.h"
#include "base/text.h"

nmd_status nmd_comm_read_file(const nmd_comm *comm, const char *path, char **text, size_t *length) {
  *text = NULL;
  *length = 0;
  const bool root = nmd_comm_rank(comm) == 0;
  NMD_TRY(nmd_comm_agree_root(comm, root ? nmd_text_read_file(path, text, length) : NMD_OK));
  nmd_comm_broadcast(comm, length, sizeof *length, 0);
  const nmd_status status = nmd_comm_agree(comm, root ? NMD_OK : nmd_alloc(text, *length + 1, 1));
  if (status == NMD_OK)
    nmd_comm_broadcast(comm, *text, *length, 0);
  else {
    nmd_free(*text);
    *text = NULL;
  }
  return status;
}

/* ---- sections in files of their own ---- */

enum { FILES_MAX = 8 }; /* one naming the next */

typedef struct file_section {
  char *file;
} file_section;

static const nmd_option file_options[] = {
    {"file", NMD_OPT_PATH, offsetof(file_section, file), .doc = "a YAML file with this section"},
};

static nmd_status include_one(const nmd_comm *comm, nmd_yaml *tree, const nmd_yaml_node *node, const char *key) {
  const nmd_option_table table = {key, "a section in a file", sizeof(file_section), NMD_COUNT(file_options),
                                  file_options};
  file_section section;
  char *text;
  size_t length;
  NMD_TRY(nmd_comm_agree(comm, nmd_options_parse(&table, node, &section)));
  nmd_status status = nmd_comm_read_file(comm, section.file, &text, &length);
  if (status == NMD_OK)
    status = nmd_comm_agree(comm, nmd_yaml_include(tree, node, key, section.file, text, length));
  else
    nmd_yaml_blame(status, node, key);
  nmd_free(text);
  nmd_options_free(&table, &section);
  return status;
}

nmd_status nmd_input_include(const nmd_comm *comm, nmd_yaml *tree, const nmd_yaml_node *node, const char *key) {
  for (int files = 0; nmd_yaml_find(node, "file") != NULL; files++) {
    if (files == FILES_MAX)
      NMD_FAIL_AT(node, CONFLICT, "%s: the %dth file that names another; expected the section itself in one of them",
                  key, FILES_MAX);
    NMD_TRY(include_one(comm, tree, node, key));
  }
  return NMD_OK;
}

/* Does "a.b=c" change something inside of section `key`? Another file is put in the place of the whole. */
static bool reaches_into(const char *assignment, const char *key) {
  const size_t n = strlen(key);
  return strncmp(assignment, key, n) == 0 && assignment[n] == '.' && strncmp(assignment + n + 1, "file=", 5) != 0;
}

/* assignment NULL: all sections; else those that it needs. */
static nmd_status include_sections(const nmd_comm *comm, const nmd_option_table *table, const char *assignment,
                                   nmd_yaml *tree) {
  for (int i = 0; i < table->n; i++) {
    const nmd_option *o = &table->options[i];
    if (o->in_file && (assignment == NULL || reaches_into(assignment, o->key)))
      NMD_TRY(nmd_input_include(comm, tree, nmd_yaml_find(nmd_yaml_root(tree), o->key), o->key));
  }
  return NMD_OK;
}

/* ---- the whole ---- */

static nmd_status change_tree(const nmd_comm *comm, const nmd_option_table *table, int n, char *const *assignments,
                              nmd_yaml *tree) {
  for (int k = 0; k < n; k++) {
    NMD_TRY(include_sections(comm, table, assignments[k], tree));
    NMD_TRY(nmd_comm_agree(comm, nmd_yaml_set(tree, assignments[k])));
  }
  return include_sections(comm, table, NULL, tree);
}

static nmd_status read_tree(const nmd_comm *comm, const nmd_option_table *table, const char *path, int n,
                            char *const *assignments, nmd_yaml **out) {
  char *text;
  size_t length;
  nmd_yaml *tree = NULL;
  *out = NULL;
  NMD_TRY(nmd_comm_read_file(comm, path, &text, &length));
  nmd_status status = nmd_comm_agree(comm, nmd_yaml_parse(path, text, length, &tree));
  nmd_free(text);
  if (status == NMD_OK) status = change_tree(comm, table, n, assignments, tree);
  if (status == NMD_OK)
    *out = tree;
  else
    nmd_yaml_destroy(tree);
  return status;
}

nmd_status nmd_input_kind_parse(const nmd_input_kind *kind, nmd_yaml *tree, void *input) {
  const nmd_status status = nmd_options_parse(kind->table(), nmd_yaml_root(tree), input);
  memcpy(input, &tree, sizeof tree); /* parsing clears the struct; its first member is the tree */
  return status == NMD_OK ? kind->finish(input) : status;
}

nmd_status nmd_input_kind_read(const nmd_input_kind *kind, const nmd_comm *comm, const char *path, int n,
                               char *const *assignments, void *input) {
  nmd_yaml *tree;
  memset(input, 0, kind->table()->size);
  NMD_TRY(read_tree(comm, kind->table(), path, n, assignments, &tree));
  const nmd_status status = nmd_comm_agree(comm, nmd_input_kind_parse(kind, tree, input));
  if (status != NMD_OK) kind->free(input);
  return status;
}
