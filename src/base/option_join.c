/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/option_join.h"

#include <string.h>

#include "base/status.h"

enum { ALIGN = 16, JOINED_MAX = 64, OPTIONS_MAX = 40 };

size_t nmd_option_tables_join_offset(const nmd_option_table *first) { return (first->size + ALIGN - 1) / ALIGN * ALIGN; }

const nmd_option_table *nmd_option_tables_join(const nmd_option_table *first, const nmd_option_table *second) {
  static nmd_option_table tables[JOINED_MAX];
  static nmd_option options[JOINED_MAX][OPTIONS_MAX];
  static int used;
  NMD_ASSERT(used < JOINED_MAX && first->n + second->n <= OPTIONS_MAX);
  const size_t offset = nmd_option_tables_join_offset(first);
  memcpy(options[used], first->options, (size_t)first->n * sizeof(nmd_option));
  for (int k = 0; k < second->n; k++) {
    options[used][first->n + k] = second->options[k];
    options[used][first->n + k].offset += offset;
  }
  tables[used] = (nmd_option_table){second->name, second->doc, offset + second->size, first->n + second->n, options[used]};
  return &tables[used++];
}
