/* SPDX-License-Identifier: BSD-3-Clause */
/* input.nn as lines of words: comments, keywords, duplicates, numbers. */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "nnp/model_reader.h"
#include "system/element.h"

nmd_status nmd__text_add(nmd_text_buffer *buffer, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  const int wanted = vsnprintf(NULL, 0, format, arguments);
  va_end(arguments);
  if (wanted < 0) NMD_FAIL(INTERNAL, "text cannot be formatted");
  const size_t needed = buffer->length + (size_t)wanted + 1;
  if (needed > buffer->capacity) {
    const size_t capacity = 2 * needed;
    NMD_TRY(NMD_GROW(buffer->text, buffer->length, capacity));
    buffer->capacity = capacity;
  }
  va_start(arguments, format);
  vsnprintf(buffer->text + buffer->length, (size_t)wanted + 1, format, arguments);
  va_end(arguments);
  buffer->length += (size_t)wanted;
  return NMD_OK;
}

bool nmd__parse_real(const char *word, double *value) {
  char copy[64];
  const size_t length = strlen(word);
  if (strpbrk(word, "dD") == NULL || length >= sizeof copy) return nmd_parse_real(word, value);
  memcpy(copy, word, length + 1);
  char *exponent = strpbrk(copy, "dD");
  *exponent = 'e';
  return nmd_parse_real(copy, value);
}

const char *nmd__place(nmd_model_reader *reader, const nmd_input_line *line, int word) {
  const char *at = line->start;
  if (word < line->n_words)
    at = line->words[word];
  else if (line->n_words > 0)
    at = line->words[line->n_words - 1] + strlen(line->words[line->n_words - 1]);
  snprintf(reader->place, sizeof reader->place, "%.1000s:%d:%d", reader->path, line->number,
           (int)(at - line->start) + 1);
  return reader->place;
}

const nmd_input_line *nmd__find_line(const nmd_model_reader *reader, nmd_keyword_id id) {
  for (int i = 0; i < reader->n_lines; i++)
    if (reader->lines[i].keyword->id == id) return &reader->lines[i];
  return NULL;
}

static nmd_status need_word(nmd_model_reader *reader, const nmd_input_line *line, int word, const char *what) {
  if (word < line->n_words) return NMD_OK;
  NMD_FAIL(MODEL_KEYWORD, "%s: %s has %d value%s; expected %s here; add it", nmd__place(reader, line, word),
           line->words[0], line->n_words - 1, line->n_words == 2 ? "" : "s", what);
}

nmd_status nmd__real_word(nmd_model_reader *reader, const nmd_input_line *line, int word, const char *what,
                          double *value) {
  NMD_TRY(need_word(reader, line, word, what));
  if (nmd__parse_real(line->words[word], value)) return NMD_OK;
  NMD_FAIL(BAD_NUMBER, "%s: %s: \"%s\" is not a finite number; expected %s", nmd__place(reader, line, word),
           line->words[0], line->words[word], what);
}

nmd_status nmd__int_word(nmd_model_reader *reader, const nmd_input_line *line, int word, const char *what, int low,
                         int high, int *value) {
  int64_t number;
  NMD_TRY(need_word(reader, line, word, what));
  if (!nmd_parse_int(line->words[word], &number))
    NMD_FAIL(BAD_NUMBER, "%s: %s: \"%s\" is not a whole number; expected %s", nmd__place(reader, line, word),
             line->words[0], line->words[word], what);
  if (number < low || number > high)
    NMD_FAIL(MODEL_KEYWORD, "%s: %s: %s is out of range; expected %s, %d to %d", nmd__place(reader, line, word),
             line->words[0], line->words[word], what, low, high);
  *value = (int)number;
  return NMD_OK;
}

nmd_status nmd__element_word(nmd_model_reader *reader, const nmd_input_line *line, int word, int *element) {
  NMD_TRY(need_word(reader, line, word, "an element"));
  const int atomic_number = nmd_element_from_symbol(line->words[word]);
  if (atomic_number == 0)
    NMD_FAIL(UNKNOWN_ELEMENT, "%s: %s: \"%s\" is not a chemical element; expected a symbol such as Li",
             nmd__place(reader, line, word), line->words[0], line->words[word]);
  *element = nmd_model_element_index(reader->model, atomic_number);
  if (*element >= 0) return NMD_OK;
  NMD_FAIL(MODEL_ELEMENT, "%s: %s: %s is not on the elements line of this model; correct one of the two",
           nmd__place(reader, line, word), line->words[0], line->words[word]);
}

static int count_lines(const char *text) {
  int n = 1;
  for (; *text != '\0'; text++) n += *text == '\n';
  return n;
}

