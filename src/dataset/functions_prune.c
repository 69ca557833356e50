/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataset/functions_prune.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "system/element.h"

/* The orders of all elements as lines of the set. */
typedef struct ranking {
  int **line; /* [elements][n] */
  double **merit;
  int *n; /* [elements] */
  int n_elements, longest;
} ranking;

static void ranking_free(ranking *r) {
  for (int e = 0; e < r->n_elements; e++) {
    if (r->line != NULL) nmd_free(r->line[e]);
    if (r->merit != NULL) nmd_free(r->merit[e]);
  }
  nmd_free(r->line);
  nmd_free(r->merit);
  nmd_free(r->n);
}

/* Two lines with the same words and the same numbers, however written. */
static bool same_function(const char *a, const char *b) {
  char x[256], y[256], *wa[16], *wb[16];
  snprintf(x, sizeof x, "%s", a);
  snprintf(y, sizeof y, "%s", b);
  const int n = nmd_split(x, wa, 16);
  if (nmd_split(y, wb, 16) != n) return false;
  for (int k = 0; k < n; k++) {
    double va, vb;
    const bool numbers = nmd_parse_real(wa[k], &va) && nmd_parse_real(wb[k], &vb);
    if (numbers ? fabs(va - vb) > 1e-9 * (1.0 + fabs(va)) : strcmp(wa[k], wb[k]) != 0) return false;
  }
  return true;
}

/* The model sorts its functions: which line is function f of element e? */
static nmd_status find_line(const nmd_function_set *set, const nmd_model *model, int e, int f, int *line) {
  const char *text = nmd_model_function_text(model, e, f);
  for (*line = 0; *line < set->n; ++*line)
    if (set->lines[*line].centre == e && same_function(set->lines[*line].text, text)) return NMD_OK;
  NMD_FAIL(INTERNAL, "'%s' is no line that was written; please report it", text);
}

static nmd_status rank_element(nmd_function_set *set, const nmd_model *model, const nmd_element_descriptors *columns,
                               const nmd_prune_options *o, int e, ranking *out) {
  NMD_TRY(NMD_ALLOC(out->line[e], columns->functions));
  NMD_TRY(NMD_ALLOC(out->merit[e], columns->functions));
  if (columns->n == 0) return NMD_OK;
  NMD_TRY(nmd_functions_order(columns, o->correlation, o->order, out->line[e], out->merit[e], &out->n[e]));
  for (int k = 0; k < out->n[e]; k++) {
    NMD_TRY(find_line(set, model, e, out->line[e][k], &out->line[e][k]));
    set->lines[out->line[e][k]].merit = out->merit[e][k];
  }
  if (out->n[e] > out->longest) out->longest = out->n[e];
  return NMD_OK;
}

/* A model without a function of an element is none. */
static nmd_status check_varied(const nmd_ranges *ranges, const ranking *r) {
  for (int e = 0; e < r->n_elements; e++)
    if (r->n[e] == 0)
      NMD_FAIL(
          OUT_OF_RANGE,
          "no function for %s: none varies over its atoms, whose surroundings within the cut-off are all alike, or "
          "empty; expected more structures or a larger cut-off",
          nmd_element_symbol(ranges->species.atomic_number[e]));
  return NMD_OK;
}

