/* SPDX-License-Identifier: BSD-3-Clause */
#include "build/interface_match.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* One way to lay n[0] cells of A on n[1] cells of B along one direction. */
typedef struct row_match {
  int64_t n[2];
  double edge, strain[2], worst, cost;
} row_match;

enum { ROWS_KEPT = 128, MIN_LAYERS = 2, COUNT_MAX = 1000000000 };
/* What costs one unit: half a percent of strain, 5 % of the atoms, 35 % in shape (or in a size nobody asked for). */
static const double strain_unit = 0.005, atoms_unit = 0.05, shape_unit = 0.3, atoms_tolerance = 0.1;

/* Results by merit: as asked; size missed; strain above the limit (then the one with least strain). */
typedef enum grade { AS_ASKED, WRONG_SIZE, TOO_STRAINED, GRADES } grade;
typedef struct search {
  const nmd_match_request *request;
  int variant[2];
  const nmd_surface *surface[2];
  double ideal_edge; /* A */
  bool found[GRADES];
  nmd_match best[GRADES];
} search;

static double square(double x) { return x * x; }

static double areal_density(const nmd_surface *surface) {
  return surface->per_plane / (surface->edge[0] * surface->edge[1]); /* atoms per plane and A^2 */
}

/* Edge L of a square cell that holds the wanted atoms, sides with free layers being L thick: root of a growing
 * function, by bisection. */
static double find_ideal_edge(const nmd_match_request *request) {
  double low = 0.0, high = 1e6;
  for (int step = 0; step < 200; step++) {
    const double edge = 0.5 * (low + high);
    double atoms = 0.0;
    for (int side = 0; side < 2; side++) {
      const nmd_surface *surface = &request->side[side].variant[0];
      const int64_t layers = request->side[side].layers;
      atoms += edge * edge * areal_density(surface) * (layers > 0 ? (double)layers : edge / surface->spacing);
    }
    if (atoms < (double)request->atoms)
      low = edge;
    else
      high = edge;
  }
  return high;
}

static row_match strain_row(const search *find, int d, int64_t na, int64_t nb) {
  const double a = (double)na * find->surface[0]->edge[d], b = (double)nb * find->surface[1]->edge[d];
  const nmd_strained strained = find->request->strained;
  row_match row = {.n = {na, nb}};
  row.edge = strained == NMD_STRAIN_A ? b : strained == NMD_STRAIN_B ? a : 0.5 * (a + b);
  row.strain[0] = row.edge / a - 1.0;
  row.strain[1] = row.edge / b - 1.0;
  row.worst = fmax(fabs(row.strain[0]), fabs(row.strain[1]));
  row.cost = square(row.worst / strain_unit) + square(log(row.edge / find->ideal_edge) / shape_unit);
  return row;
}

static int by_cost(const void *left, const void *right) {
  const row_match *a = left, *b = right;
  if (a->cost != b->cost) return a->cost < b->cost ? -1 : 1;
  return a->n[0] < b->n[0] ? -1 : a->n[0] > b->n[0];
}

/* The numbers of cells of A worth a look along direction d. */
static void range_of_a(const search *find, int d, int64_t *from, int64_t *to) {
  enum { MOST_CELLS = 20000 };
  const int64_t *fixed[2] = {find->request->side[0].repeat, find->request->side[1].repeat};
  const double edge_a = find->surface[0]->edge[d];
  *from = 1;
  *to = 4 + (int64_t)fmin(4.0 * find->ideal_edge / edge_a, MOST_CELLS);
  if (fixed[1][d] > 0) { /* only the two that come nearest to the given length of B */
    const int64_t below = (int64_t)floor((double)fixed[1][d] * find->surface[1]->edge[d] / edge_a);
    *from = below > 1 ? below : 1;
    *to = below + 1;
  }
  if (fixed[0][d] > 0) *from = *to = fixed[0][d];
}