/* An upper bound: no word without a separator after it. */
static size_t count_words(const char *text) {
  size_t n = 0;
  bool inside = false;
  for (; *text != '\0'; text++) {
    const bool word = *text != ' ' && *text != '\t' && *text != '\n';
    n += word && !inside;
    inside = word;
  }
  return n;
}

static nmd_status refuse_duplicate(nmd_model_reader *reader, const nmd_input_line *line) {
  const nmd_input_line *first = nmd__find_line(reader, line->keyword->id);
  if (first == NULL) return NMD_OK;
  if (first->keyword != line->keyword)
    NMD_FAIL(MODEL_KEYWORD, "%s: %s and %s (line %d) are two names of one keyword; use one name throughout",
             nmd__place(reader, line, 0), line->words[0], first->words[0], first->number);
  if (line->keyword->repeatable) return NMD_OK;
  NMD_FAIL(MODEL_KEYWORD, "%s: %s is given a second time (first on line %d); keep one", nmd__place(reader, line, 0),
           line->words[0], first->number);
}

static bool same_irrelevant_before(const nmd_model_reader *reader, const char *name) {
  const size_t length = strlen(name);
  const char *at = reader->irrelevant.text;
  while (at != NULL && (at = strstr(at, name)) != NULL) {
    const bool starts = at == reader->irrelevant.text || at[-1] == ' ';
    if (starts && (at[length] == '\0' || at[length] == ',')) return true;
    at += length;
  }
  return false;
}

static nmd_status pass_over(nmd_model_reader *reader, const nmd_input_line *line) {
  const char *name = line->words[0];
  if (line->keyword == NULL) {
    const char *near = nmd_keyword_nearest(name);
    return nmd__text_add(&reader->unknown, "%s%.60s (line %d%s%s)", reader->unknown.length > 0 ? ", " : "", name,
                         line->number, near != NULL ? "; meant was perhaps " : "", near != NULL ? near : "");
  }
  const bool before = same_irrelevant_before(reader, name);
  if (before && !line->keyword->repeatable)
    NMD_FAIL(MODEL_KEYWORD, "%s: %s is given a second time; keep one", nmd__place(reader, line, 0), name);
  if (before) return NMD_OK;
  return nmd__text_add(&reader->irrelevant, "%s%s", reader->irrelevant.length > 0 ? ", " : "", name);
}

static nmd_status take_line(nmd_model_reader *reader, nmd_input_line *line) {
  line->keyword = nmd_keyword_find(line->words[0]);
  if (line->keyword == NULL || line->keyword->use == NMD_KEYWORD_IRRELEVANT) return pass_over(reader, line);
  if (line->keyword->use == NMD_KEYWORD_REFUSED)
    NMD_FAIL(MODEL_KEYWORD,
             "%s: %s is not supported: %s; only short-range models of the second generation can be run: use a model "
             "fitted without it",
             nmd__place(reader, line, 0), line->words[0], line->keyword->reason);
  if (!line->keyword->repeatable || line->keyword->id == NMD_KEY_FUNCTION) NMD_TRY(refuse_duplicate(reader, line));
  reader->lines[reader->n_lines++] = *line;
  return NMD_OK;
}

nmd_status nmd__model_input_read(nmd_model_reader *reader, const char *folder) {
  const size_t length = strlen(folder) + sizeof "/input.nn";
  size_t text_length;
  NMD_TRY(NMD_ALLOC(reader->path, length));
  snprintf(reader->path, length, "%s/input.nn", folder);
  NMD_TRY(nmd_text_read_file(reader->path, &reader->text, &text_length));
  NMD_TRY(NMD_ALLOC(reader->lines, count_lines(reader->text)));
  const size_t max_words = count_words(reader->text);
  NMD_TRY(NMD_ALLOC(reader->words, max_words + 1));

  nmd_lines lines;
  char *line_text, **next = reader->words;
  nmd_lines_init(&lines, reader->path, reader->text);
  while (nmd_lines_next(&lines, &line_text)) {
    line_text[strcspn(line_text, "#!")] = '\0';
    nmd_input_line line = {.number = lines.line, .start = line_text, .words = next};
    line.n_words = nmd_split(line_text, next, (int)(max_words - (size_t)(next - reader->words)) + 1);
    if (line.n_words == 0) continue;
    next += line.n_words;
    NMD_TRY(take_line(reader, &line));
  }
  return NMD_OK;
}

void nmd__model_input_free(nmd_model_reader *reader) {
  nmd_free(reader->path);
  nmd_free(reader->text);
  nmd_free(reader->words);
  nmd_free(reader->lines);
  nmd_free(reader->irrelevant.text);
  nmd_free(reader->unknown.text);
  nmd_free(reader->notes.text);
}
