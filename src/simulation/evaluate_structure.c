/* SPDX-License-Identifier: BSD-3-Clause */
#include "simulation/evaluate_structure.h"

#include <string.h>

#include "base/memory.h"
#include "parallel/domain.h"
#include "simulation/spread.h"

/* Everything the evaluation needs, made and freed together. */
typedef struct workspace {
  nmd_domain domain;
  nmd_halo *halo;
  nmd_neighbour_list list;
  nmd_atoms atoms;
  double *atom_energy, *atom_sigma;
  double (*atom_virial)[9];
} workspace;

static void workspace_free(workspace *w) {
  nmd_free(w->atom_virial);
  nmd_free(w->atom_energy);
  nmd_free(w->atom_sigma);
  nmd_atoms_free(&w->atoms);
  nmd_neighbour_list_free(&w->list);
  nmd_halo_destroy(w->halo);
  nmd_domain_free(&w->domain);
}

static nmd_status load_atoms(workspace *w, const nmd_groups *groups, const nmd_species *species,
                             const nmd_structure *structure) {
  NMD_TRY(nmd_atoms_reserve(&w->atoms, (int)structure->n));
  w->atoms.n_owned = (int)structure->n;
  for (int i = 0; i < w->atoms.n_owned; i++) {
    int image[3];
    memcpy(w->atoms.x + 3 * i, structure->x[i], 3 * sizeof(double));
    nmd_box_wrap(&structure->box, w->atoms.x + 3 * i, image);
    w->atoms.id[i] = i + 1; /* place in the structure, to find the way back */
    w->atoms.species[i] = nmd_species_index(species, structure->atomic_number[i]);
    if (groups != NULL)
      w->atoms.groups[i] =
          nmd_groups_of(groups, &structure->box, i + 1, structure->atomic_number[i], w->atoms.x + 3 * i);
    NMD_ASSERT(w->atoms.species[i] >= 0);
  }
  return NMD_OK;
}

static nmd_status prepare(workspace *w, const nmd_comm *alone, const nmd_potential *potential,
                          const nmd_species *species, const nmd_structure *structure) {
  const double cutoff = potential->ops->cutoff(potential->self);
  NMD_TRY(nmd_domain_init(&w->domain, alone, &structure->box, NULL));
  NMD_TRY(nmd_halo_create(&w->halo));
  NMD_TRY(load_atoms(w, potential->groups, species, structure));
  NMD_TRY(nmd_halo_build(w->halo, &w->domain, &structure->box, cutoff, &w->atoms));
  nmd_neighbour_list_init(&w->list, cutoff, 0.0);
  NMD_TRY(nmd_neighbour_list_build(&w->list, &structure->box, &w->atoms));
  const int total = w->atoms.n_owned + w->atoms.n_ghost;
  NMD_TRY(NMD_ALLOC(w->atom_energy, total));
  NMD_TRY(NMD_ALLOC(w->atom_sigma, total));
  NMD_TRY(NMD_ALLOC(w->atom_virial, total));
  memset(w->atoms.f, 0, (size_t)total * 3 * sizeof(double));
  return NMD_OK;
}

static nmd_status copy_results(const workspace *w, const nmd_potential_partial *partial, nmd_structure_results *out) {
  out->n = w->atoms.n_owned;
  NMD_TRY(NMD_ALLOC(out->force, out->n));
  NMD_TRY(NMD_ALLOC(out->atom_energy, out->n));
  NMD_TRY(NMD_ALLOC(out->atom_sigma, out->n));
  NMD_TRY(NMD_ALLOC(out->atom_virial, out->n));
  memcpy(out->force, w->atoms.f, (size_t)out->n * sizeof *out->force);
  memcpy(out->atom_energy, w->atom_energy, (size_t)out->n * sizeof *out->atom_energy);
  memcpy(out->atom_virial, w->atom_virial, (size_t)out->n * sizeof *out->atom_virial);
  memcpy(out->atom_sigma, w->atom_sigma, (size_t)out->n * sizeof *out->atom_sigma);
  memcpy(out->member_energy, partial->member_energy, sizeof out->member_energy);
  out->energy = partial->energy;
  memcpy(out->virial, partial->virial, sizeof out->virial);
  out->extrapolations = partial->extrapolations;
  out->n_offenders = partial->n_offenders;
  memcpy(out->offenders, partial->offenders, sizeof out->offenders);
  return NMD_OK;
}

static nmd_status evaluate(const nmd_comm *alone, const nmd_potential *potential, const nmd_species *species,
                           const nmd_structure *structure, bool spread, nmd_structure_results *results) {
  *results = (nmd_structure_results){0};
  workspace w = {0};
  nmd_atoms_init(&w.atoms);
  nmd_status status = prepare(&w, alone, potential, species, structure);
  if (status == NMD_OK) {
    const nmd_potential_input input = {.atoms = &w.atoms,
                                       .list = &w.list,
                                       .want_atom_energy = true,
                                       .want_atom_virial = true,
                                       .want_atom_sigma = true,
                                       .threads = 1,
                                       .box = &structure->box,
                                       .comm = alone};
    nmd_potential_partial partial = {.force = (double(*)[3])w.atoms.f,
                                     .atom_energy = w.atom_energy,
                                     .atom_virial = w.atom_virial,
                                     .atom_sigma = w.atom_sigma};
    status = potential->ops->compute(potential->self, &input, &partial);
    nmd_halo_reverse(w.halo, w.atoms.f, 3);
    nmd_halo_reverse(w.halo, (double *)w.atom_virial, 9);
    if (status == NMD_OK) status = copy_results(&w, &partial, results);
    if (status == NMD_OK && spread) status = NMD_ALLOC(results->force_sigma, results->n);
    if (status == NMD_OK && spread)
      status = nmd_spread_forces(alone, potential, &input, w.halo, results->force_sigma);
    results->members = nmd_potential_members(potential);
  }
  workspace_free(&w);
  if (status != NMD_OK) nmd_structure_results_free(results);
  return status;
}

nmd_status nmd_structure_evaluate(const nmd_comm *alone, const nmd_potential *potential, const nmd_species *species,
                                  const nmd_structure *structure, nmd_structure_results *results) {
  return evaluate(alone, potential, species, structure, false, results);
}

nmd_status nmd_structure_evaluate_spread(const nmd_comm *alone, const nmd_potential *potential, const nmd_species *species,
                                         const nmd_structure *structure, nmd_structure_results *results) {
  return evaluate(alone, potential, species, structure, true, results);
}

void nmd_structure_results_free(nmd_structure_results *results) {
  nmd_free(results->force);
  nmd_free(results->atom_energy);
  nmd_free(results->atom_sigma);
  nmd_free(results->force_sigma);
  nmd_free(results->atom_virial);
  *results = (nmd_structure_results){0};
}
