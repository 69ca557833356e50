/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading of model folders: the dialects of n2p2 and RuNNer, and what is refused with which message. LINKS: reference
 */
#include "nnp/model_data.h"

#include "base/memory.h"
#include "base/units.h"
#include "nnp/model_keywords.h"
#include "support/model_folder.h"
#include "support/test.h"

static const char base[] = "031-normalized-offsets"; /* Li Au; types 2, 3, 20; normalisation; atom_energy */
static const char sigma[] = "029-scaling-sigma-minmax";

typedef struct bad_model {
  const char *source;
  model_edit edit;
  nmd_status code;
  const char *place; /* "file:line:column" */
  const char *part;  /* of the message */
} bad_model;

#define INPUT(find, put)                                                                                               \
  { "input.nn", find, put }
#define SCALING(find, put)                                                                                             \
  { "scaling.data", find, put }
#define WEIGHTS(find, put)                                                                                             \
  { "weights.003.data", find, put }

static const bad_model bad_models[] = {
    /* files */
    {base, INPUT(NULL, NULL), NMD_FILE_MISSING, "input.nn", "cannot open"},
    {base, SCALING(NULL, NULL), NMD_FILE_MISSING, "scaling.data", "cannot open"},
    {base, WEIGHTS(NULL, NULL), NMD_FILE_MISSING, "weights.003.data", "cannot open"},
    /* elements */
    {base, INPUT("elements Li Au", "elements Li Xx"), NMD_UNKNOWN_ELEMENT, "input.nn:2:13", "Xx"},
    {base, INPUT("elements Li Au", "elements Li Au Li"), NMD_MODEL_ELEMENT, "input.nn:2:16", "twice"},
    {base, INPUT("elements Li Au", "elements"), NMD_MODEL_ELEMENT, "input.nn:2:9", "no element"},
    {base, INPUT("elements Li Au", "#"), NMD_MODEL_KEYWORD, "input.nn", "elements is missing"},
    {base, INPUT("number_of_elements 2", "number_of_elements 3"), NMD_MODEL_ELEMENT, "input.nn:1:20", "3"},
    {base, INPUT("number_of_elements 2", "number_of_elements 2.5"), NMD_BAD_NUMBER, "input.nn:1:20", "2.5"},
    {base, INPUT("number_of_elements 2", "number_of_elements 0"), NMD_MODEL_KEYWORD, "input.nn:1:20", "out of range"},
    {base, INPUT("elements Li Au", "elements Li Au Na"), NMD_MODEL_ELEMENT, "input.nn:1:20", "has 3"},
    {base, INPUT("atom_energy Li", "atom_energy Na"), NMD_MODEL_ELEMENT, "input.nn:4:13", "Na"},
    {base, INPUT("atom_energy Li", "atom_energy Au"), NMD_MODEL_KEYWORD, "input.nn:4:13", "second time"},
    {base, INPUT("atom_energy Li -1.125", "atom_energy Li"), NMD_MODEL_KEYWORD, "input.nn:4:15", "add it"},
    {base, INPUT("atom_energy Li -1.125", "atom_energy Li nan"), NMD_BAD_NUMBER, "input.nn:4:16", "nan"},
    /* switches */
    {base, INPUT("cutoff_type 1 0.1", "cutoff_type 9"), NMD_MODEL_KEYWORD, "input.nn:8:13", "9"},
    {base, INPUT("cutoff_type 1 0.1", "cutoff_type 1 1.0"), NMD_MODEL_KEYWORD, "input.nn:8:15", "1.0"},
    {base, INPUT("cutoff_type 1 0.1", "cutoff_type 1 -0.1"), NMD_MODEL_KEYWORD, "input.nn:8:15", "-0.1"},
    {base, INPUT("cutoff_type 1 0.1", "cutoff_type cosine"), NMD_BAD_NUMBER, "input.nn:8:13", "cosine"},
    {base, INPUT("random_seed", "cutoff_type 2\nrandom_seed"), NMD_MODEL_KEYWORD, "input.nn:14:1", "second time"},
    {base, INPUT("random_seed", "cutoff_alpha 0.3\nrandom_seed"), NMD_MODEL_KEYWORD, "input.nn:14:14", "contradicts"},
    {base, INPUT("mean_energy -2.3456789", "#"), NMD_MODEL_KEYWORD, "input.nn:7:1", "without mean_energy"},
    {base, INPUT("conv_energy 3.1234567", "conv_energy 0"), NMD_MODEL_KEYWORD, "input.nn:6:13", "> 0"},
    {base, INPUT("conv_length 1.87654321", "conv_length -1"), NMD_MODEL_KEYWORD, "input.nn:7:13", "-1"},
    {base, INPUT("random_seed", "scale_max_short 0\nrandom_seed"), NMD_MODEL_KEYWORD, "input.nn:14:17", "empty"},
    {base, INPUT("random_seed", "epochs 3\nepochs 4\nrandom_seed"), NMD_MODEL_KEYWORD, "input.nn:15:1", "epochs"},
    /* physics that is not there */
    {base, INPUT("random_seed", "use_electrostatics\n"), NMD_MODEL_KEYWORD, "input.nn:14:1", "use_electrostatics"},
    {base, INPUT("random_seed", "nnp_type 4G-HDNNP\n"), NMD_MODEL_KEYWORD, "input.nn:14:10", "4G-HDNNP"},
    {base, INPUT("random_seed", "nnp_gen 3\n"), NMD_MODEL_KEYWORD, "input.nn:14:9", "3"},
    {base, INPUT("random_seed", "fixed_charge Li 1.0\n"), NMD_MODEL_KEYWORD, "input.nn:14:1", "fixed charges"},
    {base, INPUT("random_seed", "  use_vdw\n"), NMD_MODEL_KEYWORD, "input.nn:14:3", "dispersion"},
    {base, INPUT("random_seed", "nn_type_short 2\n"), NMD_MODEL_KEYWORD, "input.nn:14:15", "2"},
    {base, INPUT("random_seed", "nn_type_short\n"), NMD_MODEL_KEYWORD, "input.nn:14:14", "expected 1"},
    /* functions */
    {base, INPUT("Au 2 Au 0.30190", "Au 4 Au 0.30190"), NMD_MODEL_FUNCTION, "input.nn:15:22", "type 4"},
    {base, INPUT("Au 2 Au 0.30190", "Au 99 Au 0.30190"), NMD_MODEL_FUNCTION, "input.nn:15:22", "99"},
    {base, INPUT("Au 2 Au 0.30190", "Au two Au 0.30190"), NMD_BAD_NUMBER, "input.nn:15:22", "two"},
    {base, INPUT("Au 2 Au 0.30190", "Au 2 Na 0.30190"), NMD_MODEL_ELEMENT, "input.nn:15:24", "Na"},
    {base, INPUT("Au 2 Au 0.30190", "AU 2 Au 0.30190"), NMD_UNKNOWN_ELEMENT, "input.nn:15:19", "AU"},
    {base, INPUT("0.30190 0.0000 6.000", "0.30190 0.0000"), NMD_MODEL_FUNCTION, "input.nn:15:41", "eta rs rc"},
    {base, INPUT("0.30190 0.0000 6.000", "0.30190 0.0000 6.000 7"), NMD_MODEL_FUNCTION, "input.nn:15:48", "too many"},
    {base, INPUT("0.30190 0.0000 6.000", "0.30190 0.0000 0.0"), NMD_MODEL_FUNCTION, "input.nn:15:42", "> 0"},
    {base, INPUT("0.30190 0.0000 6.000", "0.3O190 0.0000 6.0"), NMD_BAD_NUMBER, "input.nn:15:27", "0.3O190"},
    {base, INPUT("0.30190 0.0000 6.000", "1e999 0.0000 6.0"), NMD_BAD_NUMBER, "input.nn:15:27", "1e999"},
    {base, INPUT("-1.0 2 6.000", "-1.0 0 6.000"), NMD_MODEL_FUNCTION, "input.nn:22:43", "zeta > 0"},
    {base, INPUT("0.97964 5.00000 p2", "0.97964 5.00000 p5"), NMD_MODEL_FUNCTION, "input.nn:19:44", "p5"},
    {base, INPUT("0.97964 5.00000 p2", "0.97964 5.00000"), NMD_MODEL_FUNCTION, "input.nn:19:43", "rl rc subtype"},
    {base, INPUT("0.97964 5.00000 p2", "5.0 5.00000 p2"), NMD_MODEL_FUNCTION, "input.nn:19:28", "rl < rc"},
    {base, INPUT("Li 20 Li 0.97964 5.00000 p2", "Li 21 Li Li 0.9 5.0 120 60 p2"), NMD_MODEL_FUNCTION, "input.nn:19:43",
     "greater than the lower"},
    {base, INPUT("Li 20 Li 0.97964 5.00000 p2", "Li 21 Li Li 0.9 5.0 -20 60 p2"), NMD_MODEL_FUNCTION, "input.nn:19:43",
     "symmetric"},
    {base, INPUT("symfunction_short", "symfunction"), NMD_MODEL_KEYWORD, "input.nn:16:1", "one name"},
    {base, INPUT("symfunction_short Au 2 Au 0.30190 0.0000 6.000", "symfunction_short"), NMD_MODEL_KEYWORD,
     "input.nn:15:18", "an element"},
    {base, INPUT("symfunction_short Au", NULL), NMD_MODEL_FUNCTION, "input.nn", "Li has no symmetry function"},
    /* networks */
    {base, INPUT("global_hidden_layers_short 2", "global_hidden_layers_short 3"), NMD_MODEL_KEYWORD, "input.nn:12:23",
     "expected 3"},
    {base, INPUT("global_hidden_layers_short 2", "global_hidden_layers_short 0"), NMD_MODEL_KEYWORD, "input.nn:11:28",
     "0 is out of range"},
    {base, INPUT("global_nodes_short 8 6", "global_nodes_short 8 6 4"), NMD_MODEL_KEYWORD, "input.nn:12:24",
     "3 values"},
    {base, INPUT("global_nodes_short 8 6", "global_nodes_short 8 -6"), NMD_MODEL_KEYWORD, "input.nn:12:22", "-6"},
    {base, INPUT("global_nodes_short 8 6", "#"), NMD_MODEL_KEYWORD, "input.nn", "global_nodes_short is missing"},
    {base, INPUT("short t t l", "short t q l"), NMD_MODEL_KEYWORD, "input.nn:13:27", "q"},
    {base, INPUT("short t t l", "short t l"), NMD_MODEL_KEYWORD, "input.nn:13:28", "expected 3"},
    {base, INPUT("short t t l", "short t tt l"), NMD_MODEL_KEYWORD, "input.nn:13:27", "tt"},
    {base, INPUT("random_seed", "element_nodes_short Li 8\n#"), NMD_MODEL_KEYWORD, "input.nn:14:25", "expected 2"},
    {base, INPUT("random_seed", "element_activation_short Li 1 3 t\n#"), NMD_MODEL_KEYWORD, "input.nn:14:29", "neuron"},
    {base, INPUT("random_seed", "element_activation_short Li t t l\nelement_activation_short Li t t l\n#"),
     NMD_MODEL_KEYWORD, "input.nn:15:26", "second time"},
    {base, INPUT("random_seed", "element_hidden_layers_short Li 3\n#"), NMD_MODEL_KEYWORD, "input.nn:14:32", "add"},
    /* scaling.data */
    {base, SCALING("         2          9", NULL), NMD_MODEL_SCALING, "scaling.data:32:1", "function 9 of element 2"},
    {base, SCALING("         2          9", "         2          8"), NMD_MODEL_SCALING, "scaling.data:33:10",
     "line 32"},
    {base, SCALING("         2          9", "         2         10"), NMD_MODEL_SCALING, "scaling.data:33:20", "10"},
    {base, SCALING("         2          9", "         3          9"), NMD_MODEL_SCALING, "scaling.data:33:10", "3"},
    {base, SCALING("         2          9", "         2        9.0"), NMD_BAD_NUMBER, "scaling.data:33:19", "9.0"},
    {base, SCALING("4.1865048130980193E-01", "  "), NMD_MODEL_SCALING, "scaling.data:16:30", "above"},
    {base, SCALING("4.1865048130980193E-01", "nan"), NMD_BAD_NUMBER, "scaling.data:16:25", "nan"},
    {base, SCALING("4.1865048130980193E-01", "2.5351776322179593E+00"), NMD_MODEL_SCALING, "scaling.data:16:1",
     "equal minimum and maximum"},
    {base, SCALING("4.1865048130980193E-01", "3.5351776322179593E+00"), NMD_MODEL_SCALING, "scaling.data:16:25",
     "above"},
    {base, SCALING(NULL, "-1 2\n-1 2\n"), NMD_MODEL_SCALING, "scaling.data:35:1", "after"},
    {base, SCALING("         1          1 ", "-1 2\n 1 1 "), NMD_MODEL_SCALING, "scaling.data:16:4", "2 columns"},
    {base, SCALING("4.1895148665923987E-01", "1 2 3"), NMD_MODEL_SCALING, "scaling.data:16:", "columns"},
    /* weights */
    {base, WEIGHTS(NULL, "0.5\n"), NMD_MODEL_WEIGHTS, "weights.003.data:144:1", "weight 142 is one too many"},
    {base, WEIGHTS("  4.2285031788670779E-01", NULL), NMD_MODEL_WEIGHTS, "weights.003.data:142:1", "140 weights"},
    {base, WEIGHTS("4.2285031788670779E-01", "inf"), NMD_BAD_NUMBER, "weights.003.data:143:3", "inf"},
    {base, WEIGHTS("4.2285031788670779E-01", "1.0x"), NMD_BAD_NUMBER, "weights.003.data:143:3", "1.0x"},
    {base, WEIGHTS("# random weights", NULL), NMD_MODEL_WEIGHTS, "weights.003.data:1:1", "0 weights"},
};

