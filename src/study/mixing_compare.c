/* SPDX-License-Identifier: BSD-3-Clause */
#include "study/mixing_compare.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "io/buffer.h"
#include "io/file_atomic.h"
#include "io/read_structure.h"
#include "simulation/evaluate_structure.h"

enum { FAMILY_MAX = 24, FAMILIES_MAX = 64 };

typedef struct labelled {
  char name[48], family[FAMILY_MAX];
  double second, label, model; /* eV/atom */
} labelled;

typedef struct comparison {
  const nmd_mixing *m;
  labelled *item;
  int64_t n;
} comparison;

static bool only_ours(const nmd_mixing *m, const nmd_structure *s) {
  for (int64_t i = 0; i < s->n; i++)
    if (nmd_species_index(&m->species, s->atomic_number[i]) < 0) return false;
  return s->n > 0 && s->has_energy;
}

static void copy_word(char *to, size_t size, const char *text) {
  snprintf(to, size, "%s", text != NULL && *text != '\0' ? text : "-");
  for (; *to != '\0'; to++)
    if (*to == ' ' || *to == '\t') *to = '_';
}

static nmd_status take(comparison *c, const nmd_structure *s) {
  nmd_structure_results all;
  if (!only_ours(c->m, s)) return NMD_OK;
  if ((c->n & (c->n - 1)) == 0) NMD_TRY(NMD_GROW(c->item, c->n, c->n == 0 ? 1 : 2 * c->n));
  NMD_TRY(nmd_structure_evaluate(c->m->alone, &c->m->potential, &c->m->species, s, &all));
  labelled *item = &c->item[c->n++];
  *item = (labelled){.label = s->energy / (double)s->n, .model = all.energy / (double)s->n};
  nmd_structure_results_free(&all);
  for (int64_t i = 0; i < s->n; i++) item->second += (s->atomic_number[i] == c->m->input->z[1]) / (double)s->n;
  copy_word(item->name, sizeof item->name, nmd_structure_info(s, "id"));
  copy_word(item->family, sizeof item->family, nmd_structure_info(s, "family"));
  return NMD_OK;
}

static nmd_status read_all(comparison *c) {
  nmd_structure_reader *reader;
  bool end = false;
  NMD_TRY(nmd_structure_reader_open(c->m->input->compare, NULL, &reader));
  nmd_status status = NMD_OK;
  while (status == NMD_OK && !end) {
    nmd_structure s = {0};
    status = nmd_structure_reader_next(reader, &s, &end);
    if (status == NMD_OK && !end) status = take(c, &s);
    nmd_structure_free(&s);
  }
  nmd_structure_reader_close(reader);
  return status;
}

/* Lowest energy of each element among the labels. */
static nmd_status label_zero(const comparison *c, double zero[2]) {
  zero[0] = zero[1] = INFINITY;
  for (int64_t i = 0; i < c->n; i++)
    for (int e = 0; e < 2; e++)
      if (fabs(c->item[i].second - e) < 1e-9) zero[e] = fmin(zero[e], c->item[i].label);
  for (int e = 0; e < 2; e++)
    if (!isfinite(zero[e]))
      NMD_FAIL(CONFLICT, "compare: %s: no labelled structure of pure %s; mixing energies of the labels need one",
               c->m->input->compare, nmd_element_symbol(c->m->input->z[e]));
  return NMD_OK;
}

static void log_families(const comparison *c, const double *difference) {
  char seen[FAMILIES_MAX][FAMILY_MAX];
  int families = 0;
  for (int64_t i = 0; i < c->n; i++) {
    int f = 0;
    while (f < families && strcmp(seen[f], c->item[i].family) != 0) f++;
    if (f < families || families == FAMILIES_MAX) continue;
    double sum = 0, mean = 0;
    int64_t n = 0;
    for (int64_t k = i; k < c->n; k++)
      if (strcmp(c->item[k].family, c->item[i].family) == 0) sum += fabs(difference[k]), mean += difference[k], n++;
    snprintf(seen[families++], FAMILY_MAX, "%s", c->item[i].family);
    nmd_log_info("  %-12s %4lld structures: mean absolute difference %6.2f, mean %7.2f meV/atom", c->item[i].family,
                 (long long)n, 1e3 * sum / (double)n, 1e3 * mean / (double)n);
  }
}

static nmd_status write_all(const comparison *c, const double zero[2], const double pure[2]) {
  nmd_buffer out = {0};
  double *difference;
  NMD_TRY(NMD_ALLOC(difference, c->n));
  nmd_buffer_printf(&out, "# structure x_%s mixing_label mixing_potential family\n# - 1 eV/atom eV/atom -\n",
                    nmd_element_symbol(c->m->input->z[1]));
  for (int64_t i = 0; i < c->n; i++) {
    const labelled *k = &c->item[i];
    const double label = k->label - (1 - k->second) * zero[0] - k->second * zero[1];
    const double model = k->model - (1 - k->second) * pure[0] - k->second * pure[1];
    difference[i] = model - label;
    nmd_buffer_printf(&out, "%s %.6f %.6f %.6f %s\n", k->name, k->second, label, model, k->family);
  }
  nmd_log_info("Mixing energies of %lld labelled structures, potential against label:", (long long)c->n);
  log_families(c, difference);
  nmd_free(difference);
  char path[4096];
  snprintf(path, sizeof path, "%s/compare.dat", c->m->input->output);
  nmd_status status = out.status;
  if (status == NMD_OK) status = nmd_file_write_atomic(path, out.data, out.length, 1);
  nmd_buffer_free(&out);
  return status;
}

nmd_status nmd_mixing_compare(const nmd_mixing *mixing, const double pure[2]) {
  comparison c = {.m = mixing};
  double zero[2];
  nmd_status status = read_all(&c);
  if (status == NMD_OK) status = label_zero(&c, zero);
  if (status == NMD_OK) status = write_all(&c, zero, pure);
  nmd_free(c.item);
  return status;
}
