/* SPDX-License-Identifier: BSD-3-Clause */
/* Parts of larger systems: local atoms among neighbours that another program has placed. The list of neighbours is kept
 * from call to call as long as the caller says that the atoms are the same. */
#include <math.h>
#include <string.h>

#include "api/model.h"
#include "base/memory.h"
#include "simulation/spread.h"

struct nnpmd_part {
  nnpmd_model *model;
  nmd__worker *own;
  nmd_atoms atoms;
  nmd_neighbour_list list;
  nmd_box box; /* any: neighbours stand where they belong */
};

NMD_EXPORT int nnpmd_part_create(nnpmd_model *model, double skin, nnpmd_part **part, char *error, size_t error_size);
NMD_EXPORT int nnpmd_part_evaluate(nnpmd_part *part, const nnpmd_neighbourhood *given, nnpmd_results *results, char *error,
                                   size_t error_size);
NMD_EXPORT void nnpmd_part_free(nnpmd_part *part);

void nnpmd_part_free(nnpmd_part *part) {
  if (part == NULL) return;
  if (part->own != NULL) nmd__worker_give_back(part->model, part->own);
  nmd_neighbour_list_free(&part->list);
  nmd_atoms_free(&part->atoms);
  nmd_free(part);
}

static nmd_status create(nnpmd_model *model, double skin, nnpmd_part **out) {
  static const double cube[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
  nnpmd_part *part;
  *out = NULL;
  if (!(skin >= 0 && isfinite(skin))) NMD_FAIL(OUT_OF_RANGE, "skin %g A; expected 0 or more", skin);
  NMD_TRY(NMD_ALLOC(part, 1));
  part->model = model;
  nmd_atoms_init(&part->atoms);
  nmd_neighbour_list_init(&part->list, model->cutoff, skin);
  nmd_status status = nmd_box_init(&part->box, cube, NULL, NULL);
  if (status == NMD_OK) status = nmd__worker_take(model, &part->own);
  if (status == NMD_OK)
    *out = part;
  else
    nnpmd_part_free(part);
  return status;
}

int nnpmd_part_create(nnpmd_model *model, double skin, nnpmd_part **part, char *error, size_t error_size) {
  return nmd__answer(create(model, skin, part), error, error_size);
}

/* ---- evaluation ---- */

static nmd_status check_counts(const nnpmd_part *part, const nnpmd_neighbourhood *in) {
  if (in->n_local < 0 || in->n < in->n_local || in->n > INT32_MAX)
    NMD_FAIL(OUT_OF_RANGE, "%lld local atoms of %lld; expected 0 or more, and at most all of %d", (long long)in->n_local,
             (long long)in->n, INT32_MAX);
  const bool same = in->n_local == part->atoms.n_owned && in->n - in->n_local == part->atoms.n_ghost;
  if (!in->renew && (part->list.serial == 0 || !same))
    NMD_FAIL(CONFLICT, "renew is 0, but the atoms are not those of the last call; expected 1 whenever they change");
  return NMD_OK;
}

static nmd_status take_atoms(nnpmd_part *part, const nnpmd_neighbourhood *in) {
  nmd_atoms *atoms = &part->atoms;
  NMD_TRY(nmd_atoms_reserve(atoms, (int)in->n));
  atoms->n_owned = (int)in->n_local;
  atoms->n_ghost = (int)(in->n - in->n_local);
  for (int64_t i = 0; i < in->n; i++) {
    atoms->id[i] = i + 1;
    atoms->species[i] = nmd_species_index(&part->model->species, in->atomic_number[i]);
    if (atoms->species[i] < 0) return nmd__unknown_element(part->model, i, in->atomic_number[i]);
  }
  return NMD_OK;
}

static nmd_status place_atoms(nnpmd_part *part, const nnpmd_neighbourhood *in) {
  NMD_TRY(check_counts(part, in));
  if (in->renew) {
    part->list.serial = 0; /* no list if this fails */
    NMD_TRY(take_atoms(part, in));
  }
  for (int64_t k = 0; k < 3 * in->n; k++)
    if (!isfinite(in->position[k]))
      NMD_FAIL(BAD_NUMBER, "the position of atom %lld (from 0) is not finite", (long long)(k / 3));
  if (in->n > 0) memcpy(part->atoms.x, in->position, (size_t)in->n * 3 * sizeof *part->atoms.x);
  return in->renew ? nmd_neighbour_list_build(&part->list, &part->box, &part->atoms) : NMD_OK;
}

static void clear(double *values, int64_t n) {
  if (values != NULL) memset(values, 0, (size_t)n * sizeof *values);
}

static nmd_status compute(nnpmd_part *part, const nnpmd_neighbourhood *in, double *force, nnpmd_results *out) {
  const nmd_potential *potential = &part->own->potential;
  const nmd_potential_input input = {.atoms = &part->atoms,
                                     .list = &part->list,
                                     .want_atom_energy = out->atom_energy != NULL,
                                     .want_atom_virial = out->atom_virial != NULL,
                                     .want_atom_sigma = out->sigma_energy != NULL,
                                     .threads = 1};
  nmd_potential_partial partial = {.force = (double(*)[3])(void *)force,
                                   .atom_energy = out->atom_energy,
                                   .atom_virial = (double(*)[9])(void *)out->atom_virial,
                                   .atom_sigma = out->sigma_energy};
  clear(force, 3 * in->n);
  clear(out->atom_energy, in->n_local);
  clear(out->atom_virial, 9 * in->n);
  clear(out->sigma_energy, in->n_local);
  NMD_TRY(potential->ops->compute(potential->self, &input, &partial));
  out->energy = partial.energy;
  memcpy(out->virial, partial.virial, sizeof out->virial);
  out->extrapolations = partial.extrapolations;
  out->members = nmd_potential_members(potential);
  out->sigma = nmd_spread_of(partial.member_energy, out->members);
  if (!isfinite(partial.energy))
    NMD_FAIL(EXPLODED, "the energy is not a number: atoms are far outside the range of the potential");
  return NMD_OK;
}

static nmd_status evaluate(nnpmd_part *part, const nnpmd_neighbourhood *in, nnpmd_results *results) {
  if (results->sigma_force != NULL)
    NMD_FAIL(CONFLICT, "sigma_force of a part: forces of its atoms are not complete; expected NULL");
  NMD_TRY(place_atoms(part, in));
  return compute(part, in, results->force != NULL ? results->force : part->atoms.f, results);
}

int nnpmd_part_evaluate(nnpmd_part *part, const nnpmd_neighbourhood *given, nnpmd_results *results, char *error,
                        size_t error_size) {
  return nmd__answer(evaluate(part, given, results), error, error_size);
}