static void check_message(const bad_model *bad, const char *message) {
  TEST_CONTAINS(message, bad->place);
  TEST_CONTAINS(message, bad->part);
  TEST_CHECK(strchr(message, '\n') == NULL && strlen(message) < 2000, "not one line: %s", message);
}

static void test_bad_models(void) {
  for (int i = 0; i < (int)(sizeof bad_models / sizeof bad_models[0]); i++) {
    const bad_model *bad = &bad_models[i];
    const int64_t before = nmd_memory_in_use();
    nmd_model *model = NULL;
    const nmd_status status = nmd_model_read(model_folder_edited(bad->source, &bad->edit, 1), 1.0, 1.0, &model);
    const char *message = nmd_error_text();
    const bool ok = TEST_CHECK(status == bad->code, "%s with \"%s\": %s (%s), expected %s", bad->edit.file,
                               bad->edit.put != NULL ? bad->edit.put : "(cut)", nmd_status_name(status),
                               status == NMD_OK ? "no message" : message, nmd_status_name(bad->code));
    if (ok) check_message(bad, message);
    nmd_model_destroy(status == NMD_OK ? model : NULL);
    TEST_EQUAL_INT(nmd_memory_in_use(), before);
  }
}

static void test_bad_sigma(void) {
  nmd_model *model = NULL;
  char *text = test_read(NMD_TEST_DATA "/reference/029-scaling-sigma-minmax/scaling.data");
  char *first = strstr(text, "\n         1          1") + 1;
  double low, high, mean, deviation;
  if (!TEST_CHECK(sscanf(first, "%*d %*d %lf %lf %lf %lf", &low, &high, &mean, &deviation) == 4, "no numbers")) return;
  char old[32];
  snprintf(old, sizeof old, "%.16E", deviation);
  model_edit zero = SCALING(old, "0.0");
  TEST_FAILS(nmd_model_read(model_folder_edited(sigma, &zero, 1), 1.0, 1.0, &model), NMD_MODEL_SCALING);
  TEST_CONTAINS(nmd_error_text(), "a sigma that is not positive");
  model_edit without = SCALING(old, "");
  TEST_FAILS(nmd_model_read(model_folder_edited(sigma, &without, 1), 1.0, 1.0, &model), NMD_MODEL_SCALING);
  TEST_CONTAINS(nmd_error_text(), "no sigma column");
  free(text);
}

