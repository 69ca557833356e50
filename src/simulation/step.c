/* SPDX-License-Identifier: BSD-3-Clause */
/* One step, on one page: before_force, refresh neighbours, forces, after_force. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/vec3.h"
#include "simulation/failure.h"
#include "simulation/spread.h"

/* Displacement per step beyond which the run is beyond repair (A). */
#define NMD_DISPLACEMENT_LIMIT 5.0

static void wrap_atoms(nmd_simulation *s) {
  for (int i = 0; i < s->atoms.n_owned; i++) nmd_box_wrap(&s->box, s->atoms.x + 3 * i, s->atoms.image + 3 * i);
}

static nmd_status sort_atoms(nmd_simulation *s) {
  int *order;
  NMD_TRY(NMD_ALLOC(order, s->atoms.n_owned));
  nmd_status status = nmd_spatial_order(&s->box, &s->atoms, s->list.cutoff + s->list.skin, order);
  if (status == NMD_OK) status = nmd_atoms_permute(&s->atoms, order);
  nmd_free(order);
  return status;
}

/* Atoms to their owners, in spatial order; ghosts; list. */
static nmd_status settle_atoms(nmd_simulation *s) {
  s->atoms.n_ghost = 0;
  nmd_timer_switch(&s->timer, NMD_PHASE_COMM);
  NMD_TRY(nmd_migrate(&s->domain, &s->box, &s->atoms));
  nmd_timer_switch(&s->timer, NMD_PHASE_NEIGHBOUR);
  NMD_TRY(nmd_comm_agree(s->comm, sort_atoms(s)));
  nmd_timer_switch(&s->timer, NMD_PHASE_COMM);
  NMD_TRY(nmd_halo_build(s->halo, &s->domain, &s->box, s->list.cutoff + s->list.skin, &s->atoms));
  nmd_timer_switch(&s->timer, NMD_PHASE_NEIGHBOUR);
  return nmd_comm_agree(s->comm, nmd_neighbour_list_build(&s->list, &s->box, &s->atoms));
}

nmd_status nmd_simulation_rebuild(nmd_simulation *s) {
  const nmd_phase phase = nmd_timer_switch(&s->timer, NMD_PHASE_COMM);
  const bool first = s->list.serial == 0;
  bool moved;
  wrap_atoms(s);
  NMD_TRY(nmd_simulation_balance(s, &moved));
  NMD_TRY(settle_atoms(s));
  if (first) { /* only now are there neighbours to count */
    NMD_TRY(nmd_simulation_balance(s, &moved));
    if (moved) NMD_TRY(settle_atoms(s));
  }
  s->counters.rebuilds++;
  nmd_timer_switch(&s->timer, phase);
  return NMD_OK;
}

/* Name the fastest atom of the rank that has it. */
static nmd_status exploded(const nmd_simulation *s, double limit) {
  nmd_status status = NMD_OK;
  for (int i = 0; i < s->atoms.n_owned && status == NMD_OK; i++) {
    const double *x = s->atoms.x + 3 * i, *old = s->atoms.x_listed + 3 * i, *v = s->atoms.v + 3 * i;
    const double d[3] = {x[0] - old[0], x[1] - old[1], x[2] - old[2]};
    if (nmd_norm(d) <= limit && isfinite(nmd_norm(v))) continue;
    char text[768];
    nmd_failure_describe(s, i, text, sizeof text);
    status = nmd_fail(NMD_EXPLODED,
                      "step %lld: the forces or the time step are too large: %s; minimise first, use a shorter timestep, or "
                      "look at the extrapolations above", (long long)s->counters.step + 1, text);
  }
  status = nmd_comm_agree(s->comm, status);
  if (status != NMD_OK) return status;
  NMD_FAIL(EXPLODED, "step %lld: the cell changes beyond reason; check pressure, compressibility and tau_p",
           (long long)s->counters.step + 1);
}

