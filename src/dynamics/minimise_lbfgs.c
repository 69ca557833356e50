/* SPDX-License-Identifier: BSD-3-Clause */
/* L-BFGS: a quasi-Newton direction from the last m = 8 pairs s = change of the coordinates (A), y = change of the
 * gradient (eV/A), and a line search that wants the enthalpy to fall.
 *
 * Coordinates are those of FIRE: atoms, and q_k = L sqrt(N) e_k of a cell that may change. The inner products of all
 * pairs and the force are summed over ranks in one reduction; the two-loop recursion then runs on coefficients of these
 * 2 m + 1 vectors, the same on every rank (the sums have the order of atoms and ranks). The first direction is f / 70
 * (eV/A^2); then H_0 = s.y / y.y of the newest pair. Pairs without positive curvature are left out; a direction that
 * does not go down clears the memory.
 *
 * Every step of the stage is one point on a line x_0 + t p: t = 1, or shorter where an atom would move by more than
 * max_move or the cell by 2 %. It is taken if H <= H_0 + 1e-4 t H_0', or, where rounding hides that, if H <= H_0 + 1e-8
 * eV N and the slope has fallen (approximate Wolfe condition); else t is cut by a parabola to 0.1 to 0.5 of it. All
 * that belongs to a line moves with the cell (x, p -> A; gradients -> A^-T), so that going back ends where it began.
 *
 * The atoms' part of the memory, p included, is in atoms->extra, which follows them over ranks and into checkpoints;
 * velocities are zero throughout.
 *
 * J. Nocedal, Math. Comput. 35, 773 (1980); D. Liu, J. Nocedal, Math. Program. 45, 503 (1989); coefficients: W. Chen,
 * Z. Wang, J. Zhou, NIPS 27, 1332 (2014); W. Hager, H. Zhang, SIAM J. Optim. 16, 170 (2005).
 *
 * Trade-off: near a quadratic minimum far fewer forces than FIRE; where the energy is rough, or forces are not its
 * exact slope, FIRE is safer. */
#include <math.h>
#include <string.h>

#include "base/vec3.h"
#include "dynamics/minimise.h"
#include "dynamics/motion.h"

enum {
  PAIRS = NMD_LBFGS_PAIRS,
  DIRECTION_AT = 3,
  PAIRS_AT = 6,
  EXTRA = PAIRS_AT + 6 * PAIRS,
  BASIS = 2 * PAIRS + 1,
  TRIES = 12
};
static const double first_step = 1.0 / 70.0; /* A^2/eV */
static const double armijo = 1e-4, slope_left = 0.8, noise = 1e-8 /* eV/atom */;

/* What an atom carries: force at the start of the line, direction p (A), then s, y of each slot. */
static double *carried(const nmd_motion *motion, int i) { return motion->atoms->extra + (size_t)i * EXTRA; }

static double *direction_of(const nmd_motion *motion, int i) { return carried(motion, i) + DIRECTION_AT; }

/* Slot of the j-th oldest pair. */
static int slot_of(const nmd_lbfgs *l, int j) { return ((int)l->next - (int)l->n + j + PAIRS) % PAIRS; }

/* The vectors of an atom: s of all pairs, y of all pairs, force. Returns their number. */
static int basis_of_atom(const nmd_lbfgs *l, const nmd_motion *motion, int i, const double *basis[BASIS]) {
  const int n = (int)l->n;
  for (int j = 0; j < n; j++) {
    basis[j] = carried(motion, i) + PAIRS_AT + 6 * slot_of(l, j);
    basis[n + j] = basis[j] + 3;
  }
  basis[2 * n] = motion->atoms->f + 3 * i;
  return 2 * n + 1;
}

/* The same for the modes of the cell, in A and eV/A. */
static void basis_of_cell(const nmd_minimise *own, double cell[BASIS][NMD_CELL_MODES_MAX]) {
  const nmd_lbfgs *l = &own->lbfgs;
  const int n = (int)l->n;
  for (int j = 0; j < n; j++) {
    memcpy(cell[j], l->s[slot_of(l, j)], sizeof cell[j]);
    memcpy(cell[n + j], l->y[slot_of(l, j)], sizeof cell[j]);
  }
  for (int k = 0; k < own->modes.n; k++) cell[2 * n][k] = own->pull[k] / own->length;
}