static void test_bad_units(void) {
  nmd_model *model = NULL;
  TEST_FAILS(nmd_model_read(NMD_TEST_DATA "/reference/001-t2-ortho", 0.0, 1.0, &model), NMD_MODEL_UNITS);
  TEST_FAILS(nmd_model_read(NMD_TEST_DATA "/reference/001-t2-ortho", 1.0, (double)NAN, &model), NMD_MODEL_UNITS);
}

static bool same_element(const nmd_element_model *a, const nmd_element_model *b) {
  bool same = a->atomic_number == b->atomic_number && a->n_functions == b->n_functions && a->n_layers == b->n_layers &&
              a->offset == b->offset && a->scale_base == b->scale_base;
  for (int f = 0; same && f < a->n_functions; f++) {
    const nmd_symmetry_function *s = &a->functions[f], *t = &b->functions[f];
    same = s->kind == t->kind && s->e1 == t->e1 && s->e2 == t->e2 && s->eta == t->eta && s->rs == t->rs &&
           s->lambda == t->lambda && s->zeta == t->zeta && s->rl == t->rl && s->rc == t->rc &&
           s->theta_l == t->theta_l && s->theta_r == t->theta_r && s->compact == t->compact &&
           s->asymmetric == t->asymmetric && a->scale_factor[f] == b->scale_factor[f] &&
           a->scale_shift[f] == b->scale_shift[f] && a->low[f] == b->low[f] && a->high[f] == b->high[f];
  }
  for (int l = 0; same && l < a->n_layers; l++) {
    const nmd_layer *p = &a->layers[l], *q = &b->layers[l];
    same = p->n_in == q->n_in && p->n_out == q->n_out && p->activation == q->activation;
    for (int k = 0; same && k < p->n_in * p->n_out; k++) same = p->weight[k] == q->weight[k];
    for (int k = 0; same && k < p->n_out; k++) same = p->bias[k] == q->bias[k];
  }
  return same;
}

