/* SPDX-License-Identifier: BSD-3-Clause */
#include "study/relax.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/vec3.h"
#include "parallel/domain.h"

extern const nmd_ensemble_ops nmd__ensemble_minimise;
static const double skin = 0.5; /* A */

const nmd_option_table *nmd_relax_options(void) { return nmd__ensemble_minimise.options; }

typedef struct cell_of_atoms {
  const nmd_relaxer *relaxer;
  nmd_domain domain;
  nmd_halo *halo;
  nmd_neighbour_list list;
  nmd_atoms atoms;
  nmd_box box;
  nmd_motion motion;
} cell_of_atoms;

static void cell_free(cell_of_atoms *c) {
  nmd_atoms_free(&c->atoms);
  nmd_neighbour_list_free(&c->list);
  nmd_halo_destroy(c->halo);
  nmd_domain_free(&c->domain);
}

static nmd_status renew_list(cell_of_atoms *c) {
  c->atoms.n_ghost = 0;
  for (int i = 0; i < c->atoms.n_owned; i++) nmd_box_wrap(&c->box, c->atoms.x + 3 * i, c->atoms.image + 3 * i);
  NMD_TRY(nmd_halo_build(c->halo, &c->domain, &c->box, c->list.cutoff + c->list.skin, &c->atoms));
  return nmd_neighbour_list_build(&c->list, &c->box, &c->atoms);
}

static nmd_status refresh_list(cell_of_atoms *c) {
  const double moved = nmd_neighbour_displacement(&c->list, &c->box, &c->atoms);
  if (!isfinite(moved)) NMD_FAIL(EXPLODED, "relaxation: positions are no numbers; start from a better structure");
  if (!nmd_neighbour_list_valid(&c->list, &c->box, moved)) return renew_list(c);
  nmd_halo_forward(c->halo, &c->box, &c->atoms);
  return NMD_OK;
}

static nmd_status compute(cell_of_atoms *c) {
  const nmd_potential *potential = c->relaxer->potential;
  memset(c->atoms.f, 0, (size_t)(c->atoms.n_owned + c->atoms.n_ghost) * 3 * sizeof(double));
  const nmd_potential_input input = {
      .atoms = &c->atoms, .list = &c->list, .threads = 1, .box = &c->box, .comm = c->relaxer->alone};
  nmd_potential_partial partial = {.force = (double(*)[3])c->atoms.f};
  NMD_TRY(potential->ops->compute(potential->self, &input, &partial));
  nmd_halo_reverse(c->halo, c->atoms.f, 3);
  c->motion.potential_energy = partial.energy;
  memcpy(c->motion.virial, partial.virial, sizeof partial.virial);
  if (isfinite(partial.energy)) return NMD_OK;
  NMD_FAIL(EXPLODED, "relaxation: the energy is no number; start from a better structure");
}

static nmd_status cell_setup(cell_of_atoms *c, const nmd_structure *s) {
  const nmd_relaxer *r = c->relaxer;
  c->box = s->box;
  NMD_TRY(nmd_domain_init(&c->domain, r->alone, &c->box, NULL));
  NMD_TRY(nmd_halo_create(&c->halo));
  NMD_TRY(nmd_atoms_reserve(&c->atoms, (int)s->n));
  c->atoms.n_owned = (int)s->n;
  for (int i = 0; i < c->atoms.n_owned; i++) {
    memcpy(c->atoms.x + 3 * i, s->x[i], 3 * sizeof(double));
    c->atoms.id[i] = i + 1;
    c->atoms.species[i] = nmd_species_index(r->species, s->atomic_number[i]);
  }
  nmd_neighbour_list_init(&c->list, r->potential->ops->cutoff(r->potential->self), skin);
  c->motion = (nmd_motion){.comm = r->alone,
                           .atoms = &c->atoms,
                           .box = &c->box,
                           .species = r->species,
                           .n_atoms = s->n,
                           .timestep = r->timestep,
                           .removed_freedoms = 3};
  NMD_TRY(renew_list(c));
  return compute(c);
}

static nmd_status one_step(cell_of_atoms *c, void *ensemble) {
  c->motion.step++;
  NMD_TRY(nmd__ensemble_minimise.before_force(ensemble, &c->motion));
  NMD_TRY(refresh_list(c));
  NMD_TRY(compute(c));
  return nmd__ensemble_minimise.after_force(ensemble, &c->motion);
}

static nmd_status run_down(cell_of_atoms *c, nmd_relax_result *result) {
  const nmd_ensemble_ops *ops = &nmd__ensemble_minimise;
  const int64_t most = ops->max_steps(c->relaxer->parameters);
  void *ensemble;
  NMD_TRY(ops->create(c->relaxer->parameters, &c->motion, &ensemble));
  nmd_status status = NMD_OK;
  nmd_log_mute(true); /* one that does not converge is told by its result */
  for (result->steps = 0; result->steps < most && status == NMD_OK && !result->converged; result->steps++) {
    result->converged = ops->finished(ensemble, &c->motion);
    if (result->converged) break;
    status = one_step(c, ensemble);
  }
  result->converged = status == NMD_OK && ops->finished(ensemble, &c->motion);
  nmd_log_mute(false);
  ops->destroy(ensemble);
  return status;
}

static nmd_status take_back(const cell_of_atoms *c, nmd_structure *s, nmd_relax_result *result) {
  NMD_TRY(nmd_structure_need_forces(s));
  s->box = c->box;
  for (int i = 0; i < c->atoms.n_owned; i++) {
    memcpy(s->x[i], c->atoms.x + 3 * i, 3 * sizeof(double));
    memcpy(s->f[i], c->atoms.f + 3 * i, 3 * sizeof(double));
    result->force_max = fmax(result->force_max, nmd_norm(s->f[i]));
  }
  result->energy = s->energy = c->motion.potential_energy;
  s->has_energy = true;
  for (int a = 0; a < 3; a++) result->pressure += c->motion.virial[a][a] / (3 * c->box.volume);
  return NMD_OK;
}

nmd_status nmd_relax(const nmd_relaxer *relaxer, nmd_structure *structure, nmd_relax_result *result) {
  cell_of_atoms c = {.relaxer = relaxer};
  *result = (nmd_relax_result){0};
  nmd_atoms_init(&c.atoms);
  nmd_status status = cell_setup(&c, structure);
  if (status == NMD_OK) status = run_down(&c, result);
  if (status == NMD_OK) status = take_back(&c, structure, result);
  cell_free(&c);
  return status;
}
