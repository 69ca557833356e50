/* SPDX-License-Identifier: BSD-3-Clause */
/* Symmetry functions: lines of input.nn to nmd_symmetry_function, in the format's sorted order. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "nnp/model_reader.h"
#include "system/element.h"

enum { FUNCTIONS_MAX = 100000 }; /* of one element: beyond any model, within any memory */

typedef enum column { END, ETA, RS, LAMBDA, ZETA, RC, RL, THETA_L, THETA_R, SUBTYPE } column;

// clang-format off
/* The types of the file format and their columns after the neighbour elements. The optional shift of types 3 and 9 is
 * RS after RC. */
static const struct {
  int type;
  nmd_function_kind kind;
  int n_elements;
  column columns[6];
  const char *name, *usage;
} layouts[] = {
    {2, NMD_RADIAL, 1, {ETA, RS, RC}, "radial", "eta rs rc"},
    {3, NMD_NARROW, 2, {ETA, LAMBDA, ZETA, RC, RS}, "narrow angular", "eta lambda zeta rc [rs]"},
    {9, NMD_WIDE, 2, {ETA, LAMBDA, ZETA, RC, RS}, "wide angular", "eta lambda zeta rc [rs]"},
    {12, NMD_RADIAL_WEIGHTED, 0, {ETA, RS, RC}, "weighted radial", "eta rs rc"},
    {13, NMD_NARROW_WEIGHTED, 0, {ETA, RS, LAMBDA, ZETA, RC}, "weighted angular", "eta rs lambda zeta rc"},
    {20, NMD_COMPACT_RADIAL, 1, {RL, RC, SUBTYPE}, "compact radial", "rl rc subtype"},
    {21, NMD_COMPACT_NARROW, 2, {RL, RC, THETA_L, THETA_R, SUBTYPE}, "compact narrow angular",
     "rl rc theta_l theta_r subtype"},
    {22, NMD_COMPACT_WIDE, 2, {RL, RC, THETA_L, THETA_R, SUBTYPE}, "compact wide angular",
     "rl rc theta_l theta_r subtype"},
    {23, NMD_COMPACT_RADIAL_WEIGHTED, 0, {RL, RC, SUBTYPE}, "weighted compact radial", "rl rc subtype"},
    {24, NMD_COMPACT_NARROW_WEIGHTED, 0, {RL, RC, THETA_L, THETA_R, SUBTYPE}, "weighted compact narrow angular",
     "rl rc theta_l theta_r subtype"},
    {25, NMD_COMPACT_WIDE_WEIGHTED, 0, {RL, RC, THETA_L, THETA_R, SUBTYPE}, "weighted compact wide angular",
     "rl rc theta_l theta_r subtype"},
};
enum { N_LAYOUTS = (int)(sizeof layouts / sizeof layouts[0]) };

/* In the order of their texts, which is the sorting order of the functions. */
static const struct {
  const char *name;
  nmd_cutoff_kind kind;
  bool asymmetric;
} subtypes[] = {
    {"e", NMD_CUTOFF_EXP, false},    {"p1", NMD_CUTOFF_POLY1, false}, {"p1a", NMD_CUTOFF_POLY1, true},
    {"p2", NMD_CUTOFF_POLY2, false}, {"p2a", NMD_CUTOFF_POLY2, true}, {"p3", NMD_CUTOFF_POLY3, false},
    {"p3a", NMD_CUTOFF_POLY3, true}, {"p4", NMD_CUTOFF_POLY4, false}, {"p4a", NMD_CUTOFF_POLY4, true},
};
// clang-format on
enum { N_SUBTYPES = (int)(sizeof subtypes / sizeof subtypes[0]) };

static int layout_of(nmd_function_kind kind) {
  for (int i = 0; i < N_LAYOUTS; i++)
    if (layouts[i].kind == kind) return i;
  return 0;
}

