/* SPDX-License-Identifier: BSD-3-Clause */
/* nnpmd-dataset functions: an input.nn made for the data at hand. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/version.h"
#include "dataset/functions_prune.h"
#include "dataset_tool.h"
#include "io/file_atomic.h"
#include "nnp/evaluate.h"

typedef struct functions_parameters {
  char *to, *nodes, *compare;
  double cutoff, correlation, cost;
  int64_t count, shells, angular_shells, zeta, windows, sample, cutoff_type;
  int radial, angular, order;
} functions_parameters;

static const nmd_option options[] = {
    {"to", NMD_OPT_PATH, offsetof(functions_parameters, to), .doc = "input.nn to write"},
    {"cutoff", NMD_OPT_REAL, offsetof(functions_parameters, cutoff), NMD_DIM_LENGTH, "6.5 A", 1, 20,
     .doc = "cut-off radius of all functions"},
    {"count", NMD_OPT_INT, offsetof(functions_parameters, count), .fallback = "0", .min = 0, .max = 2000,
     .doc = "functions of each element; 0: as many as --cost allows, or all that differ"},
    {"cost", NMD_OPT_REAL, offsetof(functions_parameters, cost), .fallback = "0", .min = 0, .max = -1,
     .doc = "predicted time of an average atom in microseconds not to be exceeded; 0: no limit"},
    {"kind", NMD_OPT_CHOICE, offsetof(functions_parameters, radial), .fallback = "gaussian",
     .choices = "gaussian|compact",
     .doc = "Gaussian functions (types 2, 3, 9) or polynomials with compact support (types 20, 22)"},
    {"angular", NMD_OPT_CHOICE, offsetof(functions_parameters, angular), .fallback = "wide",
     .choices = "none|wide|narrow|both", .doc = "angular functions without (wide) or with (narrow) the third side"},
    {"shells", NMD_OPT_INT, offsetof(functions_parameters, shells), .fallback = "7", .min = 1, .max = 60,
     .doc = "candidates: radial functions of each pair of elements"},
    {"angular-shells", NMD_OPT_INT, offsetof(functions_parameters, angular_shells), .fallback = "2", .min = 1,
     .max = 20, .doc = "candidates: radial widths of angular functions"},
    {"zeta", NMD_OPT_INT, offsetof(functions_parameters, zeta), .fallback = "4", .min = 1, .max = 64,
     .doc = "candidates: angular exponents 1, 2, 4, ... up to this (up to 4 they are fast)"},
    {"angle-windows", NMD_OPT_INT, offsetof(functions_parameters, windows), .fallback = "6", .min = 1, .max = 60,
     .doc = "candidates: windows along the angle of compact functions"},
    {"correlation", NMD_OPT_REAL, offsetof(functions_parameters, correlation), .fallback = "0.999", .min = 0, .max = 1,
     .doc = "candidates that correlate more than this with an earlier one drop out"},
    {"order", NMD_OPT_CHOICE, offsetof(functions_parameters, order), .fallback = "pivots", .choices = "pivots|cur",
     .doc = "what comes next: the function with most variance of its own left, or the one that describes most of the "
            "rest"},
    {"sample", NMD_OPT_INT, offsetof(functions_parameters, sample), .fallback = "8000", .min = 100, .max = -1,
     .doc = "atoms (about) on whose environments the candidates are judged"},
    {"nodes", NMD_OPT_TEXT, offsetof(functions_parameters, nodes), .fallback = "16 16",
     .doc = "neurons of the hidden layers, for the input.nn"},
    {"cutoff-type", NMD_OPT_INT, offsetof(functions_parameters, cutoff_type), .fallback = "2", .min = 1, .max = 8,
     .doc = "cut-off function of the format; 2: tanh^3"},
    {"compare", NMD_OPT_PATH, offsetof(functions_parameters, compare), .fallback = "",
     .doc = "folder of another model, whose predicted cost is shown beside"},
};
static const nmd_option_table table = {"functions", "symmetry functions", sizeof(functions_parameters),
                                       NMD_COUNT(options), options};

static void report_ranges(tool *t, const nmd_ranges *r) {
  const int n = r->species.n;
  nmd_buffer_text(&t->text,
                  "#\n# shortest distances (A; one in a thousand is shorter) and smallest angles (degrees)\n");
  for (int a = 0; a < n; a++) {
    const char *centre = nmd_element_symbol(r->species.atomic_number[a]);
    double neighbours = 0.0;
    for (int b = 0; b < n; b++) neighbours += r->neighbours[a * n + b];
    nmd_buffer_printf(&t->text, "# %s, %.1f neighbours:", centre, neighbours);
    for (int b = 0; b < n; b++)
      nmd_buffer_printf(&t->text, " %s-%s %.2f", centre, nmd_element_symbol(r->species.atomic_number[b]),
                        r->shortest[a * n + b]);
    for (int b = 0; b < n; b++)
      for (int c = b; c < n; c++)
        nmd_buffer_printf(&t->text, " %s-%s-%s %.0f", nmd_element_symbol(r->species.atomic_number[b]), centre,
                          nmd_element_symbol(r->species.atomic_number[c]), r->smallest_angle[(a * n + b) * n + c]);
    nmd_buffer_text(&t->text, "\n");
  }
  nmd_buffer_text(&t->text, "#\n");
}

static void report_functions(tool *t, const nmd_ranges *r, const nmd_function_set *set, const nmd_pruned *p) {
  nmd_tool_note(t, "%d candidates, %d after dropping those that go along with others, %d kept", p->candidates,
                p->distinct, p->n);
  nmd_tool_note(t, "predicted cost %.3f us an average atom with forces; all candidates %.3f", p->cost, p->all_cost);
  nmd_json_int(&t->json, "candidates", p->candidates);
  nmd_json_int(&t->json, "distinct", p->distinct);
  nmd_json_int(&t->json, "kept", p->n);
  nmd_json_real(&t->json, "cost_us_per_atom", p->cost);
  nmd_json_real(&t->json, "cost_of_candidates_us_per_atom", p->all_cost);
  nmd_json_open(&t->json, "elements", '[');
  for (int e = 0; e < r->species.n; e++) {
    int count = 0;
    for (int k = 0; k < p->n; k++) count += set->lines[p->keep[k]].centre == e;
    nmd_tool_note(t, "%s: %d functions leave %.3g %% of the candidates' variance undescribed",
                  nmd_element_symbol(r->species.atomic_number[e]), count, 100.0 * p->left[e]);
    nmd_json_open(&t->json, NULL, '{');
    nmd_json_text(&t->json, "element", nmd_element_symbol(r->species.atomic_number[e]));
    nmd_json_int(&t->json, "functions", count);
    nmd_json_real(&t->json, "undescribed", p->left[e]);
    nmd_json_close(&t->json);
  }
  nmd_json_close(&t->json);
  nmd_tool_columns(t, "undescribed_before function", "- -");
  for (int k = 0; k < p->n; k++)
    nmd_buffer_printf(&t->text, "%9.5f  %s\n", set->lines[p->keep[k]].merit, set->lines[p->keep[k]].text);
}

static nmd_status compare(tool *t, const char *folder, const nmd_ranges *ranges) {
  nmd_model *model;
  double cost;
  if (folder == NULL) return NMD_OK;
  NMD_TRY(nmd_model_read_untrained(folder, 1.0, 1.0, &model));
  const nmd_status status = nmd_model_cost(model, ranges, &cost);
  int n = 0;
  for (int e = 0; e < nmd_model_element_count(model); e++) n += nmd_model_function_count(model, e);
  nmd_model_destroy(model);
  NMD_TRY(status);
  nmd_tool_note(t, "for comparison: %s with %d functions, predicted cost %.3f us", folder, n, cost);
  nmd_json_real(&t->json, "compared_cost_us_per_atom", cost);
  return NMD_OK;
}

/* Comment lines at the head of the input.nn. */
static nmd_status write_input(tool *t, const functions_parameters *p, const nmd_ranges *r, const nmd_function_set *set,
                              const nmd_pruned *pruned, nmd_input_nn_options input) {
  char head[6000], *text;
  snprintf(
      head, sizeof head,
      "# Symmetry functions made by nnpmd-dataset %s:\n# %s\n# %d of %d candidates (pruned by correlation %g, then by "
      "%s); predicted cost %.3f us an average atom (%s).\n# Lengths in A, energies in eV.\n\n",
      NMD_VERSION, t->command, pruned->n, pruned->candidates, p->correlation, p->order == 0 ? "pivots" : "CUR",
      pruned->cost, nmd_evaluator_simd_name());
  input.head = head;
  NMD_TRY(nmd_functions_write(set, pruned->keep, pruned->n, &r->species, &input, &text));
  const nmd_status status = nmd_file_write_atomic(p->to, text, strlen(text), 1);
  nmd_free(text);
  NMD_TRY(status);
  nmd_tool_note(t, "wrote %s", p->to);
  return NMD_OK;
}

