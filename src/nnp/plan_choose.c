/* SPDX-License-Identifier: BSD-3-Clause */
/* Which algorithm does which angular function. */
#include "base/memory.h"
#include "nnp/plan_parts.h"

/* The wish where it can, or the next one of the list that can. */
static nmd_algorithm possible(const nmd_symmetry_function *f, nmd_algorithm wish) {
  nmd_algorithm a = wish == NMD_ALGORITHM_BEST ? NMD_ALGORITHM_MOMENTS : wish;
  while (a < NMD_ALGORITHM_GENERIC && !nmd__plan_can(f, a)) a++;
  return a;
}

nmd_status nmd_element_plan_choose(nmd_element_plan *plan, const nmd_model *model, int element, nmd_algorithm wish) {
  const nmd_element_model *self = &model->elements[element];
  nmd_algorithm *algorithms;
  NMD_TRY(NMD_ALLOC(algorithms, self->n_functions));
  for (int f = 0; f < self->n_functions; f++) algorithms[f] = possible(&self->functions[f], wish);
  const nmd_status status = nmd_element_plan_init(plan, model, element, algorithms);
  nmd_free(algorithms);
  return status;
}
