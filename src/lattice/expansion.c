/* SPDX-License-Identifier: BSD-3-Clause */
#include "lattice/expansion.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { S = NMD_LATTICE_SPECIES_MAX, TABLE_MAX = S * S * S * S };

static int site_of(const nmd_parent_lattice *parent, const nmd_supercell *super, int cell, const nmd_lattice_point *p) {
  int at[3];
  for (int a = 0; a < 3; a++) at[a] = super->cell[cell][a] + p->cell[a];
  return nmd_supercell_cell(super, at) * parent->n_sites + p->site;
}

/* Point functions of each kind, as [kind][function][species]. */
typedef struct point_tables {
  double value[NMD_LATTICE_KINDS_MAX][S][S];
} point_tables;

static void fill_point_tables(const nmd_parent_lattice *parent, point_tables *t) {
  for (int k = 0; k < parent->n_kinds; k++) nmd_lattice_point_functions(parent->kinds[k].n, t->value[k]);
}

/* Sum over the equivalent choices of the product at species [points]. */
static double function_value(const nmd_parent_lattice *parent, const point_tables *t, const nmd_cluster_orbit *o,
                             const nmd_cluster_function *f, const int *species) {
  double sum = 0;
  for (int q = 0; q < f->n; q++) {
    double product = 1;
    for (int k = 0; k < o->points; k++)
      product *= t->value[parent->kind[o->cluster[0].point[k].site]][f->choice[q][k]][species[k]];
    sum += product;
  }
  return sum;
}

void nmd_correlation_multiplicities(const nmd_cluster_list *list, double *multiplicity) {
  int at = 0;
  for (int k = 0; k < list->n; k++)
    for (int f = 0; f < list->orbit[k].n_functions; f++)
      multiplicity[at++] = (double)list->orbit[k].n * list->orbit[k].function[f].n;
}

/* How often each combination of species is met on the clusters of an orbit: count [TABLE_MAX]. */
static void count_species(const nmd_parent_lattice *parent, const nmd_supercell *super, const nmd_cluster_orbit *o,
                          const uint8_t *occupation, double *count) {
  memset(count, 0, TABLE_MAX * sizeof *count);
  for (int cell = 0; cell < super->cells; cell++)
    for (int c = 0; c < o->n; c++) {
      int at = 0;
      for (int k = o->points - 1; k >= 0; k--)
        at = S * at + occupation[site_of(parent, super, cell, &o->cluster[c].point[k])];
      count[at] += 1;
    }
}

static void species_of(int code, int points, int *species) {
  for (int k = 0; k < points; k++, code /= S) species[k] = code % S;
}

static int table_size(int points) {
  int n = 1;
  for (int k = 0; k < points; k++) n *= S;
  return n;
}

void nmd_correlations(const nmd_cluster_list *list, const nmd_parent_lattice *parent, const nmd_supercell *super,
                      const uint8_t *occupation, double *value) {
  double count[TABLE_MAX];
  point_tables tables;
  int at = 0, species[NMD_CLUSTER_POINTS_MAX];
  fill_point_tables(parent, &tables);
  for (int k = 0; k < list->n; k++) {
    const nmd_cluster_orbit *o = &list->orbit[k];
    count_species(parent, super, o, occupation, count);
    for (int f = 0; f < o->n_functions; f++, at++) {
      value[at] = 0;
      for (int code = 0; code < table_size(o->points); code++) {
        if (count[code] == 0) continue;
        species_of(code, o->points, species);
        value[at] += count[code] * function_value(parent, &tables, o, &o->function[f], species);
      }
      value[at] /= super->cells;
    }
  }
}

/* ---- tables of cluster energies ---- */

/* Energy of one cluster of an orbit over its species, the first point fastest; zero where a site has no such species.
 */
static void cluster_table(const nmd_parent_lattice *parent, const point_tables *t, const nmd_cluster_orbit *o,
                          const double *j, double *table) {
  int species[NMD_CLUSTER_POINTS_MAX];
  for (int code = 0; code < table_size(o->points); code++) {
    bool possible = true;
    species_of(code, o->points, species);
    for (int k = 0; k < o->points; k++)
      possible = possible && species[k] < parent->kinds[parent->kind[o->cluster[0].point[k].site]].n;
    table[code] = 0;
    for (int f = 0; f < o->n_functions && possible; f++)
      table[code] += j[f] * function_value(parent, t, o, &o->function[f], species);
  }
}