/* Every so many-th frame, so that about `atoms` are left: a shallow copy. */
static nmd_status thin(const nmd_dataset *set, int64_t atoms, nmd_dataset *out) {
  int64_t total = 0, stride = 1;
  for (int64_t k = 0; k < set->n; k++) total += set->frames[k].n;
  while (total / stride > atoms && stride < set->n) stride++;
  *out = (nmd_dataset){0};
  NMD_TRY(NMD_ALLOC(out->frames, set->n));
  NMD_TRY(NMD_ALLOC(out->place, set->n));
  for (int64_t k = 0; k < set->n; k += stride) {
    out->frames[out->n] = set->frames[k];
    out->place[out->n++] = set->place[k];
  }
  return NMD_OK;
}

static int count_words(const char *text) {
  int n = 0;
  for (const char *c = text; *c != '\0';) {
    c += strspn(c, " ");
    if (*c != '\0') n++;
    c += strcspn(c, " ");
  }
  return n;
}

static nmd_status make_set(tool *t, const functions_parameters *p, const nmd_comm *alone, const nmd_dataset *sample) {
  const nmd_function_options wanted = {.cutoff = p->cutoff,
                                       .shells = (int)p->shells,
                                       .compact = p->radial == 1,
                                       .wide = p->angular == 1 || p->angular == 3,
                                       .narrow = p->angular == 2 || p->angular == 3,
                                       .angular_shells = (int)p->angular_shells,
                                       .largest_zeta = (int)p->zeta,
                                       .angle_windows = (int)p->windows};
  nmd_prune_options prune = {
      .correlation = p->correlation, .count = (int)p->count, .cost = p->cost, .order = (nmd_function_order)p->order};
  prune.input =
      (nmd_input_nn_options){.nodes = p->nodes, .n_hidden = count_words(p->nodes), .cutoff_type = (int)p->cutoff_type};
  nmd_ranges ranges = {0};
  nmd_function_set set = {0};
  nmd_pruned pruned = {0};
  nmd_status status;
  NMD_GOTO(nmd_ranges_find(alone, sample, p->cutoff, &ranges));
  report_ranges(t, &ranges);
  NMD_GOTO(nmd_functions_generate(&ranges, &wanted, &set));
  NMD_GOTO(nmd_functions_prune(alone, sample, &ranges, &set, &prune, &pruned));
  report_functions(t, &ranges, &set, &pruned);
  NMD_GOTO(compare(t, p->compare, &ranges));
  NMD_GOTO(write_input(t, p, &ranges, &set, &pruned, prune.input));
done:
  nmd_pruned_free(&pruned);
  nmd_function_set_free(&set);
  nmd_ranges_free(&ranges);
  return status;
}

