/* SPDX-License-Identifier: BSD-3-Clause */
#include "build/transform.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "base/vec3.h"
#include "system/element.h"

static nmd_status check_repeat(const nmd_structure *in, const int64_t n[3]) {
  for (int d = 0; d < 3; d++) {
    if (n[d] < 1) NMD_FAIL(BUILD, "repeat %lld along axis %c; expected at least 1", (long long)n[d], 'a' + d);
    if (n[d] > 1 && !in->box.periodic[d])
      NMD_FAIL(BUILD, "repeat %lld along axis %c, which is not periodic; expected 1, or a structure periodic there",
               (long long)n[d], 'a' + d);
  }
  return NMD_OK;
}

static void copy_cell(const nmd_structure *in, const int64_t cell[3], nmd_structure *out, int64_t first) {
  double shift[3];
  for (int k = 0; k < 3; k++)
    shift[k] =
        (double)cell[0] * in->box.h[0][k] + (double)cell[1] * in->box.h[1][k] + (double)cell[2] * in->box.h[2][k];
  for (int64_t i = 0; i < in->n; i++) {
    out->atomic_number[first + i] = in->atomic_number[i];
    for (int k = 0; k < 3; k++) out->x[first + i][k] = in->x[i][k] + shift[k];
  }
  if (in->v != NULL) memcpy(out->v[first], in->v, (size_t)in->n * sizeof *in->v);
  if (in->f != NULL) memcpy(out->f[first], in->f, (size_t)in->n * sizeof *in->f);
}

static nmd_status repeat_into(const nmd_structure *in, const int64_t n[3], nmd_structure *out) {
  double h[3][3];
  for (int d = 0; d < 3; d++)
    for (int k = 0; k < 3; k++) h[d][k] = (double)n[d] * in->box.h[d][k];
  NMD_TRY(nmd_box_init(&out->box, h, in->box.origin, in->box.periodic));
  if (in->v != NULL) NMD_TRY(nmd_structure_need_velocities(out));
  if (in->f != NULL) NMD_TRY(nmd_structure_need_forces(out));
  out->has_energy = in->has_energy;
  out->energy = in->energy * (double)n[0] * (double)n[1] * (double)n[2];
  int64_t first = 0, cell[3];
  for (cell[2] = 0; cell[2] < n[2]; cell[2]++)
    for (cell[1] = 0; cell[1] < n[1]; cell[1]++)
      for (cell[0] = 0; cell[0] < n[0]; cell[0]++, first += in->n) copy_cell(in, cell, out, first);
  return in->comment != NULL ? nmd_strdup(in->comment, &out->comment) : NMD_OK;
}

nmd_status nmd_structure_repeat(const nmd_structure *in, const int64_t n[3], nmd_structure *out) {
  memset(out, 0, sizeof *out);
  NMD_TRY(check_repeat(in, n));
  int64_t cells, total;
  NMD_TRY(nmd_build_count(n, 3, &cells));
  if (in->n > 0) NMD_TRY(nmd_build_count((int64_t[]){cells, in->n}, 2, &total));
  NMD_TRY(nmd_structure_init(out, in->n > 0 ? total : 0));
  const nmd_status status = repeat_into(in, n, out);
  if (status != NMD_OK) nmd_structure_free(out);
  return status;
}

static const nmd_option substitution_options[] = {
    {.key = "element",
     .type = NMD_OPT_TEXT,
     .offset = offsetof(nmd_substitution, element),
     .doc = "element whose atoms are replaced"},
    {.key = "by",
     .type = NMD_OPT_TEXT,
     .offset = offsetof(nmd_substitution, by),
     .doc = "element that takes their place"},
    {.key = "fraction",
     .type = NMD_OPT_REAL,
     .offset = offsetof(nmd_substitution, fraction),
     .fallback = "",
     .max = 1.0,
     .doc = "fraction of the atoms of that element before any replacement; the number is rounded"},
    {.key = "count",
     .type = NMD_OPT_INT,
     .offset = offsetof(nmd_substitution, count),
     .fallback = "",
     .min = 1,
     .max = INT32_MAX,
     .doc = "number of atoms, instead of fraction"},
};
const nmd_option_table nmd_substitution_table = {.name = "substitute",
                                                 .doc = "random replacement of atoms, exact in number",
                                                 .size = sizeof(nmd_substitution),
                                                 .n = NMD_COUNT(substitution_options),
                                                 .options = substitution_options};