static bool same_model(const nmd_model *a, const nmd_model *b) {
  bool same = a->n_elements == b->n_elements && a->cutoff_kind == b->cutoff_kind &&
              a->cutoff_alpha == b->cutoff_alpha && a->cutoff == b->cutoff && a->energy_factor == b->energy_factor;
  for (int e = 0; same && e < a->n_elements; e++) same = same_element(&a->elements[e], &b->elements[e]);
  return same;
}

static nmd_model *read_or_fail(const char *folder) {
  nmd_model *model = NULL;
  return TEST_OK(nmd_model_read(folder, 1.0, 1.0, &model)) ? model : NULL;
}

/* Reads the folder as it stands, compares with `expected` and frees the copy. */
static void check_same(const nmd_model *expected, const char *what) {
  nmd_model *model = read_or_fail(test_folder());
  if (model == NULL || expected == NULL) return;
  TEST_CHECK(same_model(expected, model), "%s: another model", what);
  nmd_model_destroy(model);
}

static void test_line_ends(void) {
  nmd_model *expected = read_or_fail(model_folder_edited(base, NULL, 0));
  model_folder_line_ends("\r\n");
  check_same(expected, "CR LF");
  model_folder_edited(base, NULL, 0);
  model_folder_line_ends("\r");
  check_same(expected, "CR");
  model_folder_edited(base, NULL, 0);
  model_folder_line_ends(" \t \n\n");
  check_same(expected, "blanks and empty lines");
  nmd_model_destroy(expected);
}

