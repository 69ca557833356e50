/* SPDX-License-Identifier: BSD-3-Clause */
#include "training/objective.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"

double nmd_sample_offset(const nmd_objective *objective, const nmd_sample *sample) {
  double sum = 0.0;
  for (int64_t i = 0; i < sample->structure.n; i++) sum += objective->offset[sample->level][sample->element[i]];
  return sum;
}

static nmd_status errors_room(nmd_errors *e, int n) {
  e->n = n;
  if (n <= e->capacity) return NMD_OK;
  NMD_TRY(NMD_GROW(e->force, 0, n));
  e->capacity = n;
  return NMD_OK;
}

void nmd_errors_free(nmd_errors *errors) {
  nmd_free(errors->force);
  *errors = (nmd_errors){0};
}

static nmd_status check_finite(const nmd_sample *sample, const nmd_errors *e) {
  double sum = e->energy;
  for (int k = 0; e->has_forces && k < 3 * e->n; k++) sum += (&e->force[0][0])[k];
  for (int k = 0; e->has_stress && k < 6; k++) sum += e->stress[k];
  if (isfinite(sum)) return NMD_OK;
  NMD_FAIL(EXPLODED,
           "%s: the model gives no finite energy or forces for this structure; the last good weights are kept: take it "
           "out of the data, or start with a larger noise",
           sample->name);
}

nmd_status nmd_errors_compute(const nmd_objective *objective, nmd_pass *pass, const nmd_sample *sample,
                              const nmd_descriptors *d, const double *weights, nmd_errors *e) {
  const double unit = objective->model->energy_factor;
  double energy;
  NMD_TRY(errors_room(e, d->n));
  e->has_forces = sample->structure.f != NULL && d->first != NULL;
  e->has_stress = sample->has_stress && d->strain != NULL;
  NMD_TRY(nmd_pass_forward(pass, d, weights, true, &energy));
  e->energy = sample->energy - nmd_sample_offset(objective, sample) - unit * energy;
  if (e->has_forces || e->has_stress) nmd_pass_forces(pass, e->force, e->stress);
  for (int i = 0; e->has_forces && i < d->n; i++)
    for (int c = 0; c < 3; c++) e->force[i][c] = sample->structure.f[i][c] - unit * e->force[i][c];
  for (int k = 0; e->has_stress && k < 6; k++)
    e->stress[k] = -(sample->virial[k] - unit * e->stress[k]) / sample->structure.box.volume;
  return check_finite(sample, e);
}

double nmd_sample_weight(const nmd_objective *objective, const nmd_sample *sample) {
  return sample->weight * objective->family_weight[sample->family] * objective->level_weight[sample->level];
}

static double square(double x) { return x * x; }

double nmd_sample_loss(const nmd_objective *o, const nmd_sample *sample, const nmd_errors *e) {
  double loss = square(o->energy_weight[sample->level] * e->energy / e->n), sum = 0.0;
  for (int k = 0; e->has_forces && k < 3 * e->n; k++) sum += square(o->force_weight * (&e->force[0][0])[k]);
  loss += sum / (3 * e->n);
  sum = 0.0;
  for (int k = 0; e->has_stress && k < 6; k++) sum += square(o->stress_weight * e->stress[k]);
  return nmd_sample_weight(o, sample) * (loss + sum / 6);
}

nmd_status nmd_sample_gradient(const nmd_objective *o, nmd_pass *pass, const nmd_sample *sample, const nmd_errors *e,
                               double *scratch, double *gradient) {
  const double unit = o->model->energy_factor, weight = -2.0 * unit * nmd_sample_weight(o, sample);
  const size_t n = o->layout->n;
  double *row = scratch, *coefficients = scratch + n;
  nmd_pass_energy_row(pass, row);
  const double factor = weight * square(o->energy_weight[sample->level] / e->n) * e->energy;
  for (size_t k = 0; k < n; k++) gradient[k] += factor * row[k];
  if (!e->has_forces && !e->has_stress) return NMD_OK;
  for (int k = 0; k < 3 * e->n; k++)
    coefficients[k] = e->has_forces ? weight * square(o->force_weight) / (3 * e->n) * (&e->force[0][0])[k] : 0.0;
  for (int k = 0; k < 6; k++)
    coefficients[3 * e->n + k] =
        e->has_stress ? -weight * square(o->stress_weight) / 6 / sample->structure.box.volume * e->stress[k] : 0.0;
  NMD_TRY(nmd_pass_force_rows(pass, 1, coefficients, row, n));
  for (size_t k = 0; k < n; k++) gradient[k] += row[k];
  return NMD_OK;
}
