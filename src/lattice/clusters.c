/* SPDX-License-Identifier: BSD-3-Clause */
#include "lattice/clusters.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/vec3.h"

static const double same_length = 1e-4; /* A */
enum { CLUSTERS_MAX = 1000000 };

void nmd_lattice_point_position(const nmd_parent_lattice *parent, const nmd_lattice_point *point, double x[3]) {
  double s[3];
  for (int a = 0; a < 3; a++) s[a] = parent->site[point->site][a] + point->cell[a];
  nmd_box_to_cartesian(&parent->box, s, x);
}

static double distance(const nmd_parent_lattice *parent, const nmd_lattice_point *a, const nmd_lattice_point *b) {
  double x[3], y[3];
  nmd_lattice_point_position(parent, a, x);
  nmd_lattice_point_position(parent, b, y);
  for (int k = 0; k < 3; k++) x[k] -= y[k];
  return nmd_norm(x);
}

/* ---- normal form: one name for a cluster and its translations ---- */

static int compare_points(const void *a, const void *b) {
  const nmd_lattice_point *p = a, *q = b;
  for (int k = 0; k < 3; k++)
    if (p->cell[k] != q->cell[k]) return p->cell[k] < q->cell[k] ? -1 : 1;
  return (p->site > q->site) - (p->site < q->site);
}

static int compare_clusters(const nmd_cluster *a, const nmd_cluster *b, int points) {
  for (int k = 0; k < points; k++) {
    const int order = compare_points(&a->point[k], &b->point[k]);
    if (order != 0) return order;
  }
  return 0;
}

/* Translated so that the least point is in cell 0; translations do not change the order of points. */
static void anchor(nmd_cluster *c, int points) {
  int least = 0;
  for (int k = 1; k < points; k++)
    if (compare_points(&c->point[k], &c->point[least]) < 0) least = k;
  const nmd_lattice_point first = c->point[least];
  for (int k = 0; k < points; k++)
    for (int a = 0; a < 3; a++) c->point[k].cell[a] -= first.cell[a];
}

static void make_normal(nmd_cluster *c, int points) {
  for (int k = 1; k < points; k++)
    for (int m = k; m > 0 && compare_points(&c->point[m], &c->point[m - 1]) < 0; m--) {
      const nmd_lattice_point other = c->point[m];
      c->point[m] = c->point[m - 1];
      c->point[m - 1] = other;
    }
  anchor(c, points);
}

static void apply(const nmd_lattice_symmetry *s, const nmd_cluster *from, int points, nmd_cluster *to) {
  for (int k = 0; k < points; k++) {
    const nmd_lattice_point *p = &from->point[k];
    for (int a = 0; a < 3; a++) {
      to->point[k].cell[a] = s->shift[p->site][a];
      for (int b = 0; b < 3; b++) to->point[k].cell[a] += p->cell[b] * s->turn[b][a];
    }
    to->point[k].site = s->to[p->site];
  }
}

/* ---- all clusters up to a diameter ---- */

typedef struct pile {
  const nmd_parent_lattice *parent;
  int points;
  double diameter;
  nmd_cluster *cluster;
  int64_t n, room;
  nmd_lattice_point *near; /* sites within the diameter of the first point, itself not among them */
  int n_near;
} pile;

static nmd_status add_cluster(pile *p, const nmd_cluster *c) {
  if (p->n == p->room) {
    if (p->n >= CLUSTERS_MAX)
      NMD_FAIL(OUT_OF_RANGE, "clusters of %d points within %g A: more than %d of them; expected a smaller diameter",
               p->points, p->diameter, CLUSTERS_MAX);
    NMD_TRY(NMD_GROW(p->cluster, p->n, p->n == 0 ? 64 : 2 * p->n));
    p->room = p->n == 0 ? 64 : 2 * p->n;
  }
  p->cluster[p->n] = *c;
  make_normal(&p->cluster[p->n++], p->points);
  return NMD_OK;
}

static nmd_status find_near(pile *p, int site) {
  int reach[3];
  const nmd_lattice_point centre = {.site = site};
  p->n_near = 0;
  for (int a = 0; a < 3; a++) reach[a] = 1 + (int)ceil(p->diameter / nmd_box_height(&p->parent->box, a));
  for (int i = -reach[0]; i <= reach[0]; i++)
    for (int j = -reach[1]; j <= reach[1]; j++)
      for (int k = -reach[2]; k <= reach[2]; k++)
        for (int b = 0; b < p->parent->n_sites; b++) {
          const nmd_lattice_point q = {{i, j, k}, b};
          if (compare_points(&q, &centre) == 0 || distance(p->parent, &centre, &q) > p->diameter + same_length)
            continue;
          if ((p->n_near & (p->n_near - 1)) == 0)
            NMD_TRY(NMD_GROW(p->near, p->n_near, p->n_near == 0 ? 1 : 2 * p->n_near));
          p->near[p->n_near++] = q;
        }
  return NMD_OK;
}