/* The matches along direction d: for each number of cells of A the two nearest numbers of B. *rows is allocated. */
static nmd_status list_rows(const search *find, int d, row_match **rows, int *n) {
  const int64_t given_b = find->request->side[1].repeat[d];
  int64_t from, to;
  range_of_a(find, d, &from, &to);
  NMD_TRY(NMD_ALLOC(*rows, 2 * (to - from + 1)));
  *n = 0;
  for (int64_t na = from; na <= to; na++) {
    const int64_t below = (int64_t)floor((double)na * find->surface[0]->edge[d] / find->surface[1]->edge[d]);
    for (int64_t nb = below; nb <= below + 1; nb++)
      if (given_b == 0 && nb >= 1) (*rows)[(*n)++] = strain_row(find, d, na, nb);
    if (given_b > 0) (*rows)[(*n)++] = strain_row(find, d, na, given_b);
  }
  qsort(*rows, (size_t)*n, sizeof **rows, by_cost);
  if (*n > ROWS_KEPT) *n = ROWS_KEPT;
  return NMD_OK;
}

/* Grade one complete proposal and keep it if it is the best of its grade. */
static void judge(search *find, nmd_match *match) {
  const nmd_match_request *request = find->request;
  const double wanted = (double)request->atoms, miss = log((double)match->atoms / wanted);
  const double width = sqrt(match->edge[0] * match->edge[1]);
  match->cost = square(match->worst / strain_unit) + square(miss / (request->any_size ? shape_unit : atoms_unit)) +
                square(log(match->edge[0] / match->edge[1]) / shape_unit);
  for (int side = 0; side < 2; side++) {
    const double thick = (double)match->layers[side] * find->surface[side]->spacing;
    if (request->side[side].layers == 0) match->cost += square(log(thick / width) / shape_unit);
  }
  const bool fits = request->any_size || fabs((double)match->atoms - wanted) <= atoms_tolerance * wanted;
  grade g = fits ? AS_ASKED : WRONG_SIZE;
  if (g == WRONG_SIZE) match->cost = fabs(miss);
  if (match->worst > request->max_strain) {
    g = TOO_STRAINED;
    match->cost = match->worst + 1e-6 * fabs(miss); /* of equals the one nearest in size */
  }
  if (find->found[g] && find->best[g].cost <= match->cost) return;
  find->found[g] = true;
  find->best[g] = *match;
}

/* Planes of both sides for given in-plane cells: around what the wanted atoms ask for. */
static void try_layers(search *find, nmd_match *match) {
  enum { AROUND = 2 };
  const double area = match->edge[0] * match->edge[1];
  int64_t per_plane[2], from[2], to[2];
  double fixed_atoms = 0.0, free_density = 0.0; /* the latter per A of thickness */
  for (int side = 0; side < 2; side++) {
    const int64_t layers = find->request->side[side].layers;
    per_plane[side] = match->repeat[side][0] * match->repeat[side][1] * find->surface[side]->per_plane;
    fixed_atoms += (double)(layers * per_plane[side]);
    if (layers == 0) free_density += area * areal_density(find->surface[side]) / find->surface[side]->spacing;
  }
  const double thick = free_density > 0.0 ? fmax(0.0, (double)find->request->atoms - fixed_atoms) / free_density : 0.0;
  for (int side = 0; side < 2; side++) {
    const int64_t layers = find->request->side[side].layers;
    const int64_t centre = (int64_t)fmin(COUNT_MAX, rint(thick / find->surface[side]->spacing));
    from[side] = layers > 0 ? layers : centre - AROUND > MIN_LAYERS ? centre - AROUND : MIN_LAYERS;
    to[side] = layers > 0 ? layers : centre + AROUND > MIN_LAYERS ? centre + AROUND : MIN_LAYERS;
  }
  for (match->layers[0] = from[0]; match->layers[0] <= to[0]; match->layers[0]++)
    for (match->layers[1] = from[1]; match->layers[1] <= to[1]; match->layers[1]++) {
      match->atoms = per_plane[0] * match->layers[0] + per_plane[1] * match->layers[1];
      judge(find, match);
    }
}