typedef struct draw {
  uint64_t key;
  int64_t id, index;
} draw;

static int by_key(const void *left, const void *right) {
  const draw *a = left, *b = right;
  if (a->key != b->key) return a->key < b->key ? -1 : 1;
  return a->id < b->id ? -1 : a->id > b->id;
}

/* Atoms of an element that are not taken, by random keys: the first of them are a sample without replacement that no
 * order of atoms changes. Owner: the caller. */
static nmd_status draw_order(const nmd_structure *structure, const bool *taken, int element, int64_t available,
                             int position, uint64_t seed, draw **order) {
  draw *draws;
  NMD_TRY(NMD_ALLOC(draws, available));
  int64_t n = 0;
  for (int64_t i = 0; i < structure->n; i++) {
    if (taken[i] || structure->atomic_number[i] != element) continue;
    uint32_t words[4];
    nmd_random_words(seed, NMD_STREAM_BUILD, position, structure->id[i], 0, words);
    draws[n++] = (draw){(uint64_t)words[0] << 32 | words[1], structure->id[i], i};
  }
  qsort(draws, (size_t)n, sizeof *draws, by_key);
  *order = draws;
  return NMD_OK;
}

static int64_t count_free(const nmd_structure *structure, const bool *taken, int element) {
  int64_t n = 0;
  for (int64_t i = 0; i < structure->n; i++) n += !taken[i] && structure->atomic_number[i] == element;
  return n;
}

nmd_status nmd_structure_draw(const nmd_structure *structure, const char *element, double fraction, uint64_t seed,
                              bool *taken) {
  int z;
  draw *order;
  NMD_TRY(nmd_build_element(element, &z));
  const int64_t available = count_free(structure, taken, z), count = llround(fraction * (double)available);
  if (available == 0) NMD_FAIL(BUILD, "remove: the structure has no %s (left); correct the element", element);
  NMD_TRY(draw_order(structure, taken, z, available, 0, seed, &order));
  for (int64_t k = 0; k < count; k++) taken[order[k].index] = true;
  nmd_free(order);
  return NMD_OK;
}

static nmd_status wanted_count(const nmd_substitution *item, int64_t original, int64_t available, int64_t *count) {
  if ((item->fraction > 0.0) == (item->count > 0))
    NMD_FAIL(CONFLICT, "substitute %s by %s: give either fraction (> 0) or count", item->element, item->by);
  if (original == 0)
    NMD_FAIL(BUILD, "substitute %s by %s: the structure has no %s; correct the element", item->element, item->by,
             item->element);
  *count = item->count > 0 ? item->count : llround(item->fraction * (double)original);
  if (*count > available)
    NMD_FAIL(BUILD, "substitute %s by %s: %lld atoms wanted, only %lld of %s left; lower the count or fraction",
             item->element, item->by, (long long)*count, (long long)available, item->element);
  return NMD_OK;
}

/* What the list works on: which atoms are replaced already, and how many of each element there were. */
typedef struct substituting {
  nmd_structure *structure;
  bool *taken; /* [n] replaced already */
  int64_t count[NMD_ELEMENT_MAX + 1];
  uint64_t seed;
} substituting;

