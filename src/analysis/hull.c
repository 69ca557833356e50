/* SPDX-License-Identifier: BSD-3-Clause */
#include "analysis/hull.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/memory.h"

/* eV/atom and fraction of atoms below which a difference is rounding. */
static const double tolerance = 1e-11;
enum { M = NMD_HULL_ELEMENTS_MAX, DEGENERATE_MOST = 50 };

typedef struct problem {
  int m; /* elements: rows */
  int64_t n;
  const double *composition; /* [n][m] */
  const double *mixing;      /* [n] cost */
  const int64_t *pure;       /* [m] */
} problem;

/* A basic solution: m structures whose shares give the target composition. */
typedef struct basis {
  int64_t column[M];
  double inverse[M][M]; /* of the matrix whose columns are the compositions */
  double share[M];
} basis;

static double price(const problem *p, const double potential[M], int64_t s) {
  double cost = p->mixing[s];
  for (int e = 0; e < p->m; e++) cost -= potential[e] * p->composition[s * p->m + e];
  return cost;
}

/* Chemical potentials of the basis: the plane through its structures. */
static void potentials(const problem *p, const basis *b, double potential[M]) {
  for (int e = 0; e < p->m; e++) {
    potential[e] = 0;
    for (int k = 0; k < p->m; k++) potential[e] += p->mixing[b->column[k]] * b->inverse[k][e];
  }
}

/* The structure farthest below the plane, or, to get out of a degenerate corner (Bland's rule), the first below it;
 * -1: none. `without` is not considered. */
static int64_t entering(const problem *p, const double potential[M], int64_t without, bool first) {
  int64_t best = -1;
  double least = -tolerance;
  for (int64_t s = 0; s < p->n; s++) {
    if (s == without) continue;
    const double cost = price(p, potential, s);
    if (cost < least) {
      best = s;
      if (first) return best;
      least = cost;
    }
  }
  return best;
}

/* Row whose structure leaves: the one whose share reaches zero first; ties by index (Bland). */
static int leaving(const problem *p, const basis *b, const double direction[M], double *step) {
  int row = -1;
  *step = INFINITY;
  for (int k = 0; k < p->m; k++) {
    if (direction[k] <= tolerance) continue;
    const double ratio = fmax(b->share[k], 0) / direction[k];
    const bool tie = row >= 0 && fabs(ratio - *step) <= tolerance;
    if (row >= 0 && !(ratio < *step - tolerance) && !(tie && b->column[k] < b->column[row])) continue;
    row = k;
    *step = ratio;
  }
  return row;
}

static void pivot(const problem *p, basis *b, int row, const double direction[M], double step, int64_t column) {
  for (int k = 0; k < p->m; k++)
    if (k != row) b->share[k] -= step * direction[k];
  b->share[row] = step;
  b->column[row] = column;
  for (int e = 0; e < p->m; e++) b->inverse[row][e] /= direction[row];
  for (int k = 0; k < p->m; k++)
    for (int e = 0; k != row && e < p->m; e++) b->inverse[k][e] -= direction[k] * b->inverse[row][e];
}

static void begin_with_elements(const problem *p, const double *target, basis *b) {
  memset(b, 0, sizeof *b);
  for (int e = 0; e < p->m; e++) {
    b->column[e] = p->pure[e];
    b->inverse[e][e] = 1;
    b->share[e] = target[e];
  }
}

/* Least energy of a mixture of the structures other than `without` (-1: all) at `target`. The pure elements are always
 * there: their energy of mixing is 0. */
static double solve(const problem *p, const double *target, int64_t without, basis *b) {
  begin_with_elements(p, target, b);
  double potential[M], direction[M], step;
  for (int degenerate = 0;;) {
    potentials(p, b, potential);
    const int64_t in = entering(p, potential, without, degenerate > DEGENERATE_MOST);
    if (in < 0) break;
    for (int k = 0; k < p->m; k++) {
      direction[k] = 0;
      for (int e = 0; e < p->m; e++) direction[k] += b->inverse[k][e] * p->composition[in * p->m + e];
    }
    const int row = leaving(p, b, direction, &step);
    if (row < 0) break; /* a direction sums to 1: some entry is positive */
    degenerate = step > tolerance ? 0 : degenerate + 1;
    pivot(p, b, row, direction, step, in);
  }
  double energy = 0;
  for (int k = 0; k < p->m; k++) energy += b->share[k] * p->mixing[b->column[k]];
  return energy;
}

static void find_products(const problem *p, const basis *b, nmd_hull_point *point) {
  point->n_products = 0;
  for (int k = 0; k < p->m; k++) {
    if (b->share[k] <= 1e-9) continue;
    point->product[point->n_products] = (int)b->column[k];
    point->share[point->n_products++] = b->share[k];
  }
}

static bool is_pure_reference(const problem *p, int64_t s) {
  for (int e = 0; e < p->m; e++)
    if (p->pure[e] == s) return true;
  return false;
}

static void solve_point(const problem *p, int64_t s, nmd_hull_point *point) {
  basis b;
  const double *target = p->composition + s * p->m;
  point->mixing = p->mixing[s];
  point->distance = fmax(p->mixing[s] - solve(p, target, -1, &b), 0);
  if (point->distance < 10 * tolerance) point->distance = 0;
  point->depth = is_pure_reference(p, s) ? 0 : solve(p, target, s, &b) - p->mixing[s];
  find_products(p, &b, point);
}

static nmd_status check(int elements, int64_t n, const double *composition, const double *energy) {
  if (elements < 1 || elements > M)
    NMD_FAIL(OUT_OF_RANGE, "%d elements: expected 1 to %d for a convex hull", elements, M);
  for (int64_t s = 0; s < n; s++) {
    double sum = 0;
    bool fine = isfinite(energy[s]);
    for (int e = 0; e < elements; e++) {
      sum += composition[s * elements + e];
      fine = fine && composition[s * elements + e] >= 0;
    }
    if (!fine || fabs(sum - 1) > 1e-9)
      NMD_FAIL(OUT_OF_RANGE,
               "structure %lld: energy %g eV/atom, fractions that sum to %g; expected a finite energy and 1",
               (long long)(s + 1), energy[s], sum);
  }
  return NMD_OK;
}

static nmd_status find_pure(int elements, int64_t n, const double *composition, const double *energy, int64_t *pure) {
  for (int e = 0; e < elements; e++) {
    pure[e] = -1;
    for (int64_t s = 0; s < n; s++)
      if (composition[s * elements + e] > 1 - 1e-12 && (pure[e] < 0 || energy[s] < energy[pure[e]])) pure[e] = s;
    if (pure[e] < 0)
      NMD_FAIL(MISSING_KEY, "no structure of pure element %d: expected one of each element, for the energies of mixing",
               e + 1);
  }
  return NMD_OK;
}

nmd_status nmd_hull_compute(int elements, int64_t n, const double *composition, const double *energy, int64_t *pure,
                            nmd_hull_point *points) {
  NMD_TRY(check(elements, n, composition, energy));
  NMD_TRY(find_pure(elements, n, composition, energy, pure));
  double *mixing;
  NMD_TRY(NMD_ALLOC(mixing, n));
  for (int64_t s = 0; s < n; s++) {
    mixing[s] = energy[s];
    for (int e = 0; e < elements; e++) mixing[s] -= composition[s * elements + e] * energy[pure[e]];
  }
  const problem p = {elements, n, composition, mixing, pure};
  for (int64_t s = 0; s < n; s++) solve_point(&p, s, &points[s]);
  nmd_free(mixing);
  return NMD_OK;
}
