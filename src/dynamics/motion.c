/* SPDX-License-Identifier: BSD-3-Clause */
/* What all ensembles share: sums over velocities, kicks, drifts, initial velocities.
 *
 * Every sum runs over the owned atoms in their order and then over ranks, so at equal ranks and equal order of atoms
 * the bits are equal. */
#include "dynamics/motion.h"

#include "base/random.h"
#include "base/units.h"
#include "base/vec3.h"

nmd_partial nmd__kinetic_partial_of(const nmd_motion *motion, nmd_subset subset) {
  const nmd_atoms *atoms = motion->atoms;
  double twice = 0.0;
  for (int i = 0; i < atoms->n_owned; i++)
    if (nmd_in_subset(subset, atoms, i)) twice += nmd__mass(motion, i) * nmd_dot(&atoms->v[3 * i], &atoms->v[3 * i]);
  return (nmd_partial){0.5 * NMD_MV2_TO_EV * twice};
}

nmd_partial nmd__kinetic_partial(const nmd_motion *motion) {
  return nmd__kinetic_partial_of(motion, (nmd_subset){0, 0});
}

nmd_partial_tensor nmd__kinetic_tensor_partial(const nmd_motion *motion) {
  const nmd_atoms *atoms = motion->atoms;
  nmd_partial_tensor sum = {{0.0}};
  for (int i = 0; i < atoms->n_owned; i++) {
    const double *v = &atoms->v[3 * i];
    const double m = NMD_MV2_TO_EV * nmd__mass(motion, i);
    sum.value[0] += m * v[0] * v[0];
    sum.value[1] += m * v[1] * v[1];
    sum.value[2] += m * v[2] * v[2];
    sum.value[3] += m * v[1] * v[2];
    sum.value[4] += m * v[0] * v[2];
    sum.value[5] += m * v[0] * v[1];
  }
  return sum;
}

void nmd__tensor_unpack(const double packed[6], double tensor[3][3]) {
  for (int a = 0; a < 3; a++) tensor[a][a] = packed[a];
  tensor[1][2] = tensor[2][1] = packed[3];
  tensor[0][2] = tensor[2][0] = packed[4];
  tensor[0][1] = tensor[1][0] = packed[5];
}

double nmd_kinetic_energy(const nmd_motion *motion) {
  double sum = nmd__kinetic_partial(motion).value;
  nmd_comm_sum(motion->comm, &sum, 1);
  return sum;
}

void nmd_kinetic_tensor(const nmd_motion *motion, double tensor[3][3]) {
  nmd_partial_tensor sum = nmd__kinetic_tensor_partial(motion);
  nmd_comm_sum(motion->comm, sum.value, 6);
  nmd__tensor_unpack(sum.value, tensor);
}

double nmd_freedoms(const nmd_motion *motion) {
  return 3.0 * (double)(motion->n_atoms - motion->n_frozen) - motion->removed_freedoms;
}

double nmd_temperature_of(const nmd_motion *motion, double kinetic_energy) {
  const double freedoms = nmd_freedoms(motion);
  return freedoms > 0.0 ? 2.0 * kinetic_energy / (freedoms * NMD_BOLTZMANN) : 0.0;
}

void nmd__kick_of(nmd_motion *motion, nmd_subset subset, double time) {
  const nmd_atoms *atoms = motion->atoms;
  for (int i = 0; i < atoms->n_owned; i++) {
    if (!nmd_in_subset(subset, atoms, i)) continue;
    const double scale = time * NMD_FORCE_TO_ACCELERATION / nmd__mass(motion, i);
    for (int k = 3 * i; k < 3 * i + 3; k++) atoms->v[k] += scale * atoms->f[k];
  }
}

void nmd_kick(nmd_motion *motion, double time) { nmd__kick_of(motion, (nmd_subset){0, 0}, time); }

void nmd__drift_of(nmd_motion *motion, nmd_subset subset, double time) {
  const nmd_atoms *atoms = motion->atoms;
  for (int i = 0; i < atoms->n_owned; i++)
    for (int k = 3 * i; k < 3 * i + 3 && nmd_in_subset(subset, atoms, i); k++) atoms->x[k] += time * atoms->v[k];
}

