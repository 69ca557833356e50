/* SPDX-License-Identifier: BSD-3-Clause */
#include "lattice/local.h"

#include <string.h>

#include "base/memory.h"

enum { S = NMD_LATTICE_SPECIES_MAX };

/* ---- templates ---- */

static int find_near(const nmd__local_place *p, const nmd_lattice_point *q) {
  for (int k = 0; k < p->n_near; k++)
    if (memcmp(&p->near[k], q, sizeof *q) == 0) return k;
  return -1;
}

static nmd_status add_index(nmd__local_place *p, const nmd_lattice_point *q) {
  int k = find_near(p, q);
  if (k < 0) {
    if ((p->n_near & (p->n_near - 1)) == 0) NMD_TRY(NMD_GROW(p->near, p->n_near, p->n_near == 0 ? 1 : 2 * p->n_near));
    k = p->n_near++;
    p->near[k] = *q;
  }
  if ((p->n_index & (p->n_index - 1)) == 0)
    NMD_TRY(NMD_GROW(p->index, p->n_index, p->n_index == 0 ? 1 : 2 * p->n_index));
  p->index[p->n_index++] = (uint16_t)k;
  return NMD_OK;
}

/* The cluster moved so that its point `own` is the site; the others are neighbours. */
static nmd_status add_cluster(nmd__local_place *p, const nmd_cluster *c, int points, int own) {
  for (int k = 0; k < points; k++) {
    nmd_lattice_point q = c->point[k];
    if (k == own) continue;
    for (int a = 0; a < 3; a++) q.cell[a] -= c->point[own].cell[a];
    NMD_TRY(add_index(p, &q));
  }
  return NMD_OK;
}

/* With the site at position `own` of the clusters; for two species all positions are alike and make one group. */
static nmd_status add_group(nmd__local_place *p, int site, const nmd_cluster_orbit *o, int own, bool all_owns,
                            int32_t table, double j) {
  nmd__local_group g = {.others = o->points - 1, .first = p->n_index, .table = table, .j = j};
  for (int k = own; k < (all_owns ? o->points : own + 1); k++)
    for (int c = 0; c < o->n; c++) {
      if (o->cluster[c].point[k].site != site) continue;
      NMD_TRY(add_cluster(p, &o->cluster[c], o->points, k));
      g.count++;
    }
  if (g.count == 0) return NMD_OK;
  g.in_order = g.others == 1;
  for (int k = 1; k < g.count && g.in_order; k++) g.in_order = p->index[g.first + k] == p->index[g.first] + k;
  NMD_TRY(NMD_GROW(p->group, p->n_groups, p->n_groups + 1));
  p->group[p->n_groups++] = g;
  return NMD_OK;
}

static nmd_status fill_place(nmd__local *l, int site, const nmd_cluster_list *list, const double *j,
                             nmd__table_of *table_of, const void *context) {
  for (int k = 0; k < list->n; k++) {
    const nmd_cluster_orbit *o = &list->orbit[k];
    for (int own = 0; own < (l->binary ? 1 : o->points); own++) {
      const int32_t table = table_of(context, k, own);
      if (table >= 0) NMD_TRY(add_group(&l->place[site], site, o, own, l->binary, table, *j));
    }
    j += o->n_functions;
  }
  for (int g = 0; g < l->place[site].n_groups; g++) l->clusters += (double)l->place[site].group[g].count / l->n_places;
  return NMD_OK;
}

/* ---- neighbours of all sites ---- */

static bool meets_itself(const nmd__local *l, const nmd_supercell *super) {
  const int origin = 0, *zero = super->cell[origin];
  for (int b = 0; b < l->n_places; b++) {
    const nmd__local_place *p = &l->place[b];
    if (p->n_near > NMD__LOCAL_NEAR_MAX) return true;
    for (int k = 0; k < p->n_near; k++)
      if (p->near[k].site == b && nmd_supercell_cell(super, p->near[k].cell) == nmd_supercell_cell(super, zero))
        return true;
  }
  return false;
}

static nmd_status list_neighbours(nmd__local *l, const nmd_supercell *super) {
  int64_t n = 0;
  NMD_TRY(NMD_ALLOC(l->first, super->n));
  for (int i = 0; i < super->n; i++) {
    l->first[i] = n;
    n += l->place[i % l->n_places].n_near;
  }
  NMD_TRY(NMD_ALLOC(l->neighbour, n));
  for (int i = 0; i < super->n; i++) {
    const nmd__local_place *p = &l->place[i % l->n_places];
    for (int k = 0; k < p->n_near; k++) {
      int at[3];
      for (int a = 0; a < 3; a++) at[a] = super->cell[i / l->n_places][a] + p->near[k].cell[a];
      l->neighbour[l->first[i] + k] = nmd_supercell_cell(super, at) * l->n_places + p->near[k].site;
    }
  }
  return NMD_OK;
}

