/* SPDX-License-Identifier: BSD-3-Clause */
#include "lattice/walk.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "base/units.h"

/* ---- the model ---- */

int nmd_lattice_model_species(const nmd_lattice_model *model, int z) {
  for (int s = 0; s < model->n_species; s++)
    if (model->z[s] == z) return s;
  return -1;
}

static nmd_status add_kind(nmd_lattice_model *m, int kind, const nmd_lattice_kind *what) {
  m->n_local[kind] = what->n;
  for (int s = 0; s < what->n; s++) {
    int global = nmd_lattice_model_species(m, what->z[s]);
    if (global < 0) {
      if (m->n_species == NMD_LATTICE_GLOBAL_MAX)
        NMD_FAIL(OUT_OF_RANGE, "more than %d species on all sites together; expected fewer", NMD_LATTICE_GLOBAL_MAX);
      global = m->n_species++;
      m->z[global] = what->z[s];
    }
    m->global_of[kind][s] = (int8_t)global;
    m->local_of[kind][global] = (int8_t)s;
  }
  return NMD_OK;
}

nmd_status nmd_lattice_model_init(nmd_lattice_model *model, const nmd_parent_lattice *parent,
                                  const nmd_lattice_energy *energy, const nmd_ewald_pairs *ewald, double ewald_factor,
                                  const double *charge) {
  *model = (nmd_lattice_model){.energy = energy,
                               .ewald = ewald,
                               .ewald_factor = ewald_factor,
                               .n = energy->n,
                               .kind_of_site = parent->kind,
                               .sites_per_cell = parent->n_sites};
  memset(model->local_of, -1, sizeof model->local_of);
  for (int k = 0; k < parent->n_kinds; k++) NMD_TRY(add_kind(model, k, &parent->kinds[k]));
  for (int s = 0; s < model->n_species; s++) model->charge[s] = charge != NULL ? charge[model->z[s]] : 0;
  return NMD_OK;
}

static inline int kind_of(const nmd_lattice_model *m, int site) { return m->kind_of_site[site % m->sites_per_cell]; }

/* ---- a walk ---- */

nmd_status nmd_lattice_walk_init(nmd_lattice_walk *walk, const nmd_lattice_model *model, uint64_t seed, int64_t id) {
  *walk = (nmd_lattice_walk){.model = model, .seed = seed, .id = id};
  NMD_TRY(NMD_ALLOC(walk->occupation, model->n));
  NMD_TRY(NMD_ALLOC(walk->species, model->n));
  NMD_TRY(NMD_ALLOC(walk->list, model->n));
  NMD_TRY(NMD_ALLOC(walk->where, model->n));
  NMD_TRY(NMD_ALLOC(walk->change, (size_t)model->n * NMD_LATTICE_SPECIES_MAX));
  NMD_TRY(NMD_ALLOC(walk->fresh, model->n));
  if (model->ewald != NULL) NMD_TRY(NMD_ALLOC(walk->potential, model->n));
  return nmd_lattice_walk_sync(walk);
}

void nmd_lattice_walk_free(nmd_lattice_walk *walk) {
  void *arrays[] = {walk->occupation, walk->species, walk->list, walk->where,
                    walk->potential,  walk->change,  walk->fresh};
  for (int k = 0; k < 7; k++) nmd_free(arrays[k]);
  *walk = (nmd_lattice_walk){0};
}

void nmd_lattice_walk_counts(const nmd_lattice_walk *walk, int64_t *count) {
  for (int s = 0; s < walk->model->n_species; s++) count[s] = walk->start[s + 1] - walk->start[s];
}

static void sort_into_lists(nmd_lattice_walk *w) {
  const nmd_lattice_model *m = w->model;
  int at = 0;
  for (int s = 0; s < m->n_species; s++) {
    w->start[s] = at;
    for (int i = 0; i < m->n; i++) {
      if (m->global_of[kind_of(m, i)][w->occupation[i]] != s) continue;
      w->species[i] = (int8_t)s;
      w->list[at] = i;
      w->where[i] = at++;
    }
  }
  w->start[m->n_species] = at;
}

