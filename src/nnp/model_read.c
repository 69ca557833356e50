/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading a model folder: elements, units and switches here; functions, scaling and weights in files of their own. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "nnp/model_reader.h"
#include "system/element.h"

static int by_int(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }

static nmd_status read_elements(nmd_model_reader *reader) {
  nmd_model *model = reader->model;
  const nmd_input_line *line = nmd__find_line(reader, NMD_KEY_ELEMENTS);
  const nmd_input_line *count = nmd__find_line(reader, NMD_KEY_NUMBER_OF_ELEMENTS);
  int numbers[NMD_ELEMENT_MAX], n = 0, wanted;
  if (line == NULL)
    NMD_FAIL(MODEL_KEYWORD, "%s: elements is missing; add a line such as: elements Li Au", reader->path);
  for (int word = 1; word < line->n_words; word++) {
    const int number = nmd_element_from_symbol(line->words[word]);
    if (number == 0)
      NMD_FAIL(UNKNOWN_ELEMENT, "%s: elements: \"%s\" is not a chemical element; expected symbols such as Li",
               nmd__place(reader, line, word), line->words[word]);
    for (int i = 0; i < n; i++)
      if (numbers[i] == number)
        NMD_FAIL(MODEL_ELEMENT, "%s: elements: %s stands there twice; remove one", nmd__place(reader, line, word),
                 line->words[word]);
    numbers[n++] = number;
  }
  if (n == 0)
    NMD_FAIL(MODEL_ELEMENT, "%s: elements: no element; expected symbols such as Li", nmd__place(reader, line, 1));
  if (count != NULL) {
    NMD_TRY(nmd__int_word(reader, count, 1, "a number of elements", 1, NMD_ELEMENT_MAX, &wanted));
    if (wanted != n)
      NMD_FAIL(MODEL_ELEMENT,
               "%s: number_of_elements is %d, but the elements line (line %d) has %d; correct one of the "
               "two",
               nmd__place(reader, count, 1), wanted, line->number, n);
  }
  qsort(numbers, (size_t)n, sizeof *numbers, by_int);
  NMD_TRY(NMD_ALLOC(model->elements, n));
  model->n_elements = n;
  model->elements_line = line->number;
  for (int e = 0; e < n; e++) model->elements[e].atomic_number = numbers[e];
  return NMD_OK;
}

/* The keywords that say which kind of model this is: 2 is the short-range one. */
static nmd_status check_generation(nmd_model_reader *reader) {
  const nmd_input_line *line = nmd__find_line(reader, NMD_KEY_GENERATION);
  const char *value = line == NULL ? "2" : line->n_words > 1 ? line->words[1] : "";
  if (strcmp(value, "2") != 0 && strcmp(value, "2G") != 0 && strcmp(value, "2G-HDNNP") != 0)
    NMD_FAIL(MODEL_KEYWORD,
             "%s: %s %s is not supported: the energy depends on charges; expected 2 (2G-HDNNP): use a "
             "short-range model",
             nmd__place(reader, line, 1), line->words[0], value);
  line = nmd__find_line(reader, NMD_KEY_NN_TYPE_SHORT);
  value = line == NULL ? "1" : line->n_words > 1 ? line->words[1] : "";
  if (strcmp(value, "1") == 0) return NMD_OK;
  NMD_FAIL(MODEL_KEYWORD, "%s: nn_type_short %s is not supported; expected 1 (atomic networks): use such a model",
           nmd__place(reader, line, 1), value);
}

static nmd_status read_alpha(nmd_model_reader *reader, const nmd_input_line *line, int word, double *alpha) {
  NMD_TRY(nmd__real_word(reader, line, word, "the inner radius as a fraction of the cut-off radius", alpha));
  if (*alpha >= 0.0 && *alpha < 1.0) return NMD_OK;
  NMD_FAIL(MODEL_KEYWORD, "%s: %s: alpha = %s is out of range; expected 0 <= alpha < 1", nmd__place(reader, line, word),
           line->words[0], line->words[word]);
}