/* Evaluate all candidates, order them. */
static nmd_status rank_all(const nmd_comm *alone, const nmd_dataset *frames, const nmd_ranges *ranges,
                           nmd_function_set *set, const nmd_prune_options *o, double *all_cost, ranking *out) {
  int *all = NULL;
  nmd_model *model = NULL;
  nmd_descriptor_set columns = {0};
  *out = (ranking){.n_elements = ranges->species.n};
  nmd_status status;
  NMD_GOTO(NMD_ALLOC(out->line, out->n_elements));
  NMD_GOTO(NMD_ALLOC(out->merit, out->n_elements));
  NMD_GOTO(NMD_ALLOC(out->n, out->n_elements));
  NMD_GOTO(NMD_ALLOC(all, set->n));
  for (int k = 0; k < set->n; k++) all[k] = k;
  NMD_GOTO(nmd_functions_model(set, all, set->n, &ranges->species, &o->input, &model));
  NMD_GOTO(nmd_model_cost(model, ranges, all_cost));
  NMD_GOTO(nmd_descriptor_set_make(alone, frames, model, &columns));
  nmd_descriptor_set_standardise(&columns);
  for (int e = 0; e < out->n_elements; e++) NMD_GOTO(rank_element(set, model, &columns.elements[e], o, e, out));
  NMD_GOTO(check_varied(ranges, out));
done:
  nmd_descriptor_set_free(&columns);
  nmd_model_destroy(model);
  nmd_free(all);
  return status;
}

/* The first `count` of every element. */
static int take(const ranking *r, int count, int *keep) {
  int n = 0;
  for (int e = 0; e < r->n_elements; e++)
    for (int k = 0; k < count && k < r->n[e]; k++) keep[n++] = r->line[e][k];
  return n;
}

static nmd_status cost_of(const ranking *r, int count, const nmd_ranges *ranges, const nmd_function_set *set,
                          const nmd_prune_options *o, int *keep, double *cost) {
  nmd_model *model;
  const int n = take(r, count, keep);
  NMD_TRY(nmd_functions_model(set, keep, n, &ranges->species, &o->input, &model));
  const nmd_status status = nmd_model_cost(model, ranges, cost);
  nmd_model_destroy(model);
  return status;
}

/* The largest count within the limit: cost grows with the count but for small steps back, which do not matter. */
static nmd_status find_count(const ranking *r, const nmd_ranges *ranges, const nmd_function_set *set,
                             const nmd_prune_options *o, int *keep, int *count, double *cost) {
  int low = 1, high = o->count > 0 && o->count < r->longest ? o->count : r->longest;
  NMD_TRY(cost_of(r, high, ranges, set, o, keep, cost));
  *count = high;
  if (o->cost <= 0.0 || *cost <= o->cost) return NMD_OK;
  NMD_TRY(cost_of(r, low, ranges, set, o, keep, cost));
  if (*cost > o->cost)
    NMD_FAIL(OUT_OF_RANGE,
             "one function of each element takes %.3g us an atom already; expected a limit above that, not %g", *cost,
             o->cost);
  while (high - low > 1) {
    const int middle = (low + high) / 2;
    NMD_TRY(cost_of(r, middle, ranges, set, o, keep, cost));
    if (*cost <= o->cost)
      low = middle;
    else
      high = middle;
  }
  *count = low;
  return cost_of(r, low, ranges, set, o, keep, cost);
}

static void conclude(const ranking *r, int count, nmd_pruned *out) {
  for (int e = 0; e < r->n_elements; e++) {
    out->distinct += r->n[e];
    /* what is left is what was left before the next one */
    out->left[e] = count < r->n[e] ? r->merit[e][count] : 0.0;
  }
}

nmd_status nmd_functions_prune(const nmd_comm *alone, const nmd_dataset *frames, const nmd_ranges *ranges,
                               nmd_function_set *set, const nmd_prune_options *o, nmd_pruned *out) {
  ranking r;
  int count;
  *out = (nmd_pruned){.candidates = set->n};
  nmd_status status = rank_all(alone, frames, ranges, set, o, &out->all_cost, &r);
  if (status == NMD_OK) status = NMD_ALLOC(out->keep, set->n);
  if (status == NMD_OK) status = find_count(&r, ranges, set, o, out->keep, &count, &out->cost);
  if (status == NMD_OK) {
    out->n = take(&r, count, out->keep);
    conclude(&r, count, out);
  } else
    nmd_pruned_free(out);
  ranking_free(&r);
  return status;
}

void nmd_pruned_free(nmd_pruned *pruned) {
  nmd_free(pruned->keep);
  pruned->keep = NULL;
  pruned->n = 0;
}