static nmd_status refresh_neighbours(nmd_simulation *s) {
  const nmd_phase phase = nmd_timer_switch(&s->timer, NMD_PHASE_NEIGHBOUR);
  double displacement = nmd_neighbour_displacement(&s->list, &s->box, &s->atoms);
  if (!isfinite(displacement)) displacement = INFINITY;
  double maxima[3] = {displacement, s->want_stop, s->want_save};
  nmd_timer_switch(&s->timer, NMD_PHASE_WAIT);
  nmd_comm_max(s->comm, maxima, 3); /* the one reduction that also agrees on stopping and saving */
  displacement = maxima[0];
  s->stop = maxima[1] > 0;
  s->save = maxima[2] > 0;
  nmd_status status = NMD_OK;
  if (displacement > NMD_DISPLACEMENT_LIMIT + s->list.skin && !s->motion.jumped)
    status = exploded(s, NMD_DISPLACEMENT_LIMIT);
  else if (!nmd_neighbour_list_valid(&s->list, &s->box, displacement))
    status = nmd_simulation_rebuild(s);
  else {
    nmd_timer_switch(&s->timer, NMD_PHASE_COMM);
    nmd_halo_forward(s->halo, &s->box, &s->atoms);
  }
  nmd_timer_switch(&s->timer, phase);
  return status;
}

static nmd_status prepare_atom_arrays(nmd_simulation *s) {
  const int total = s->atoms.n_owned + s->atoms.n_ghost;
  if (total > s->atom_capacity) {
    NMD_TRY(NMD_GROW(s->atom_energy, 0, s->atoms.capacity));
    NMD_TRY(NMD_GROW(s->atom_virial, 0, s->atoms.capacity));
    NMD_TRY(NMD_GROW(s->atom_extrapolation, 0, s->atoms.capacity));
    NMD_TRY(NMD_GROW(s->sigma_energy, 0, s->atoms.capacity));
    NMD_TRY(NMD_GROW(s->sigma_force, 0, s->atoms.capacity));
    s->atom_capacity = s->atoms.capacity;
  }
  memset(s->atom_energy, 0, (size_t)total * sizeof *s->atom_energy);
  memset(s->atom_virial, 0, (size_t)total * sizeof *s->atom_virial);
  memset(s->atom_extrapolation, 0, (size_t)total * sizeof *s->atom_extrapolation);
  memset(s->sigma_energy, 0, (size_t)total * sizeof *s->sigma_energy);
  return NMD_OK;
}

/* Energy, virial, extrapolations and failures of all ranks in one reduction. */
static nmd_status reduce_partial(nmd_simulation *s, const nmd_potential_partial *partial, nmd_status mine) {
  double sums[12];
  sums[0] = partial->energy;
  memcpy(sums + 1, partial->virial, 9 * sizeof(double));
  sums[10] = (double)partial->extrapolations; /* exact below 2^53 */
  sums[11] = mine != NMD_OK;
  nmd_timer_switch(&s->timer, NMD_PHASE_WAIT);
  nmd_comm_sum(s->comm, sums, 12);
  if (sums[11] > 0) return nmd_comm_agree(s->comm, mine);
  s->totals.potential_energy = sums[0];
  memcpy(s->totals.virial, sums + 1, 9 * sizeof(double));
  s->totals.extrapolations = (int64_t)sums[10];
  if (!isfinite(sums[0])) NMD_TRY(nmd_failure_name_force(s));
  if (!isfinite(sums[0]))
    NMD_FAIL(EXPLODED, "step %lld: the potential energy is not a number: atoms are far outside the range of the potential",
             (long long)s->counters.step + 1);
  return NMD_OK;
}

/* At steps that are written only: it costs an evaluation a member. */
static nmd_status measure_spread(nmd_simulation *s, const nmd_potential_input *input, nmd_potential_partial *partial) {
  if ((s->wants & NMD_WANT_SIGMA) == 0) return NMD_OK;
  const int members = nmd_potential_members(&s->potential);
  nmd_comm_sum(s->comm, partial->member_energy, members);
  nmd_timer_switch(&s->timer, NMD_PHASE_FORCE);
  s->totals.sigma = nmd_spread_of(partial->member_energy, members);
  return nmd_spread_forces(s->comm, &s->potential, input, s->halo, s->sigma_force);
}