nmd_status nmd__local_init(nmd__local *local, const nmd_cluster_list *list, const nmd_parent_lattice *parent,
                           const nmd_supercell *super, const double *j, nmd__table_of *table_of, const void *context,
                           bool *usable) {
  *local = (nmd__local){.n_places = parent->n_sites, .binary = true};
  for (int k = 0; k < parent->n_kinds; k++) local->binary = local->binary && parent->kinds[k].n == 2;
  nmd_status status = NMD_ALLOC(local->place, parent->n_sites);
  for (int b = 0; b < parent->n_sites && status == NMD_OK; b++)
    status = fill_place(local, b, list, j, table_of, context);
  *usable = status == NMD_OK && !meets_itself(local, super);
  if (*usable) status = list_neighbours(local, super);
  if (status != NMD_OK || !*usable) nmd__local_free(local);
  return status;
}

void nmd__local_free(nmd__local *l) {
  for (int b = 0; b < l->n_places && l->place != NULL; b++) {
    nmd_free(l->place[b].near);
    nmd_free(l->place[b].group);
    nmd_free(l->place[b].index);
  }
  nmd_free(l->place);
  nmd_free(l->first);
  nmd_free(l->neighbour);
  *l = (nmd__local){0};
}

/* ---- changes ---- */

/* Spins in order are added by vectors; gathered ones are faster one by one. */
static int sum_in_order(int n, const int8_t *spin) {
  int sum = 0;
  for (int k = 0; k < n; k++) sum += spin[k];
  return sum;
}

/* Sum over the clusters of a group of the product of the other spins. */
__attribute__((optimize("no-tree-vectorize"))) static int product_sum(const nmd__local_group *g, const uint16_t *x,
                                                                      const int8_t *spin) {
  int sum[2] = {0, 0};
  const uint16_t *end = x + (size_t)g->others * (size_t)g->count;
  if (g->others == 0) return g->count;
  if (g->in_order) return sum_in_order(g->count, spin + x[0]);
  if (g->others == 1)
    for (; x < end; x++) sum[0] += spin[x[0]];
  if (g->others == 2) {
    for (; x + 2 < end; x += 4) {
      sum[0] += spin[x[0]] * spin[x[1]];
      sum[1] += spin[x[2]] * spin[x[3]];
    }
    if (x < end) sum[0] += spin[x[0]] * spin[x[1]];
  }
  if (g->others == 3) {
    for (; x + 3 < end; x += 6) {
      sum[0] += spin[x[0]] * spin[x[1]] * spin[x[2]];
      sum[1] += spin[x[3]] * spin[x[4]] * spin[x[5]];
    }
    if (x < end) sum[0] += spin[x[0]] * spin[x[1]] * spin[x[2]];
  }
  return sum[0] + sum[1];
}

static double binary_change(const nmd__local *l, const nmd__local_place *p, const uint8_t *occupation, int site,
                            int species) {
  int8_t spin[NMD__LOCAL_NEAR_MAX];
  const int32_t *neighbour = l->neighbour + l->first[site];
  double field = 0;
  for (int k = 0; k < p->n_near; k++) spin[k] = (int8_t)(1 - 2 * occupation[neighbour[k]]);
  for (int g = 0; g < p->n_groups; g++)
    field += p->group[g].j * product_sum(&p->group[g], p->index + p->group[g].first, spin);
  return 2 * (occupation[site] - species) * field;
}

static double table_change(const nmd__local_group *g, const uint16_t *x, const double *table, const uint8_t *near,
                           int from, int to) {
  double sum = 0;
  for (int k = 0; k < g->count; k++, x += g->others) {
    int at = g->table, stride = S;
    for (int m = 0; m < g->others; m++, stride *= S) at += stride * near[x[m]];
    sum += table[at + to] - table[at + from];
  }
  return sum;
}

double nmd__local_change(const nmd__local *local, const double *table, const uint8_t *occupation, int site,
                         int species) {
  const nmd__local_place *p = &local->place[site % local->n_places];
  if (local->binary) return binary_change(local, p, occupation, site, species);
  uint8_t near[NMD__LOCAL_NEAR_MAX];
  const int32_t *neighbour = local->neighbour + local->first[site];
  double sum = 0;
  for (int k = 0; k < p->n_near; k++) near[k] = occupation[neighbour[k]];
  for (int g = 0; g < p->n_groups; g++)
    sum += table_change(&p->group[g], p->index + p->group[g].first, table, near, occupation[site], species);
  return sum;
}