static nmd_status sync_ewald(nmd_lattice_walk *w) {
  const nmd_lattice_model *m = w->model;
  const nmd_ewald_pairs *e = m->ewald;
  double *q;
  NMD_TRY(NMD_ALLOC(q, m->n));
  for (int i = 0; i < m->n; i++) q[i] = m->charge[(int)w->species[i]];
  for (int i = 0; i < m->n; i++) {
    const double *row = e->pair + (size_t)i * (size_t)e->n;
    double sum = e->field[i];
    for (int j = 0; j < m->n; j++) sum += row[j] * q[j];
    w->potential[i] = sum;
  }
  w->energy += m->ewald_factor * nmd_ewald_pairs_energy(e, q);
  nmd_free(q);
  return NMD_OK;
}

nmd_status nmd_lattice_walk_sync(nmd_lattice_walk *walk) {
  sort_into_lists(walk);
  memset(walk->fresh, 0, (size_t)walk->model->n);
  NMD_TRY(nmd_lattice_energy_total(walk->model->energy, walk->occupation, &walk->energy));
  return walk->potential != NULL ? sync_ewald(walk) : NMD_OK;
}

/* Sites with few choices first, so that a species that only they do not allow is left for the others. */
static nmd_status deal_species(nmd_lattice_walk *w, const int64_t *count, const int32_t *order) {
  const nmd_lattice_model *m = w->model;
  int64_t left[NMD_LATTICE_GLOBAL_MAX];
  memcpy(left, count, sizeof left[0] * (size_t)m->n_species);
  for (int choices = 1; choices <= m->n_species; choices++)
    for (int k = 0; k < m->n; k++) {
      const int i = order[k], kind = kind_of(m, i);
      if (m->n_local[kind] != choices) continue;
      int s = 0;
      while (s < m->n_local[kind] && left[m->global_of[kind][s]] == 0) s++;
      if (s == m->n_local[kind])
        NMD_FAIL(CONFLICT, "the numbers of the species do not fill the %d sites; expected their sum to be that", m->n);
      left[m->global_of[kind][s]]--;
      w->occupation[i] = (uint8_t)s;
    }
  for (int s = 0; s < m->n_species; s++)
    if (left[s] != 0)
      NMD_FAIL(CONFLICT, "%lld %s more than the sites can take; expected numbers that fill the %d sites",
               (long long)left[s], nmd_lattice_species_name(m->z[s]), m->n);
  return NMD_OK;
}

nmd_status nmd_lattice_walk_shuffle(nmd_lattice_walk *walk, const int64_t *count) {
  const int n = walk->model->n;
  int32_t *order = walk->list;
  for (int i = 0; i < n; i++) order[i] = i;
  for (int i = n - 1; i > 0; i--) {
    double u[2];
    nmd_random_uniform2(walk->seed, NMD_STREAM_LATTICE, -1 - i, walk->id, 0, u);
    const int j = (int)(u[0] * (i + 1));
    const int32_t other = order[i];
    order[i] = order[j];
    order[j] = other;
  }
  NMD_TRY(deal_species(walk, count, order));
  return nmd_lattice_walk_sync(walk);
}

/* ---- moves ---- */

static double uniform(const uint32_t words[2]) {
  return ((double)(words[0] >> 6) * 67108864.0 + (double)(words[1] >> 6) + 0.5) * (1.0 / 4503599627370496.0);
}

static inline int pick(uint32_t word, int n) { return (int)((uint64_t)word * (uint64_t)n >> 32); }

static bool accept(double change, double beta, const uint32_t words[2]) {
  if (change <= 0) return true;
  return change * beta < 40 && uniform(words) < exp(-change * beta);
}

/* Energy of one site's change, the charges of all others as they are. */
static inline double charge_change(const nmd_lattice_walk *w, int site, double dq) {
  const nmd_lattice_model *m = w->model;
  if (m->ewald == NULL) return 0;
  return m->ewald_factor * dq * (w->potential[site] + 0.5 * dq * m->ewald->self[site]);
}

static inline double cluster_change(nmd_lattice_walk *w, int site, int local) {
  double *kept = w->change + (size_t)site * NMD_LATTICE_SPECIES_MAX + local;
  if ((w->fresh[site] >> local & 1) == 0) {
    *kept = nmd_lattice_energy_change(w->model->energy, w->occupation, site, local);
    w->fresh[site] |= (uint8_t)(1 << local);
  }
  return *kept;
}