/* Add points from the list of neighbours, each later in it than the one before. */
static nmd_status extend(pile *p, nmd_cluster *c, int have, int from) {
  if (have == p->points || have == NMD_CLUSTER_POINTS_MAX) return add_cluster(p, c);
  for (int q = from; q < p->n_near; q++) {
    bool close = true;
    for (int k = 1; k < have && close; k++)
      close = distance(p->parent, &c->point[k], &p->near[q]) <= p->diameter + same_length;
    if (!close) continue;
    c->point[have] = p->near[q];
    NMD_TRY(extend(p, c, have + 1, q + 1));
  }
  return NMD_OK;
}

static int pile_points; /* for qsort, which passes nothing on */
static int by_name(const void *a, const void *b) { return compare_clusters(a, b, pile_points); }

static nmd_status collect(pile *p) {
  for (int b = 0; b < p->parent->n_sites; b++) {
    nmd_cluster c = {.point = {{.site = b}}};
    if (p->points > 1) NMD_TRY(find_near(p, b));
    NMD_TRY(extend(p, &c, 1, 0));
  }
  pile_points = p->points;
  qsort(p->cluster, (size_t)p->n, sizeof *p->cluster, by_name);
  int64_t kept = 0;
  for (int64_t k = 0; k < p->n; k++)
    if (kept == 0 || by_name(&p->cluster[k], &p->cluster[kept - 1]) != 0) p->cluster[kept++] = p->cluster[k];
  p->n = kept;
  return NMD_OK;
}

/* ---- functions of an orbit ---- */

/* Where the points of `turned` are among those of `home`; false: elsewhere. */
static bool match_points(const nmd_cluster *home, const nmd_cluster *turned, int points,
                         int to[NMD_CLUSTER_POINTS_MAX]) {
  for (int k = 0; k < points; k++) {
    to[k] = -1;
    for (int m = 0; m < points; m++)
      if (compare_points(&turned->point[k], &home->point[m]) == 0) to[k] = m;
    if (to[k] < 0) return false;
  }
  return true;
}

/* Where the points of a cluster go under the symmetries that keep it; returns how many ways. */
static int find_permutations(const nmd_parent_lattice *parent, const nmd_cluster *c, int points, int most,
                             int (*found)[NMD_CLUSTER_POINTS_MAX]) {
  nmd_cluster home = *c, turned;
  int n = 0;
  anchor(&home, points);
  for (int s = 0; s < parent->n_symmetries; s++) {
    int to[NMD_CLUSTER_POINTS_MAX] = {0};
    apply(&parent->symmetry[s], c, points, &turned);
    anchor(&turned, points);
    bool new = match_points(&home, &turned, points, to);
    for (int q = 0; q < n && new; q++) new = memcmp(found[q], to, sizeof to) != 0;
    if (new &&n < most) memcpy(found[n++], to, sizeof to);
  }
  return n;
}

static nmd_status add_function(nmd_cluster_orbit *o, const int choice[NMD_CLUSTER_POINTS_MAX], int n_permutations,
                               int (*permutation)[NMD_CLUSTER_POINTS_MAX]) {
  nmd_cluster_function f = {.n = 0};
  NMD_TRY(NMD_ALLOC(f.choice, n_permutations));
  for (int q = 0; q < n_permutations; q++) {
    int moved[NMD_CLUSTER_POINTS_MAX] = {0};
    for (int k = 0; k < o->points; k++) moved[permutation[q][k]] = choice[k];
    bool new = true;
    for (int m = 0; m < f.n && new; m++) new = memcmp(f.choice[m], moved, sizeof moved) != 0;
    if (new) memcpy(f.choice[f.n++], moved, sizeof moved);
  }
  for (int g = 0; g < o->n_functions; g++) /* one of them is there already: all are */
    for (int m = 0; m < o->function[g].n; m++)
      if (memcmp(o->function[g].choice[m], f.choice[0], sizeof f.choice[0]) == 0) {
        nmd_free(f.choice);
        return NMD_OK;
      }
  nmd_status status = NMD_GROW(o->function, o->n_functions, o->n_functions + 1);
  if (status != NMD_OK) {
    nmd_free(f.choice);
    return status;
  }
  o->function[o->n_functions++] = f;
  return NMD_OK;
}

