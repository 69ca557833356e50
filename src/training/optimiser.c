/* SPDX-License-Identifier: BSD-3-Clause */
#include "training/optimiser.h"

#define OPTIMISERS(X) X(kalman) X(levenberg_marquardt) X(adam) X(lbfgs)

#define X(name) extern const nmd_optimiser_ops nmd__optimiser_##name;
OPTIMISERS(X)
#undef X

static const nmd_optimiser_ops *const registry[] = {
#define X(name) &nmd__optimiser_##name,
    OPTIMISERS(X)
#undef X
};

int nmd_optimiser_count(void) { return NMD_COUNT(registry); }
const nmd_optimiser_ops *nmd_optimiser_at(int index) { return registry[index]; }

const nmd_option_table *const *nmd_optimiser_tables(void) {
  static const nmd_option_table *tables[NMD_COUNT(registry) + 1];
  for (int i = 0; i < NMD_COUNT(registry); i++) tables[i] = registry[i]->table;
  return tables;
}

void nmd_member_average(nmd_fit *fit, int member, int64_t epoch) {
  nmd_member *m = &fit->members[member];
  if ((double)epoch < (1.0 - fit->input->average) * (double)fit->input->epochs) return;
  m->n_average++;
  for (size_t k = 0; k < fit->layout.n; k++) m->average[k] += (m->weights[k] - m->average[k]) / (double)m->n_average;
}