static void test_harmless_variants(void) {
  static const struct {
    const char *what;
    model_edit edit;
  } variants[] = {
      {"order of elements", INPUT("elements Li Au", "elements Au Li")},
      {"Fortran exponent", INPUT("0.30190", "3.0190d-1")},
      {"other order of neighbours", INPUT("Li 3 Au Li", "Li 3 Li Au")},
      {"comment", INPUT("atom_energy Au -5.25", "atom_energy Au -5.25! as measured")},
      {"no number_of_elements", INPUT("number_of_elements 2\n", "")},
      {"unknown keyword", INPUT("random_seed", "what_is_this 1 2 3\nrandom_seed")},
      {"RuNNer companions",
       INPUT("random_seed", "electrostatic_type 1\nuse_short_nn\nrunner_mode 3\nnn_type_short 1\n#")},
      {"generation", INPUT("random_seed", "nnp_type 2G-HDNNP\n#")},
      {"range of energies", SCALING(NULL, "  -1.5  3.25\n")},
      {"indented comment", WEIGHTS(NULL, "  # the end\n")},
      {"Fortran weight", WEIGHTS("4.2285031788670779E-01", "4.2285031788670779D-01")},
  };
  nmd_model *expected = read_or_fail(model_folder_edited(base, NULL, 0));
  for (int i = 0; i < (int)(sizeof variants / sizeof variants[0]); i++) {
    model_folder_edited(base, &variants[i].edit, 1);
    check_same(expected, variants[i].what);
  }
  nmd_model_destroy(expected);
}

