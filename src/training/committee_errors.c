/* SPDX-License-Identifier: BSD-3-Clause */
#include "training/committee_errors.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"

static void add_share(double share, const nmd_errors *e, nmd_errors *mean) {
  mean->energy += share * e->energy;
  for (int k = 0; e->has_forces && k < 3 * e->n; k++) (&mean->force[0][0])[k] += share * (&e->force[0][0])[k];
  for (int k = 0; e->has_stress && k < 6; k++) mean->stress[k] += share * e->stress[k];
}

static nmd_status clear(const nmd_errors *like, nmd_errors *mean) {
  double(*force)[3] = mean->force;
  int capacity = mean->capacity;
  if (like->n > capacity) {
    NMD_TRY(NMD_GROW(mean->force, 0, like->n));
    force = mean->force;
    capacity = like->n;
  }
  memset(force, 0, (size_t)like->n * sizeof *force);
  *mean = (nmd_errors){.n = like->n,
                       .capacity = capacity,
                       .has_forces = like->has_forces,
                       .has_stress = like->has_stress,
                       .force = force};
  return NMD_OK;
}

static nmd_status add_sample(nmd_fit *fit, nmd_data *data, int index, nmd_errors *mean, nmd_metrics *out) {
  for (int m = 0; m < fit->n_members; m++) {
    const nmd_member *member = &fit->members[m];
    NMD_TRY(nmd_fit_errors(fit, data, index, isfinite(member->best_score) ? member->best : member->weights));
    if (m == 0) NMD_TRY(clear(&fit->errors, mean));
    add_share(1.0 / fit->n_members, &fit->errors, mean);
  }
  nmd_metrics_add(out, &fit->objective, &data->set.samples[index], mean);
  return NMD_OK;
}

nmd_status nmd_fit_measure_committee(nmd_fit *fit, nmd_data *data, nmd_metrics *out) {
  nmd_errors mean = {0};
  nmd_status status = NMD_OK;
  memset(out, 0, sizeof *out);
  for (int i = 0; i < data->set.n && status == NMD_OK; i++)
    if (nmd_data_owns(data, i)) status = add_sample(fit, data, i, &mean, out);
  nmd_errors_free(&mean);
  NMD_TRY(nmd_comm_agree(fit->world, status));
  nmd_metrics_reduce(fit->world, out);
  return NMD_OK;
}
