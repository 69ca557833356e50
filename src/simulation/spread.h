/* SPDX-License-Identifier: BSD-3-Clause */
/* How far the members of a committee are apart. */
#ifndef NNPMD_SIMULATION_SPREAD_H
#define NNPMD_SIMULATION_SPREAD_H

#include "parallel/domain.h"
#include "potential/potential.h"

/* sigma_i = sqrt(sum_k |F_ik - F_i|^2 / (K - 1)) of the K members' forces on each owned atom, into sigma [n_owned] (eV/A),
 * by an evaluation a member. `input`: that of the mean, whose forces (ghosts' shares brought home) are in its atoms. A
 * potential of one member has zeros. Collective, same status everywhere. Errors: those of the potential, MEMORY. */
nmd_status nmd_spread_forces(const nmd_comm *comm, const nmd_potential *potential, const nmd_potential_input *input,
                             nmd_halo *halo, double *sigma) NMD_MUST_USE;
/* sqrt(sum_k (E_k - E)^2 / (K - 1)) of values [members]; 0 for one. */
double nmd_spread_of(const double *values, int members);

#endif
