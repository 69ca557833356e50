/* SPDX-License-Identifier: BSD-3-Clause */
/* Networks: shapes from input.nn, numbers from weights.NNN.data.
 *
 * element_nodes_short and element_activation_short differ between the two programs. n2p2: one line an element, a value
 * for every hidden layer (plus the output's letter), of which it ignores the last hidden layer's size and the output's
 * letter. RuNNer: one line a layer, "element layer value". The literal n2p2 reading is taken unless the line can only
 * be RuNNer's; where a line of two numbers leaves a choice, the reading that fits the number of weights in the file is
 * taken. */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "nnp/activation.h"
#include "nnp/model_reader.h"
#include "system/element.h"

typedef struct shape {
  int hidden;
  int nodes[NMD_MODEL_LAYERS_MAX];
  nmd_activation activation[NMD_MODEL_LAYERS_MAX + 1];
} shape;

/* The readings of an element's lines that are worth trying; the first is the literal one. */
enum { READINGS_MAX = 3 };
typedef struct readings {
  int n;
  shape shapes[READINGS_MAX];
  const char *notes[READINGS_MAX]; /* for the summary if this one is taken, or NULL */
} readings;

/* The numbers of a weights file. */
typedef struct weight_list {
  char *path;
  int64_t n, capacity;
  double *values;
  int *lines; /* of each number */
  int last_line;
} weight_list;

static nmd_status read_letter(nmd_model_reader *reader, const nmd_input_line *line, int word,
                              nmd_activation *activation) {
  const char *text = word < line->n_words ? line->words[word] : "";
  if (strlen(text) == 1 && nmd_activation_from_letter(text[0], activation)) return NMD_OK;
  NMD_FAIL(MODEL_KEYWORD, "%s: %s: \"%s\" is not an activation function; expected one of l t s S p r g c e h",
           nmd__place(reader, line, word), line->words[0], text);
}

static nmd_status refuse_count(nmd_model_reader *reader, const nmd_input_line *line, int first, int wanted,
                               const char *what) {
  const int given = line->n_words - first;
  NMD_FAIL(MODEL_KEYWORD, "%s: %s: %d value%s; expected %d: %s",
           nmd__place(reader, line, given > wanted ? first + wanted : line->n_words), line->words[0], given,
           given == 1 ? "" : "s", wanted, what);
}

static nmd_status need_line(const nmd_model_reader *reader, nmd_keyword_id id, const char *name,
                            const nmd_input_line **line) {
  *line = nmd__find_line(reader, id);
  if (*line == NULL) NMD_FAIL(MODEL_KEYWORD, "%s: %s is missing; add it", reader->path, name);
  return NMD_OK;
}

static nmd_status read_letters(nmd_model_reader *reader, const nmd_input_line *line, int first, shape *s) {
  if (line->n_words - first != s->hidden + 1)
    return refuse_count(reader, line, first, s->hidden + 1, "one letter a hidden layer and one for the output");
  for (int i = 0; i <= s->hidden; i++) NMD_TRY(read_letter(reader, line, first + i, &s->activation[i]));
  return NMD_OK;
}

static nmd_status read_nodes(nmd_model_reader *reader, const nmd_input_line *line, int first, shape *s) {
  if (line->n_words - first != s->hidden)
    return refuse_count(reader, line, first, s->hidden, "the number of neurons of each hidden layer");
  for (int i = 0; i < s->hidden; i++)
    NMD_TRY(nmd__int_word(reader, line, first + i, "a number of neurons", 1, NMD_MODEL_NODES_MAX, &s->nodes[i]));
  return NMD_OK;
}

static nmd_status read_global_shape(nmd_model_reader *reader, shape *s) {
  const nmd_input_line *line;
  NMD_TRY(need_line(reader, NMD_KEY_HIDDEN_LAYERS, "global_hidden_layers_short", &line));
  NMD_TRY(nmd__int_word(reader, line, 1, "a number of hidden layers", 1, NMD_MODEL_LAYERS_MAX, &s->hidden));
  NMD_TRY(need_line(reader, NMD_KEY_NODES, "global_nodes_short", &line));
  NMD_TRY(read_nodes(reader, line, 1, s));
  NMD_TRY(need_line(reader, NMD_KEY_ACTIVATION, "global_activation_short", &line));
  return read_letters(reader, line, 1, s);
}

