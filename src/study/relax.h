/* SPDX-License-Identifier: BSD-3-Clause */
/* One structure relaxed by one process: the stage `minimise` on a cell of its own, for farms of small structures. */
#ifndef NNPMD_STUDY_RELAX_H
#define NNPMD_STUDY_RELAX_H

#include "dynamics/ensemble.h"
#include "potential/potential.h"
#include "system/structure.h"

typedef struct nmd_relaxer {
  const nmd_comm *alone; /* of one rank; not owned, as the next two */
  const nmd_potential *potential;
  const nmd_species *species; /* the potential's */
  double timestep;            /* fs, at the start */
  const void *parameters;     /* of the option table nmd_relax_options(), not owned */
} nmd_relaxer;

typedef struct nmd_relax_result {
  double energy;    /* eV */
  double force_max; /* eV/A */
  double pressure;  /* eV/A^3 */
  int64_t steps;
  bool converged; /* within max_steps */
} nmd_relax_result;

/* The options of `minimise`. */
const nmd_option_table *nmd_relax_options(void);
/* Moves atoms and cell of `structure` (periodic); its forces and energy are set to those at the end. Local. Errors:
 * those of the potential and of the list; EXPLODED when the energy is no number. */
nmd_status nmd_relax(const nmd_relaxer *relaxer, nmd_structure *structure, nmd_relax_result *result) NMD_MUST_USE;

#endif
