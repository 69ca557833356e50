/* SPDX-License-Identifier: BSD-3-Clause */
/* A YAML tree as text again, with some of its values replaced: inputs of other programs made from parts of one. */
#ifndef NNPMD_BASE_YAML_WRITE_H
#define NNPMD_BASE_YAML_WRITE_H

#include "base/option.h"

/* The text to write in place of a scalar's, or NULL: as it stands. key: of the map it is a value of, or NULL (in a
 * list). What is returned is written as it is, so it may be a list or a map in flow style. */
typedef const char *nmd_yaml_replacer(void *context, const char *key, const nmd_yaml_node *scalar);

/* What stands behind "key:" in block style: a blank and the scalar, or a line end and the lines of a collection,
 * indented by `indent`; then a line end. Parsing it gives an equal tree. replace: may be NULL. */
void nmd_yaml_write(const nmd_yaml_node *node, int indent, nmd_yaml_replacer *replace, void *replace_context,
                    nmd_text_writer *write, void *context);

#endif