/* The lines of an element-wise keyword for one element: how many, and the first. */
static nmd_status element_lines(nmd_model_reader *reader, nmd_keyword_id id, int element, int *n,
                                const nmd_input_line **first) {
  *n = 0;
  *first = NULL;
  for (int i = 0; i < reader->n_lines; i++) {
    int e;
    if (reader->lines[i].keyword->id != id) continue;
    NMD_TRY(nmd__element_word(reader, &reader->lines[i], 1, &e));
    if (e != element) continue;
    if (*first == NULL) *first = &reader->lines[i];
    ++*n;
  }
  return NMD_OK;
}

static nmd_status refuse_second(nmd_model_reader *reader, const nmd_input_line *first) {
  for (const nmd_input_line *line = first + 1; line < reader->lines + reader->n_lines; line++)
    if (line->keyword == first->keyword && strcmp(line->words[1], first->words[1]) == 0)
      NMD_FAIL(MODEL_KEYWORD, "%s: %s is given a second time for %s (first on line %d); keep one",
               nmd__place(reader, line, 1), line->words[0], line->words[1], first->number);
  return NMD_OK;
}

/* Fewer layers than the global network take the first sizes and letters; more need lines of their own. */
static nmd_status read_element_layers(nmd_model_reader *reader, int element, const shape *global, shape *s) {
  const nmd_input_line *line;
  int n;
  NMD_TRY(element_lines(reader, NMD_KEY_ELEMENT_HIDDEN_LAYERS, element, &n, &line));
  if (n == 0) return NMD_OK;
  if (n > 1) return refuse_second(reader, line);
  NMD_TRY(nmd__int_word(reader, line, 2, "a number of hidden layers", 1, NMD_MODEL_LAYERS_MAX, &s->hidden));
  s->activation[s->hidden] = global->activation[global->hidden];
  if (s->hidden <= global->hidden) return NMD_OK;
  int nodes = 0, letters = 0;
  const nmd_input_line *unused;
  NMD_TRY(element_lines(reader, NMD_KEY_ELEMENT_NODES, element, &nodes, &unused));
  NMD_TRY(element_lines(reader, NMD_KEY_ELEMENT_ACTIVATION, element, &letters, &unused));
  if (nodes > 0 && letters > 0) return NMD_OK;
  NMD_FAIL(MODEL_KEYWORD,
           "%s: %s: %s is more than global_hidden_layers_short %d; add element_nodes_short and "
           "element_activation_short lines for %s",
           nmd__place(reader, line, 2), line->words[0], line->words[2], global->hidden, line->words[1]);
}

/* RuNNer's lines "element layer neurons", one or more. */
static nmd_status read_runner_nodes(nmd_model_reader *reader, int element, shape *s) {
  bool seen[NMD_MODEL_LAYERS_MAX + 1] = {false};
  for (int i = 0; i < reader->n_lines; i++) {
    const nmd_input_line *line = &reader->lines[i];
    int e, layer;
    if (line->keyword->id != NMD_KEY_ELEMENT_NODES) continue;
    NMD_TRY(nmd__element_word(reader, line, 1, &e));
    if (e != element) continue;
    if (line->n_words != 4) return refuse_count(reader, line, 2, 2, "a hidden layer and its number of neurons");
    NMD_TRY(nmd__int_word(reader, line, 2, "a hidden layer", 1, s->hidden, &layer));
    if (seen[layer])
      NMD_FAIL(MODEL_KEYWORD, "%s: %s: layer %d is given a second time; keep one", nmd__place(reader, line, 2),
               line->words[0], layer);
    seen[layer] = true;
    NMD_TRY(nmd__int_word(reader, line, 3, "a number of neurons", 1, NMD_MODEL_NODES_MAX, &s->nodes[layer - 1]));
  }
  return NMD_OK;
}

static void add_reading(readings *r, const shape *s, const char *note) {
  r->shapes[r->n] = *s;
  r->notes[r->n++] = note;
}

