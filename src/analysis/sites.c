/* SPDX-License-Identifier: BSD-3-Clause */
#include "analysis/sites.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/vec3.h"

nmd_status nmd_sites_init(nmd_sites *sites, const nmd_box *reference, int n_sites, const double (*position)[3],
                          int64_t n_atoms, double core) {
  *sites = (nmd_sites){.n_sites = n_sites, .n = n_atoms, .core = core};
  if (n_sites < 1) NMD_FAIL(OUT_OF_RANGE, "no site in the reference lattice; expected at least one");
  nmd_status status = NMD_ALLOC(sites->s, n_sites);
  if (status == NMD_OK) status = NMD_ALLOC(sites->site, n_atoms);
  if (status == NMD_OK) status = NMD_ALLOC(sites->before, n_atoms);
  if (status == NMD_OK) status = NMD_ALLOC(sites->arrived, n_atoms);
  if (status == NMD_OK) status = NMD_ALLOC(sites->occupied, n_sites);
  if (status == NMD_OK) status = NMD_ALLOC(sites->empty, n_sites);
  if (status == NMD_OK) status = NMD_ALLOC(sites->multiple, n_sites);
  if (status == NMD_OK) status = NMD_ALLOC(sites->now, n_sites);
  for (int k = 0; status == NMD_OK && k < n_sites; k++) nmd_box_to_fractional(reference, position[k], sites->s[k]);
  for (int64_t i = 0; status == NMD_OK && i < n_atoms; i++) sites->site[i] = sites->before[i] = -1;
  if (status != NMD_OK) nmd_sites_free(sites);
  return status;
}

void nmd_sites_free(nmd_sites *sites) {
  void *all[] = {sites->s,     sites->site,     sites->before, sites->arrived, sites->occupied,
                 sites->empty, sites->multiple, sites->now,    sites->hop};
  for (size_t k = 0; k < sizeof all / sizeof *all; k++) nmd_free(all[k]);
  *sites = (nmd_sites){0};
}

/* Shortest image of a fractional vector, as a Cartesian one. Rounding finds it unless the cell is skewed and the vector
 * long: then the images around are tried, too. safe: half the least height of the cell. */
static double nearest_image(const nmd_box *box, double safe, const double s[3], double d[3]) {
  double base[3], best[3];
  for (int k = 0; k < 3; k++) base[k] = box->periodic[k] ? s[k] - floor(s[k] + 0.5) : s[k];
  nmd_row_times(base, box->h, d);
  double least = nmd_norm(d);
  if (least <= safe) return least;
  memcpy(best, d, sizeof best);
  for (int m = 0; m < 27; m++) {
    const int shift[3] = {m % 3 - 1, m / 3 % 3 - 1, m / 9 - 1};
    double moved[3], v[3];
    for (int k = 0; k < 3; k++) moved[k] = base[k] + (box->periodic[k] ? shift[k] : 0);
    nmd_row_times(moved, box->h, v);
    const double length = nmd_norm(v);
    if (length >= least) continue;
    least = length;
    memcpy(best, v, sizeof best);
  }
  memcpy(d, best, sizeof best);
  return least;
}

static double distance_to(const nmd_sites *sites, const nmd_box *box, double safe, const double s[3], int site) {
  const double off[3] = {s[0] - sites->s[site][0], s[1] - sites->s[site][1], s[2] - sites->s[site][2]};
  double d[3];
  return nearest_image(box, safe, off, d);
}

/* The site whose core holds the atom, -1: none. The one it was in is asked first: mostly it still is. */
static int32_t find_site(const nmd_sites *sites, const nmd_box *box, double safe, const double s[3], int32_t last) {
  if (sites->core > 0 && last >= 0 && distance_to(sites, box, safe, s, last) < sites->core) return last;
  int32_t best = -1;
  double least = sites->core > 0 ? sites->core : INFINITY;
  for (int k = 0; k < sites->n_sites; k++) {
    const double distance = distance_to(sites, box, safe, s, k);
    if (distance < least) {
      least = distance;
      best = k;
    }
  }
  return best;
}

