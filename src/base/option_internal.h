/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files of the option tables share: one value, its bounds and its description. */
#ifndef NNPMD_BASE_OPTION_INTERNAL_H
#define NNPMD_BASE_OPTION_INTERNAL_H

#include <stdbool.h>

#include "base/option.h"

enum { NMD__TEXT_MAX = 512 };

/* Read one value into the member at `member` (already zero). Errors: WRONG_TYPE, BAD_NUMBER, WRONG_UNIT, OUT_OF_RANGE,
 * BAD_CHOICE, MEMORY, each with place and key. */
nmd_status nmd__option_value(const nmd_option *option, const nmd_yaml_node *node, void *member) NMD_MUST_USE;

bool nmd__option_has_min(const nmd_option *option);
bool nmd__option_has_max(const nmd_option *option);
bool nmd__table_needs_keys(const nmd_option_table *table); /* has required keys */

/* "a time (fs, ps, ns)", "one of a, b, c" */
void nmd__option_type_text(const nmd_option *option, char *text, size_t size);
/* "> 0 fs and <= 100 fs"; "" without bounds */
void nmd__option_range_text(const nmd_option *option, char *text, size_t size);
/* The i-th of "a|b|c" into name; false past the end. */
bool nmd__choice_name(const char *choices, int i, char *name, size_t size);
/* For --help and man pages: "FILE", NULL for a flag; "a time (fs, ps, ns), >= 0 fs; default: 0 fs" */
const char *nmd__command_value(const nmd_option *option);
void nmd__command_about(const nmd_option *option, char *text, size_t size);
/* snprintf that appends and never overflows. */
void nmd__append(char *text, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Every key and table below `root`, parents first: a key has an option and no table, a variant has a table and no
 * option. `path` is "stages.nvt.temperature". Tables that contain themselves are entered once on each way down. */
typedef void nmd__visitor(void *context, const char *path, const nmd_option *option, const nmd_option_table *table);
void nmd__options_visit(const nmd_option_table *root, nmd__visitor *visit, void *context);

/* printf to a writer. */
typedef struct nmd__output {
  nmd_text_writer *write;
  void *context;
} nmd__output;
void nmd__print(const nmd__output *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
