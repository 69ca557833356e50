/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataset/environments.h"

#include <string.h>

#include "base/memory.h"
#include "base/vec3.h"
#include "neighbour/list.h"
#include "parallel/domain.h"

typedef struct workspace {
  nmd_domain domain;
  nmd_halo *halo;
  nmd_neighbour_list list;
  nmd_atoms atoms;
} workspace;

static nmd_status prepare(workspace *w, const nmd_comm *alone, const nmd_structure *s, double cutoff) {
  NMD_TRY(nmd_domain_init(&w->domain, alone, &s->box, NULL));
  NMD_TRY(nmd_halo_create(&w->halo));
  NMD_TRY(nmd_atoms_reserve(&w->atoms, (int)s->n));
  w->atoms.n_owned = (int)s->n;
  for (int i = 0; i < w->atoms.n_owned; i++) {
    int image[3];
    memcpy(w->atoms.x + 3 * i, s->x[i], 3 * sizeof(double));
    nmd_box_wrap(&s->box, w->atoms.x + 3 * i, image);
    w->atoms.id[i] = i + 1;
    w->atoms.species[i] = 0;
  }
  NMD_TRY(nmd_halo_build(w->halo, &w->domain, &s->box, cutoff, &w->atoms));
  return nmd_neighbour_list_build(&w->list, &s->box, &w->atoms);
}

static nmd_status copy_out(const workspace *w, nmd_neighbours *out) {
  const nmd_neighbour_list *list = &w->list;
  const int64_t total = list->first[list->n];
  out->n = list->n;
  NMD_TRY(NMD_ALLOC(out->first, out->n + 1));
  NMD_TRY(NMD_ALLOC(out->atom, total));
  NMD_TRY(NMD_ALLOC(out->d, total));
  NMD_TRY(NMD_ALLOC(out->r, total));
  int64_t found = 0;
  for (int i = 0; i < list->n; i++) {
    out->first[i] = found;
    for (int64_t k = list->first[i]; k < list->first[i + 1]; k++) {
      const int j = list->index[k];
      double d[3];
      for (int a = 0; a < 3; a++) d[a] = w->atoms.x[3 * j + a] - w->atoms.x[3 * i + a];
      const double r = nmd_norm(d);
      if (!(r < list->cutoff)) continue;
      out->atom[found] = w->atoms.id[j] - 1;
      memcpy(out->d[found], d, sizeof d);
      out->r[found++] = r;
    }
  }
  out->first[list->n] = found;
  return NMD_OK;
}

nmd_status nmd_neighbours_find(const nmd_comm *alone, const nmd_structure *structure, double cutoff,
                               nmd_neighbours *out) {
  workspace w = {0};
  *out = (nmd_neighbours){0};
  nmd_atoms_init(&w.atoms);
  nmd_neighbour_list_init(&w.list, cutoff, 0.0);
  nmd_status status = prepare(&w, alone, structure, cutoff);
  if (status == NMD_OK) status = copy_out(&w, out);
  nmd_atoms_free(&w.atoms);
  nmd_neighbour_list_free(&w.list);
  nmd_halo_destroy(w.halo);
  nmd_domain_free(&w.domain);
  if (status != NMD_OK) nmd_neighbours_free(out);
  return status;
}

void nmd_neighbours_free(nmd_neighbours *neighbours) {
  nmd_free(neighbours->first);
  nmd_free(neighbours->atom);
  nmd_free(neighbours->d);
  nmd_free(neighbours->r);
  *neighbours = (nmd_neighbours){0};
}
