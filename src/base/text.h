/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading text files: whole, by line, by word, with strict numbers. Plain or gzip-compressed by content. */
#ifndef NNPMD_BASE_TEXT_H
#define NNPMD_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/* Whole file into *text (NUL-terminated; CR LF and lone CR become LF), gzip is unpacked. Errors: FILE_MISSING (with the
 * system's reason), FILE_FORMAT (NUL bytes: not text; broken gzip), MEMORY. Free with nmd_free. */
nmd_status nmd_text_read_file(const char *path, char **text, size_t *length) NMD_MUST_USE;

/* *path becomes "folder/file". Free with nmd_free. Errors: MEMORY. */
nmd_status nmd_path_join(const char *folder, const char *file, char **path) NMD_MUST_USE;

/* A cursor over the lines of a text held in memory. */
typedef struct nmd_lines {
  const char *file;   /* for messages */
  char *text;         /* not owned; lines are NUL-terminated in place */
  char *next;         /* start of the next line or NULL at the end */
  int line;           /* number of the current line, 1-based */
} nmd_lines;
void nmd_lines_init(nmd_lines *lines, const char *file, char *text);
bool nmd_lines_next(nmd_lines *lines, char **line); /* false at the end */

/* Split a line in place at blanks and tabs; returns the number of words (at most max; the rest stays in the last). */
int nmd_split(char *line, char **words, int max);
/* Strict numbers: the whole word, finite; false otherwise. */
bool nmd_parse_real(const char *word, double *value);
bool nmd_parse_int(const char *word, int64_t *value);

#endif
