/* SPDX-License-Identifier: BSD-3-Clause */
/* A text file read line by line: plain, gzip or zstd by content, any line end, never the whole file in memory.
 *
 * The readers of all formats share it, so that every message about bad input has the same form
 * `file:line:column: what: value ...; expected ...; remedy`. */
#ifndef NNPMD_IO_SOURCE_H
#define NNPMD_IO_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

typedef struct nmd_source {
  char *name;          /* owned: the path, for messages */
  int64_t line;        /* number of the current line, from 1 */
  char *text;          /* owned: the current line without its end, NUL-terminated */
  size_t length;       /* of the current line */
  char *words;         /* owned: copy of the line that nmd_source_words cuts up */
  size_t capacity;     /* of text and words */
  char *block;         /* owned: bytes read and not yet handed out, followed by a NUL */
  size_t block_length, block_at;
  struct nmd_unpack *unpack; /* NULL when the text came from memory */
  int64_t room;        /* upper bound of the bytes still to come */
  bool finished;       /* nothing more to read behind the block */
  bool again;          /* nmd_source_back was called */
  void *memo;          /* owned by the format being read: what it keeps between frames; or NULL */
  void (*free_memo)(void *memo);
  bool skip_newline;   /* the last line ended with CR: a LF right behind belongs to it */
} nmd_source;

/* Open a file; pipes are read to their end at once. Errors: FILE_MISSING (system's reason), READ, MEMORY. */
nmd_status nmd_source_open(const char *path, nmd_source *source) NMD_MUST_USE;
/* Read from a copy of `length` bytes; `name` stands for the path in messages. Errors: MEMORY. */
nmd_status nmd_source_open_bytes(const char *name, const void *bytes, size_t length, nmd_source *source) NMD_MUST_USE;
void nmd_source_close(nmd_source *source); /* leaves it zeroed; harmless on a zeroed one */

/* The beginning of the text (up to 64 KiB), NUL-terminated, without moving; before the first nmd_source_next only. */
const char *nmd_source_head(const nmd_source *source);
/* Go to the next line; *end is true (and there is no current line) behind the last one.
 * Errors: FILE_FORMAT (NUL byte, broken packing, line beyond 16 MiB), FILE_TRUNCATED (packing), READ, MEMORY. */
nmd_status nmd_source_next(nmd_source *source, bool *end) NMD_MUST_USE;
/* As above, but the end of the file is an error: FILE_TRUNCATED, naming what was expected. */
nmd_status nmd_source_need(nmd_source *source, const char *expected) NMD_MUST_USE;
/* Next line that is not blank; *end as for nmd_source_next. */
nmd_status nmd_source_next_filled(nmd_source *source, bool *end) NMD_MUST_USE;
/* Let the next nmd_source_next deliver the current line once more. */
void nmd_source_back(nmd_source *source);
bool nmd_source_blank(const nmd_source *source); /* the current line has no word */

/* Cut (a copy of) the current line at blanks into at most `max` words, which live until the next line; words beyond
 * `max` are left out: ask for one more than allowed to see them. Returns their number. */
int nmd_source_words(nmd_source *source, char **words, int max);

/* Message with place: `at` points into the words of the line (or its text); NULL: the line as a whole. */
nmd_status nmd_source_fail(const nmd_source *source, const char *at, nmd_status code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Strict values of one word; `what` names it in the message. Errors: BAD_NUMBER, OUT_OF_RANGE, UNKNOWN_ELEMENT. */
nmd_status nmd_source_real(const nmd_source *source, const char *word, const char *what, double *value) NMD_MUST_USE;
nmd_status nmd_source_reals(const nmd_source *source, char *const *words, int n, const char *what, double *values)
    NMD_MUST_USE;
nmd_status nmd_source_int(const nmd_source *source, const char *word, const char *what, int64_t min, int64_t max,
                          int64_t *value) NMD_MUST_USE;
nmd_status nmd_source_element(const nmd_source *source, const char *word, int *atomic_number) NMD_MUST_USE;
/* Three image counters, within +-10^9. */
nmd_status nmd_source_images(const nmd_source *source, char *const *words, int image[3]) NMD_MUST_USE;
/* Before memory for `count` lines of at least `bytes_each` (with line end) is taken: can the file hold them?
 * Protects against absurd counts in damaged files. Errors: FILE_TRUNCATED. */
nmd_status nmd_source_expect(const nmd_source *source, const char *word, int64_t count, int bytes_each,
                             const char *what) NMD_MUST_USE;

#endif