static nmd_status read_element_nodes(nmd_model_reader *reader, int element, const shape *global, const shape *start,
                                     readings *r) {
  const nmd_input_line *line;
  int n, layer;
  shape s = *start;
  NMD_TRY(element_lines(reader, NMD_KEY_ELEMENT_NODES, element, &n, &line));
  if (n == 0) {
    add_reading(r, &s, NULL);
    return NMD_OK;
  }
  const bool pair = line->n_words == 4;
  if (n > 1 || (pair && s.hidden != 2)) {
    if (!pair) return refuse_second(reader, line);
    NMD_TRY(read_runner_nodes(reader, element, &s));
    add_reading(r, &s, "read as RuNNer's \"element layer neurons\"");
    return NMD_OK;
  }
  NMD_TRY(read_nodes(reader, line, 2, &s));
  add_reading(r, &s, NULL);
  if (s.hidden == global->hidden && s.nodes[s.hidden - 1] != global->nodes[s.hidden - 1]) {
    shape quirk = s;
    quirk.nodes[s.hidden - 1] = global->nodes[s.hidden - 1];
    add_reading(r, &quirk, "last hidden layer keeps the global size, as n2p2 has it and the weights file wants it");
  }
  if (pair && nmd_parse_int(line->words[2], &(int64_t){0}) && s.nodes[0] <= s.hidden) {
    shape runner = *start;
    layer = s.nodes[0];
    runner.nodes[layer - 1] = s.nodes[1];
    add_reading(r, &runner, "read as RuNNer's \"element layer neurons\", which the weights file wants");
  }
  return NMD_OK;
}

/* RuNNer sets single neurons, "element layer neuron letter": networks of one function a layer are what is supported. */
static nmd_status read_element_letters(nmd_model_reader *reader, int element, shape *s) {
  const nmd_input_line *line;
  int n;
  int64_t number;
  NMD_TRY(element_lines(reader, NMD_KEY_ELEMENT_ACTIVATION, element, &n, &line));
  if (n == 0) return NMD_OK;
  if (line->n_words > 2 && nmd_parse_int(line->words[2], &number))
    NMD_FAIL(MODEL_KEYWORD,
             "%s: %s: an activation function of a single neuron (RuNNer's form) is not supported; expected "
             "a letter for each layer",
             nmd__place(reader, line, 2), line->words[0]);
  if (n > 1) return refuse_second(reader, line);
  return read_letters(reader, line, 2, s);
}

static int64_t shape_size(const shape *s, int n_in) {
  int64_t size = 0;
  for (int i = 0; i <= s->hidden; i++) {
    const int n_out = i < s->hidden ? s->nodes[i] : 1;
    size += (int64_t)(n_in + 1) * n_out;
    n_in = n_out;
  }
  return size;
}

static nmd_status take_weight(weight_list *w, char *line_text, int number) {
  char *words[2];
  double value;
  const char *start = line_text;
  w->last_line = number;
  line_text[strcspn(line_text, "#")] = '\0';
  if (nmd_split(line_text, words, 2) == 0) return NMD_OK;
  if (!nmd__parse_real(words[0], &value))
    NMD_FAIL(BAD_NUMBER, "%s:%d:%d: \"%s\" is not a finite number; expected a weight", w->path, number,
             (int)(words[0] - start) + 1, words[0]);
  if (w->n == w->capacity) {
    const int64_t capacity = w->capacity == 0 ? 1024 : 2 * w->capacity;
    NMD_TRY(NMD_GROW(w->values, w->n, capacity));
    NMD_TRY(NMD_GROW(w->lines, w->n, capacity));
    w->capacity = capacity;
  }
  w->lines[w->n] = number;
  w->values[w->n++] = value;
  return NMD_OK;
}

static nmd_status read_weights_file(weight_list *w) {
  char *text, *line_text;
  size_t length;
  nmd_lines lines;
  NMD_TRY(nmd_text_read_file(w->path, &text, &length));
  nmd_lines_init(&lines, w->path, text);
  nmd_status status = NMD_OK;
  while (status == NMD_OK && nmd_lines_next(&lines, &line_text)) status = take_weight(w, line_text, lines.line);
  nmd_free(text);
  return status;
}

static void shape_text(const shape *s, int n_in, char *text, size_t size) {
  size_t used = (size_t)snprintf(text, size, "%d", n_in);
  for (int i = 0; i <= s->hidden && used < size; i++)
    used += (size_t)snprintf(text + used, size - used, "-%d", i < s->hidden ? s->nodes[i] : 1);
}

