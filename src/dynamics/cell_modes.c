/* SPDX-License-Identifier: BSD-3-Clause */
/* With P_d = (h^-1)_.d (x) h_d. a stretch of cell vector d alone is the strain e P_d. Vectors that stretch together
 * make one mode, sum_d P_d / sqrt(m) for m of them, so that its amount is sqrt(m) times the logarithm of their length,
 * and all modes of a cell may be given the same mobility or mass: for a cube under isotropic stress they are normal
 * modes. A cell that may change its angles has the six symmetric unit tensors; symmetric strains do not turn the cell
 * by themselves, but one after the other they may: so each move turns the cell back to where a and the plane of a and b
 * were. */
#include "dynamics/cell_modes.h"

#include <string.h>

#include "base/vec3.h"

static nmd_status check_axes(nmd_coupling coupling, const bool axes[3], const nmd_box *box, const char *stage) {
  for (int d = 0; d < 3; d++) {
    if (axes[d] && !box->periodic[d])
      NMD_FAIL(CONFLICT, "%s: axes: cell vector %c is not periodic; expected false for it", stage, "abc"[d]);
    if (coupling == NMD_TRICLINIC && !axes[d])
      NMD_FAIL(CONFLICT, "%s: axes: false for %c; expected true for all with triclinic, or use anisotropic", stage,
               "abc"[d]);
  }
  if (!axes[0] && !axes[1] && !axes[2])
    NMD_FAIL(CONFLICT, "%s: axes: [false, false, false] leaves no cell vector to move; expected one true at least",
             stage);
  return NMD_OK;
}

static void set_groups(nmd_cell_modes *modes, const int pattern[3], const bool axes[3]) {
  int number[3] = {-1, -1, -1}; /* of a pattern's group, counting those with a moving vector */
  for (int d = 0; d < 3; d++) {
    modes->group[d] = -1;
    if (!axes[d]) continue;
    int *g = &number[pattern[d]];
    if (*g < 0) *g = modes->n++;
    modes->group[d] = *g;
    modes->members[*g]++;
  }
}

nmd_status nmd_cell_modes_init(nmd_cell_modes *modes, nmd_coupling coupling, const bool axes[3], const nmd_box *box,
                               const char *stage) {
  static const int pattern[][3] = {
      [NMD_ISOTROPIC] = {0, 0, 0}, [NMD_SEMI_ISOTROPIC] = {0, 0, 1}, [NMD_ANISOTROPIC] = {0, 1, 2}};
  NMD_TRY(check_axes(coupling, axes, box, stage));
  *modes = (nmd_cell_modes){.moving = axes[0] + axes[1] + axes[2], .turns = coupling == NMD_TRICLINIC};
  if (modes->turns)
    modes->n = NMD_CELL_MODES_MAX;
  else
    set_groups(modes, pattern[coupling], axes);
  nmd_cell_modes_follow(modes, box);
  return NMD_OK;
}

static void symmetric_units(nmd_cell_modes *modes) {
  for (int k = 0; k < NMD_CELL_MODES_MAX; k++) {
    const int a = nmd_voigt[k][0], b = nmd_voigt[k][1];
    modes->basis[k][a][b] = modes->basis[k][b][a] = a == b ? 1.0 : sqrt(0.5);
  }
}

static void stretches(nmd_cell_modes *modes, const nmd_box *box) {
  for (int d = 0; d < 3; d++) {
    const int g = modes->group[d];
    for (int k = 0; k < 9 && g >= 0; k++)
      modes->basis[g][k / 3][k % 3] += box->inverse[k / 3][d] * box->h[d][k % 3] / sqrt(modes->members[g]);
  }
}

void nmd_cell_modes_follow(nmd_cell_modes *modes, const nmd_box *box) {
  memset(modes->basis, 0, sizeof modes->basis);
  if (modes->turns)
    symmetric_units(modes);
  else
    stretches(modes, box);
  for (int k = 0; k < modes->n; k++)
    modes->trace[k] =
        modes->turns ? modes->basis[k][0][0] + modes->basis[k][1][1] + modes->basis[k][2][2] : sqrt(modes->members[k]);
}

void nmd_cell_modes_project(const nmd_cell_modes *modes, const double tensor[3][3], double *out) {
  for (int k = 0; k < modes->n; k++) {
    out[k] = 0.0;
    for (int a = 0; a < 3; a++) out[k] += nmd_dot(tensor[a], modes->basis[k][a]);
  }
}

void nmd_cell_modes_inside(nmd_cell_modes *modes, const nmd_motion *motion, const double kinetic[3][3], double *out) {
  double inside[3][3];
  for (int a = 0; a < 3; a++)
    for (int b = 0; b < 3; b++) inside[a][b] = motion->virial[a][b] + kinetic[a][b];
  nmd_cell_modes_follow(modes, motion->box);
  nmd_cell_modes_project(modes, (const double(*)[3])inside, out);
}