static int subtype_of(const nmd_symmetry_function *f) {
  for (int i = 0; i < N_SUBTYPES; i++)
    if (subtypes[i].kind == f->compact && subtypes[i].asymmetric == f->asymmetric) return i;
  return 0;
}

int nmd__function_type(nmd_function_kind kind) { return layouts[layout_of(kind)].type; }
const char *nmd__function_kind_name(nmd_function_kind kind) { return layouts[layout_of(kind)].name; }

/* Where a column's number goes, and its name in messages. */
static double *member(nmd_symmetry_function *f, column c, const char **name) {
  switch (c) {
    case ETA: *name = "eta"; return &f->eta;
    case RS: *name = "the shift rs"; return &f->rs;
    case LAMBDA: *name = "lambda"; return &f->lambda;
    case ZETA: *name = "zeta"; return &f->zeta;
    case RC: *name = "the cut-off radius rc"; return &f->rc;
    case RL: *name = "the lower radius rl"; return &f->rl;
    case THETA_L: *name = "the lower angle theta_l"; return &f->theta_l;
    case THETA_R: *name = "the upper angle theta_r"; return &f->theta_r;
    case END:
    case SUBTYPE: break;
  }
  return NULL;
}

static nmd_status read_subtype(nmd_model_reader *reader, const nmd_input_line *line, int word,
                               nmd_symmetry_function *f) {
  for (int i = 0; word < line->n_words && i < N_SUBTYPES; i++) {
    if (strcmp(line->words[word], subtypes[i].name) != 0) continue;
    f->compact = subtypes[i].kind;
    f->asymmetric = subtypes[i].asymmetric;
    return NMD_OK;
  }
  NMD_FAIL(MODEL_FUNCTION, "%s: %s: \"%s\" is not a sub-type; expected p1, p2, p3, p4, p1a, p2a, p3a, p4a or e",
           nmd__place(reader, line, word), line->words[0], word < line->n_words ? line->words[word] : "");
}

static nmd_status fail_at(nmd_model_reader *reader, const nmd_input_line *line, int word, const char *expected) {
  NMD_FAIL(MODEL_FUNCTION, "%s: %s: %s is out of range; expected %s", nmd__place(reader, line, word), line->words[0],
           line->words[word], expected);
}

/* A range of angles makes a smooth function of the angle only in these forms. */
static bool angles_fit(double l, double r) {
  const double tolerance = 1e-9;
  return (l >= 0.0 && r <= 180.0) || fabs(l + r) <= tolerance || fabs(l + r - 360.0) <= tolerance;
}

static nmd_status check_ranges(nmd_model_reader *reader, const nmd_input_line *line, int first, int layout,
                               const nmd_symmetry_function *f) {
  int rl = 0;
  for (int i = 0; i < 6 && layouts[layout].columns[i] != END; i++) {
    const int word = first + i;
    switch (layouts[layout].columns[i]) {
      case RC:
        if (f->rc <= 0.0) return fail_at(reader, line, word, "a cut-off radius > 0");
        if (rl > 0 && f->rl >= f->rc) return fail_at(reader, line, rl, "a lower radius rl < rc");
        break;
      case RL: rl = word; break;
      case ZETA:
        if (f->zeta <= 0.0) return fail_at(reader, line, word, "zeta > 0");
        break;
      case THETA_R:
        if (f->theta_l >= f->theta_r) return fail_at(reader, line, word, "an upper angle greater than the lower one");
        if (!angles_fit(f->theta_l, f->theta_r))
          return fail_at(reader, line, word, "angles within 0 to 180 degrees, or symmetric about 0 or 180 degrees");
        break;
      default: break;
    }
  }
  return NMD_OK;
}

static nmd_status count_fails(nmd_model_reader *reader, const nmd_input_line *line, int word, int layout) {
  NMD_FAIL(MODEL_FUNCTION, "%s: %s: %s for a function of type %d (%s); expected %s after type and elements",
           nmd__place(reader, line, word), line->words[0],
           word < line->n_words ? line->words[word] : "a value is missing", layouts[layout].type, layouts[layout].name,
           layouts[layout].usage);
}

