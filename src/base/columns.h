/* SPDX-License-Identifier: BSD-3-Clause */
/* y over x from two columns of a table in a text file. */
#ifndef NNPMD_BASE_COLUMNS_H
#define NNPMD_BASE_COLUMNS_H

#include "base/status.h"

typedef struct nmd_columns {
  int n, capacity;
  double *x, *y; /* [n], x ascending; owned */
  int *line;     /* [n] of the file, from 1; owned */
} nmd_columns;

/* Columns 1 and `column` (from 1) of all lines with a word, but for those that begin with #. what: the two, for
 * messages, e.g. "a distance (A) and an energy (eV)". Local. Errors: those of nmd_text_read_file, FILE_FORMAT (too few
 * columns, x that does not go up), BAD_NUMBER, FILE_TRUNCATED (less than `fewest` rows), MEMORY; then *columns is
 * empty. */
nmd_status nmd_columns_read(const char *path, int column, const char *what, int fewest,
                            nmd_columns *columns) NMD_MUST_USE;
void nmd_columns_free(nmd_columns *columns);

#endif