/* Inner products of all vectors, over all ranks. */
static void products(const nmd_minimise *own, const nmd_motion *motion, double gram[BASIS][BASIS]) {
  double packed[BASIS * (BASIS + 1) / 2] = {0.0}, cell[BASIS][NMD_CELL_MODES_MAX] = {{0.0}};
  const double *basis[BASIS];
  const int n = 2 * (int)own->lbfgs.n + 1;
  for (int i = 0; i < motion->atoms->n_owned; i++) {
    basis_of_atom(&own->lbfgs, motion, i, basis);
    for (int a = 0, k = 0; a < n; a++)
      for (int b = 0; b <= a; b++) packed[k++] += nmd_dot(basis[a], basis[b]);
  }
  nmd_comm_sum(motion->comm, packed, n * (n + 1) / 2);
  basis_of_cell(own, cell);
  for (int a = 0, k = 0; a < n; a++)
    for (int b = 0; b <= a; b++) {
      double sum = packed[k++];
      for (int m = 0; m < own->modes.n; m++) sum += cell[a][m] * cell[b][m];
      gram[a][b] = gram[b][a] = sum;
    }
}

static double combine(const double *weights, const double *row, int n) {
  double sum = 0.0;
  for (int b = 0; b < n; b++) sum += weights[b] * row[b];
  return sum;
}

/* H f in coefficients of the vectors. */
static void two_loops(const double gram[BASIS][BASIS], int pairs, double weights[BASIS]) {
  const int n = 2 * pairs + 1;
  double alpha[PAIRS] = {0.0}, scale = first_step;
  bool good[PAIRS];
  memset(weights, 0, BASIS * sizeof *weights);
  weights[2 * pairs] = 1.0;
  for (int j = pairs - 1; j >= 0; j--) {
    const double sy = gram[j][pairs + j];
    good[j] = sy > 1e-10 * sqrt(gram[j][j] * gram[pairs + j][pairs + j]);
    if (!good[j]) continue;
    if (scale == first_step) scale = sy / gram[pairs + j][pairs + j];
    alpha[j] = combine(weights, gram[j], n) / sy;
    weights[pairs + j] -= alpha[j];
  }
  for (int b = 0; b < n; b++) weights[b] *= scale;
  for (int j = 0; j < pairs; j++)
    if (good[j]) weights[j] += alpha[j] - combine(weights, gram[pairs + j], n) / gram[j][pairs + j];
}

/* Direction of atoms and cell; the forces that belong to its start are kept. */
static void set_direction(nmd_minimise *own, nmd_motion *motion, const double weights[BASIS]) {
  double cell[BASIS][NMD_CELL_MODES_MAX] = {{0.0}};
  const double *basis[BASIS];
  for (int i = 0; i < motion->atoms->n_owned; i++) {
    const int n = basis_of_atom(&own->lbfgs, motion, i, basis);
    double p[3] = {0.0, 0.0, 0.0};
    for (int b = 0; b < n; b++)
      for (int k = 0; k < 3; k++) p[k] += weights[b] * basis[b][k];
    memcpy(direction_of(motion, i), p, sizeof p);
    memcpy(carried(motion, i), motion->atoms->f + 3 * i, sizeof p);
  }
  basis_of_cell(own, cell);
  for (int k = 0; k < own->modes.n; k++) {
    own->rate[k] = 0.0;
    for (int b = 0; b <= 2 * (int)own->lbfgs.n; b++) own->rate[k] += weights[b] * cell[b][k] / own->length;
  }
  memcpy(own->lbfgs.pull, own->pull, sizeof own->lbfgs.pull);
}

/* Along the line by t more: atoms, cell, and what belongs to the line. */
static nmd_status advance(nmd_minimise *own, nmd_motion *motion, double t) {
  for (int i = 0; i < motion->atoms->n_owned; i++)
    for (int k = 0; k < 3; k++) motion->atoms->x[3 * i + k] += t * direction_of(motion, i)[k];
  if (own->modes.n == 0 || t == 0.0) return NMD_OK;
  double amount[NMD_CELL_MODES_MAX];
  for (int k = 0; k < own->modes.n; k++) amount[k] = t * own->rate[k];
  nmd_cell_move cell;
  nmd_cell_modes_move(&own->modes, motion->box, amount, &cell);
  for (int k = 0; k < own->modes.n; k++) own->rate[k] = cell.turned[k] / t;
  const double *origin = motion->box->origin;
  for (int i = 0; i < motion->atoms->n_owned; i++) {
    double *x = &motion->atoms->x[3 * i], *p = direction_of(motion, i), *f = carried(motion, i), to[3];
    const double from[3] = {x[0] - origin[0], x[1] - origin[1], x[2] - origin[2]};
    nmd_row_times(from, (const double(*)[3])cell.positions, to);
    for (int k = 0; k < 3; k++) x[k] = origin[k] + to[k];
    nmd_row_times(p, (const double(*)[3])cell.positions, to);
    memcpy(p, to, sizeof to);
    nmd_row_times(f, (const double(*)[3])cell.momenta, to);
    memcpy(f, to, sizeof to);
  }
  return nmd_box_set_h(motion->box, (const double(*)[3])cell.h);
}

