/* SPDX-License-Identifier: BSD-3-Clause */
/* One structure, one evaluation, on one process: what nnpmd-eval and tests use. */
#ifndef NNPMD_SIMULATION_EVALUATE_STRUCTURE_H
#define NNPMD_SIMULATION_EVALUATE_STRUCTURE_H

#include "parallel/comm.h"
#include "potential/potential.h"
#include "system/structure.h"

typedef struct nmd_structure_results {
  int64_t n;
  double energy;              /* eV */
  double virial[3][3];        /* eV, -dE/dstrain */
  double (*force)[3];         /* [n] eV/A, in the structure's order */
  double *atom_energy;        /* [n] eV */
  double (*atom_virial)[9];   /* [n] eV */
  int members;                /* of a committee; 1: the rest of this is zero */
  double *atom_sigma;         /* [n] eV, spread of the members' energies of the atom */
  double *force_sigma;        /* [n] eV/A, of their forces; NULL unless wanted */
  double member_energy[NMD_POTENTIAL_MEMBERS_MAX]; /* eV */
  int64_t extrapolations;
  int n_offenders;
  nmd_offender offenders[NMD_OFFENDER_MAX];
} nmd_structure_results;

/* `alone`: a communicator of one rank. `species`: the table the potential was made for; it must hold every element of
 * the structure. Ids of the structure are not needed: groups of the potential go by the place in it, from 1. Owner of
 * the arrays: the caller (results_free). Local. */
nmd_status nmd_structure_evaluate(const nmd_comm *alone, const nmd_potential *potential, const nmd_species *species,
                                  const nmd_structure *structure, nmd_structure_results *results) NMD_MUST_USE;
/* The same with force_sigma: one more evaluation a member. */
nmd_status nmd_structure_evaluate_spread(const nmd_comm *alone, const nmd_potential *potential, const nmd_species *species,
                                         const nmd_structure *structure, nmd_structure_results *results) NMD_MUST_USE;
void nmd_structure_results_free(nmd_structure_results *results);

#endif