/* Points of a cluster that are one site of the supercell: own bits; the others in order. */
typedef struct meeting {
  int site, own, n_others;
  int32_t others[NMD_CLUSTER_POINTS_MAX];
} meeting;

static meeting meet(const int *sites, int points, int at) {
  meeting m = {.site = sites[at]};
  for (int k = 0; k < points; k++) {
    if (sites[k] == m.site)
      m.own |= 1 << k;
    else
      m.others[m.n_others++] = sites[k];
  }
  return m;
}

static bool is_first_of_its_site(const int *sites, int at) {
  for (int k = 0; k < at; k++)
    if (sites[k] == sites[at]) return false;
  return true;
}

/* The table seen from a site: own species fastest, then those of the others. */
static void turn_table(const double *table, int points, int own, double *out) {
  int n_others = 0;
  for (int k = 0; k < points; k++) n_others += (own >> k & 1) == 0;
  for (int code = 0; code < table_size(n_others + 1); code++) {
    int rest = code / S, from = 0, stride = 1;
    for (int k = 0; k < points; k++, stride *= S) {
      from += stride * ((own >> k & 1) != 0 ? code % S : rest % S);
      if ((own >> k & 1) == 0) rest /= S;
    }
    out[code] = table[from];
  }
}

/* Tables of all ways in which a site can be part of the clusters of an orbit: start [orbit][own]. */
typedef struct table_starts {
  int32_t (*start)[1 << NMD_CLUSTER_POINTS_MAX];
} table_starts;

static nmd_status make_tables(nmd_lattice_energy *e, const nmd_cluster_list *list, const nmd_parent_lattice *parent,
                              const double *j, table_starts *starts) {
  double whole[TABLE_MAX];
  point_tables tables;
  int64_t room = 0;
  fill_point_tables(parent, &tables);
  for (int k = 0; k < list->n; k++)
    room += ((1 << list->orbit[k].points) - 1) * (int64_t)table_size(list->orbit[k].points);
  if (room > INT32_MAX) NMD_FAIL(OUT_OF_RANGE, "too many kinds of clusters (%d); expected smaller diameters", list->n);
  NMD_TRY(NMD_ALLOC(e->table, room));
  NMD_TRY(NMD_ALLOC(starts->start, list->n));
  for (int k = 0; k < list->n; k++) {
    const nmd_cluster_orbit *o = &list->orbit[k];
    cluster_table(parent, &tables, o, j, whole);
    j += o->n_functions;
    e->constant += whole[0] * o->n * e->cells;
    for (int own = 1; own < 1 << o->points; own++) {
      starts->start[k][own] = (int32_t)e->n_table;
      turn_table(whole, o->points, own, e->table + e->n_table);
      e->n_table += table_size(o->points + 1 - __builtin_popcount((unsigned)own));
    }
  }
  return NMD_OK;
}

/* ---- lists of clusters of each site ---- */

typedef struct filling {
  nmd_lattice_energy *energy;
  const nmd_cluster_list *list;
  const nmd_parent_lattice *parent;
  const nmd_supercell *super;
  table_starts starts;
  bool counting;
  int64_t *at[NMD_CLUSTER_POINTS_MAX]; /* [sites] where the next entry of the site goes */
} filling;

static void put_entry(filling *f, int orbit, const meeting *m) {
  nmd__touching *t = &f->energy->by_size[m->n_others];
  if (f->counting) {
    t->first[m->site + 1]++;
    return;
  }
  const int64_t at = f->at[m->n_others][m->site]++;
  t->table[at] = f->starts.start[orbit][m->own];
  memcpy(t->others + at * m->n_others, m->others, (size_t)m->n_others * sizeof *m->others);
}

static bool flat(const nmd_lattice_energy *e, int32_t start, int points) {
  for (int k = 0; k < table_size(points); k++)
    if (e->table[start + k] != 0) return false;
  return true;
}