/* A reordered scaling.data is put in order by its index columns. */
static void test_scaling_order(void) {
  nmd_model *expected = read_or_fail(model_folder_edited(base, NULL, 0));
  char *text = test_read(test_path("scaling.data"));
  char *reversed = calloc(strlen(text) + 2, 1);
  for (char *end = text + strlen(text); end > text;) {
    if (end[-1] == '\n') *--end = '\0';
    char *start = memrchr(text, '\n', (size_t)(end - text));
    start = start == NULL ? text : start + 1;
    strcat(strcat(reversed, start), "\n");
    *start = '\0';
    end = start;
  }
  test_write("scaling.data", reversed);
  check_same(expected, "reversed scaling.data");
  free(text);
  free(reversed);
  nmd_model_destroy(expected);
}

static const char settings[] = "cutoff_type 2\nscale_symmetry_functions\nglobal_hidden_layers_short 2\n"
                               "global_nodes_short 3 2\nglobal_activation_short t t l\n";

static nmd_model *read_generated(const char *lines, int functions, int weights_h, int weights_o) {
  char input[4096];
  snprintf(input, sizeof input, "%s%s", settings, lines);
  return read_or_fail(
      model_folder_generated(input, (const int[2]){functions, functions}, (const int[2]){weights_h, weights_o}));
}

static int weights_of(int n_in, int a, int b) { return (n_in + 1) * a + (a + 1) * b + b + 1; }

/* RuNNer's short forms stand for the lines written out. */
static void test_global_functions(void) {
  static const char written[] =
      "symfunction_short H 2 H 0.1 0.5 6\nsymfunction_short H 2 O 0.1 0.5 6\nsymfunction_short O 2 H 0.1 0.5 6\n"
      "symfunction_short O 2 O 0.1 0.5 6\nsymfunction_short H 3 H H 0.02 1 4 5\nsymfunction_short H 3 H O 0.02 1 4 5\n"
      "symfunction_short H 3 O O 0.02 1 4 5\nsymfunction_short O 3 H H 0.02 1 4 5\nsymfunction_short O 3 H O 0.02 1 4 "
      "5\n"
      "symfunction_short O 3 O O 0.02 1 4 5\n";
  const int weights = weights_of(5, 3, 2);
  nmd_model *expected = read_generated(written, 5, weights, weights);
  nmd_model *model = read_generated("global_symfunction_short 2 0.1 0.5 6\nglobal_symfunction_short 3 0.02 1 4 5\n", 5,
                                    weights, weights);
  if (expected == NULL || model == NULL) return;
  CU_ASSERT(same_model(expected, model));
  TEST_CONTAINS(model->summary, "n2p2 ignores them");
  nmd_model_destroy(model);
  model = read_generated("element_symfunction_short H 2 0.1 0.5 6\nelement_symfunction_short O 2 0.1 0.5 6\n"
                         "global_symfunction_short_atomic 3 0.02 1 4 5\n",
                         5, weights, weights);
  if (model != NULL) CU_ASSERT(same_model(expected, model));
  nmd_model_destroy(model);
  nmd_model_destroy(expected);
}

static void check_shape(const nmd_model *model, int element, int n_layers, int first, int second) {
  if (model == NULL) return;
  const nmd_element_model *e = &model->elements[element];
  TEST_EQUAL_INT(e->n_layers, n_layers);
  TEST_EQUAL_INT(e->layers[0].n_out, first);
  TEST_EQUAL_INT(e->layers[1].n_out, second);
}

