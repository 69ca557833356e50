/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/source.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "io/unpack.h"
#include "system/element.h"

enum { BLOCK = 1 << 16, LINE_MAX_BYTES = 1 << 24 };

static nmd_status read_block(nmd_source *source) {
  source->block_at = source->block_length = 0;
  if (source->finished) return NMD_OK;
  NMD_TRY(nmd_unpack_read(source->unpack, source->block, BLOCK, &source->block_length));
  source->finished = source->block_length < BLOCK;
  source->block[source->block_length] = '\0';
  return NMD_OK;
}

/* A pipe has no size to judge counts by, so its text is collected first. */
static nmd_status read_whole_pipe(nmd_source *source) {
  char *all = NULL;
  size_t length = 0, capacity = 0;
  nmd_status status = NMD_OK;
  while (status == NMD_OK && !source->finished) {
    status = read_block(source);
    if (status == NMD_OK && length + source->block_length + 1 > capacity) {
      capacity = 2 * (length + BLOCK);
      status = NMD_GROW(all, length, capacity);
    }
    if (status == NMD_OK) memcpy(all + length, source->block, source->block_length);
    if (status == NMD_OK) length += source->block_length;
  }
  if (status != NMD_OK) {
    nmd_free(all);
    return status;
  }
  nmd_free(source->block);
  source->block = all;
  all[length] = '\0';
  source->block_length = length;
  source->block_at = 0;
  source->room = (int64_t)length;
  return NMD_OK;
}

static nmd_status open_descriptor(const char *path, int *fd, struct stat *info) {
  *fd = open(path, O_RDONLY | O_CLOEXEC);
  if (*fd < 0) NMD_FAIL(FILE_MISSING, "%s: cannot be opened: %s; check the path", path, strerror(errno));
  const int failed = fstat(*fd, info) != 0;
  if (!failed && !S_ISDIR(info->st_mode)) return NMD_OK;
  const int reason = failed ? errno : EISDIR;
  close(*fd);
  NMD_FAIL(FILE_MISSING, "%s: cannot be read: %s; expected a file; check the path", path, strerror(reason));
}

nmd_status nmd_source_open(const char *path, nmd_source *source) {
  *source = (nmd_source){0};
  int fd;
  struct stat info;
  NMD_TRY(open_descriptor(path, &fd, &info));
  nmd_status status = nmd_strdup(path, &source->name);
  if (status != NMD_OK) {
    close(fd);
    return status;
  }
  NMD_GOTO(nmd_unpack_open(fd, source->name, &source->unpack));
  NMD_GOTO(NMD_ALLOC(source->block, BLOCK + 1));
  source->room = info.st_size;
  if (!S_ISREG(info.st_mode)) {
    NMD_GOTO(read_whole_pipe(source));
    return NMD_OK;
  }
  NMD_GOTO(read_block(source));
  const int64_t ratio = nmd_unpack_ratio(source->unpack);
  if (ratio > 1) source->room = info.st_size < INT64_MAX / ratio - BLOCK ? (info.st_size + BLOCK) * ratio : INT64_MAX;
  return NMD_OK;
done:
  nmd_source_close(source);
  return status;
}

nmd_status nmd_source_open_bytes(const char *name, const void *bytes, size_t length, nmd_source *source) {
  *source = (nmd_source){.finished = true, .block_length = length, .room = (int64_t)length};
  nmd_status status;
  NMD_GOTO(nmd_strdup(name, &source->name));
  NMD_GOTO(NMD_ALLOC(source->block, length + 1));
  if (length > 0) memcpy(source->block, bytes, length);
  return NMD_OK;
done:
  nmd_source_close(source);
  return status;
}

void nmd_source_close(nmd_source *source) {
  nmd_unpack_close(source->unpack);
  if (source->memo != NULL) source->free_memo(source->memo);
  nmd_free(source->name);
  nmd_free(source->text);
  nmd_free(source->words);
  nmd_free(source->block);
  *source = (nmd_source){0};
}

const char *nmd_source_head(const nmd_source *source) { return source->block; }

static nmd_status append_to_line(nmd_source *source, size_t n) {
  const size_t wanted = source->length + n + 1;
  if (wanted > LINE_MAX_BYTES)
    return nmd_source_fail(source, NULL, NMD_FILE_FORMAT,
                           "line longer than %d bytes; expected a text file; check the path", LINE_MAX_BYTES);
  if (wanted > source->capacity) {
    const size_t capacity = 2 * wanted + 256;
    NMD_TRY(NMD_GROW(source->text, source->length, capacity));
    NMD_TRY(NMD_GROW(source->words, 0, capacity));
    source->capacity = capacity;
  }
  memcpy(source->text + source->length, source->block + source->block_at, n);
  source->length += n;
  source->text[source->length] = '\0';
  source->block_at += n;
  return NMD_OK;
}

/* Consume one byte known to be there. */
static void step_over(nmd_source *source) {
  source->block_at++;
  source->room--;
}

static nmd_status fill(nmd_source *source, bool *empty) {
  if (source->block_at == source->block_length) NMD_TRY(read_block(source));
  *empty = source->block_at == source->block_length;
  if (!*empty && source->skip_newline) {
    source->skip_newline = false;
    if (source->block[source->block_at] == '\n') {
      step_over(source);
      return fill(source, empty);
    }
  }
  return NMD_OK;
}

static void drop_byte_order_mark(nmd_source *source) {
  static const char mark[] = "\xEF\xBB\xBF";
  if (source->line != 0 || source->block_at != 0 || strncmp(source->block, mark, 3) != 0) return;
  source->block_at = 3;
}

