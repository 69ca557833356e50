/* SPDX-License-Identifier: BSD-3-Clause */
#include "training/metrics.h"

#include <math.h>

void nmd_error_sums_energy(nmd_error_sums *s, double per_atom) {
  s->n_energy += 1.0;
  s->energy2 += per_atom * per_atom;
  s->energy1 += fabs(per_atom);
}

void nmd_error_sums_force(nmd_error_sums *s, int64_t n, const double *force) {
  for (int64_t k = 0; k < n; k++) {
    s->n_force += 1.0;
    s->force2 += force[k] * force[k];
    s->force1 += fabs(force[k]);
  }
}

void nmd_error_sums_stress(nmd_error_sums *s, const double stress[6]) {
  for (int k = 0; k < 6; k++) {
    s->n_stress += 1.0;
    s->stress2 += stress[k] * stress[k];
    s->stress1 += fabs(stress[k]);
  }
}

static void add(nmd_error_sums *s, const nmd_errors *e) {
  nmd_error_sums_energy(s, e->energy / e->n);
  if (e->has_forces) nmd_error_sums_force(s, 3 * (int64_t)e->n, &e->force[0][0]);
  if (e->has_stress) nmd_error_sums_stress(s, e->stress);
}

void nmd_metrics_add(nmd_metrics *m, const nmd_objective *objective, const nmd_sample *sample,
                     const nmd_errors *errors) {
  add(&m->all, errors);
  add(&m->family[sample->family], errors);
  m->loss += nmd_sample_loss(objective, sample, errors);
  m->weight += nmd_sample_weight(objective, sample);
}

void nmd_metrics_reduce(const nmd_comm *comm, nmd_metrics *m) {
  nmd_comm_sum(comm, (double *)m, (int)(sizeof *m / sizeof(double)));
}

double nmd_rms(double sum, double n) { return n > 0.0 ? sqrt(sum / n) : 0.0; }
double nmd_mean(double sum, double n) { return n > 0.0 ? sum / n : 0.0; }