/* Sizes of O's network: n2p2's reading, n2p2's quirk and RuNNer's reading are told apart by the number of weights. */
static void test_element_nodes(void) {
  static const char lines[] = "global_symfunction_short 2 0.1 0.0 6\nelement_nodes_short O 2 4\n";
  const int global = weights_of(2, 3, 2);
  nmd_model *model = read_generated(lines, 2, global, weights_of(2, 2, 4));
  check_shape(model, 0, 3, 3, 2);
  check_shape(model, 1, 3, 2, 4);
  nmd_model_destroy(model);
  model = read_generated(lines, 2, global, weights_of(2, 2, 2)); /* the last hidden layer keeps the global size */
  check_shape(model, 1, 3, 2, 2);
  if (model != NULL) TEST_CONTAINS(model->summary, "as n2p2 has it");
  nmd_model_destroy(model);
  model = read_generated(lines, 2, global, weights_of(2, 3, 4)); /* layer 2 has 4 neurons */
  check_shape(model, 1, 3, 3, 4);
  if (model != NULL) TEST_CONTAINS(model->summary, "RuNNer");
  nmd_model_destroy(model);
  model = read_generated("global_symfunction_short 2 0.1 0.0 6\nelement_nodes_short O 1 5\nelement_nodes_short O 2 4\n",
                         2, global, weights_of(2, 5, 4));
  check_shape(model, 1, 3, 5, 4);
  nmd_model_destroy(model);
}

static void test_element_layers(void) {
  const int global = weights_of(2, 3, 2), one_layer = (2 + 1) * 3 + 3 + 1;
  nmd_model *model =
      read_generated("global_symfunction_short 2 0.1 0.0 6\nelement_hidden_layers_short O 1\n", 2, global, one_layer);
  check_shape(model, 1, 2, 3, 1);
  nmd_model_destroy(model);
  model = read_generated("global_symfunction_short 2 0.1 0.0 6\nelement_activation_short O g c h\n", 2, global, global);
  if (model == NULL) return;
  CU_ASSERT(model->elements[1].layers[0].activation == NMD_ACT_GAUSSIAN);
  CU_ASSERT(model->elements[1].layers[2].activation == NMD_ACT_HARMONIC);
  CU_ASSERT(model->elements[0].layers[2].activation == NMD_ACT_IDENTITY);
  TEST_CONTAINS(model->summary, "output harmonic as written");
  nmd_model_destroy(model);
}

static void test_cutoff_default(void) {
  const model_edit edit = INPUT("cutoff_type 1 0.1", "cutoff_alpha 0.25");
  nmd_model *model = read_or_fail(model_folder_edited(base, &edit, 1));
  if (model == NULL) return;
  CU_ASSERT(model->cutoff_kind == NMD_CUTOFF_COSINE && model->cutoff_alpha == 0.25);
  TEST_CONTAINS(model->summary, "cutoff_type is missing");
  nmd_model_destroy(model);
}

static void test_negative_shift(void) {
  const model_edit edit = INPUT("Li 3 Li Li 0.06882 -1.0 2 6.000", "Li 3 Li Li 0.06882 -1.0 2 6.000 -0.5");
  nmd_model *model = read_or_fail(model_folder_edited(base, &edit, 1));
  if (model == NULL) return;
  for (int f = 0; f < model->elements[0].n_functions; f++) CU_ASSERT(model->elements[0].functions[f].rs >= 0.0);
  TEST_CONTAINS(model->summary, "a negative shift");
  nmd_model_destroy(model);
}

static void test_units(void) {
  nmd_model *model = NULL;
  if (!TEST_OK(nmd_model_read(NMD_TEST_DATA "/reference/031-normalized-offsets", NMD_BOHR, NMD_HARTREE, &model)))
    return;
  TEST_NEAR(nmd_model_cutoff(model), 6.0 * NMD_BOHR, 1e-14);
  TEST_NEAR(nmd_model_offset(model, 0), (-2.3456789 - 1.125) * NMD_HARTREE, 1e-12);
  TEST_NEAR(model->energy_factor, NMD_HARTREE / 3.1234567, 1e-12);
  TEST_NEAR(model->elements[0].functions[0].eta * NMD_BOHR * NMD_BOHR, 0.10712, 1e-14);
  TEST_EQUAL_INT(nmd_model_atomic_number(model, 1), 79);
  TEST_EQUAL_INT(nmd_model_element_index(model, 79), 1);
  TEST_EQUAL_INT(nmd_model_element_index(model, 3), 0);
  TEST_EQUAL_INT(nmd_model_element_index(model, 29), -1);
  TEST_EQUAL_INT(nmd_model_function_count(model, 1), 9);
  nmd_model_destroy(model);
  TEST_OK(nmd_model_read(NMD_TEST_DATA "/reference/031-normalized-offsets", 1.0, 1.0, &model));
  TEST_EQUAL_TEXT(nmd_model_function_text(model, 0, 6), "symfunction_short Li 3 Li Li 0.06882 -1 2 6");
  TEST_EQUAL_TEXT(nmd_model_function_text(model, 1, 8), "symfunction_short Au 20 Au 0.35767 5 p2");
  nmd_model_destroy(model);
}

