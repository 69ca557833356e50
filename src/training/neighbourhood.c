/* SPDX-License-Identifier: BSD-3-Clause */
#include "training/neighbourhood.h"

#include <string.h>

static nmd_status load_atoms(nmd_neighbourhood *w, const nmd_sample *sample) {
  const nmd_structure *structure = &sample->structure;
  NMD_TRY(nmd_atoms_reserve(&w->atoms, (int)structure->n));
  w->atoms.n_owned = (int)structure->n;
  for (int i = 0; i < w->atoms.n_owned; i++) {
    int image[3] = {0};
    memcpy(w->atoms.x + 3 * i, structure->x[i], 3 * sizeof(double));
    nmd_box_wrap(&structure->box, w->atoms.x + 3 * i, image);
    w->atoms.id[i] = i + 1;
    w->atoms.species[i] = sample->element[i];
  }
  return NMD_OK;
}

static nmd_status check_overlap(const nmd_neighbourhood *w) {
  const double *x = w->atoms.x;
  for (int i = 0; i < w->list.n; i++)
    for (int64_t k = w->list.first[i]; k < w->list.first[i + 1]; k++) {
      const int j = w->list.index[k];
      const double d[3] = {x[3 * j] - x[3 * i], x[3 * j + 1] - x[3 * i + 1], x[3 * j + 2] - x[3 * i + 2]};
      if (d[0] * d[0] + d[1] * d[1] + d[2] * d[2] < 1e-12)
        NMD_FAIL(OVERLAP, "atoms %lld and %lld are on top of each other; remove the frame", (long long)w->atoms.id[i],
                 (long long)w->atoms.id[j]);
    }
  return NMD_OK;
}

static nmd_status build(nmd_neighbourhood *w, const nmd_comm *alone, const nmd_sample *sample, double cutoff) {
  NMD_TRY(nmd_domain_init(&w->domain, alone, &sample->structure.box, NULL));
  NMD_TRY(nmd_halo_create(&w->halo));
  NMD_TRY(load_atoms(w, sample));
  NMD_TRY(nmd_halo_build(w->halo, &w->domain, &sample->structure.box, cutoff, &w->atoms));
  nmd_neighbour_list_init(&w->list, cutoff, 0.0);
  NMD_TRY(nmd_neighbour_list_build(&w->list, &sample->structure.box, &w->atoms));
  return check_overlap(w);
}

nmd_status nmd_neighbourhood_init(nmd_neighbourhood *w, const nmd_comm *alone, const nmd_sample *sample,
                                  double cutoff) {
  *w = (nmd_neighbourhood){0};
  nmd_atoms_init(&w->atoms);
  const nmd_status status = build(w, alone, sample, cutoff);
  return status == NMD_OK ? NMD_OK : nmd_fail_prefix(status, "%s", sample->name);
}

void nmd_neighbourhood_free(nmd_neighbourhood *w) {
  nmd_atoms_free(&w->atoms);
  nmd_neighbour_list_free(&w->list);
  nmd_halo_destroy(w->halo);
  nmd_domain_free(&w->domain);
  *w = (nmd_neighbourhood){0};
}