static double first_length(const nmd_minimise *own, const nmd_motion *motion) {
  double most = 0.0;
  for (int i = 0; i < motion->atoms->n_owned; i++) most = fmax(most, nmd_norm(direction_of(motion, i)));
  nmd_comm_max(motion->comm, &most, 1);
  double t = most > own->parameters.max_move ? own->parameters.max_move / most : 1.0;
  for (int k = 0; k < own->modes.n; k++)
    if (t * fabs(own->rate[k]) > nmd__strain_max) t = nmd__strain_max / fabs(own->rate[k]);
  return t;
}

static nmd_status begin_line(nmd_minimise *own, nmd_motion *motion) {
  nmd_lbfgs *l = &own->lbfgs;
  double gram[BASIS][BASIS], weights[BASIS];
  if (motion->atoms->n_extra != EXTRA) {
    NMD_TRY(nmd_comm_agree(motion->comm, nmd_atoms_set_extra(motion->atoms, EXTRA)));
    l->n = l->next = 0.0;
  }
  products(own, motion, gram);
  two_loops((const double(*)[BASIS])gram, (int)l->n, weights);
  l->slope = -combine(weights, gram[2 * (int)l->n], 2 * (int)l->n + 1);
  if (!(l->slope < 0.0)) { /* not down: start anew along the force */
    const double ff = gram[2 * (int)l->n][2 * (int)l->n];
    l->n = l->next = 0.0;
    weights[0] = first_step;
    l->slope = -first_step * ff;
  }
  set_direction(own, motion, weights);
  l->energy = nmd__minimise_energy(own, motion);
  l->length = first_length(own, motion);
  return advance(own, motion, l->length);
}

/* A shorter step: minimum of the parabola through both energies and the slope, within bounds. */
static nmd_status shorten(nmd_minimise *own, nmd_motion *motion) {
  nmd_lbfgs *l = &own->lbfgs;
  const double t = l->length, above = nmd__minimise_energy(own, motion) - l->energy - l->slope * t;
  const double best = above > 0.0 ? -0.5 * l->slope * t * t / above : 0.5 * t;
  l->length = fmin(fmax(best, 0.1 * t), 0.5 * t);
  return advance(own, motion, l->length - t);
}

nmd_status nmd__lbfgs_before_force(nmd_minimise *own, nmd_motion *motion) {
  NMD_TRY(own->lbfgs.tries < 0.5 ? begin_line(own, motion) : shorten(own, motion));
  own->lbfgs.tries += 1.0;
  return NMD_OK;
}

static void keep_pair(nmd_minimise *own, const nmd_motion *motion) {
  nmd_lbfgs *l = &own->lbfgs;
  const int slot = (int)l->next;
  for (int i = 0; i < motion->atoms->n_owned; i++) {
    const double *f = carried(motion, i), *p = direction_of(motion, i), *now = motion->atoms->f + 3 * i;
    double *s = carried(motion, i) + PAIRS_AT + 6 * slot, *y = s + 3;
    for (int k = 0; k < 3; k++) {
      s[k] = l->length * p[k];
      y[k] = f[k] - now[k];
    }
  }
  for (int k = 0; k < own->modes.n; k++) {
    l->s[slot][k] = l->length * own->rate[k] * own->length;
    l->y[slot][k] = (l->pull[k] - own->pull[k]) / own->length;
  }
  l->next = (double)((slot + 1) % PAIRS);
  l->n = fmin(l->n + 1.0, PAIRS);
}

/* Derivative of the enthalpy by the length, at this point of the line (eV). */
static double slope_here(const nmd_minimise *own, const nmd_motion *motion) {
  double sum = 0.0;
  for (int i = 0; i < motion->atoms->n_owned; i++) sum -= nmd_dot(motion->atoms->f + 3 * i, direction_of(motion, i));
  nmd_comm_sum(motion->comm, &sum, 1);
  for (int k = 0; k < own->modes.n; k++) sum -= own->pull[k] * own->rate[k];
  return sum;
}

void nmd__lbfgs_after_force(nmd_minimise *own, nmd_motion *motion) {
  nmd_lbfgs *l = &own->lbfgs;
  const double rise = nmd__minimise_energy(own, motion) - l->energy;
  const bool falls = rise <= armijo * l->length * l->slope;
  const bool level = rise <= noise * (double)motion->n_atoms && slope_here(own, motion) <= slope_left * -l->slope;
  if (falls || level) {
    keep_pair(own, motion);
    l->tries = 0.0;
  } else if (l->tries > TRIES) { /* energy and forces do not fit: forget, and go on from here */
    l->n = l->next = l->tries = 0.0;
  }
}