/* The columns from word `first` on. */
static nmd_status read_columns(nmd_model_reader *reader, const nmd_input_line *line, int first, int layout,
                               nmd_symmetry_function *f) {
  const column *columns = layouts[layout].columns;
  int n = 0;
  for (; n < 6 && columns[n] != END; n++) {
    const bool optional = columns[n] == RS && n > 0 && columns[n - 1] == RC;
    const char *name = NULL;
    if (first + n >= line->n_words && optional) return check_ranges(reader, line, first, layout, f);
    if (first + n >= line->n_words) return count_fails(reader, line, first + n, layout);
    double *value = member(f, columns[n], &name);
    if (value == NULL)
      NMD_TRY(read_subtype(reader, line, first + n, f));
    else
      NMD_TRY(nmd__real_word(reader, line, first + n, name, value));
  }
  if (first + n < line->n_words) {
    NMD_FAIL(MODEL_FUNCTION, "%s: %s: \"%s\" is one value too many for a function of type %d (%s); expected %s",
             nmd__place(reader, line, first + n), line->words[0], line->words[first + n], layouts[layout].type,
             layouts[layout].name, layouts[layout].usage);
  }
  return check_ranges(reader, line, first, layout, f);
}

static const char *unsupported_name(int64_t type) {
  switch (type) {
    case 1: return "a plain sum of cut-off functions";
    case 4: return "a cosine of the distance";
    case 5: return "a Cartesian coordinate";
    case 6: return "a single distance";
    case 8: return "a Gaussian of the angle";
    default: return "unknown to n2p2";
  }
}

static nmd_status read_type(nmd_model_reader *reader, const nmd_input_line *line, int word, int *layout) {
  int64_t type;
  if (word >= line->n_words)
    NMD_FAIL(MODEL_FUNCTION, "%s: %s: the type is missing; expected a number such as 2", nmd__place(reader, line, word),
             line->words[0]);
  if (!nmd_parse_int(line->words[word], &type))
    NMD_FAIL(BAD_NUMBER, "%s: %s: type \"%s\" is not a whole number", nmd__place(reader, line, word), line->words[0],
             line->words[word]);
  for (*layout = 0; *layout < N_LAYOUTS; ++*layout)
    if (layouts[*layout].type == type) return NMD_OK;
  NMD_FAIL(MODEL_FUNCTION,
           "%s: %s: symmetry functions of type %s (%s) are not supported; expected 2, 3, 9, 12, 13 or 20 to 25",
           nmd__place(reader, line, word), line->words[0], line->words[word], unsupported_name(type));
}

static nmd_status add_function(nmd_model_reader *reader, const nmd_input_line *line, int element,
                               const nmd_symmetry_function *f) {
  nmd_element_model *e = &reader->model->elements[element];
  if (e->n_functions >= FUNCTIONS_MAX)
    NMD_FAIL(MODEL_FUNCTION, "%s: %s: %s has more than %d functions; remove some", nmd__place(reader, line, 0),
             line->words[0], nmd_element_symbol(e->atomic_number), FUNCTIONS_MAX);
  const int n = e->n_functions;
  if (n == 0) NMD_TRY(NMD_ALLOC(e->functions, 8));
  if (n >= 8 && (n & (n - 1)) == 0) NMD_TRY(NMD_GROW(e->functions, n, 2 * n)); /* capacity: powers of two */
  e->functions[e->n_functions++] = *f;
  return NMD_OK;
}

/* One function for each neighbour element, or for each unordered pair of them, as RuNNer has it. */
static nmd_status add_for_all_neighbours(nmd_model_reader *reader, const nmd_input_line *line, int element, int layout,
                                         nmd_symmetry_function f) {
  const int n = reader->model->n_elements;
  if (layouts[layout].n_elements == 0) return add_function(reader, line, element, &f);
  const bool pairs = layouts[layout].n_elements == 2;
  for (f.e1 = 0; f.e1 < n; f.e1++) {
    if (!pairs)
      NMD_TRY(add_function(reader, line, element, &f)); /* e2 stays -1 */
    else
      for (f.e2 = f.e1; f.e2 < n; f.e2++) NMD_TRY(add_function(reader, line, element, &f));
  }
  return NMD_OK;
}