static nmd_status check_count(const weight_list *w, const shape *s, int n_in) {
  const int64_t wanted = shape_size(s, n_in);
  char text[256];
  shape_text(s, n_in, text, sizeof text);
  if (w->n > wanted)
    NMD_FAIL(MODEL_WEIGHTS,
             "%s:%d:1: weight %lld is one too many; a network %s has %lld; use the weights that belong to "
             "this input.nn",
             w->path, w->lines[wanted], (long long)wanted + 1, text, (long long)wanted);
  if (w->n < wanted)
    NMD_FAIL(MODEL_WEIGHTS,
             "%s:%d:1: the file ends after %lld weights; a network %s has %lld; use the weights that "
             "belong to this input.nn",
             w->path, w->last_line > 0 ? w->last_line : 1, (long long)w->n, text, (long long)wanted);
  return NMD_OK;
}

/* The format's order is that of the arrays: weights [n_in][n_out], then the biases. */
static nmd_status set_layers(const nmd_model_reader *reader, nmd_element_model *e, const shape *s,
                             const double *values) {
  NMD_TRY(NMD_ALLOC(e->layers, s->hidden + 1));
  e->n_layers = s->hidden + 1;
  int n_in = e->n_functions;
  for (int i = 0; i < e->n_layers; i++) {
    nmd_layer *layer = &e->layers[i];
    layer->n_in = n_in;
    layer->n_out = i < s->hidden ? s->nodes[i] : 1;
    layer->activation = s->activation[i];
    const size_t n_weights = (size_t)n_in * (size_t)layer->n_out, n_out = (size_t)layer->n_out;
    const double divisor = reader->model->normalize_nodes ? n_in : 1.0;
    NMD_TRY(NMD_ALLOC(layer->weight, n_weights));
    NMD_TRY(NMD_ALLOC(layer->bias, n_out));
    n_in = layer->n_out;
    if (values == NULL) continue; /* untrained: zero */
    for (size_t k = 0; k < n_weights; k++) layer->weight[k] = *values++ / divisor;
    for (size_t k = 0; k < n_out; k++) layer->bias[k] = *values++ / divisor;
  }
  return NMD_OK;
}

static nmd_status read_shapes(nmd_model_reader *reader, int element, const shape *global, readings *r) {
  shape start = *global;
  NMD_TRY(read_element_layers(reader, element, global, &start));
  NMD_TRY(read_element_letters(reader, element, &start));
  return read_element_nodes(reader, element, global, &start, r);
}

static nmd_status read_element_network(nmd_model_reader *reader, int element, const shape *global) {
  nmd_element_model *e = &reader->model->elements[element];
  nmd_status status = NMD_OK;
  readings r = {.n = 0};
  weight_list w = {0};
  int taken = 0;
  const size_t length = strlen(reader->model->folder) + sizeof "/weights.NNN.data";
  NMD_TRY(read_shapes(reader, element, global, &r));
  if (reader->untrained) return set_layers(reader, e, &r.shapes[0], NULL);
  NMD_GOTO(NMD_ALLOC(w.path, length));
  snprintf(w.path, length, "%s/weights.%03d.data", reader->model->folder, e->atomic_number);
  NMD_GOTO(read_weights_file(&w));
  for (int i = r.n - 1; i >= 0; i--)
    if (shape_size(&r.shapes[i], e->n_functions) == w.n) taken = i;
  NMD_GOTO(check_count(&w, &r.shapes[taken], e->n_functions));
  NMD_GOTO(set_layers(reader, e, &r.shapes[taken], w.values));
  if (r.notes[taken] != NULL)
    NMD_GOTO(nmd__text_add(&reader->notes, "  element_nodes_short of %s: %s\n", nmd_element_symbol(e->atomic_number),
                           r.notes[taken]));
  const nmd_activation output = r.shapes[taken].activation[r.shapes[taken].hidden];
  if (output != global->activation[global->hidden])
    NMD_GOTO(nmd__text_add(&reader->notes,
                           "  element_activation_short of %s: output %s as written (n2p2 keeps the global "
                           "one)\n",
                           nmd_element_symbol(e->atomic_number), nmd_activation_name(output)));
done:
  nmd_free(w.path);
  nmd_free(w.values);
  nmd_free(w.lines);
  return status;
}

nmd_status nmd__model_networks_read(nmd_model_reader *reader) {
  shape global = {0};
  NMD_TRY(read_global_shape(reader, &global));
  for (int e = 0; e < reader->model->n_elements; e++) NMD_TRY(read_element_network(reader, e, &global));
  return NMD_OK;
}
