/* SPDX-License-Identifier: BSD-3-Clause */
#include "potential/among.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"

nmd_status nmd__among_init(nmd__among *among, const nmd_species *all, const char *elements) {
  int numbers[NMD_ELEMENT_MAX], n = 0;
  *among = (nmd__among){.n_all = all->n, .weight = 1};
  nmd_atoms_init(&among->atoms);
  if (strcmp(elements, "all") == 0) {
    among->species = *all;
    for (int s = 0; s < all->n; s++) among->to[s] = s;
    return NMD_OK;
  }
  for (const char *at = elements; *at != '\0' && n < NMD_ELEMENT_MAX; at += *at == '-') {
    char symbol[8] = "";
    const size_t length = strcspn(at, "-");
    memcpy(symbol, at, length < sizeof symbol ? length : sizeof symbol - 1);
    numbers[n] = nmd_element_from_symbol(symbol);
    if (numbers[n] == 0)
      NMD_FAIL(UNKNOWN_ELEMENT, "among: \"%.20s\" of \"%.60s\" is no chemical symbol; expected e.g. Au-Li, or all", symbol,
               elements);
    if (nmd_species_index(all, numbers[n++]) < 0)
      NMD_FAIL(CONFLICT, "among: the structure has no %s; expected elements that are there", symbol);
    at += length;
  }
  nmd_species_init(&among->species, numbers, n);
  for (int s = 0; s < all->n; s++) {
    among->to[s] = nmd_species_index(&among->species, all->atomic_number[s]);
    if (among->to[s] < 0) continue;
    among->species.mass[among->to[s]] = all->mass[s];
    among->species.atoms[among->to[s]] = all->atoms[s];
  }
  return NMD_OK;
}

void nmd__among_free(nmd__among *among) {
  void *arrays[] = {among->place,       among->kind,       among->force,
                    among->atom_virial, among->atom_energy, among->atom_sigma,
                    among->atom_extrapolation, among->list.first, among->list.index};
  for (int k = 0; k < NMD_COUNT(arrays); k++) nmd_free(arrays[k]);
  nmd_atoms_free(&among->atoms);
  *among = (nmd__among){0};
}

/* ---- atoms and list ---- */

static nmd_status reserve(nmd__among *a, int total) {
  if (total <= a->capacity && a->place != NULL) return NMD_OK;
  const int n = total + total / 8 + 1;
  a->capacity = 0; /* until all have grown */
  NMD_TRY(nmd_atoms_reserve(&a->atoms, n));
  NMD_TRY(NMD_GROW(a->place, 0, n));
  NMD_TRY(NMD_GROW(a->kind, 0, n));
  NMD_TRY(NMD_GROW(a->force, 0, n));
  NMD_TRY(NMD_GROW(a->atom_virial, 0, n));
  NMD_TRY(NMD_GROW(a->atom_energy, 0, n));
  NMD_TRY(NMD_GROW(a->atom_sigma, 0, n));
  NMD_TRY(NMD_GROW(a->atom_extrapolation, 0, n));
  a->capacity = n;
  return NMD_OK;
}

static nmd_status reserve_list(nmd__among *a, const nmd_neighbour_list *from) {
  nmd_neighbour_list *list = &a->list;
  if (from->n + 1 > list->capacity_first) {
    list->capacity_first = 0;
    NMD_TRY(NMD_GROW(list->first, 0, from->n + from->n / 8 + 2));
    list->capacity_first = from->n + from->n / 8 + 2;
  }
  const int64_t pairs = from->first[from->n];
  if (pairs <= list->capacity_index && list->index != NULL) return NMD_OK;
  list->capacity_index = 0;
  NMD_TRY(NMD_GROW(list->index, 0, pairs + pairs / 8 + 1));
  list->capacity_index = pairs + pairs / 8 + 1;
  return NMD_OK;
}

static void pick_atoms(nmd__among *a, const nmd_atoms *from) {
  a->atoms.n_owned = a->atoms.n_ghost = 0;
  for (int i = 0; i < a->total; i++) {
    const int kind = nmd_in_subset(a->subset, from, i) ? a->to[from->species[i]] : -1,
              place = a->atoms.n_owned + a->atoms.n_ghost;
    a->kind[i] = from->species[i];
    a->place[i] = kind >= 0 ? place : -1;
    if (kind < 0) continue;
    a->atoms.species[place] = kind;
    a->atoms.id[place] = from->id[i];
    if (i < from->n_owned) a->atoms.n_owned++;
    else a->atoms.n_ghost++;
  }
}

static void pick_pairs(nmd__among *a, const nmd_neighbour_list *from) {
  nmd_neighbour_list *list = &a->list;
  int64_t used = 0;
  list->n = 0;
  list->cutoff = from->cutoff;
  list->skin = from->skin;
  list->serial = from->serial;
  list->first[0] = 0;
  for (int i = 0; i < from->n; i++) {
    if (a->place[i] < 0) continue;
    for (int64_t k = from->first[i]; k < from->first[i + 1]; k++)
      if (a->place[from->index[k]] >= 0) list->index[used++] = a->place[from->index[k]];
    list->first[++list->n] = used;
  }
}

