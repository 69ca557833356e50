/* SPDX-License-Identifier: BSD-3-Clause */
/* The potential of a cycle, and what it says about labelled structures. */
#ifndef NNPMD_STUDY_ACTIVE_MODEL_H
#define NNPMD_STUDY_ACTIVE_MODEL_H

#include "potential/potential.h"
#include "study/active.h"

typedef struct nmd_active_potential {
  const nmd_comm *alone; /* not owned */
  nmd_yaml *tree;
  nmd_species species;
  nmd_potential potential;
} nmd_active_potential;

/* With the models of a folder, for the elements of these structures. Free also after a failure. Local. Errors: those of
 * potentials, MODEL_ELEMENT. */
nmd_status nmd_active_potential_open(const nmd_active *active, const char *models, const nmd_dataset *structures,
                                     nmd_active_potential *out) NMD_MUST_USE;
void nmd_active_potential_free(nmd_active_potential *potential);

/* Worst disagreement about a force, eV/A, and functions out of range, of one structure. Errors: EXPLODED, MEMORY. */
nmd_status nmd_active_doubt(const nmd_active_potential *potential, const nmd_structure *structure, double *sigma,
                            int64_t *extrapolations) NMD_MUST_USE;

/* Root mean square errors of energies (eV/atom) and force components (eV/A); -1 without labels. */
typedef struct nmd_active_errors {
  double energy, force;
} nmd_active_errors;
/* Labels without energy or forces are passed over. Errors: those of evaluation. */
nmd_status nmd_active_measure(const nmd_active_potential *potential, const nmd_dataset *labelled,
                              nmd_active_errors *out) NMD_MUST_USE;

#endif
