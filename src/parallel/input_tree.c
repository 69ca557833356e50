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

nmd_status nmd_input_tree_read(const nmd_comm *comm, const char *path, int n, char *const *assignments,
                               nmd_yaml **out) {
  char *text;
  size_t length;
  *out = NULL;
  NMD_TRY(nmd_comm_read_file(comm, path, &text, &length));
  const nmd_status status = nmd_comm_agree(comm, nmd_yaml_parse_with(path, text, length, n, assignments, out));
  nmd_free(text);
  if (status != NMD_OK) {
    nmd_yaml_destroy(*out);
    *out = NULL;
  }
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
  NMD_TRY(nmd_input_tree_read(comm, path, n, assignments, &tree));
  const nmd_status status = nmd_comm_agree(comm, nmd_input_kind_parse(kind, tree, input));
  if (status != NMD_OK) kind->free(input);
  return status;
}
