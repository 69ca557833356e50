/* SPDX-License-Identifier: BSD-3-Clause */
#include "training/metrics.h"

#include <math.h>

static void add(nmd_error_sums *s, const nmd_errors *e) {
  const double per_atom = e->energy / e->n;
  s->n_energy += 1.0;
  s->energy2 += per_atom * per_atom;
  s->energy1 += fabs(per_atom);
  for (int k = 0; e->has_forces && k < 3 * e->n; k++) {
    const double f = (&e->force[0][0])[k];
    s->n_force += 1.0;
    s->force2 += f * f;
    s->force1 += fabs(f);
  }
  for (int k = 0; e->has_stress && k < 6; k++) {
    s->n_stress += 1.0;
    s->stress2 += e->stress[k] * e->stress[k];
    s->stress1 += fabs(e->stress[k]);
  }
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