static void forget_near(nmd_lattice_walk *w, int site) {
  const nmd_lattice_energy *e = w->model->energy;
  w->fresh[site] = 0;
  for (int64_t k = e->near_first[site]; k < e->near_first[site + 1]; k++) w->fresh[e->near[k]] = 0;
}

static void move_charges(nmd_lattice_walk *w, int i, double dq) {
  const nmd_ewald_pairs *e = w->model->ewald;
  if (e == NULL || dq == 0) return;
  const double *row = e->pair + (size_t)i * (size_t)e->n;
  for (int k = 0; k < e->n; k++) w->potential[k] += dq * row[k];
}

static void swap_in_lists(nmd_lattice_walk *w, int i, int j) {
  const int32_t a = w->where[i], b = w->where[j];
  w->list[a] = j;
  w->list[b] = i;
  w->where[i] = b;
  w->where[j] = a;
  const int8_t other = w->species[i];
  w->species[i] = w->species[j];
  w->species[j] = other;
}

static void try_exchange(nmd_lattice_walk *w, double beta, const uint32_t words[4]) {
  const nmd_lattice_model *m = w->model;
  const int i = pick(words[0], m->n), s = w->species[i];
  const int unlike = m->n - (w->start[s + 1] - w->start[s]);
  if (unlike == 0) return;
  int at = pick(words[1], unlike);
  if (at >= w->start[s]) at += w->start[s + 1] - w->start[s];
  const int j = w->list[at], t = w->species[j];
  const int new_i = m->local_of[kind_of(m, i)][t], new_j = m->local_of[kind_of(m, j)][s];
  if (new_i < 0 || new_j < 0) return;
  const uint8_t old_i = w->occupation[i];
  const double dq = m->charge[t] - m->charge[s];
  double change = cluster_change(w, i, new_i);
  if (nmd_lattice_energy_near(m->energy, i, j)) {
    w->occupation[i] = (uint8_t)new_i;
    change += nmd_lattice_energy_change(m->energy, w->occupation, j, new_j);
    w->occupation[i] = old_i;
  } else
    change += cluster_change(w, j, new_j);
  change += charge_change(w, i, dq) + charge_change(w, j, -dq);
  if (m->ewald != NULL) change -= m->ewald_factor * dq * dq * m->ewald->pair[(size_t)i * (size_t)m->n + (size_t)j];
  if (!accept(change, beta, words + 2)) return;
  w->occupation[i] = (uint8_t)new_i;
  w->occupation[j] = (uint8_t)new_j;
  forget_near(w, i);
  forget_near(w, j);
  move_charges(w, i, dq);
  move_charges(w, j, -dq);
  swap_in_lists(w, i, j);
  w->energy += change;
  w->accepted++;
}

static void try_change(nmd_lattice_walk *w, double beta, const uint32_t words[4]) {
  const nmd_lattice_model *m = w->model;
  const int i = pick(words[0], m->n), kind = kind_of(m, i), s = w->species[i];
  const int local = (w->occupation[i] + 1 + pick(words[1], m->n_local[kind] - 1)) % m->n_local[kind];
  const int t = m->global_of[kind][local];
  const double dq = m->charge[t] - m->charge[s], change = cluster_change(w, i, local) + charge_change(w, i, dq);
  if (!accept(change - (m->chemical_potential[t] - m->chemical_potential[s]), beta, words + 2)) return;
  w->occupation[i] = (uint8_t)local;
  forget_near(w, i);
  w->species[i] = (int8_t)t;
  move_charges(w, i, dq);
  w->energy += change;
  w->accepted++;
}

void nmd_lattice_walk_sweep(nmd_lattice_walk *walk, double temperature) {
  const double beta = temperature > 0 ? 1 / (NMD_BOLTZMANN * temperature) : INFINITY;
  for (int k = 0; k < walk->model->n; k++) {
    uint32_t words[4];
    nmd_random_words(walk->seed, NMD_STREAM_LATTICE, walk->moves++, walk->id, 0, words);
    if (walk->model->semi_grand)
      try_change(walk, beta, words);
    else
      try_exchange(walk, beta, words);
  }
  if (walk->model->semi_grand) sort_into_lists(walk);
}
