/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/memory.h"

enum { FIRST_BUFFER = 1 << 16, READ_MAX = 1 << 28 };

typedef struct buffer {
  char *data;
  size_t length, capacity;
} buffer;

/* zlib's reader passes plain files through, so the content decides and not the file's name. */
static nmd_status read_some(gzFile in, const char *path, buffer *b, bool *at_end) {
  if (b->capacity - b->length < FIRST_BUFFER) {
    const size_t wanted = b->capacity == 0 ? 2 * FIRST_BUFFER : 2 * b->capacity;
    NMD_TRY(NMD_GROW(b->data, b->length, wanted));
    b->capacity = wanted;
  }
  size_t room = b->capacity - b->length - 1; /* keeps one byte for the final NUL */
  if (room > READ_MAX) room = READ_MAX;
  errno = 0;
  const int n = gzread(in, b->data + b->length, (unsigned)room);
  int zlib_error = Z_OK;
  const char *zlib_text = gzerror(in, &zlib_error);
  if (n < 0 && zlib_error == Z_ERRNO) NMD_FAIL(READ, "%s: cannot read: %s", path, strerror(errno));
  if (zlib_error == Z_BUF_ERROR)
    NMD_FAIL(FILE_FORMAT, "%s: gzip data ends too early; copy or compress the file again", path);
  if (n < 0 || zlib_error < 0) {
    const char *colon = strstr(zlib_text, ": "); /* zlib names its descriptor first */
    NMD_FAIL(FILE_FORMAT, "%s: broken gzip data (%s); copy or compress the file again", path,
             colon == NULL ? zlib_text : colon + 2);
  }
  b->length += (size_t)n;
  *at_end = n == 0;
  return NMD_OK;
}

static nmd_status read_all(const char *path, buffer *b) {
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) NMD_FAIL(FILE_MISSING, "%s: cannot open: %s; check the path", path, strerror(errno));
  char probe;
  if (read(file, &probe, 0) < 0) { /* a folder opens but does not read */
    const int reason = errno;
    close(file);
    NMD_FAIL(FILE_MISSING, "%s: cannot read: %s; expected a file; check the path", path, strerror(reason));
  }
  gzFile in = gzdopen(file, "rb");
  if (in == NULL) {
    close(file);
    NMD_FAIL(MEMORY, "%s: out of memory while opening", path);
  }
  gzbuffer(in, FIRST_BUFFER);
  nmd_status status = NMD_OK;
  bool at_end = false;
  while (status == NMD_OK && !at_end) status = read_some(in, path, b, &at_end);
  gzclose_r(in);
  return status;
}

/* CR LF and lone CR become LF; a UTF-8 byte order mark at the start is dropped. Returns the new length. */
static size_t normalise(char *text, size_t length) {
  static const char mark[] = "\xEF\xBB\xBF";
  const size_t skip = length >= 3 && memcmp(text, mark, 3) == 0 ? 3 : 0;
  if (skip == 0 && memchr(text, '\r', length) == NULL) return length;
  size_t kept = 0;
  for (size_t i = skip; i < length; i++) {
    if (text[i] == '\r') {
      text[kept++] = '\n';
      if (i + 1 < length && text[i + 1] == '\n') i++;
    } else {
      text[kept++] = text[i];
    }
  }
  return kept;
}

nmd_status nmd_text_read_file(const char *path, char **text, size_t *length) {
  nmd_status status = NMD_OK;
  buffer b = {0};
  NMD_GOTO(read_all(path, &b));
  const char *nul = b.length > 0 ? memchr(b.data, '\0', b.length) : NULL;
  if (nul != NULL) {
    status =
        nmd_fail(NMD_FILE_FORMAT, "%s: not a text file: NUL byte at offset %zu; expected UTF-8 text, plain or gzip",
                 path, (size_t)(nul - b.data));
    goto done;
  }
  b.length = normalise(b.data, b.length);
  b.data[b.length] = '\0';
  *text = b.data;
  *length = b.length;
  b.data = NULL;
done:
  nmd_free(b.data);
  return status;
}

nmd_status nmd_path_join(const char *folder, const char *file, char **path) {
  const size_t size = strlen(folder) + strlen(file) + 2;
  NMD_TRY(nmd_alloc(path, size, 1));
  snprintf(*path, size, "%s/%s", folder, file);
  return NMD_OK;
}

void nmd_lines_init(nmd_lines *lines, const char *file, char *text) {
  lines->file = file;
  lines->text = text;
  lines->next = *text == '\0' ? NULL : text;
  lines->line = 0;
}

bool nmd_lines_next(nmd_lines *lines, char **line) {
  if (lines->next == NULL) return false;
  *line = lines->next;
  lines->line++;
  char *end = strchr(lines->next, '\n');
  if (end == NULL) {
    lines->next = NULL;
  } else {
    *end = '\0';
    lines->next = end[1] == '\0' ? NULL : end + 1; /* a line end at the end of the file opens no new line */
  }
  return true;
}

static void trim_end(char *text) {
  size_t n = strlen(text);
  while (n > 0 && (text[n - 1] == ' ' || text[n - 1] == '\t')) n--;
  text[n] = '\0';
}

int nmd_split(char *line, char **words, int max) {
  int n = 0;
  char *p = line;
  while (n < max) {
    p += strspn(p, " \t");
    if (*p == '\0') break;
    words[n++] = p;
    if (n == max) {
      trim_end(p);
      break;
    }
    p += strcspn(p, " \t");
    if (*p == '\0') break;
    *p++ = '\0';
  }
  return n;
}

bool nmd_parse_real(const char *word, double *value) {
  /* strtod alone would also take blanks, hexadecimal, "inf" and "nan" */
  const size_t length = strspn(word, "0123456789+-.eE");
  if (length == 0 || word[length] != '\0') return false;
  char *end;
  const double x = strtod(word, &end);
  if (end != word + length || !isfinite(x)) return false;
  *value = x;
  return true;
}

bool nmd_parse_int(const char *word, int64_t *value) {
  const size_t length = strspn(word, "0123456789+-");
  if (length == 0 || word[length] != '\0') return false;
  char *end;
  errno = 0;
  const long long x = strtoll(word, &end, 10);
  if (end != word + length || errno == ERANGE) return false;
  *value = x;
  return true;
}
