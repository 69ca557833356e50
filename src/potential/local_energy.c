/* SPDX-License-Identifier: BSD-3-Clause */
#include "potential/local_energy.h"

#include <string.h>

#include "base/memory.h"

void nmd_local_energy_init(nmd_local_energy *local, const nmd_potential *potential, const nmd_atoms *atoms,
                           const nmd_neighbour_list *list) {
  *local = (nmd_local_energy){.potential = potential, .atoms = atoms, .list = list};
  nmd_atoms_init(&local->cluster);
  nmd_neighbour_list_init(&local->rows, list->cutoff, list->skin);
}

void nmd_local_energy_free(nmd_local_energy *local) {
  nmd_atoms_free(&local->cluster);
  nmd_neighbour_list_free(&local->rows);
  nmd_free(local->place);
  nmd_free(local->stamp);
  local->place = local->stamp = NULL;
}

static nmd_status reserve(nmd_local_energy *local, const int *which, int n) {
  const int total = local->atoms->n_owned + local->atoms->n_ghost;
  if (total > local->capacity) {
    NMD_TRY(NMD_GROW(local->place, 0, total));
    NMD_TRY(NMD_GROW(local->stamp, 0, total));
    local->capacity = total;
    local->today = 0;
  }
  int64_t pairs = 0;
  for (int r = 0; r < n; r++) pairs += local->list->first[which[r] + 1] - local->list->first[which[r]];
  nmd_neighbour_list *rows = &local->rows;
  if (n + 1 > rows->capacity_first) {
    NMD_TRY(NMD_GROW(rows->first, 0, 2 * n + 1));
    rows->capacity_first = 2 * n + 1;
  }
  if (pairs > rows->capacity_index) {
    NMD_TRY(NMD_GROW(rows->index, 0, pairs + pairs / 2));
    rows->capacity_index = pairs + pairs / 2;
  }
  const int64_t most = pairs + n < total ? pairs + n : total;
  return nmd_atoms_reserve(&local->cluster, (int)most);
}

static void take(nmd_local_energy *local, int atom, int place) {
  nmd_atoms *cluster = &local->cluster;
  local->stamp[atom] = local->today;
  local->place[atom] = place;
  memcpy(cluster->x + 3 * place, local->atoms->x + 3 * atom, 3 * sizeof(double));
  cluster->species[place] = local->atoms->species[atom];
  cluster->id[place] = local->atoms->id[atom];
}

static void copy_rows(nmd_local_energy *local, const int *which, int n) {
  nmd_neighbour_list *rows = &local->rows;
  int taken = n;
  local->today++;
  for (int r = 0; r < n; r++) take(local, which[r], r);
  rows->n = n;
  rows->first[0] = 0;
  for (int r = 0; r < n; r++) {
    int64_t end = rows->first[r];
    for (int64_t k = local->list->first[which[r]]; k < local->list->first[which[r] + 1]; k++) {
      const int j = local->list->index[k];
      if (local->stamp[j] != local->today) take(local, j, taken++);
      rows->index[end++] = local->place[j];
    }
    rows->first[r + 1] = end;
  }
  local->cluster.n_owned = n;
  local->cluster.n_ghost = taken - n;
}

nmd_status nmd_local_energy_of(nmd_local_energy *local, const int *which, int n, double *energy) {
  NMD_TRY(reserve(local, which, n));
  copy_rows(local, which, n);
  nmd_atoms *cluster = &local->cluster;
  memset(cluster->f, 0, (size_t)(cluster->n_owned + cluster->n_ghost) * 3 * sizeof *cluster->f);
  memset(energy, 0, (size_t)n * sizeof *energy);
  const nmd_potential_input input = {
      .atoms = cluster, .list = &local->rows, .want_atom_energy = true, .energies_only = true, .threads = 1};
  nmd_potential_partial partial = {.force = (double(*)[3])cluster->f, .atom_energy = energy};
  return local->potential->ops->compute(local->potential->self, &input, &partial);
}
