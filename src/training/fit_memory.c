/* SPDX-License-Identifier: BSD-3-Clause */
#include "training/fit_memory.h"

#include <math.h>

#include "base/log.h"
#include "training/optimiser.h"

double nmd_fit_optimiser_bytes(const nmd_fit *fit) {
  double most = 0.0;
  for (int k = 0; k < fit->input->n_stages; k++) {
    const nmd_stage *stage = &fit->input->stages[k];
    most = fmax(most, nmd_optimiser_at(stage->optimiser)->bytes(stage->parameters, fit));
  }
  return (double)fit->input->committee * (most + 3.0 * (double)fit->layout.n * sizeof(double));
}

void nmd_fit_log_memory(const nmd_fit *fit) {
  double sums[2] = {(double)fit->training.wanted, (double)fit->validation.wanted};
  double most = sums[0] + sums[1];
  nmd_comm_sum(fit->world, sums, 2);
  nmd_comm_max(fit->world, &most, 1);
  const double cap = fit->input->memory * 1e9, optimisers = nmd_fit_optimiser_bytes(fit);
  nmd_log_info("memory: descriptors and their derivatives %.3f GB for training, %.3f GB for validation over %d ranks; "
               "cap %.3g GB a rank%s",
               sums[0] / 1e9, sums[1] / 1e9, nmd_comm_size(fit->world), cap / 1e9,
               most > cap ? ": what does not fit is evaluated anew at each use" : "");
  nmd_log_info("memory: optimisers of %d members %.3f GB a rank; together up to %.3f GB a rank",
               (int)fit->input->committee, optimisers / 1e9, (optimisers + fmin(most, cap)) / 1e9);
}
