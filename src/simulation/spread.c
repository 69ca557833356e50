/* SPDX-License-Identifier: BSD-3-Clause */
#include "simulation/spread.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"

static void add_squares(const double (*force)[3], const double *mean, int n, double *sigma) {
  for (int i = 0; i < n; i++)
    for (int a = 0; a < 3; a++) {
      const double d = force[i][a] - mean[3 * i + a];
      sigma[i] += d * d;
    }
}

nmd_status nmd_spread_forces(const nmd_comm *comm, const nmd_potential *potential, const nmd_potential_input *input,
                             nmd_halo *halo, double *sigma) {
  const nmd_atoms *atoms = input->atoms;
  const int n = atoms->n_owned, total = n + atoms->n_ghost, members = nmd_potential_members(potential);
  nmd_potential_input alone = {
      .atoms = atoms, .list = input->list, .threads = input->threads, .box = input->box, .comm = input->comm};
  double(*force)[3] = NULL;
  nmd_status status = nmd_comm_agree(comm, NMD_ALLOC(force, total));
  memset(sigma, 0, (size_t)n * sizeof *sigma);
  for (int k = 1; k <= members && status == NMD_OK; k++) {
    nmd_potential_partial partial = {.force = force};
    memset(force, 0, (size_t)total * sizeof *force);
    alone.member = k;
    status = nmd_comm_agree(comm, potential->ops->compute(potential->self, &alone, &partial));
    if (status != NMD_OK) break;
    nmd_halo_reverse(halo, force[0], 3);
    add_squares((const double(*)[3])force, atoms->f, n, sigma);
  }
  for (int i = 0; i < n; i++) sigma[i] = members > 1 ? sqrt(sigma[i] / (members - 1)) : 0;
  nmd_free(force);
  return status;
}

double nmd_spread_of(const double *values, int members) {
  double mean = 0, sum = 0;
  for (int k = 0; k < members; k++) mean += values[k] / members;
  for (int k = 0; k < members; k++) sum += (values[k] - mean) * (values[k] - mean);
  return members > 1 ? sqrt(sum / (members - 1)) : 0;
}
