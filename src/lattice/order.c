/* SPDX-License-Identifier: BSD-3-Clause */
#include "lattice/order.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"

/* ---- short-range order ---- */

static int site_of(const nmd_parent_lattice *parent, const nmd_supercell *super, int cell, const nmd_lattice_point *p) {
  int at[3];
  for (int a = 0; a < 3; a++) at[a] = super->cell[cell][a] + p->cell[a];
  return nmd_supercell_cell(super, at) * parent->n_sites + p->site;
}

static void add_shell(nmd_shells *shells, const nmd_cluster_orbit *o, const nmd_parent_lattice *parent,
                      const nmd_supercell *super) {
  int64_t at = shells->first[shells->n];
  shells->distance[shells->n++] = o->diameter;
  for (int cell = 0; cell < super->cells; cell++)
    for (int c = 0; c < o->n; c++, at++)
      for (int k = 0; k < 2; k++) shells->pair[at][k] = site_of(parent, super, cell, &o->cluster[c].point[k]);
  shells->first[shells->n] = at;
}

nmd_status nmd_shells_init(nmd_shells *shells, const nmd_cluster_list *list, const nmd_parent_lattice *parent,
                           const nmd_supercell *super, double longest) {
  int64_t pairs = 0;
  *shells = (nmd_shells){0};
  for (int k = 0; k < list->n; k++)
    if (list->orbit[k].points == 2 && list->orbit[k].diameter <= longest + 1e-6)
      pairs += (int64_t)list->orbit[k].n * super->cells;
  NMD_TRY(NMD_ALLOC(shells->distance, list->n));
  NMD_TRY(NMD_ALLOC(shells->first, list->n + 1));
  NMD_TRY(NMD_ALLOC(shells->pair, pairs));
  for (int k = 0; k < list->n; k++)
    if (list->orbit[k].points == 2 && list->orbit[k].diameter <= longest + 1e-6)
      add_shell(shells, &list->orbit[k], parent, super);
  return NMD_OK;
}

void nmd_shells_free(nmd_shells *shells) {
  nmd_free(shells->distance);
  nmd_free(shells->first);
  nmd_free(shells->pair);
  *shells = (nmd_shells){0};
}

void nmd_warren_cowley(const nmd_shells *shells, const nmd_lattice_walk *walk, int a, int b, double *alpha) {
  for (int k = 0; k < shells->n; k++) {
    int64_t together = 0, ends[2] = {0};
    for (int64_t p = shells->first[k]; p < shells->first[k + 1]; p++) {
      const int s = walk->species[shells->pair[p][0]], t = walk->species[shells->pair[p][1]];
      together += (s == a && t == b) + (s == b && t == a);
      ends[0] += (s == a) + (t == a);
      ends[1] += (s == b) + (t == b);
    }
    alpha[k] = 1 - (double)together * 2 * (double)(shells->first[k + 1] - shells->first[k]) /
                       ((double)ends[0] * (double)ends[1]);
  }
}

/* ---- waves ---- */

static bool same_wave(const double a[3], const double b[3], double sign) {
  for (int d = 0; d < 3; d++) {
    const double difference = a[d] - sign * b[d];
    if (fabs(difference - round(difference)) > 1e-6) return false;
  }
  return true;
}

/* Positions turn as rows x -> x T, so k x stays if k -> T^-1 k; over all symmetries T^-1 runs through what T runs
 * through. */
nmd_status nmd_wave_star_init(nmd_wave_star *star, const nmd_parent_lattice *parent, const double k[3]) {
  *star = (nmd_wave_star){0};
  NMD_TRY(NMD_ALLOC(star->k, parent->n_symmetries));
  for (int s = 0; s < parent->n_symmetries; s++) {
    double turned[3] = {0};
    for (int a = 0; a < 3; a++)
      for (int b = 0; b < 3; b++) turned[a] += parent->symmetry[s].turn[a][b] * k[b];
    bool new = true;
    for (int q = 0; q < star->n && new; q++)
      new = !same_wave(turned, star->k[q], 1) && !same_wave(turned, star->k[q], -1);
    if (new) memcpy(star->k[star->n++], turned, sizeof turned);
  }
  return NMD_OK;
}

void nmd_wave_star_free(nmd_wave_star *star) {
  nmd_free(star->k);
  *star = (nmd_wave_star){0};
}

double nmd_wave_intensity(const nmd_parent_lattice *parent, const nmd_supercell *super, const nmd_lattice_walk *walk,
                          int species, const double k[3]) {
  double re = 0, im = 0;
  for (int i = 0; i < super->n; i++) {
    if (walk->species[i] != species) continue;
    double phase = 0;
    for (int a = 0; a < 3; a++)
      phase += k[a] * (super->cell[i / parent->n_sites][a] + parent->site[i % parent->n_sites][a]);
    re += cos(2 * M_PI * phase);
    im += sin(2 * M_PI * phase);
  }
  return (re * re + im * im) / super->n;
}