static nmd_status read_function(nmd_model_reader *reader, const nmd_input_line *line) {
  const nmd_keyword_id id = line->keyword->id;
  nmd_symmetry_function f = {.e1 = -1, .e2 = -1, .line = line->number};
  int element = 0, layout = 0, word = 1;
  if (id != NMD_KEY_GLOBAL_FUNCTION) NMD_TRY(nmd__element_word(reader, line, word++, &element));
  NMD_TRY(read_type(reader, line, word++, &layout));
  f.kind = layouts[layout].kind;
  if (id == NMD_KEY_FUNCTION) {
    if (layouts[layout].n_elements >= 1) NMD_TRY(nmd__element_word(reader, line, word++, &f.e1));
    if (layouts[layout].n_elements == 2) NMD_TRY(nmd__element_word(reader, line, word++, &f.e2));
    if (f.e2 >= 0 && f.e2 < f.e1) {
      const int swap = f.e1;
      f.e1 = f.e2;
      f.e2 = swap;
    }
  }
  NMD_TRY(read_columns(reader, line, word, layout, &f));
  if (id == NMD_KEY_FUNCTION) return add_function(reader, line, element, &f);
  if (id == NMD_KEY_ELEMENT_FUNCTION) return add_for_all_neighbours(reader, line, element, layout, f);
  for (int e = 0; e < reader->model->n_elements; e++) NMD_TRY(add_for_all_neighbours(reader, line, e, layout, f));
  return NMD_OK;
}

static int by_number(double a, double b) { return (a > b) - (a < b); }

/* The keys that two functions of one kind are compared by, in order; END closes. */
typedef enum sort_key {
  K_END,
  K_RC,
  K_ETA,
  K_RS,
  K_ZETA,
  K_LAMBDA,
  K_RL,
  K_THETA_L,
  K_THETA_R,
  K_SUB,
  K_E1,
  K_E2
} sort_key;
static const sort_key gaussian_keys[] = {K_RC, K_ETA, K_RS, K_ZETA, K_LAMBDA, K_E1, K_E2, K_END};
static const sort_key compact_keys[] = {K_SUB, K_E1, K_E2, K_RC, K_RL, K_THETA_L, K_THETA_R, K_END};

static int by_key(const nmd_symmetry_function *a, const nmd_symmetry_function *b, sort_key key) {
  switch (key) {
    case K_RC: return by_number(a->rc, b->rc);
    case K_ETA: return by_number(a->eta, b->eta);
    case K_RS: return by_number(a->rs, b->rs);
    case K_ZETA: return by_number(a->zeta, b->zeta);
    case K_LAMBDA: return by_number(a->lambda, b->lambda);
    case K_RL: return by_number(a->rl, b->rl);
    case K_THETA_L: return by_number(a->theta_l, b->theta_l);
    case K_THETA_R: return by_number(a->theta_r, b->theta_r);
    case K_SUB: return subtype_of(a) - subtype_of(b);
    case K_E1: return a->e1 - b->e1;
    case K_E2: return a->e2 - b->e2;
    case K_END: break;
  }
  return 0;
}

/* Unused members are equal, so one list of keys serves all kinds of a family. */
static int compare_functions(const void *pa, const void *pb) {
  const nmd_symmetry_function *a = pa, *b = pb;
  int order = nmd__function_type(a->kind) - nmd__function_type(b->kind);
  const sort_key *key = a->kind >= NMD_COMPACT_RADIAL ? compact_keys : gaussian_keys;
  for (; order == 0 && *key != K_END; key++) order = by_key(a, b, *key);
  return order;
}