nmd_status nmd_simulation_forces(nmd_simulation *s) {
  const nmd_phase phase = nmd_timer_switch(&s->timer, NMD_PHASE_FORCE);
  /* Agreed, since a potential may be collective: a rank without memory must not leave the others waiting in it. */
  nmd_status status = s->wants ? nmd_comm_agree(s->comm, prepare_atom_arrays(s)) : NMD_OK;
  if (status != NMD_OK) return status;
  memset(s->atoms.f, 0, (size_t)(s->atoms.n_owned + s->atoms.n_ghost) * 3 * sizeof(double));
  const nmd_potential_input input = {.atoms = &s->atoms,
                                     .list = &s->list,
                                     .want_atom_energy = (s->wants & NMD_WANT_ATOM_ENERGY) != 0,
                                     .want_atom_virial = (s->wants & NMD_WANT_ATOM_VIRIAL) != 0,
                                     .want_atom_sigma = (s->wants & NMD_WANT_SIGMA) != 0,
                                     .threads = s->threads,
                                     .box = &s->box,
                                     .comm = s->comm};
  nmd_potential_partial partial = {
      .force = (double(*)[3])s->atoms.f, .atom_energy = s->atom_energy, .atom_virial = s->atom_virial,
      .atom_sigma = s->sigma_energy,
      .atom_extrapolation = s->wants & NMD_WANT_ATOM_EXTRAPOLATION ? s->atom_extrapolation : NULL};
  status = s->potential.ops->compute(s->potential.self, &input, &partial);
  /* The reduction first: there ranks wait for the slowest, so that the time of the exchange is that of the exchange. */
  status = reduce_partial(s, &partial, status);
  nmd_timer_switch(&s->timer, NMD_PHASE_COMM);
  nmd_halo_reverse(s->halo, s->atoms.f, 3);
  nmd_freeze(&s->motion);
  if (input.want_atom_virial) nmd_halo_reverse(s->halo, (double *)s->atom_virial, 9);
  if (status == NMD_OK) status = measure_spread(s, &input, &partial);
  for (int k = 0; k < partial.n_offenders; k++) {
    partial.offenders[k].step = s->counters.step + (s->ensemble != NULL);
    nmd_offenders_add(s->offenders, &s->n_offenders, &partial.offenders[k]);
  }
  s->counters.extrapolations += s->totals.extrapolations;
  s->motion.potential_energy = s->totals.potential_energy;
  memcpy(s->motion.virial, s->totals.virial, sizeof s->motion.virial);
  nmd_timer_switch(&s->timer, phase);
  return status;
}

nmd_status nmd_simulation_step(nmd_simulation *s) {
  const nmd_stage *stage = &s->stages[s->stage];
  s->motion.step = s->counters.step + 1;
  s->motion.progress = (double)(s->counters.stage_step + 1) / (double)stage->steps;
  nmd_timer_switch(&s->timer, NMD_PHASE_INTEGRATE);
  NMD_TRY(nmd_simulation_guard_step(s));
  NMD_TRY(stage->ops->before_force(s->ensemble, &s->motion));
  NMD_TRY(refresh_neighbours(s));
  NMD_TRY(nmd_simulation_forces(s));
  nmd_timer_switch(&s->timer, NMD_PHASE_INTEGRATE);
  NMD_TRY(stage->ops->after_force(s->ensemble, &s->motion));
  nmd_simulation_stop_drift(s);
  s->counters.step++;
  s->counters.stage_step++;
  if (stage->ops->finished == NULL && !stage->ops->timeless) s->counters.time += s->motion.timestep; /* minimisers keep no time */
  nmd_timer_switch(&s->timer, NMD_PHASE_OTHER);
  return NMD_OK;
}