static void collect(void *context, const char *text) {
  char *all = context;
  CU_ASSERT(strchr(text, '\n') == text + strlen(text) - 1);
  if (strlen(all) + strlen(text) < 8192) strcat(all, text);
}

static void test_describe(void) {
  const model_edit edit = INPUT("random_seed", "symfunction_shrt Li 2 Li 1 0 6\nwhat_is_this 4\nrandom_seed");
  nmd_model *model = read_or_fail(model_folder_edited(base, &edit, 1));
  char *all = calloc(8193, 1);
  if (model != NULL) nmd_model_describe(model, collect, all);
  TEST_CONTAINS(all, "elements: Li Au");
  TEST_CONTAINS(all, "type 1 (cosine), alpha 0.1");
  TEST_CONTAINS(all, "9 functions: 4 radial (type 2), 3 narrow angular (type 3), 2 compact radial (type 20)");
  TEST_CONTAINS(all, "Au: network 9-8-6-1, tanh tanh linear, 141 weights");
  TEST_CONTAINS(all, "without effect on the energy: random_seed");
  TEST_CONTAINS(all, "symfunction_shrt (line 14; meant was perhaps symfunction_short), what_is_this (line 15)");
  free(all);
  nmd_model_destroy(model);
}

static void test_keywords(void) {
  CU_ASSERT(nmd_keyword_find("elements")->use == NMD_KEYWORD_USED);
  CU_ASSERT(nmd_keyword_find("kalman_epsilon")->use == NMD_KEYWORD_IRRELEVANT);
  CU_ASSERT(nmd_keyword_find("use_electrostatics")->use == NMD_KEYWORD_REFUSED);
  CU_ASSERT_PTR_NULL(nmd_keyword_find("not_a_keyword"));
  TEST_EQUAL_TEXT(nmd_keyword_nearest("cutof_type"), "cutoff_type");
  CU_ASSERT_PTR_NULL(nmd_keyword_nearest("zzz"));
}

/* No byte of a model's files may lead to a crash: every file cut short at every place, and bytes changed at random. */
static void test_damaged_files(void) {
  static const char *const files[] = {"input.nn", "scaling.data", "weights.003.data"};
  const int64_t before = nmd_memory_in_use();
  uint32_t random = 12345;
  for (int f = 0; f < 3; f++) {
    model_folder_edited("012-all-types-sorted", NULL, 0);
    char *text = test_read(test_path(files[f]));
    const size_t length = strlen(text);
    char *changed = malloc(length + 1);
    for (int trial = 0; trial < 250; trial++) {
      random = random * 1664525u + 1013904223u;
      const size_t at = (random >> 8) % length;
      memcpy(changed, text, length + 1);
      if (trial % 2 == 0)
        changed[at] = '\0';
      else
        changed[at] = (char)(random >> 24 | 1);
      if (trial % 4 == 3) changed[(at * 7 + 11) % length] = " \n-9e.#"[random % 7];
      test_write(files[f], changed);
      nmd_model *model = NULL;
      if (nmd_model_read(test_folder(), 1.0, 1.0, &model) == NMD_OK)
        nmd_model_destroy(model);
      else
        TEST_CHECK(strchr(nmd_error_text(), '\n') == NULL, "message of several lines");
    }
    free(changed);
    free(text);
  }
  TEST_EQUAL_INT(nmd_memory_in_use(), before);
}

TEST_SUITE("nnp/model", TEST(test_bad_models), TEST(test_bad_sigma), TEST(test_bad_units), TEST(test_line_ends),
           TEST(test_harmless_variants), TEST(test_scaling_order), TEST(test_global_functions),
           TEST(test_element_nodes), TEST(test_element_layers), TEST(test_cutoff_default), TEST(test_negative_shift),
           TEST(test_units), TEST(test_describe), TEST(test_keywords), TEST(test_damaged_files))
