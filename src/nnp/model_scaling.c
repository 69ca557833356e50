/* SPDX-License-Identifier: BSD-3-Clause */
/* scaling.data: ranges of the functions over the training set, matched by their two index columns. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "nnp/model_reader.h"
#include "system/element.h"

enum { COLUMNS_MAX = 8 };

typedef struct scaling_line {
  const char *path;
  int number;
  const char *start;
  int n_words;
  char *words[COLUMNS_MAX];
} scaling_line;

/* What the file says of one function. */
typedef struct scaling_entry {
  int line; /* 0: none seen yet */
  nmd_function_statistics statistics;
  bool has_sigma;
} scaling_entry;

#define PLACE "%s:%d:%d: "
#define AT(l, word) (l)->path, (l)->number, (int)((l)->words[word] - (l)->start) + 1

static const char *function_text(const nmd_model_reader *reader, int element, int f) {
  return nmd_model_function_text(reader->model, element, f) + sizeof "symfunction_short"; /* "Li 2 Au ..." */
}

static nmd_status read_index(const scaling_line *l, int word, const char *what, int64_t max, int *index) {
  int64_t number;
  if (!nmd_parse_int(l->words[word], &number))
    NMD_FAIL(BAD_NUMBER, PLACE "\"%s\" is not a whole number; expected the %s", AT(l, word), l->words[word], what);
  if (number < 1 || number > max)
    NMD_FAIL(MODEL_SCALING,
             PLACE "%s %s does not exist in this model; expected 1 to %d; make scaling.data anew for this "
                   "input.nn",
             AT(l, word), what, l->words[word], (int)max);
  *index = (int)number - 1;
  return NMD_OK;
}

static nmd_status read_real(const scaling_line *l, int word, double *value) {
  static const char *const names[] = {"", "", "minimum", "maximum", "mean", "sigma"};
  if (nmd__parse_real(l->words[word], value)) return NMD_OK;
  NMD_FAIL(BAD_NUMBER, PLACE "%s \"%s\" is not a finite number; make scaling.data anew", AT(l, word), names[word],
           l->words[word]);
}

/* entries: of all elements one after the other; offset[e] is where those of element e begin. */
static nmd_status read_entry(const nmd_model_reader *reader, const scaling_line *l, const int *offset,
                             scaling_entry *entries) {
  const nmd_model *model = reader->model;
  int element = 0, function = 0;
  NMD_TRY(read_index(l, 0, "element index", model->n_elements, &element));
  NMD_TRY(read_index(l, 1, "function index", model->elements[element].n_functions, &function));
  scaling_entry *entry = &entries[offset[element] + function];
  if (entry->line > 0)
    NMD_FAIL(MODEL_SCALING, PLACE "function %d of element %d is given a second time (first on line %d); keep one",
             AT(l, 0), function + 1, element + 1, entry->line);
  entry->line = l->number;
  entry->has_sigma = l->n_words > 5;
  NMD_TRY(read_real(l, 2, &entry->statistics.min));
  NMD_TRY(read_real(l, 3, &entry->statistics.max));
  NMD_TRY(read_real(l, 4, &entry->statistics.mean));
  if (entry->has_sigma) NMD_TRY(read_real(l, 5, &entry->statistics.sigma));
  if (entry->statistics.min > entry->statistics.max)
    NMD_FAIL(MODEL_SCALING, PLACE "the minimum %s is above the maximum %s of function %d (%s); make scaling.data anew",
             AT(l, 2), l->words[2], l->words[3], function + 1, function_text(reader, element, function));
  return NMD_OK;
}

static nmd_status read_lines(nmd_model_reader *reader, const char *path, char *text, const int *offset, int total,
                             scaling_entry *entries) {
  nmd_lines lines;
  char *line_text;
  int n_read = 0, range_line = 0;
  nmd_lines_init(&lines, path, text);
  while (nmd_lines_next(&lines, &line_text)) {
    scaling_line l = {.path = path, .number = lines.line, .start = line_text};
    line_text[strcspn(line_text, "#")] = '\0';
    l.n_words = nmd_split(line_text, l.words, COLUMNS_MAX);
    if (l.n_words == 0) continue;
    if (range_line > 0)
      NMD_FAIL(MODEL_SCALING, PLACE "\"%s\": text after the line with the range of energies (line %d); remove it",
               AT(&l, 0), l.words[0], range_line);
    if (l.n_words == 2 && n_read == total) { /* RuNNer's last line: range of energies in the training set */
      range_line = l.number;
      continue;
    }
    if (l.n_words != 5 && l.n_words != 6)
      NMD_FAIL(MODEL_SCALING,
               PLACE "%d columns; expected element, function, min, max, mean and, optionally, sigma; "
                     "make scaling.data anew",
               AT(&l, l.n_words > 6 ? 6 : l.n_words - 1), l.n_words);
    NMD_TRY(read_entry(reader, &l, offset, entries));
    n_read++;
  }
  if (n_read == total) return NMD_OK;
  for (int e = 0; e < reader->model->n_elements; e++)
    for (int f = 0; f < reader->model->elements[e].n_functions; f++)
      if (entries[offset[e] + f].line == 0)
        NMD_FAIL(MODEL_SCALING,
                 "%s:%d:1: the file ends with %d of %d functions; missing is function %d of element %d "
                 "(%s); make scaling.data anew for this input.nn",
                 path, lines.line > 0 ? lines.line : 1, n_read, total, f + 1, e + 1, function_text(reader, e, f));
  return NMD_OK;
}