static void visit_clusters(filling *f) {
  int sites[NMD_CLUSTER_POINTS_MAX];
  for (int k = 0; k < f->list->n; k++) {
    const nmd_cluster_orbit *o = &f->list->orbit[k];
    if (flat(f->energy, f->starts.start[k][1], o->points)) continue; /* J = 0 costs nothing */
    for (int cell = 0; cell < f->super->cells; cell++)
      for (int c = 0; c < o->n; c++) {
        for (int p = 0; p < o->points; p++) sites[p] = site_of(f->parent, f->super, cell, &o->cluster[c].point[p]);
        for (int p = 0; p < o->points; p++) {
          if (!is_first_of_its_site(sites, p)) continue;
          const meeting m = meet(sites, o->points, p);
          put_entry(f, k, &m);
        }
      }
  }
}

static nmd_status make_lists(filling *f) {
  nmd_lattice_energy *e = f->energy;
  for (int size = 0; size < NMD_CLUSTER_POINTS_MAX; size++) NMD_TRY(NMD_ALLOC(e->by_size[size].first, e->n + 1));
  f->counting = true;
  visit_clusters(f);
  f->counting = false;
  for (int size = 0; size < NMD_CLUSTER_POINTS_MAX; size++) {
    nmd__touching *t = &e->by_size[size];
    for (int i = 0; i < e->n; i++) t->first[i + 1] += t->first[i];
    e->clusters += (double)t->first[e->n] / e->n;
    NMD_TRY(NMD_ALLOC(t->table, t->first[e->n]));
    NMD_TRY(NMD_ALLOC(t->others, t->first[e->n] * size));
    NMD_TRY(NMD_ALLOC(f->at[size], e->n));
    memcpy(f->at[size], t->first, (size_t)e->n * sizeof *t->first);
  }
  visit_clusters(f);
  return NMD_OK;
}

/* ---- who is near whom ---- */

static int by_number(const void *a, const void *b) {
  const int32_t i = *(const int32_t *)a, j = *(const int32_t *)b;
  return (i > j) - (i < j);
}

/* Other sites of a list, each once: stamp says which were seen for this site. */
static int64_t add_new(int site, int64_t n_list, const int32_t *list, int32_t *stamp, int64_t n, int32_t *out) {
  for (int64_t k = 0; k < n_list; k++) {
    if (stamp[list[k]] == site + 1) continue;
    stamp[list[k]] = site + 1;
    out[n++] = list[k];
  }
  return n;
}

static int64_t collect_near(const nmd_lattice_energy *e, int site, int32_t *stamp, int32_t *out) {
  int64_t n = 0;
  if (e->is_local)
    n = add_new(site, e->local.place[site % e->local.n_places].n_near, e->local.neighbour + e->local.first[site], stamp,
                0, out);
  for (int size = 1; size < NMD_CLUSTER_POINTS_MAX && !e->is_local; size++) {
    const nmd__touching *t = &e->by_size[size];
    n = add_new(site, (t->first[site + 1] - t->first[site]) * size, t->others + t->first[site] * size, stamp, n, out);
  }
  qsort(out, (size_t)n, sizeof *out, by_number);
  return n;
}

static nmd_status list_near(nmd_lattice_energy *e) {
  int32_t *stamp, *here = NULL;
  int64_t room = 0;
  NMD_TRY(NMD_ALLOC(e->near_first, e->n + 1));
  NMD_TRY(NMD_ALLOC(stamp, e->n));
  nmd_status status = NMD_ALLOC(here, e->n);
  for (int i = 0; i < e->n && status == NMD_OK; i++) {
    const int64_t n = collect_near(e, i, stamp, here), have = e->near_first[i];
    if (have + n > room) {
      const int64_t next = 2 * room + n + 64;
      status = NMD_GROW(e->near, have, next);
      room = next;
    }
    if (status == NMD_OK) memcpy(e->near + have, here, (size_t)n * sizeof *here);
    e->near_first[i + 1] = have + n;
  }
  nmd_free(stamp);
  nmd_free(here);
  return status;
}

