/* SPDX-License-Identifier: BSD-3-Clause */
#include "simulation/images.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "simulation/simulation.h"

struct nmd_images {
  const nmd_comm *group; /* of this rank */
  nmd_comm *owned;       /* the same, or NULL: it is that of the run */
  int groups, number;    /* of this rank's */
  nmd_domain domain;
  nmd_halo *halo;
  nmd_neighbour_list list;
  nmd_atoms atoms;
  double extrapolations; /* of this rank since the last evaluation */
};

/* Potentials that talk to other ranks keep tables for one set of them: they get all ranks for each image. */
static nmd_status make_groups(nmd_images *g, const nmd_simulation *s, int between) {
  const int size = nmd_comm_size(s->comm), rank = nmd_comm_rank(s->comm);
  g->groups = s->potential.ops->collective ? 1 : size < between ? size : between;
  g->number = (int)((int64_t)rank * g->groups / size);
  g->group = s->comm;
  if (g->groups == 1) return NMD_OK;
  NMD_TRY(nmd_comm_split(s->comm, g->number, &g->owned));
  g->group = g->owned;
  return NMD_OK;
}

static nmd_status make_room(nmd_images *g, const nmd_simulation *s) {
  nmd_neighbour_list_init(&g->list, s->potential.ops->cutoff(s->potential.self), 0.0);
  g->list.threads = s->threads;
  NMD_TRY(nmd_domain_init(&g->domain, g->group, &s->box, NULL));
  return nmd_halo_create(&g->halo);
}

nmd_status nmd_images_create(const nmd_simulation *s, int between, nmd_images **out) {
  nmd_images *g;
  NMD_TRY(nmd_comm_agree(s->comm, NMD_ALLOC(g, 1)));
  nmd_atoms_init(&g->atoms);
  nmd_status status = nmd_comm_agree(s->comm, make_groups(g, s, between));
  if (status == NMD_OK) status = nmd_comm_agree(s->comm, make_room(g, s));
  if (status == NMD_OK)
    *out = g;
  else
    nmd_images_destroy(g);
  return status;
}

void nmd_images_destroy(nmd_images *g) {
  if (g == NULL) return;
  nmd_atoms_free(&g->atoms);
  nmd_neighbour_list_free(&g->list);
  nmd_halo_destroy(g->halo);
  nmd_domain_free(&g->domain);
  nmd_comm_free(g->owned);
  nmd_free(g);
}

/* This rank's atoms of an image; ids are places in the band, from 1. */
static nmd_status take_atoms(nmd_images *g, const nmd_box *box, const nmd_band *band, const double *x) {
  nmd_atoms *atoms = &g->atoms;
  const int rank = nmd_comm_rank(g->group);
  atoms->n_owned = atoms->n_ghost = 0;
  for (int64_t k = 0; k < band->atoms; k++) {
    double place[3], fractional[3];
    int image[3] = {0, 0, 0};
    memcpy(place, x + 3 * k, sizeof place);
    nmd_box_wrap(box, place, image);
    nmd_box_to_fractional(box, place, fractional);
    if (nmd_domain_owner(&g->domain, fractional) != rank) continue;
    NMD_TRY(nmd_atoms_reserve(atoms, atoms->n_owned + 1));
    const int i = atoms->n_owned++;
    memcpy(atoms->x + 3 * i, place, sizeof place);
    atoms->id[i] = k + 1;
    atoms->species[i] = band->kind[k];
  }
  return NMD_OK;
}

static nmd_status prepare(nmd_images *g, const nmd_simulation *s, const nmd_band *band, int k) {
  NMD_TRY(nmd_comm_agree(g->group, take_atoms(g, &s->box, band, nmd_band_of(band, band->x, k))));
  NMD_TRY(nmd_halo_build(g->halo, &g->domain, &s->box, g->list.cutoff, &g->atoms));
  return nmd_comm_agree(g->group, nmd_neighbour_list_build(&g->list, &s->box, &g->atoms));
}

/* This rank's part of energy and forces of image k; the rest of the arrays is zero. */
static nmd_status evaluate_image(nmd_images *g, nmd_simulation *s, nmd_band *band, int k) {
  nmd_atoms *atoms = &g->atoms;
  NMD_TRY(prepare(g, s, band, k));
  memset(atoms->f, 0, (size_t)(atoms->n_owned + atoms->n_ghost) * 3 * sizeof(double));
  const nmd_potential_input input = {
      .atoms = atoms, .list = &g->list, .threads = s->threads, .box = &s->box, .comm = g->group};
  nmd_potential_partial partial = {.force = (double(*)[3])atoms->f};
  const nmd_status status = s->potential.ops->compute(s->potential.self, &input, &partial);
  nmd_halo_reverse(g->halo, atoms->f, 3);
  NMD_TRY(nmd_comm_agree(g->group, status));
  double *force = nmd_band_of(band, band->force, k);
  for (int i = 0; i < atoms->n_owned; i++)
    if (!band->fixed[atoms->id[i] - 1]) memcpy(force + 3 * (atoms->id[i] - 1), atoms->f + 3 * i, 3 * sizeof(double));
  band->energy[k] = partial.energy;
  g->extrapolations += (double)partial.extrapolations;
  for (int o = 0; o < partial.n_offenders; o++) {
    partial.offenders[o].atom_id = band->id[partial.offenders[o].atom_id - 1];
    partial.offenders[o].step = s->counters.step + 1;
    nmd_offenders_add(s->offenders, &s->n_offenders, &partial.offenders[o]);
  }
  return NMD_OK;
}

static nmd_status evaluate_own(nmd_images *g, nmd_simulation *s, nmd_band *band, const bool *wanted) {
  int next = 0;
  for (int k = 0; k < band->n; k++) {
    if (!wanted[k]) continue;
    memset(nmd_band_of(band, band->force, k), 0, (size_t)band->atoms * 3 * sizeof(double));
    band->energy[k] = 0;
    if (next++ % g->groups == g->number) NMD_TRY(evaluate_image(g, s, band, k));
  }
  return NMD_OK;
}

/* Every number is of one rank: adding zeros changes no bit of it. Energies of groups of several ranks are sums. */
static nmd_status share(nmd_images *g, nmd_simulation *s, nmd_band *band, const bool *wanted) {
  for (int k = 0; k < band->n; k++) {
    if (!wanted[k]) continue;
    nmd_comm_sum(s->comm, &band->energy[k], 1);
    nmd_comm_sum(s->comm, nmd_band_of(band, band->force, k), (int)(3 * band->atoms));
    if (!isfinite(band->energy[k]))
      NMD_FAIL(EXPLODED,
               "neb: the energy of image %d is not a number: atoms are too near each other; expected a path that goes "
               "around (interpolation: idpp, or a path file)",
               k);
  }
  nmd_comm_sum(s->comm, &g->extrapolations, 1);
  s->counters.extrapolations += (int64_t)g->extrapolations;
  g->extrapolations = 0;
  return NMD_OK;
}

nmd_status nmd_images_evaluate(nmd_images *g, nmd_simulation *s, nmd_band *band, const bool *wanted) {
  NMD_TRY(nmd_comm_agree(s->comm, evaluate_own(g, s, band, wanted)));
  return share(g, s, band, wanted);
}