static void try_rows(search *find, const row_match *x, const row_match *y) {
  const row_match *rows[2] = {x, y};
  nmd_match match = {.variant = {find->variant[0], find->variant[1]}};
  for (int d = 0; d < 2; d++) {
    match.edge[d] = rows[d]->edge;
    match.worst = fmax(match.worst, rows[d]->worst);
    for (int side = 0; side < 2; side++) {
      match.repeat[side][d] = rows[d]->n[side];
      match.strain[side][d] = rows[d]->strain[side];
    }
  }
  /* Counts beyond any machine would overflow below; such cells are never wanted. */
  for (int side = 0; side < 2; side++)
    if (match.repeat[side][0] > COUNT_MAX / match.repeat[side][1]) return;
  try_layers(find, &match);
}

static nmd_status try_variants(search *find) {
  row_match *rows[2] = {NULL, NULL};
  int n[2];
  nmd_status status;
  for (int d = 0; d < 2; d++) NMD_GOTO(list_rows(find, d, &rows[d], &n[d]));
  for (int i = 0; i < n[0]; i++)
    for (int j = 0; j < n[1]; j++) try_rows(find, &rows[0][i], &rows[1][j]);
done:
  nmd_free(rows[0]);
  nmd_free(rows[1]);
  return status;
}

static nmd_status explain_failure(const search *find) {
  const nmd_match_request *request = find->request;
  const nmd_match *near = &find->best[WRONG_SIZE], *strained = &find->best[TOO_STRAINED];
  const bool fixed = request->side[0].repeat[0] > 0 && request->side[1].repeat[0] > 0;
  if (find->found[WRONG_SIZE])
    NMD_FAIL(BUILD,
             "atoms %lld: the nearest interface within %.3g %% strain has %lld atoms (A %lld x %lld x %lld planes, B "
             "%lld x %lld x %lld planes); ask for about that many, or raise max_strain, or free layers and repeats",
             (long long)request->atoms, 100.0 * request->max_strain, (long long)near->atoms,
             (long long)near->repeat[0][0], (long long)near->repeat[0][1], (long long)near->layers[0],
             (long long)near->repeat[1][0], (long long)near->repeat[1][1], (long long)near->layers[1]);
  if (find->found[TOO_STRAINED])
    NMD_FAIL(
        BUILD, "max_strain %.4g %%: %s %.4g %% (A %lld x %lld on B %lld x %lld cells, %lld atoms); raise max_strain%s",
        100.0 * request->max_strain, fixed ? "the given repeats need" : "the least strain of cells of this size is",
        100.0 * strained->worst, (long long)strained->repeat[0][0], (long long)strained->repeat[0][1],
        (long long)strained->repeat[1][0], (long long)strained->repeat[1][1], (long long)strained->atoms,
        fixed ? " or change the repeats" : ", ask for more atoms, or try other surfaces");
  NMD_FAIL(BUILD, "the interface would be too large to build; ask for fewer atoms, repeats or layers");
}

nmd_status nmd_interface_match(const nmd_match_request *request, nmd_match *match) {
  search find = {.request = request, .ideal_edge = find_ideal_edge(request)};
  for (find.variant[0] = 0; find.variant[0] < request->side[0].n_variants; find.variant[0]++)
    for (find.variant[1] = 0; find.variant[1] < request->side[1].n_variants; find.variant[1]++) {
      for (int side = 0; side < 2; side++) find.surface[side] = &request->side[side].variant[find.variant[side]];
      NMD_TRY(try_variants(&find));
    }
  if (!find.found[AS_ASKED]) return explain_failure(&find);
  *match = find.best[AS_ASKED];
  return NMD_OK;
}