bool nmd_lattice_energy_near(const nmd_lattice_energy *energy, int a, int b) {
  const int32_t *from = energy->near + energy->near_first[a];
  int64_t n = energy->near_first[a + 1] - energy->near_first[a];
  while (n > 1) { /* the last number that is not above b is in from[0 .. n) */
    const int64_t half = n / 2;
    from += from[half] <= b ? half : 0;
    n -= half;
  }
  return n == 1 && *from == b;
}

/* Table of an orbit with the site at one position. */
static int32_t table_of(const void *context, int orbit, int own) {
  const filling *f = context;
  if (flat(f->energy, f->starts.start[orbit][1], f->list->orbit[orbit].points)) return -1;
  return f->starts.start[orbit][1 << own];
}

static nmd_status make_local(filling *f, const double *j) {
  nmd_lattice_energy *e = f->energy;
  NMD_TRY(nmd__local_init(&e->local, f->list, f->parent, f->super, j, table_of, f, &e->is_local));
  e->clusters = e->local.clusters;
  return e->is_local ? NMD_OK : make_lists(f);
}

nmd_status nmd_lattice_energy_init(nmd_lattice_energy *energy, const nmd_cluster_list *list,
                                   const nmd_parent_lattice *parent, const nmd_supercell *super, const double *j) {
  *energy = (nmd_lattice_energy){.n = super->n, .cells = super->cells, .constant = j[0] * super->cells};
  filling f = {.energy = energy, .list = list, .parent = parent, .super = super};
  nmd_status status = make_tables(energy, list, parent, j + 1, &f.starts);
  if (status == NMD_OK) status = make_local(&f, j + 1);
  if (status == NMD_OK) status = list_near(energy);
  nmd_free(f.starts.start);
  for (int size = 0; size < NMD_CLUSTER_POINTS_MAX; size++) nmd_free(f.at[size]);
  if (status != NMD_OK) nmd_lattice_energy_free(energy);
  return status;
}

void nmd_lattice_energy_free(nmd_lattice_energy *energy) {
  nmd__local_free(&energy->local);
  for (int size = 0; size < NMD_CLUSTER_POINTS_MAX; size++) {
    nmd_free(energy->by_size[size].first);
    nmd_free(energy->by_size[size].table);
    nmd_free(energy->by_size[size].others);
  }
  nmd_free(energy->table);
  nmd_free(energy->near_first);
  nmd_free(energy->near);
  *energy = (nmd_lattice_energy){0};
}

/* ---- energies ---- */

/* Sum over the clusters with `size` other sites of table(to) - table(from); size is a constant where it is called. */
static inline double change_of(const nmd__touching *t, const double *table, const uint8_t *occupation, int site,
                               int from, int to, const int size) {
  double sum = 0;
  for (int64_t k = t->first[site]; k < t->first[site + 1]; k++) {
    const int32_t *others = t->others + k * size;
    int at = t->table[k], stride = S;
    for (int m = 0; m < size; m++, stride *= S) at += stride * occupation[others[m]];
    sum += table[at + to] - table[at + from];
  }
  return sum;
}

double nmd_lattice_energy_change(const nmd_lattice_energy *energy, const uint8_t *occupation, int site, int species) {
  const nmd__touching *t = energy->by_size;
  if (energy->is_local) return nmd__local_change(&energy->local, energy->table, occupation, site, species);
  const int from = occupation[site];
  return change_of(&t[0], energy->table, occupation, site, from, species, 0) +
         change_of(&t[1], energy->table, occupation, site, from, species, 1) +
         change_of(&t[2], energy->table, occupation, site, from, species, 2) +
         change_of(&t[3], energy->table, occupation, site, from, species, 3);
}

/* Each cluster is in the list of each of its sites: from all sites at species 0 one site after the other is changed. */
nmd_status nmd_lattice_energy_total(const nmd_lattice_energy *energy, const uint8_t *occupation, double *total) {
  uint8_t *grown;
  NMD_TRY(NMD_ALLOC(grown, energy->n));
  *total = energy->constant;
  for (int i = 0; i < energy->n; i++) {
    if (occupation[i] == 0) continue;
    *total += nmd_lattice_energy_change(energy, grown, i, occupation[i]);
    grown[i] = occupation[i];
  }
  nmd_free(grown);
  return NMD_OK;
}