nmd_status nmd_source_next(nmd_source *source, bool *end) {
  *end = false;
  if (source->again) {
    source->again = false;
    return NMD_OK;
  }
  drop_byte_order_mark(source);
  bool empty;
  NMD_TRY(fill(source, &empty));
  source->line++;
  source->length = 0;
  *end = empty;
  NMD_TRY(append_to_line(source, 0));
  while (!empty) {
    const size_t n = strcspn(source->block + source->block_at, "\r\n");
    NMD_TRY(append_to_line(source, n));
    source->room -= (int64_t)n;
    if (source->block_at < source->block_length) {
      const char stop = source->block[source->block_at];
      if (stop == '\0')
        return nmd_source_fail(source, NULL, NMD_FILE_FORMAT,
                               "NUL byte in column %zu: not a text file; expected plain or packed text; check the path",
                               source->length + 1);
      source->skip_newline = stop == '\r';
      step_over(source);
      return NMD_OK;
    }
    NMD_TRY(fill(source, &empty));
  }
  return NMD_OK;
}

nmd_status nmd_source_need(nmd_source *source, const char *expected) {
  bool end;
  NMD_TRY(nmd_source_next(source, &end));
  if (!end) return NMD_OK;
  return nmd_source_fail(source, NULL, NMD_FILE_TRUNCATED,
                         "the file ends here; expected %s; the file is incomplete: copy or write it again", expected);
}

nmd_status nmd_source_next_filled(nmd_source *source, bool *end) {
  do NMD_TRY(nmd_source_next(source, end));
  while (!*end && nmd_source_blank(source));
  return NMD_OK;
}

void nmd_source_back(nmd_source *source) { source->again = true; }

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\v' || c == '\f'; }

bool nmd_source_blank(const nmd_source *source) {
  const char *c = source->text;
  while (is_blank(*c)) c++;
  return *c == '\0';
}

int nmd_source_words(nmd_source *source, char **words, int max) {
  memcpy(source->words, source->text, source->length + 1);
  int n = 0;
  char *c = source->words;
  while (n < max) {
    while (is_blank(*c)) c++;
    if (*c == '\0') break;
    words[n++] = c;
    while (*c != '\0' && !is_blank(*c)) c++;
    if (*c == '\0') break;
    *c++ = '\0';
  }
  return n;
}

static size_t column_of(const nmd_source *source, const char *at) {
  if (at >= source->words && at <= source->words + source->length) return (size_t)(at - source->words) + 1;
  if (at >= source->text && at <= source->text + source->length) return (size_t)(at - source->text) + 1;
  return 0;
}

nmd_status nmd_source_fail(const nmd_source *source, const char *at, nmd_status code, const char *format, ...) {
  char message[1024], column[32] = "";
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  /* what a damaged file holds must not steer the terminal that shows the message */
  for (char *c = message; *c != '\0'; c++)
    if ((unsigned char)*c < 0x20 || *c == 0x7f) *c = '?';
  if (at != NULL && column_of(source, at) > 0) snprintf(column, sizeof column, ":%zu", column_of(source, at));
  nmd_fail(code, "%s:%lld%s: %s", source->name, (long long)source->line, column, message);
  nmd_error_set_file(source->name);
  return code;
}

nmd_status nmd_source_real(const nmd_source *source, const char *word, const char *what, double *value) {
  if (nmd_parse_real(word, value)) return NMD_OK;
  return nmd_source_fail(source, word, NMD_BAD_NUMBER, "%s: '%.40s' is not a finite number; correct the value", what,
                         word);
}

nmd_status nmd_source_reals(const nmd_source *source, char *const *words, int n, const char *what, double *values) {
  for (int i = 0; i < n; i++) NMD_TRY(nmd_source_real(source, words[i], what, &values[i]));
  return NMD_OK;
}

nmd_status nmd_source_int(const nmd_source *source, const char *word, const char *what, int64_t min, int64_t max,
                          int64_t *value) {
  if (!nmd_parse_int(word, value))
    return nmd_source_fail(source, word, NMD_BAD_NUMBER, "%s: '%.40s' is not an integer; correct the value", what,
                           word);
  if (*value >= min && *value <= max) return NMD_OK;
  return nmd_source_fail(source, word, NMD_OUT_OF_RANGE, "%s: %.40s is out of range; expected %lld to %lld", what, word,
                         (long long)min, (long long)max);
}

nmd_status nmd_source_element(const nmd_source *source, const char *word, int *atomic_number) {
  *atomic_number = nmd_element_from_symbol(word);
  if (*atomic_number > 0) return NMD_OK;
  return nmd_source_fail(source, word, NMD_UNKNOWN_ELEMENT,
                         "'%.40s' is not a chemical element; expected a symbol such as Li or Au (case matters)", word);
}

nmd_status nmd_source_images(const nmd_source *source, char *const *words, int image[3]) {
  for (int d = 0; d < 3; d++) {
    int64_t value;
    NMD_TRY(nmd_source_int(source, words[d], "image counter", -1000000000, 1000000000, &value));
    image[d] = (int)value;
  }
  return NMD_OK;
}

nmd_status nmd_source_expect(const nmd_source *source, const char *word, int64_t count, int bytes_each,
                             const char *what) {
  if (count <= (source->room + 1) / bytes_each) return NMD_OK;
  return nmd_source_fail(source, word, NMD_FILE_TRUNCATED,
                         "%lld %s announced, but the rest of the file has room for at most %lld; correct the number or "
                         "copy the file again",
                         (long long)count, what, (long long)((source->room + 1) / bytes_each));
}