/* exp(a / 2^n) by its series, squared n times. */
static void matrix_exp(const double a[3][3], double e[3][3]) {
  enum { TERMS = 16 };
  double norm = 0.0, scaled[3][3], term[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}, next[3][3];
  int n = 0;
  for (int k = 0; k < 9; k++) norm = fmax(norm, fabs(a[k / 3][k % 3]));
  for (; norm > 0.125 && n < 60; n++) norm *= 0.5;
  for (int k = 0; k < 9; k++) scaled[k / 3][k % 3] = ldexp(a[k / 3][k % 3], -n);
  memcpy(e, term, sizeof term);
  for (int i = 1; i <= TERMS; i++) {
    nmd_mat_times((const double(*)[3])term, (const double(*)[3])scaled, next);
    for (int k = 0; k < 9; k++) e[k / 3][k % 3] += term[k / 3][k % 3] = next[k / 3][k % 3] / i;
  }
  for (int i = 0; i < n; i++) {
    nmd_mat_times((const double(*)[3])e, (const double(*)[3])e, next);
    memcpy(e, next, sizeof next);
  }
}

/* Rows: unit vectors along a, in the plane of a and b, across it. */
static void frame_of(const double h[3][3], double q[3][3]) {
  const double a = nmd_norm(h[0]);
  for (int k = 0; k < 3; k++) q[0][k] = h[0][k] / a;
  const double along = nmd_dot(h[1], q[0]);
  for (int k = 0; k < 3; k++) q[1][k] = h[1][k] - along * q[0][k];
  const double b = nmd_norm(q[1]);
  for (int k = 0; k < 3; k++) q[1][k] /= b;
  nmd_cross(q[0], q[1], q[2]);
}

/* The rotation that turns h to where `before` was: a along a, b in the plane of a and b. */
static void turn_back(const double before[3][3], const double h[3][3], double r[3][3]) {
  double to[3][3], from[3][3];
  frame_of(before, to);
  frame_of(h, from);
  for (int a = 0; a < 3; a++)
    for (int b = 0; b < 3; b++) r[a][b] = from[0][a] * to[0][b] + from[1][a] * to[1][b] + from[2][a] * to[2][b];
}

static void transpose(double a[3][3]) {
  for (int i = 0; i < 3; i++)
    for (int k = 0; k < i; k++) {
      const double swap = a[i][k];
      a[i][k] = a[k][i];
      a[k][i] = swap;
    }
}

#define CONST(matrix) ((const double(*)[3])(matrix))

static void move_triclinic(const nmd_cell_modes *modes, const nmd_box *box, const double *amount, nmd_cell_move *move) {
  double strain[3][3] = {{0}}, stretch[3][3], back[3][3], h[3][3], r[3][3], half[3][3], inside[3][3];
  for (int k = 0; k < modes->n; k++)
    for (int a = 0; a < 9; a++) strain[a / 3][a % 3] += amount[k] * modes->basis[k][a / 3][a % 3];
  matrix_exp(CONST(strain), stretch);
  nmd_mat_invert(CONST(stretch), back);
  nmd_mat_times(box->h, CONST(stretch), h);
  turn_back(box->h, CONST(h), r);
  nmd_mat_times(CONST(h), CONST(r), move->h);
  nmd_mat_times(CONST(stretch), CONST(r), move->positions);
  nmd_mat_times(CONST(back), CONST(r), move->momenta); /* A^-T: stretch is symmetric */
  nmd_mat_times(CONST(strain), CONST(r), half);
  transpose(r);
  nmd_mat_times(CONST(r), CONST(half), inside);
  nmd_cell_modes_project(modes, CONST(inside), move->turned);
}

/* Rows of h only get longer: directions and vectors that stay keep their bits. */
static void move_stretched(const nmd_cell_modes *modes, const nmd_box *box, const double *amount, nmd_cell_move *move) {
  double inverse[3][3]; /* of the new cell */
  for (int d = 0; d < 3; d++) {
    const int g = modes->group[d];
    const double factor = g < 0 ? 1.0 : exp(amount[g] / sqrt(modes->members[g]));
    for (int k = 0; k < 3; k++) {
      move->h[d][k] = factor * box->h[d][k];
      inverse[k][d] = box->inverse[k][d] / factor;
    }
  }
  nmd_mat_times(box->inverse, CONST(move->h), move->positions);
  nmd_mat_times(CONST(inverse), box->h, move->momenta);
  transpose(move->momenta);
  memcpy(move->turned, amount, (size_t)modes->n * sizeof *amount);
}

void nmd_cell_modes_move(const nmd_cell_modes *modes, const nmd_box *box, const double *amount, nmd_cell_move *move) {
  if (modes->turns)
    move_triclinic(modes, box, amount, move);
  else
    move_stretched(modes, box, amount, move);
}

nmd_status nmd_cell_modes_drift(const nmd_cell_modes *modes, nmd_motion *motion, double scale, double *amount) {
  const nmd_atoms *atoms = motion->atoms;
  const double half = 0.5 * motion->timestep, *origin = motion->box->origin;
  nmd_cell_move move;
  nmd_cell_modes_move(modes, motion->box, amount, &move);
  memcpy(amount, move.turned, (size_t)modes->n * sizeof *amount);
  for (int i = 0; i < atoms->n_owned; i++) {
    double *x = &atoms->x[3 * i], *v = &atoms->v[3 * i], from[3], to[3], u[3];
    for (int k = 0; k < 3; k++) from[k] = x[k] + half * v[k] - origin[k];
    nmd_row_times(from, CONST(move.positions), to);
    nmd_row_times(v, CONST(move.momenta), u);
    for (int k = 0; k < 3; k++) {
      v[k] = scale * u[k];
      x[k] = origin[k] + to[k] + half * v[k];
    }
  }
  return nmd_box_set_h(motion->box, CONST(move.h));
}