void nmd_drift(nmd_motion *motion, double time) { nmd__drift_of(motion, (nmd_subset){0, 0}, time); }

void nmd__velocities_scale_of(nmd_motion *motion, nmd_subset subset, double factor) {
  const nmd_atoms *atoms = motion->atoms;
  for (int i = 0; i < atoms->n_owned; i++)
    for (int k = 3 * i; k < 3 * i + 3 && nmd_in_subset(subset, atoms, i); k++) atoms->v[k] *= factor;
}

void nmd_velocities_scale(nmd_motion *motion, double factor) {
  nmd__velocities_scale_of(motion, (nmd_subset){0, 0}, factor);
}

double nmd_ramp(const double ramp[2], double progress) {
  if (progress >= 1.0) return ramp[1]; /* exact at the end whatever the rounding of start + (end - start) */
  return ramp[0] + (ramp[1] - ramp[0]) * progress;
}

bool nmd_keeps_momentum(const void *parameters) {
  (void)parameters;
  return true;
}

int nmd_no_state_size(const void *self) {
  (void)self;
  return 0;
}

void nmd_no_save(const void *self, double *state) { (void)self, (void)state; }
void nmd_no_restore(void *self, const double *state) { (void)self, (void)state; }

double nmd_no_kinetic_energy(const void *self, const nmd_motion *motion) {
  (void)self, (void)motion;
  return 0;
}

void nmd_freeze(nmd_motion *motion) {
  const nmd_atoms *atoms = motion->atoms;
  for (int i = 0; i < atoms->n_owned && motion->frozen != 0; i++)
    if (atoms->groups[i] & motion->frozen)
      for (int k = 3 * i; k < 3 * i + 3; k++) atoms->f[k] = atoms->v[k] = 0.0;
}

double nmd_momentum_remove(nmd_motion *motion) {
  const nmd_atoms *atoms = motion->atoms;
  double sum[4] = {0.0, 0.0, 0.0, 0.0}; /* m v, m */
  for (int i = 0; i < atoms->n_owned; i++) {
    if (!nmd_in_subset(nmd__mobile(motion), atoms, i)) continue;
    const double m = nmd__mass(motion, i);
    for (int k = 0; k < 3; k++) sum[k] += m * atoms->v[3 * i + k];
    sum[3] += m;
  }
  nmd_comm_sum(motion->comm, sum, 4);
  if (sum[3] <= 0.0) return 0.0;
  for (int i = 0; i < atoms->n_owned; i++)
    for (int k = 0; k < 3 && nmd_in_subset(nmd__mobile(motion), atoms, i); k++) atoms->v[3 * i + k] -= sum[k] / sum[3];
  return 0.5 * NMD_MV2_TO_EV * nmd_dot(sum, sum) / sum[3];
}

/* The step is part of the key: a stage that draws velocities anew does not get those of an earlier stage. */
static void velocities_draw(nmd_motion *motion, double temperature) {
  nmd_atoms *atoms = motion->atoms;
  for (int i = 0; i < atoms->n_owned; i++) {
    const double sigma = sqrt(NMD_BOLTZMANN * temperature / (NMD_MV2_TO_EV * nmd__mass(motion, i)));
    double g[3];
    nmd_random_normal3(motion->seed, NMD_STREAM_VELOCITY, motion->step, atoms->id[i], 0, g);
    for (int k = 0; k < 3; k++) atoms->v[3 * i + k] = sigma * g[k];
  }
  nmd_freeze(motion);
}

nmd_status nmd_velocities_set(nmd_motion *motion, double temperature) {
  if (!(temperature >= 0.0) || !isfinite(temperature))
    NMD_FAIL(OUT_OF_RANGE, "velocities: %g K is out of range; expected a temperature >= 0 K", temperature);
  velocities_draw(motion, temperature);
  if (motion->n_frozen == 0) nmd_momentum_remove(motion);
  const double now = nmd_temperature_of(motion, nmd_kinetic_energy(motion));
  nmd_velocities_scale(motion, now > 0.0 ? sqrt(temperature / now) : 0.0);
  return NMD_OK;
}
