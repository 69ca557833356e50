/* SPDX-License-Identifier: BSD-3-Clause */
#include "fit/relaxed.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "simulation/evaluate_structure.h"

static const double longest_move = 0.15; /* A a step */

/* Atoms and, behind them, one row for the stretches of the cell: n times the stretch, so that a step moves both by as
 * much. */
typedef struct fire {
  nmd_structure *s;
  int64_t rows;
  double (*velocity)[3], (*force)[3]; /* [n + 1] */
  double step, mixing;
  int downhill;
} fire;

static double product(const double (*a)[3], const double (*b)[3], int64_t n) {
  double sum = 0;
  for (int64_t k = 0; k < 3 * n; k++) sum += a[k / 3][k % 3] * b[k / 3][k % 3];
  return sum;
}

static nmd_status find_forces(fire *f, const nmd_comm *alone, const nmd_potential *potential,
                              const nmd_species *species) {
  nmd_structure_results r;
  const int64_t n = f->s->n;
  NMD_TRY(nmd_structure_evaluate(alone, potential, species, f->s, &r));
  memcpy(f->force, r.force, (size_t)n * sizeof *f->force);
  for (int d = 0; d < 3; d++) f->force[n][d] = r.virial[d][d] / (double)n;
  nmd_structure_results_free(&r);
  return NMD_OK;
}

/* Turn velocities towards the force while it goes downhill, stop when not. */
static void steer(fire *f) {
  const double power = product((const double(*)[3])f->force, (const double(*)[3])f->velocity, f->rows);
  const double v = sqrt(product((const double(*)[3])f->velocity, (const double(*)[3])f->velocity, f->rows));
  const double g = sqrt(product((const double(*)[3])f->force, (const double(*)[3])f->force, f->rows));
  if (power <= 0) {
    memset(f->velocity, 0, (size_t)f->rows * sizeof *f->velocity);
    f->mixing = 0.1;
    f->step *= 0.5;
    f->downhill = 0;
    return;
  }
  for (int64_t k = 0; k < 3 * f->rows && g > 0; k++)
    f->velocity[k / 3][k % 3] =
        (1 - f->mixing) * f->velocity[k / 3][k % 3] + f->mixing * v / g * f->force[k / 3][k % 3];
  if (++f->downhill <= 5) return;
  f->step = fmin(1.1 * f->step, 1.0);
  f->mixing *= 0.99;
}

static nmd_status move(fire *f) {
  const int64_t n = f->s->n;
  double h[3][3], stretch[3];
  for (int64_t k = 0; k < 3 * f->rows; k++) f->velocity[k / 3][k % 3] += f->step * f->force[k / 3][k % 3];
  const double length =
      f->step * sqrt(product((const double(*)[3])f->velocity, (const double(*)[3])f->velocity, f->rows));
  const double scale = f->step * (length > longest_move ? longest_move / length : 1);
  for (int d = 0; d < 3; d++) stretch[d] = 1 + fmin(fmax(scale * f->velocity[n][d] / (double)n, -0.02), 0.02);
  for (int64_t i = 0; i < n; i++)
    for (int d = 0; d < 3; d++) f->s->x[i][d] = (f->s->x[i][d] + scale * f->velocity[i][d]) * stretch[d];
  for (int k = 0; k < 9; k++) h[k / 3][k % 3] = f->s->box.h[k / 3][k % 3] * stretch[k % 3];
  return nmd_box_set_h(&f->s->box, h);
}

static nmd_status relax(fire *f, int steps, const nmd_comm *alone, const nmd_potential *potential,
                        const nmd_species *species) {
  for (int k = 0; k < steps; k++) {
    NMD_TRY(find_forces(f, alone, potential, species));
    if (product((const double(*)[3])f->force, (const double(*)[3])f->force, f->rows) < 1e-6 * (double)f->rows) break;
    steer(f);
    NMD_TRY(move(f));
  }
  return NMD_OK;
}

static nmd_status relax_copy(nmd_structure *copy, int steps, const nmd_comm *alone, const nmd_potential *potential,
                             const nmd_species *species) {
  fire f = {.s = copy, .rows = copy->n + 1, .step = 0.1, .mixing = 0.1};
  nmd_status status = NMD_ALLOC(f.velocity, f.rows);
  if (status == NMD_OK) status = NMD_ALLOC(f.force, f.rows);
  if (status == NMD_OK) status = relax(&f, steps, alone, potential, species);
  nmd_free(f.velocity);
  nmd_free(f.force);
  return status;
}

/* How much the cell grew along x, y, z: the diagonal of reference^-1 relaxed, which is diagonal. */
static void compare(nmd_relaxed *target, const nmd_structure *copy, double *loss) {
  *loss = 0;
  for (int d = 0; d < 3; d++) {
    target->lengths[d] = 0;
    for (int k = 0; k < 3; k++) target->lengths[d] += target->reference.box.inverse[d][k] * copy->box.h[k][d];
    *loss += pow((target->lengths[d] - 1) / target->tolerance, 2) / 3;
  }
}

nmd_status nmd_relaxed_evaluate(nmd_relaxed *target, const nmd_comm *alone, const nmd_yaml_node *node, double *loss) {
  nmd_potential potential;
  nmd_structure copy = {0};
  NMD_TRY(nmd_potential_create(node, &target->species, &potential));
  nmd_status status = nmd_structure_copy(&target->reference, &copy);
  if (status == NMD_OK) status = relax_copy(&copy, target->steps, alone, &potential, &target->species);
  if (status == NMD_OK) compare(target, &copy, loss);
  nmd_structure_free(&copy);
  nmd_potential_destroy(&potential);
  return status;
}