static nmd_status read_cutoff(nmd_model_reader *reader) {
  const nmd_input_line *type = nmd__find_line(reader, NMD_KEY_CUTOFF_TYPE);
  const nmd_input_line *alpha = nmd__find_line(reader, NMD_KEY_CUTOFF_ALPHA);
  nmd_model *model = reader->model;
  int kind = NMD_CUTOFF_COSINE;
  if (type == NULL)
    NMD_TRY(nmd__text_add(&reader->notes, "  cutoff_type is missing: 1 (cosine) is taken, RuNNer's default\n"));
  else
    NMD_TRY(nmd__int_word(reader, type, 1, "a cut-off type", NMD_CUTOFF_HARD, NMD_CUTOFF_POLY4, &kind));
  model->cutoff_kind = (nmd_cutoff_kind)kind;
  if (type != NULL) model->cutoff_line = type->number;
  if (type != NULL && type->n_words > 2) NMD_TRY(read_alpha(reader, type, 2, &model->cutoff_alpha));
  if (alpha == NULL) return NMD_OK;
  const double before = model->cutoff_alpha;
  NMD_TRY(read_alpha(reader, alpha, 1, &model->cutoff_alpha));
  if (type != NULL && type->n_words > 2 && before != model->cutoff_alpha)
    NMD_FAIL(MODEL_KEYWORD, "%s: cutoff_alpha %s contradicts cutoff_type (line %d); remove one",
             nmd__place(reader, alpha, 1), alpha->words[1], type->number);
  return NMD_OK;
}

static nmd_status read_optional(nmd_model_reader *reader, nmd_keyword_id id, const char *what, double *value) {
  const nmd_input_line *line = nmd__find_line(reader, id);
  return line == NULL ? NMD_OK : nmd__real_word(reader, line, 1, what, value);
}

static nmd_status read_scaling_switches(nmd_model_reader *reader) {
  nmd_scaling_rule *rule = &reader->model->scaling;
  rule->scale = nmd__find_line(reader, NMD_KEY_SCALE) != NULL;
  rule->center = nmd__find_line(reader, NMD_KEY_CENTER) != NULL;
  /* n2p2 looks at the sigma keyword only if the other two are absent */
  rule->sigma = nmd__find_line(reader, NMD_KEY_SCALE_SIGMA) != NULL && !rule->scale && !rule->center;
  rule->max = 1.0;
  NMD_TRY(read_optional(reader, NMD_KEY_SCALE_MIN, "the lower end of the scaled range", &rule->min));
  NMD_TRY(read_optional(reader, NMD_KEY_SCALE_MAX, "the upper end of the scaled range", &rule->max));
  const nmd_input_line *line = nmd__find_line(reader, NMD_KEY_SCALE_MAX);
  if (line == NULL) line = nmd__find_line(reader, NMD_KEY_SCALE_MIN);
  if (!(rule->min < rule->max))
    NMD_FAIL(MODEL_KEYWORD, "%s: %s: the scaled range %g to %g is empty; expected scale_min_short < scale_max_short",
             nmd__place(reader, line, 1), line->words[0], rule->min, rule->max);
  if (rule->scale && rule->center && (rule->min != 0.0 || rule->max != 1.0))
    NMD_TRY(nmd__text_add(&reader->notes,
                          "  centred and scaled functions use scale_min_short and scale_max_short, as in "
                          "n2p2\n"));
  return NMD_OK;
}