static nmd_status list_functions(const nmd_parent_lattice *parent, nmd_cluster_orbit *o) {
  int permutation[24][NMD_CLUSTER_POINTS_MAX], choice[NMD_CLUSTER_POINTS_MAX] = {0}, most[NMD_CLUSTER_POINTS_MAX];
  const int n = find_permutations(parent, &o->cluster[0], o->points, 24, permutation);
  for (int k = 0; k < o->points; k++) {
    most[k] = parent->kinds[parent->kind[o->cluster[0].point[k].site]].n - 1;
    choice[k] = 1;
  }
  for (int k = 0; k < o->points;) { /* count through all choices, the first point fastest */
    NMD_TRY(add_function(o, choice, n, permutation));
    for (k = 0; k < o->points && choice[k] == most[k]; k++) choice[k] = 1;
    if (k < o->points) choice[k]++;
  }
  return NMD_OK;
}

/* ---- orbits ---- */

static nmd_status add_orbit(nmd_cluster_list *list, pile *p, int64_t first, bool *seen) {
  NMD_TRY(NMD_GROW(list->orbit, list->n, list->n + 1));
  nmd_cluster_orbit *o = &list->orbit[list->n++];
  o->points = p->points;
  NMD_TRY(NMD_ALLOC(o->cluster, p->parent->n_symmetries));
  for (int s = 0; s < p->parent->n_symmetries; s++) {
    nmd_cluster turned, normal;
    apply(&p->parent->symmetry[s], &p->cluster[first], p->points, &turned);
    normal = turned;
    make_normal(&normal, p->points);
    nmd_cluster *at = bsearch(&normal, p->cluster, (size_t)p->n, sizeof normal, by_name);
    if (at == NULL || seen[at - p->cluster]) continue;
    seen[at - p->cluster] = true;
    o->cluster[o->n++] = turned;
  }
  for (int a = 0; a < p->points; a++)
    for (int b = 0; b < a; b++)
      o->diameter = fmax(o->diameter, distance(p->parent, &o->cluster[0].point[a], &o->cluster[0].point[b]));
  NMD_TRY(list_functions(p->parent, o));
  list->n_functions += o->n_functions;
  return NMD_OK;
}

static int by_diameter(const void *a, const void *b) {
  const nmd_cluster_orbit *p = a, *q = b;
  if (p->points != q->points) return p->points - q->points;
  if (fabs(p->diameter - q->diameter) > same_length) return p->diameter < q->diameter ? -1 : 1;
  return compare_clusters(&p->cluster[0], &q->cluster[0], p->points);
}

static nmd_status add_points(nmd_cluster_list *list, pile *p) {
  bool *seen = NULL;
  nmd_status status = collect(p);
  if (status == NMD_OK) status = NMD_ALLOC(seen, p->n);
  for (int64_t k = 0; k < p->n && status == NMD_OK; k++)
    if (!seen[k]) status = add_orbit(list, p, k, seen);
  nmd_free(seen);
  nmd_free(p->cluster);
  nmd_free(p->near);
  return status;
}

nmd_status nmd_cluster_list_init(nmd_cluster_list *list, const nmd_parent_lattice *parent,
                                 const double diameter[NMD_CLUSTER_POINTS_MAX + 1]) {
  nmd_status status = NMD_OK;
  *list = (nmd_cluster_list){0};
  for (int points = 1; points <= NMD_CLUSTER_POINTS_MAX && status == NMD_OK; points++) {
    pile p = {.parent = parent, .points = points, .diameter = diameter[points]};
    if (points == 1 || diameter[points] > 0) status = add_points(list, &p);
  }
  if (status != NMD_OK)
    nmd_cluster_list_free(list);
  else
    qsort(list->orbit, (size_t)list->n, sizeof *list->orbit, by_diameter);
  return status;
}

void nmd_cluster_list_free(nmd_cluster_list *list) {
  for (int k = 0; k < list->n; k++) {
    nmd_cluster_orbit *o = &list->orbit[k];
    for (int f = 0; f < o->n_functions; f++) nmd_free(o->function[f].choice);
    nmd_free(o->function);
    nmd_free(o->cluster);
  }
  nmd_free(list->orbit);
  *list = (nmd_cluster_list){0};
}
