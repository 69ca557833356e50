/* SPDX-License-Identifier: BSD-3-Clause */
/* Pairs are visited from both ends (full list), and each visit adds to its own atom only: twice the arithmetic of a
 * half list, but nothing is scattered, so that loops are vectors, threads need no arrays of their own, and no force has
 * to be sent home from a ghost. */
#include "potential/pair.h"

#include <math.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/team.h"
#include "base/vec3.h"

nmd_status nmd__pair_table_create(nmd__pair_form *form, nmd__pair_truncation truncation, const nmd_species *species,
                                  nmd__pair_table **out) {
  nmd__pair_table *table;
  *out = NULL;
  NMD_TRY(NMD_ALLOC(table, 1));
  *table = (nmd__pair_table){.form = form, .truncation = truncation, .n_species = species->n, .cost = 0.3};
  const nmd_status status = NMD_ALLOC(table->entries, species->n * species->n);
  if (status != NMD_OK)
    nmd__pair_destroy(table);
  else
    *out = table;
  return status;
}

static void rows_free(nmd__pair_rows *rows) {
  nmd_free(rows->index);
  nmd_free(rows->end);
}

nmd_status nmd__pair_build(nmd__pair_form *form, nmd__pair_truncation truncation, nmd__pair_fill *fill,
                           const void *parameters, const nmd_species *species, void **out) {
  nmd__pair_table *table;
  NMD_TRY(nmd__pair_table_create(form, truncation, species, &table));
  const nmd_status status = fill(table, parameters, species);
  if (status != NMD_OK)
    nmd__pair_destroy(table);
  else
    *out = table;
  return status;
}

void nmd__pair_destroy(void *self) {
  nmd__pair_table *table = self;
  if (table == NULL) return;
  for (int k = 0; table->entries != NULL && k < table->n_species * table->n_species; k++)
    nmd_free(table->entries[k].parameters);
  nmd_free(table->entries);
  rows_free(&table->rows);
  rows_free(&table->passing);
  nmd_free(table);
}

static nmd_status set_entry(const nmd__pair_table *table, nmd__pair_entry *entry, double cutoff,
                            const double *parameters, int n) {
  nmd_free(entry->parameters);
  *entry = (nmd__pair_entry){.cutoff = cutoff, .n_parameters = n};
  NMD_TRY(NMD_ALLOC(entry->parameters, n));
  memcpy(entry->parameters, parameters, (size_t)n * sizeof *parameters);
  const double inverse = 1 / cutoff;
  double energy, force_over_r;
  if (table->truncation == NMD__PAIR_AS_IS) return NMD_OK;
  table->form(parameters, 1, &cutoff, &inverse, &energy, &force_over_r);
  entry->shift = energy;
  if (table->truncation == NMD__PAIR_FORCE_SHIFT) entry->slope = -force_over_r * cutoff;
  return NMD_OK;
}

nmd_status nmd__pair_table_set(nmd__pair_table *table, int a, int b, double cutoff, const double *parameters, int n) {
  NMD_TRY(set_entry(table, &table->entries[a * table->n_species + b], cutoff, parameters, n));
  if (a != b) NMD_TRY(set_entry(table, &table->entries[b * table->n_species + a], cutoff, parameters, n));
  if (cutoff > table->cutoff) table->cutoff = cutoff;
  return NMD_OK;
}

double nmd__pair_cutoff(const void *self) { return ((const nmd__pair_table *)self)->cutoff; }
double nmd__pair_cost(const void *self) { return ((const nmd__pair_table *)self)->cost; }
unsigned nmd__pair_traits(const void *self) { return ((const nmd__pair_table *)self)->traits; }
void nmd__pair_describe(const void *self, nmd_text_writer *write, void *context) {
  write(context, ((const nmd__pair_table *)self)->summary);
}

void nmd__pair_identify(const void *self, uint64_t *hash) {
  const nmd__pair_table *table = self;
  nmd_hash_bytes(hash, &table->truncation, sizeof table->truncation);
  for (int k = 0; k < table->n_species * table->n_species; k++) {
    const nmd__pair_entry *entry = &table->entries[k];
    nmd_hash_bytes(hash, &entry->cutoff, sizeof entry->cutoff);
    nmd_hash_bytes(hash, entry->parameters, (size_t)entry->n_parameters * sizeof *entry->parameters);
  }
}

/* ---- rows ---- */