/* Model units to A; after sorting, so that the order is that of the numbers in the file. */
static void convert(nmd_model_reader *reader, nmd_symmetry_function *f) {
  const double unit = reader->length_unit;
  f->eta /= unit * unit;
  f->rs *= unit;
  f->rl *= unit;
  f->rc *= unit;
  if (f->rc > reader->model->cutoff) reader->model->cutoff = f->rc;
}

static nmd_status finish_element(nmd_model_reader *reader, nmd_element_model *e, bool *negative_shift) {
  if (e->n_functions == 0)
    NMD_FAIL(MODEL_FUNCTION,
             "%s: %s has no symmetry function; add symfunction_short lines for it or remove it from "
             "the elements line",
             reader->path, nmd_element_symbol(e->atomic_number));
  qsort(e->functions, (size_t)e->n_functions, sizeof *e->functions, compare_functions);
  for (int i = 0; i < e->n_functions; i++) {
    nmd_symmetry_function *f = &e->functions[i];
    convert(reader, f);
    if (f->rs >= 0.0 || (f->kind != NMD_NARROW && f->kind != NMD_WIDE)) continue;
    f->rs = 0.0; /* as n2p2's grouped evaluation has it */
    *negative_shift = true;
  }
  return NMD_OK;
}

nmd_status nmd__model_functions_read(nmd_model_reader *reader) {
  bool expanded = false, negative_shift = false;
  for (int i = 0; i < reader->n_lines; i++) {
    const nmd_keyword_id id = reader->lines[i].keyword->id;
    if (id != NMD_KEY_FUNCTION && id != NMD_KEY_ELEMENT_FUNCTION && id != NMD_KEY_GLOBAL_FUNCTION) continue;
    expanded |= id != NMD_KEY_FUNCTION;
    NMD_TRY(read_function(reader, &reader->lines[i]));
  }
  for (int e = 0; e < reader->model->n_elements; e++)
    NMD_TRY(finish_element(reader, &reader->model->elements[e], &negative_shift));
  if (expanded)
    NMD_TRY(nmd__text_add(&reader->notes,
                          "  global_symfunction_short and element_symfunction_short lines take effect as "
                          "in RuNNer (n2p2 ignores them)\n"));
  if (negative_shift)
    NMD_TRY(nmd__text_add(&reader->notes, "  a negative shift rs of types 3 and 9 acts as 0, as in n2p2\n"));
  return NMD_OK;
}

static int append(char *text, int used, int size, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  if (used < size) used += vsnprintf(text + used, (size_t)(size - used), format, arguments);
  va_end(arguments);
  return used;
}

/* Lengths in A, whatever the unit of the file. */
const char *nmd_model_function_text(const nmd_model *model, int element, int f_index) {
  nmd_model *writable = (nmd_model *)model; /* the text buffer is no part of the model's value */
  const nmd_element_model *e = &model->elements[element];
  nmd_symmetry_function f = e->functions[f_index];
  const int layout = layout_of(f.kind), size = (int)sizeof writable->function_text;
  char *text = writable->function_text;
  int used =
      append(text, 0, size, "symfunction_short %s %d", nmd_element_symbol(e->atomic_number), layouts[layout].type);
  if (f.e1 >= 0) used = append(text, used, size, " %s", nmd_element_symbol(model->elements[f.e1].atomic_number));
  if (f.e2 >= 0) used = append(text, used, size, " %s", nmd_element_symbol(model->elements[f.e2].atomic_number));
  for (int i = 0; i < 6 && layouts[layout].columns[i] != END; i++) {
    const column c = layouts[layout].columns[i];
    const char *name;
    const double *value = member(&f, c, &name);
    if (c == RS && i > 0 && layouts[layout].columns[i - 1] == RC && f.rs == 0.0) continue;
    if (value != NULL)
      used = append(text, used, size, " %.8g", *value);
    else
      used = append(text, used, size, " %s", subtypes[subtype_of(&f)].name);
  }
  return text;
}