nmd_status nmd_model_set_scaling(nmd_model *model, int e, int f, const nmd_function_statistics *entry) {
  nmd_element_model *element = &model->elements[e];
  const nmd_scaling_rule *rule = &model->scaling;
  const double span = rule->max - rule->min, range = entry->max - entry->min;
  double factor = 1.0, shift = 0.0;
  const char *missing = NULL;
  if (rule->scale) {
    if (!(range > 0.0)) missing = "equal minimum and maximum";
    factor = span / range;
    shift = rule->center ? entry->mean : entry->min;
  } else if (rule->center) {
    shift = entry->mean;
  } else if (rule->sigma) {
    if (!(entry->sigma > 0.0)) missing = "a sigma that is not positive";
    factor = span / entry->sigma;
    shift = entry->mean;
  }
  if (missing != NULL)
    NMD_FAIL(MODEL_SCALING,
             "function %d of %s (%s) has %s, which this model's scaling divides by; remove the function and fit again",
             f + 1, nmd_element_symbol(element->atomic_number),
             nmd_model_function_text(model, e, f) + sizeof "symfunction_short", missing);
  element->scale_factor[f] = factor;
  element->scale_shift[f] = shift;
  element->low[f] = entry->min;
  element->high[f] = entry->max;
  return NMD_OK;
}

static nmd_status set_function(const nmd_model_reader *reader, const char *path, const scaling_entry *entry, int e,
                               int f) {
  if (reader->model->scaling.sigma && !entry->has_sigma)
    NMD_FAIL(MODEL_SCALING,
             "%s:%d:1: function %d of %s (%s) has no sigma column, which this model's scaling divides by; remove the "
             "function and fit again",
             path, entry->line, f + 1, nmd_element_symbol(reader->model->elements[e].atomic_number),
             function_text(reader, e, f));
  reader->model->elements[e].scaling_line[f] = entry->line;
  const nmd_status status = nmd_model_set_scaling(reader->model, e, f, &entry->statistics);
  return status == NMD_OK ? NMD_OK : nmd_fail_prefix(status, "%s:%d:1", path, entry->line);
}

static nmd_status set_element(const nmd_model_reader *reader, const char *path, const scaling_entry *entries, int e) {
  nmd_element_model *element = &reader->model->elements[e];
  const int n = element->n_functions;
  NMD_TRY(NMD_ALLOC(element->scale_factor, n));
  NMD_TRY(NMD_ALLOC(element->scale_shift, n));
  NMD_TRY(NMD_ALLOC(element->low, n));
  NMD_TRY(NMD_ALLOC(element->high, n));
  NMD_TRY(NMD_ALLOC(element->scaling_line, n));
  const nmd_scaling_rule *rule = &reader->model->scaling;
  element->scale_base = rule->scale || (rule->sigma && !rule->center) ? rule->min : 0.0;
  for (int f = 0; f < n && entries == NULL; f++) { /* untrained */
    element->scale_factor[f] = 1.0;
    element->low[f] = -INFINITY;
    element->high[f] = INFINITY;
  }
  for (int f = 0; f < n && entries != NULL; f++) NMD_TRY(set_function(reader, path, &entries[f], e, f));
  return NMD_OK;
}

nmd_status nmd__model_scaling_read(nmd_model_reader *reader) {
  nmd_status status = NMD_OK;
  char *path = NULL, *text = NULL;
  scaling_entry *entries = NULL;
  int *offset = NULL, total = 0;
  const nmd_model *model = reader->model;
  if (reader->untrained) {
    for (int e = 0; e < model->n_elements; e++) NMD_TRY(set_element(reader, NULL, NULL, e));
    return NMD_OK;
  }
  const size_t path_length = strlen(model->folder) + sizeof "/scaling.data";
  size_t text_length;
  NMD_GOTO(NMD_ALLOC(path, path_length));
  snprintf(path, path_length, "%s/scaling.data", model->folder);
  NMD_GOTO(nmd_text_read_file(path, &text, &text_length));
  NMD_GOTO(NMD_ALLOC(offset, model->n_elements));
  for (int e = 0; e < model->n_elements; e++) {
    offset[e] = total;
    total += model->elements[e].n_functions;
  }
  NMD_GOTO(NMD_ALLOC(entries, total));
  NMD_GOTO(read_lines(reader, path, text, offset, total, entries));
  for (int e = 0; e < model->n_elements; e++) NMD_GOTO(set_element(reader, path, entries + offset[e], e));
done:
  nmd_free(path);
  nmd_free(text);
  nmd_free(entries);
  nmd_free(offset);
  return status;
}