typedef struct job {
  nmd__pair_table *table;
  nmd__pair_rows *rows;
  const nmd_potential_input *input;
  nmd_potential_partial *partial; /* arrays shared: each atom belongs to one part; sums are in `parts` */
  int n_parts;
  struct part_sums {
    double energy, virial[6];
  } * parts;
} job;

/* Neighbours are kept as far as they may come inside before the list is made anew: the skin, and the share of a list
 * for a longer cut-off that a growing cell may use up. */
static double kept_distance(const nmd_neighbour_list *list, double cutoff) {
  if (cutoff <= 0) return 0;
  return cutoff >= list->cutoff ? INFINITY : cutoff + list->skin + 0.25 * (list->cutoff - cutoff);
}

/* The element of a neighbour, or -1: too far. */
static inline int kept_species(const nmd_atoms *atoms, const double xi[3], int other, const double *reach2) {
  const int s = atoms->species[other];
  if (!isfinite(reach2[s])) return s; /* whatever is in the list */
  const double *xj = atoms->x + 3 * other;
  const double d[3] = {xj[0] - xi[0], xj[1] - xi[1], xj[2] - xi[2]};
  return nmd_dot(d, d) < reach2[s] ? s : -1;
}

/* Counting sort: how many of each element, then each to its place. */
static void sort_row(const job *j, int i, const double *reach2) {
  const nmd_neighbour_list *list = j->input->list;
  const nmd_atoms *atoms = j->input->atoms;
  nmd__pair_rows *rows = j->rows;
  const int n = j->table->n_species;
  const double *xi = atoms->x + 3 * i;
  int64_t *end = rows->end + (int64_t)i * n, count[NMD_ELEMENT_MAX + 1] = {0};
  for (int64_t k = list->first[i]; k < list->first[i + 1]; k++)
    count[kept_species(atoms, xi, list->index[k], reach2) + 1]++;
  int64_t place = list->first[i];
  for (int s = 0; s < n; s++) {
    end[s] = place;
    place += count[s + 1];
  }
  for (int64_t k = list->first[i]; k < list->first[i + 1]; k++) {
    const int s = kept_species(atoms, xi, list->index[k], reach2);
    if (s >= 0) rows->index[end[s]++] = list->index[k];
  }
}

static nmd_status sort_part(void *context, int part) {
  const job *j = context;
  const nmd_neighbour_list *list = j->input->list;
  const int n = j->table->n_species, stop = (int)nmd_team_share(list->n, part + 1, j->n_parts);
  for (int i = (int)nmd_team_share(list->n, part, j->n_parts); i < stop; i++) {
    double reach2[NMD_ELEMENT_MAX];
    for (int s = 0; s < n; s++) {
      const double reach = kept_distance(list, j->table->entries[j->input->atoms->species[i] * n + s].cutoff);
      reach2[s] = reach * reach;
    }
    sort_row(j, i, reach2);
  }
  return NMD_OK;
}

static uint64_t kinds_of(const nmd_atoms *atoms) {
  uint64_t sum = 0;
  for (int i = 0; i < atoms->n_owned + atoms->n_ghost; i++)
    sum += ((uint64_t)atoms->species[i] + 1) * (0x9e3779b97f4a7c15u * (uint64_t)i + 1);
  return sum;
}

static nmd_status need_rows(job *j) {
  const nmd_neighbour_list *list = j->input->list;
  nmd__pair_rows *rows = j->rows = list->serial != 0 ? &j->table->rows : &j->table->passing;
  const uint64_t kinds = kinds_of(j->input->atoms);
  if (rows->serial == list->serial && rows->kinds == kinds && list->serial != 0) return NMD_OK;
  const int64_t n_index = list->first[list->n] + 1, n_end = (int64_t)list->n * j->table->n_species;
  rows->serial = 0;
  if (n_index > rows->capacity_index) {
    NMD_TRY(NMD_GROW(rows->index, 0, n_index + n_index / 16));
    rows->capacity_index = n_index + n_index / 16;
  }
  if (n_end > rows->capacity_end) {
    NMD_TRY(NMD_GROW(rows->end, 0, n_end + n_end / 16));
    rows->capacity_end = n_end + n_end / 16;
  }
  NMD_TRY(nmd_team_run(j->n_parts, sort_part, j));
  rows->serial = list->serial;
  rows->kinds = kinds;
  return NMD_OK;
}

