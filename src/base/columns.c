/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/columns.h"

#include "base/memory.h"
#include "base/text.h"

void nmd_columns_free(nmd_columns *columns) {
  nmd_free(columns->x);
  nmd_free(columns->y);
  nmd_free(columns->line);
  *columns = (nmd_columns){0};
}

static nmd_status make_room(nmd_columns *c) {
  if (c->n < c->capacity) return NMD_OK;
  const int capacity = c->capacity == 0 ? 256 : 2 * c->capacity;
  NMD_TRY(NMD_GROW(c->x, c->n, capacity));
  NMD_TRY(NMD_GROW(c->y, c->n, capacity));
  NMD_TRY(NMD_GROW(c->line, c->n, capacity));
  c->capacity = capacity;
  return NMD_OK;
}

static nmd_status add_row(nmd_columns *c, const nmd_lines *lines, char *text, int column, const char *what) {
  enum { WORDS = 256 };
  char *words[WORDS];
  const int n = nmd_split(text, words, WORDS), k = c->n;
  if (n == 0 || words[0][0] == '#') return NMD_OK;
  if (n < column)
    NMD_FAIL(FILE_FORMAT, "%s:%d: %d columns; expected at least %d, with %s", lines->file, lines->line, n, column,
             what);
  NMD_TRY(make_room(c));
  if (!nmd_parse_real(words[0], &c->x[k]) || !nmd_parse_real(words[column - 1], &c->y[k]))
    NMD_FAIL(BAD_NUMBER, "%s:%d: \"%s\" and \"%s\" in columns 1 and %d; expected %s", lines->file, lines->line,
             words[0], words[column - 1], column, what);
  if (k > 0 && !(c->x[k] > c->x[k - 1]))
    NMD_FAIL(FILE_FORMAT, "%s:%d: %.9g after %.9g in column 1; expected it to go up", lines->file, lines->line, c->x[k],
             c->x[k - 1]);
  c->line[c->n++] = lines->line;
  return NMD_OK;
}

nmd_status nmd_columns_read(const char *path, int column, const char *what, int fewest, nmd_columns *columns) {
  char *text, *line;
  size_t length;
  nmd_lines lines;
  *columns = (nmd_columns){0};
  NMD_TRY(nmd_text_read_file(path, &text, &length));
  nmd_lines_init(&lines, path, text);
  nmd_status status = NMD_OK;
  while (status == NMD_OK && nmd_lines_next(&lines, &line)) status = add_row(columns, &lines, line, column, what);
  nmd_free(text);
  if (status == NMD_OK && columns->n < fewest)
    status = nmd_fail(NMD_FILE_TRUNCATED, "%s: %d rows of numbers; expected at least %d", path, columns->n, fewest);
  if (status != NMD_OK) nmd_columns_free(columns);
  return status;
}
