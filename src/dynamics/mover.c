/* SPDX-License-Identifier: BSD-3-Clause */
/* FIRE: as in ensemble_minimise.c, without its half step back (J. Guenole et al., Comput. Mater. Sci. 175, 109584
 * (2020)).
 *
 * L-BFGS: d = H f by the two-loop recursion over the last pairs s = x - x_old, y = f_old - f (D. Liu, J. Nocedal, Math.
 * Program. 45, 503 (1989)), cut to max_move; no line search, since there is no energy to search: what D. Sheppard, R.
 * Terrell, G. Henkelman, J. Chem. Phys. 128, 134106 (2008) found best for bands. A pair with s . y <= 0 (not convex
 * there) empties the memory. Bands can leap out of the potential: after a step that has doubled the forces the next one
 * begins where that one did, without memory, and may go a quarter as far; what a step may go grows again as forces
 * fall. */
#include "dynamics/mover.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/memory.h"
#include "base/units.h"
#include "base/vec3.h"

static const double stiffness_start = 50; /* eV/A^2, of a bond */
static const double grow = 1.1, shrink = 0.5, alpha_start = 0.25, alpha_shrink = 0.99, timestep_largest = 10;
static const double reach_least = 1.0 / 64, reach_shrink = 0.25, reach_grow = 1.2; /* REACH is a share of max_move */
enum { DELAY = 20 };
/* What `numbers` are. */
enum { TIMESTEP, ALPHA, DOWNHILL, KEPT, NEXT, BEGUN, REACH };

int64_t nmd_mover_memory(nmd_mover_method method, int64_t n) {
  return method == NMD_MOVER_FIRE ? n : 2 * (NMD_MOVER_PAIRS + 1) * n;
}

nmd_status nmd_mover_init(nmd_mover *mover) {
  NMD_TRY(NMD_ALLOC(mover->memory, nmd_mover_memory(mover->method, mover->n)));
  nmd_mover_reset(mover);
  return NMD_OK;
}

void nmd_mover_free(nmd_mover *mover) { nmd_free(mover->memory); }

void nmd_mover_reset(nmd_mover *mover) {
  memset(mover->numbers, 0, sizeof mover->numbers);
  mover->numbers[TIMESTEP] = mover->timestep;
  mover->numbers[ALPHA] = alpha_start;
  mover->numbers[REACH] = 1;
  if (mover->method == NMD_MOVER_FIRE) memset(mover->memory, 0, (size_t)mover->n * sizeof *mover->memory);
}

static double dot(const double *a, const double *b, int64_t n) {
  double sum = 0;
  for (int64_t k = 0; k < n; k++) sum += a[k] * b[k];
  return sum;
}

/* The longest move of an atom in a step. */
static double length_of(const nmd_mover *mover, const double *step) {
  double most = 0;
  for (int64_t k = 0; k < mover->n; k += 3) most = fmax(most, nmd_dot(step + k, step + k));
  return sqrt(most);
}

/* ---- FIRE ---- */

static void steer(nmd_mover *mover, double power) {
  double *p = mover->numbers, *v = mover->memory;
  if (power > 0) {
    if (++p[DOWNHILL] <= DELAY) return;
    p[TIMESTEP] = fmin(grow * p[TIMESTEP], timestep_largest * mover->timestep);
    p[ALPHA] *= alpha_shrink;
    return;
  }
  memset(v, 0, (size_t)mover->n * sizeof *v);
  if (p[BEGUN] > 0) p[TIMESTEP] *= shrink;
  p[DOWNHILL] = 0;
  p[ALPHA] = alpha_start;
}

static void step_fire(nmd_mover *mover, double *x, const double *force) {
  double *p = mover->numbers, *v = mover->memory;
  const int64_t n = mover->n;
  steer(mover, dot(force, v, n));
  p[BEGUN] = 1;
  const double kick = p[TIMESTEP] * NMD_FORCE_TO_ACCELERATION / mover->mass, ff = dot(force, force, n);
  for (int64_t k = 0; k < n; k++) v[k] += kick * force[k];
  const double turn = ff > 0 ? p[ALPHA] * sqrt(dot(v, v, n) / ff) : 0;
  for (int64_t k = 0; k < n; k++) v[k] = (1 - p[ALPHA]) * v[k] + turn * force[k];
  const double time = p[TIMESTEP];
  double most = 0;
  for (int64_t k = 0; k < n; k += 3) most = fmax(most, nmd_norm(v + k));
  const double scale = time * most > mover->max_move ? mover->max_move / most : time;
  for (int64_t k = 0; k < n; k++) x[k] += scale * v[k];
}

/* ---- L-BFGS ---- */

/* Memory: x_old, f_old, then s and y of each slot. */
static double *pair_of(const nmd_mover *mover, int slot, int which) {
  return mover->memory + (2 + 2 * (int64_t)slot + which) * mover->n;
}