nmd_status nmd__pair_rows_update(nmd__pair_table *table, const nmd_potential_input *input, const nmd__pair_rows **out) {
  job j = {.table = table, .input = input, .n_parts = input->threads > 1 ? input->threads : 1};
  NMD_TRY(need_rows(&j));
  *out = j.rows;
  return NMD_OK;
}

/* ---- energies and forces ---- */

static void visit_row(const job *j, nmd__pair_block *block, int i, int64_t begin, int64_t end,
                      const nmd__pair_entry *entry, nmd__pair_sums *sums) {
  const double *x = j->input->atoms->x;
  for (int64_t k = begin; k < end; k += NMD__PAIR_BLOCK) {
    const int n = (int)(end - k < NMD__PAIR_BLOCK ? end - k : NMD__PAIR_BLOCK);
    const double inside = nmd__pair_gather(block, x, x + 3 * i, j->rows->index + k, n, entry->cutoff * entry->cutoff);
    if (inside == 0.0) continue; /* a floor that nobody stands on */
    j->table->form(entry->parameters, n, block->r, block->inverse, block->energy, block->force_over_r);
    nmd__pair_add(block, n, entry->cutoff, entry->shift, entry->slope, sums);
  }
}

static void book_atom(const job *j, int part, int i, const nmd__pair_sums *sums) {
  static const int place[9] = {0, 3, 4, 3, 1, 5, 4, 5, 2};
  nmd_potential_partial *partial = j->partial;
  for (int a = 0; a < 3; a++) partial->force[i][a] -= sums->force[a];
  if (j->input->want_atom_energy) partial->atom_energy[i] += 0.5 * sums->energy; /* half a pair is its own */
  if (j->input->want_atom_virial)
    for (int k = 0; k < 9; k++) partial->atom_virial[i][k] += 0.5 * sums->virial[place[k]];
  j->parts[part].energy += 0.5 * sums->energy;
  for (int k = 0; k < 6; k++) j->parts[part].virial[k] += 0.5 * sums->virial[k];
}

static nmd_status visit_part(void *context, int part) {
  const job *j = context;
  const nmd_neighbour_list *list = j->input->list;
  const int n = j->table->n_species, stop = (int)nmd_team_share(list->n, part + 1, j->n_parts);
  nmd__pair_block block;
  for (int i = (int)nmd_team_share(list->n, part, j->n_parts); i < stop; i++) {
    const nmd__pair_entry *entries = j->table->entries + j->input->atoms->species[i] * n;
    const int64_t *end = j->rows->end + (int64_t)i * n;
    nmd__pair_sums sums = {0};
    for (int s = 0; s < n; s++)
      visit_row(j, &block, i, s == 0 ? list->first[i] : end[s - 1], end[s], &entries[s], &sums);
    book_atom(j, part, i, &sums);
  }
  return NMD_OK;
}

nmd_status nmd__pair_compute(void *self, const nmd_potential_input *input, nmd_potential_partial *partial) {
  static const int place[9] = {0, 3, 4, 3, 1, 5, 4, 5, 2};
  job j = {.table = self, .input = input, .partial = partial, .n_parts = input->threads > 1 ? input->threads : 1};
  if (partial->force == NULL) return NMD_OK; /* only extrapolations are counted */
  NMD_TRY(NMD_ALLOC(j.parts, j.n_parts));
  nmd_status status = need_rows(&j);
  if (status == NMD_OK) status = nmd_team_run(j.n_parts, visit_part, &j);
  for (int p = 0; p < j.n_parts && status == NMD_OK; p++) {
    partial->energy += j.parts[p].energy;
    for (int k = 0; k < 9; k++) partial->virial[k / 3][k % 3] += j.parts[p].virial[place[k]];
  }
  nmd_free(j.parts);
  return status;
}

/* ---- elements of an entry ---- */

nmd_status nmd__elements_parse(const nmd_yaml_node *node, const nmd_text_list *elements, int wanted,
                               const char *example, const nmd_species *species, int *index) {
  if (elements->n != wanted)
    NMD_FAIL_AT(node, CONFLICT, "elements: %d given; expected %d elements, e.g. %s", elements->n, wanted, example);
  for (int k = 0; k < wanted; k++) {
    const int z = nmd_element_from_symbol(elements->items[k]);
    if (z == 0)
      NMD_FAIL_AT(node, UNKNOWN_ELEMENT, "elements: \"%s\" is no chemical symbol; expected e.g. %s", elements->items[k],
                  example);
    index[k] = nmd_species_index(species, z);
  }
  return NMD_OK;
}
