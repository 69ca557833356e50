/* SPDX-License-Identifier: BSD-3-Clause */
/* Option tables glued together: common keys of a kind in front of a variant's own. */
#ifndef NNPMD_BASE_OPTION_JOIN_H
#define NNPMD_BASE_OPTION_JOIN_H

#include "base/option.h"

/* One table for both: `second`'s struct follows `first`'s at the offset below. Name and doc are the second's. The
 * result lives as long as the program; ask once per pair. */
const nmd_option_table *nmd_option_tables_join(const nmd_option_table *first, const nmd_option_table *second);
size_t nmd_option_tables_join_offset(const nmd_option_table *first);

#endif