/* Back to where a step began that has doubled the forces, unless it was as short as can be. */
static bool step_back(nmd_mover *mover, double *x, const double *force) {
  double *p = mover->numbers, *x_old = mover->memory, *f_old = x_old + mover->n;
  if (p[BEGUN] <= 0) return false;
  const double old = dot(f_old, f_old, mover->n), now = dot(force, force, mover->n);
  if (now <= 4 * old || p[REACH] <= reach_least) {
    if (now < old) p[REACH] = fmin(1, reach_grow * p[REACH]);
    return false;
  }
  for (int64_t k = 0; k < mover->n; k++) x[k] -= x_old[k];
  p[REACH] = fmax(reach_least, reach_shrink * fmin(1, length_of(mover, x) / mover->max_move));
  p[KEPT] = 0;
  memcpy(x, x_old, (size_t)mover->n * sizeof *x);
  return true;
}

static void learn(nmd_mover *mover, const double *x, const double *force) {
  double *p = mover->numbers, *x_old = mover->memory, *f_old = x_old + mover->n;
  const int64_t n = mover->n;
  if (p[BEGUN] > 0) {
    double *s = pair_of(mover, (int)p[NEXT], 0), *y = pair_of(mover, (int)p[NEXT], 1);
    for (int64_t k = 0; k < n; k++) {
      s[k] = x[k] - x_old[k];
      y[k] = f_old[k] - force[k];
    }
    if (dot(s, y, n) > 1e-10 * dot(s, s, n)) {
      p[NEXT] = fmod(p[NEXT] + 1, NMD_MOVER_PAIRS);
      p[KEPT] = fmin(p[KEPT] + 1, NMD_MOVER_PAIRS);
    } else
      p[KEPT] = 0;
  }
  memcpy(x_old, x, (size_t)n * sizeof *x);
  memcpy(f_old, force, (size_t)n * sizeof *x);
  p[BEGUN] = 1;
}

/* d = H f, in the place of `d`, which has f. */
static void two_loops(const nmd_mover *mover, double *d) {
  const int64_t n = mover->n;
  const int kept = (int)mover->numbers[KEPT], next = (int)mover->numbers[NEXT];
  double a[NMD_MOVER_PAIRS], scale = 1 / stiffness_start;
  for (int j = 1; j <= kept; j++) {
    const int slot = (next - j + NMD_MOVER_PAIRS) % NMD_MOVER_PAIRS;
    const double *s = pair_of(mover, slot, 0), *y = pair_of(mover, slot, 1), sy = dot(s, y, n);
    a[slot] = dot(s, d, n) / sy;
    for (int64_t k = 0; k < n; k++) d[k] -= a[slot] * y[k];
    if (j == 1) scale = fmin(sy / dot(y, y, n), 10 / stiffness_start); /* flat directions are no licence to leap */
  }
  for (int64_t k = 0; k < n; k++) d[k] *= scale;
  for (int j = kept; j >= 1; j--) {
    const int slot = (next - j + NMD_MOVER_PAIRS) % NMD_MOVER_PAIRS;
    const double *s = pair_of(mover, slot, 0), *y = pair_of(mover, slot, 1);
    const double b = a[slot] - dot(y, d, n) / dot(s, y, n);
    for (int64_t k = 0; k < n; k++) d[k] += b * s[k];
  }
}

static void step_lbfgs(nmd_mover *mover, double *x, const double *force) {
  if (step_back(mover, x, force))
    force = mover->memory + mover->n; /* those there */
  else
    learn(mover, x, force);
  double *d = pair_of(mover, (int)mover->numbers[NEXT], 0); /* filled anew by the next call */
  const bool full = mover->numbers[KEPT] >= NMD_MOVER_PAIRS;
  if (full) mover->numbers[KEPT] = NMD_MOVER_PAIRS - 1; /* the oldest pair makes room for the step */
  memcpy(d, force, (size_t)mover->n * sizeof *d);
  two_loops(mover, d);
  if (dot(d, force, mover->n) <= 0) { /* not downhill: the memory is of another place */
    mover->numbers[KEPT] = 0;
    memcpy(d, force, (size_t)mover->n * sizeof *d);
    two_loops(mover, d);
  }
  const double length = length_of(mover, d), longest = mover->numbers[REACH] * mover->max_move;
  const double scale = length > longest ? longest / length : 1;
  for (int64_t k = 0; k < mover->n; k++) x[k] += scale * d[k];
}

void nmd_mover_step(nmd_mover *mover, double *x, const double *force) {
  if (mover->method == NMD_MOVER_FIRE)
    step_fire(mover, x, force);
  else
    step_lbfgs(mover, x, force);
}
