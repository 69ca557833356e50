/* SPDX-License-Identifier: BSD-3-Clause */
/* What yaml.c (reading) lends to yaml_set.c (changing). */
#ifndef NNPMD_BASE_YAML_INTERNAL_H
#define NNPMD_BASE_YAML_INTERNAL_H

#include "base/yaml.h"

/* All of it lives in the document's arena. Errors: MEMORY. */
nmd_status nmd__yaml_text(nmd_yaml *document, const char *text, size_t length, const char **out) NMD_MUST_USE;
nmd_status nmd__yaml_node(nmd_yaml *document, nmd_yaml_kind kind, const char *file, nmd_yaml_node **out) NMD_MUST_USE;
/* key: NULL for a list. */
nmd_status nmd__yaml_append(nmd_yaml *document, nmd_yaml_node *parent, nmd_yaml_node *key, nmd_yaml_node *item)
    NMD_MUST_USE;
/* Parse a text into nodes of this document; *root is NULL for an empty text. `file` must live as long. */
nmd_status nmd__yaml_read(nmd_yaml *document, const char *file, bool has_lines, const char *text, size_t length,
                          nmd_yaml_node **root) NMD_MUST_USE;

#endif