static nmd_status add_hop(nmd_sites *sites, const nmd_box *box, double safe, int64_t atom, int32_t to) {
  if (sites->n_hops == sites->capacity_hops) {
    const int64_t wanted = 2 * sites->capacity_hops + 256;
    NMD_TRY(NMD_GROW(sites->hop, sites->n_hops, wanted));
    sites->capacity_hops = wanted;
  }
  const int32_t from = sites->site[atom];
  nmd_hop *hop = &sites->hop[sites->n_hops++];
  *hop = (nmd_hop){.frame = sites->frames, .atom = atom, .from = from, .to = to, .back = sites->before[atom] == to};
  double off[3];
  for (int d = 0; d < 3; d++) off[d] = sites->s[to][d] - sites->s[from][d];
  nearest_image(box, safe, off, hop->vector);
  if (sites->arrived[atom] >= 0) {
    sites->residence += (double)(sites->frames - sites->arrived[atom]);
    sites->n_residence++;
  }
  sites->before[atom] = from;
  sites->site[atom] = to;
  sites->arrived[atom] = sites->frames;
  return NMD_OK;
}

static nmd_status follow(nmd_sites *sites, const nmd_box *box, double safe, int64_t atom, const double x[3]) {
  double s[3];
  nmd_box_to_fractional(box, x, s);
  const int32_t found = find_site(sites, box, safe, s, sites->site[atom]);
  if (found >= 0 && sites->site[atom] < 0) {
    sites->site[atom] = found;
    sites->arrived[atom] = -1; /* when it came is not known */
  } else if (found >= 0 && found != sites->site[atom]) {
    NMD_TRY(add_hop(sites, box, safe, atom, found));
  }
  if (sites->site[atom] < 0)
    sites->unassigned++;
  else
    sites->now[sites->site[atom]]++;
  return NMD_OK;
}

nmd_status nmd_sites_add(nmd_sites *sites, const nmd_box *box, const double (*x)[3]) {
  const double safe = 0.5 * fmin(nmd_box_height(box, 0), fmin(nmd_box_height(box, 1), nmd_box_height(box, 2)));
  memset(sites->now, 0, sizeof *sites->now * (size_t)sites->n_sites);
  for (int64_t i = 0; i < sites->n; i++) NMD_TRY(follow(sites, box, safe, i, x[i]));
  for (int k = 0; k < sites->n_sites; k++) {
    sites->occupied[k] += sites->now[k];
    sites->empty[k] += sites->now[k] == 0;
    sites->multiple[k] += sites->now[k] > 1;
  }
  sites->frames++;
  return NMD_OK;
}

typedef struct group {
  double sum[3];
  int64_t count;
} group;

static int by_count(const void *a, const void *b) {
  const group *p = a, *q = b;
  if (p->count != q->count) return p->count < q->count ? 1 : -1;
  for (int d = 0; d < 3; d++) /* one order, whatever the sort does with equal counts */
    if (p->sum[d] != q->sum[d]) return p->sum[d] < q->sum[d] ? 1 : -1;
  return 0;
}

static bool is_like(const group *g, const double v[3], double tolerance) {
  double off[3];
  for (int d = 0; d < 3; d++) off[d] = g->sum[d] / (double)g->count - v[d];
  return nmd_norm(off) <= tolerance;
}

nmd_status nmd_sites_directions(const nmd_sites *sites, double tolerance, int *n_groups, double (**direction)[3],
                                int64_t **count) {
  group *groups = NULL;
  int n = 0, capacity = 0;
  nmd_status status = NMD_OK;
  for (int64_t h = 0; h < sites->n_hops && status == NMD_OK; h++) {
    const double *v = sites->hop[h].vector;
    int k = 0;
    while (k < n && !is_like(&groups[k], v, tolerance)) k++;
    if (k == capacity) {
      capacity = 2 * capacity + 32;
      status = NMD_GROW(groups, n, capacity);
      if (status != NMD_OK) break;
    }
    if (k == n) groups[n++] = (group){{0, 0, 0}, 0};
    for (int d = 0; d < 3; d++) groups[k].sum[d] += v[d];
    groups[k].count++;
  }
  if (n > 0) qsort(groups, (size_t)n, sizeof *groups, by_count);
  if (status == NMD_OK) status = NMD_ALLOC(*direction, n);
  if (status == NMD_OK) status = NMD_ALLOC(*count, n);
  for (int k = 0; k < n && status == NMD_OK; k++) {
    (*count)[k] = groups[k].count;
    for (int d = 0; d < 3; d++) (*direction)[k][d] = groups[k].sum[d] / (double)groups[k].count;
  }
  *n_groups = n;
  nmd_free(groups);
  return status;
}