static nmd_status run(tool *t) {
  const functions_parameters *p = nmd__dataset_own(t, false);
  nmd_dataset set, sample;
  nmd_comm *alone;
  if (nmd_comm_size(t->comm) > 1) NMD_FAIL(USAGE, "this command runs on one rank; start it without mpirun");
  NMD_TRY(nmd__dataset_load(t, &set));
  NMD_TRY(nmd_comm_split(t->comm, nmd_comm_rank(t->comm), &alone));
  nmd_status status = thin(&set, p->sample, &sample);
  if (status == NMD_OK) status = make_set(t, p, alone, &sample);
  nmd_free(sample.frames);
  nmd_free(sample.place);
  nmd_comm_free(alone);
  nmd_dataset_free(&set);
  return status;
}

const dataset_command nmd__dataset_functions = {
    .name = "functions",
    .words = "FILE...",
    .summary = "make a set of symmetry functions for the data, pruned to a number or a speed",
    .description =
        "Candidates follow from the distances and angles of the data. Those that hardly vary or go along with another "
        "drop out; the rest are put in order (--order). The first --count of each element, or as many as stay within "
        "--cost, make the input.nn, which nnpmd, nnpmd-train, n2p2 and RuNNer read. The cost is that of this machine's "
        "kernels.",
    .own = &table,
    .run = run,
};