static nmd_status substitute_one(substituting *work, int position, const nmd_substitution *item,
                                 const nmd_build_report *report) {
  int from, by;
  NMD_TRY(nmd_build_element(item->element, &from));
  NMD_TRY(nmd_build_element(item->by, &by));
  if (from == by) NMD_FAIL(CONFLICT, "substitute %s by itself; name another element", item->element);
  nmd_structure *structure = work->structure;
  const int64_t available = count_free(structure, work->taken, from);
  int64_t count = 0;
  draw *order;
  NMD_TRY(wanted_count(item, work->count[from], available, &count));
  NMD_TRY(draw_order(structure, work->taken, from, available, position, work->seed, &order));
  for (int64_t k = 0; k < count; k++) {
    structure->atomic_number[order[k].index] = by;
    work->taken[order[k].index] = true;
  }
  nmd_free(order);
  nmd_build_say(report, "substituted %lld of %lld %s by %s (%.4f %%)\n", (long long)count, (long long)work->count[from],
                item->element, item->by, 100.0 * (double)count / (double)work->count[from]);
  return NMD_OK;
}

nmd_status nmd_structure_substitute(nmd_structure *structure, const nmd_substitution *list, int n, uint64_t seed,
                                    const nmd_build_report *report) {
  substituting work = {.structure = structure, .seed = seed};
  NMD_TRY(NMD_ALLOC(work.taken, structure->n));
  for (int64_t i = 0; i < structure->n; i++) {
    const int z = structure->atomic_number[i];
    if (z > 0 && z <= NMD_ELEMENT_MAX) work.count[z]++;
  }
  nmd_status status = NMD_OK;
  for (int k = 0; k < n && status == NMD_OK; k++) status = substitute_one(&work, k, &list[k], report);
  nmd_free(work.taken);
  return status;
}

static nmd_status parse_list(const nmd_yaml_node *node, nmd_substitution *list, int *parsed) {
  for (*parsed = 0; *parsed < node->n; (*parsed)++)
    NMD_TRY(nmd_options_parse(&nmd_substitution_table, node->items[*parsed], &list[*parsed]));
  return NMD_OK;
}

nmd_status nmd_structure_substitute_from(nmd_structure *structure, const nmd_yaml_node *node, uint64_t seed,
                                         const nmd_build_report *report) {
  if (node == NULL || node->kind == NMD_YAML_NULL) return NMD_OK;
  if (node->kind != NMD_YAML_LIST)
    NMD_FAIL(WRONG_TYPE, "substitute: expected a list such as [{element: Au, by: Li, fraction: 0.25}]");
  nmd_substitution *list;
  NMD_TRY(NMD_ALLOC(list, node->n));
  int parsed;
  nmd_status status = parse_list(node, list, &parsed);
  if (status == NMD_OK) status = nmd_structure_substitute(structure, list, parsed, seed, report);
  for (int k = 0; k < parsed; k++) nmd_options_free(&nmd_substitution_table, &list[k]);
  nmd_free(list);
  return status;
}

void nmd_build_say_composition(const nmd_structure *structure, const nmd_build_report *report) {
  int64_t count[NMD_ELEMENT_MAX + 1] = {0};
  double mass = 0.0;
  for (int64_t i = 0; i < structure->n; i++) {
    count[structure->atomic_number[i]]++;
    mass += nmd_element_mass(structure->atomic_number[i]);
  }
  char text[256] = "";
  size_t used = 0;
  for (int z = 1; z <= NMD_ELEMENT_MAX; z++) {
    if (count[z] == 0 || used + 32 > sizeof text) continue;
    used += (size_t)snprintf(text + used, sizeof text - used, "%s%s %lld", used > 0 ? ", " : "", nmd_element_symbol(z),
                             (long long)count[z]);
  }
  const nmd_box *box = &structure->box;
  const double g_cm3_per_u_A3 = 1.66053906660;
  nmd_build_say(report, "%lld atoms (%s), cell %.4f x %.4f x %.4f A, %.4f g/cm3\n", (long long)structure->n, text,
                nmd_norm(box->h[0]), nmd_norm(box->h[1]), nmd_norm(box->h[2]), g_cm3_per_u_A3 * mass / box->volume);
}
