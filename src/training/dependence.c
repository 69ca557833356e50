/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/memory.h"
#include "training/descriptors.h"

static bool depends(const nmd_symmetry_function *f, int element) {
  return f->e1 < 0 || f->e1 == element || f->e2 == element;
}

static nmd_status make_list(nmd_dependence *d, const nmd_element_model *centre, int index, int neighbour) {
  NMD_TRY(NMD_ALLOC(d->lists[index], centre->n_functions));
  for (int f = 0; f < centre->n_functions; f++)
    if (neighbour == d->n_elements || depends(&centre->functions[f], neighbour)) d->lists[index][d->count[index]++] = f;
  return NMD_OK;
}

nmd_status nmd_dependence_init(nmd_dependence *d, const nmd_model *model) {
  const int n = model->n_elements;
  *d = (nmd_dependence){.n_elements = n};
  NMD_TRY(NMD_ALLOC(d->count, n * (n + 1)));
  NMD_TRY(NMD_ALLOC(d->lists, n * (n + 1)));
  for (int e = 0; e < n; e++)
    for (int k = 0; k <= n; k++) NMD_TRY(make_list(d, &model->elements[e], nmd_dependence_index(d, e, k), k));
  return NMD_OK;
}

void nmd_dependence_free(nmd_dependence *d) {
  for (int i = 0; d->lists != NULL && i < d->n_elements * (d->n_elements + 1); i++) nmd_free(d->lists[i]);
  nmd_free(d->lists);
  nmd_free(d->count);
  *d = (nmd_dependence){0};
}