static nmd_status read_normalisation(nmd_model_reader *reader) {
  static const nmd_keyword_id ids[3] = {NMD_KEY_MEAN_ENERGY, NMD_KEY_CONV_ENERGY, NMD_KEY_CONV_LENGTH};
  static const char *const names[3] = {"mean_energy", "conv_energy", "conv_length"};
  double values[3] = {0.0, 1.0, 1.0};
  const nmd_input_line *lines[3], *some = NULL;
  for (int i = 0; i < 3; i++) {
    lines[i] = nmd__find_line(reader, ids[i]);
    if (lines[i] == NULL) continue;
    some = lines[i];
    NMD_TRY(nmd__real_word(reader, lines[i], 1, "a number", &values[i]));
    if (i > 0 && values[i] <= 0.0)
      NMD_FAIL(MODEL_KEYWORD, "%s: %s: %s is out of range; expected > 0", nmd__place(reader, lines[i], 1), names[i],
               lines[i]->words[1]);
  }
  reader->mean_energy = values[0];
  reader->conv_energy = values[1];
  reader->normalised = some != NULL;
  for (int i = 0; some != NULL && i < 3; i++)
    if (lines[i] == NULL)
      NMD_FAIL(MODEL_KEYWORD,
               "%s: %s without %s; mean_energy, conv_energy and conv_length go together: give all three or "
               "none",
               nmd__place(reader, some, 0), some->words[0], names[i]);
  reader->model->energy_factor = reader->energy_unit / reader->conv_energy;
  return NMD_OK;
}

static nmd_status read_atom_energies(nmd_model_reader *reader) {
  nmd_model *model = reader->model;
  int seen[NMD_ELEMENT_MAX] = {0};
  for (int e = 0; e < model->n_elements; e++) model->elements[e].offset = reader->mean_energy * reader->energy_unit;
  for (int i = 0; i < reader->n_lines; i++) {
    const nmd_input_line *line = &reader->lines[i];
    int e;
    double value;
    if (line->keyword->id != NMD_KEY_ATOM_ENERGY) continue;
    NMD_TRY(nmd__element_word(reader, line, 1, &e));
    NMD_TRY(nmd__real_word(reader, line, 2, "the energy of an atom", &value));
    if (seen[e] > 0)
      NMD_FAIL(MODEL_KEYWORD, "%s: atom_energy of %s is given a second time (first on line %d); keep one",
               nmd__place(reader, line, 1), line->words[1], seen[e]);
    seen[e] = line->number;
    model->elements[e].offset += value * reader->energy_unit;
  }
  return NMD_OK;
}

static nmd_status read_all(nmd_model_reader *reader) {
  NMD_TRY(nmd__model_input_read(reader, reader->model->folder));
  NMD_TRY(check_generation(reader));
  NMD_TRY(read_elements(reader));
  NMD_TRY(read_cutoff(reader));
  NMD_TRY(read_scaling_switches(reader));
  NMD_TRY(read_normalisation(reader));
  NMD_TRY(read_atom_energies(reader));
  reader->model->normalize_nodes = nmd__find_line(reader, NMD_KEY_NORMALIZE_NODES) != NULL;
  NMD_TRY(nmd__model_functions_read(reader));
  NMD_TRY(nmd__model_scaling_read(reader));
  NMD_TRY(nmd__model_networks_read(reader));
  return nmd__model_summary_write(reader);
}

static nmd_status read_folder(const char *folder, double length_unit, double energy_unit, bool untrained,
                              nmd_model **out) {
  nmd_model_reader reader = {.length_unit = length_unit, .energy_unit = energy_unit, .untrained = untrained};
  nmd_status status = NMD_OK;
  if (!(length_unit > 0.0) || !(energy_unit > 0.0) || !isfinite(length_unit) || !isfinite(energy_unit))
    NMD_FAIL(MODEL_UNITS, "%s: units of %g A and %g eV; expected numbers > 0", folder, length_unit, energy_unit);
  NMD_GOTO(NMD_ALLOC(reader.model, 1));
  NMD_GOTO(nmd_strdup(folder, &reader.model->folder));
  NMD_GOTO(read_all(&reader));
  *out = reader.model;
  reader.model = NULL;
done:
  nmd_model_destroy(reader.model);
  nmd__model_input_free(&reader);
  return status;
}

nmd_status nmd_model_read(const char *folder, double length_unit, double energy_unit, nmd_model **out) {
  return read_folder(folder, length_unit, energy_unit, false, out);
}

nmd_status nmd_model_read_untrained(const char *folder, double length_unit, double energy_unit, nmd_model **out) {
  return read_folder(folder, length_unit, energy_unit, true, out);
}