/* The list of before, if nothing it came from has changed. */
static bool is_fresh(const nmd__among *a, const nmd_potential_input *input) {
  const nmd_atoms *atoms = input->atoms;
  const int total = atoms->n_owned + atoms->n_ghost;
  return a->serial != 0 && a->serial == input->list->serial && a->total == total &&
         memcmp(a->kind, atoms->species, (size_t)total * sizeof *a->kind) == 0;
}

static nmd_status look(nmd__among *a, const nmd_potential_input *input, nmd_potential_input *own) {
  const nmd_atoms *atoms = input->atoms;
  if (!is_fresh(a, input)) {
    a->serial = 0;
    a->total = atoms->n_owned + atoms->n_ghost;
    NMD_TRY(reserve(a, a->total));
    NMD_TRY(reserve_list(a, input->list));
    pick_atoms(a, atoms);
    pick_pairs(a, input->list);
    a->serial = input->list->serial;
  }
  for (int i = 0; i < a->total; i++)
    if (a->place[i] >= 0) memcpy(a->atoms.x + 3 * a->place[i], atoms->x + 3 * i, 3 * sizeof(double));
  *own = *input;
  own->atoms = &a->atoms;
  own->list = &a->list;
  return NMD_OK;
}

/* ---- results ---- */

static void clear(nmd__among *a) {
  const size_t n = (size_t)(a->atoms.n_owned + a->atoms.n_ghost);
  memset(a->force, 0, n * sizeof *a->force);
  memset(a->atom_virial, 0, n * sizeof *a->atom_virial);
  memset(a->atom_energy, 0, n * sizeof *a->atom_energy);
  memset(a->atom_sigma, 0, n * sizeof *a->atom_sigma);
  memset(a->atom_extrapolation, 0, n * sizeof *a->atom_extrapolation);
}

static void add_atoms(const nmd__among *a, const nmd_potential_input *input, nmd_potential_partial *to) {
  for (int i = 0; i < a->total; i++) {
    const int p = a->place[i];
    if (p < 0) continue;
    for (int d = 0; d < 3 && to->force != NULL; d++) to->force[i][d] += a->weight * a->force[p][d];
    for (int k = 0; k < 9 && input->want_atom_virial; k++) to->atom_virial[i][k] += a->weight * a->atom_virial[p][k];
    if (i >= input->atoms->n_owned) continue;
    if (input->want_atom_energy) to->atom_energy[i] += a->weight * a->atom_energy[p];
    if (input->want_atom_sigma) to->atom_sigma[i] += fabs(a->weight) * a->atom_sigma[p];
    if (to->atom_extrapolation != NULL) to->atom_extrapolation[i] += a->atom_extrapolation[p];
  }
}

static void add_sums(double weight, const nmd_potential_partial *from, nmd_potential_partial *to) {
  to->energy += weight * from->energy;
  to->extrapolations += from->extrapolations;
  for (int k = 0; k < 9; k++) to->virial[k / 3][k % 3] += weight * from->virial[k / 3][k % 3];
  for (int k = 0; k < NMD_POTENTIAL_MEMBERS_MAX; k++) to->member_energy[k] += weight * from->member_energy[k];
  for (int k = 0; k < from->n_offenders; k++) nmd_offenders_add(to->offenders, &to->n_offenders, &from->offenders[k]);
}

nmd_status nmd__among_compute(nmd__among *a, const nmd_potential *term, const nmd_potential_input *input,
                              nmd_potential_partial *partial) {
  nmd_potential_input own;
  const nmd_status status = look(a, input, &own);
  if (status != NMD_OK && !term->ops->collective) return status;
  if (term->ops->collective) NMD_TRY(nmd_comm_agree(input->comm, status));
  clear(a);
  nmd_potential_partial found = {.force = partial->force != NULL ? a->force : NULL,
                                 .atom_energy = a->atom_energy,
                                 .atom_virial = a->atom_virial,
                                 .atom_sigma = a->atom_sigma,
                                 .atom_extrapolation = partial->atom_extrapolation != NULL ? a->atom_extrapolation : NULL};
  NMD_TRY(term->ops->compute(term->self, &own, &found));
  add_sums(a->weight, &found, partial);
  add_atoms(a, input, partial);
  return NMD_OK;
}

nmd_status nmd__among_count_other_unit(nmd__among *a, const nmd_potential *term, const nmd_potential_input *input,
                                       int64_t *count, const char **unit) {
  nmd_potential_input own;
  NMD_TRY(look(a, input, &own));
  a->serial = 0; /* that list may be a passing one */
  return term->ops->count_other_unit(term->self, &own, count, unit);
}
