/* SPDX-License-Identifier: BSD-3-Clause */
/* Lattice constants as targets of a force field: a cell of the right size, relaxed with its atoms at zero pressure and
 * temperature, should keep it. */
#ifndef NNPMD_FIT_RELAXED_H
#define NNPMD_FIT_RELAXED_H

#include "base/yaml.h"
#include "parallel/comm.h"
#include "potential/potential.h"
#include "system/structure.h"

typedef struct nmd_relaxed {
  nmd_structure reference; /* owned */
  nmd_species species;
  int steps;
  double weight, tolerance; /* relative difference of a length that counts as a loss of 1 */
  double lengths[3];        /* of the relaxed cell: relative to the reference, along x, y and z */
} nmd_relaxed;

/* Atoms and lengths of the cell along x, y, z (angles stay) by FIRE (E. Bitzek et al., Phys. Rev. Lett. 97, 170201
 * (2006)), at most `steps` evaluations. *loss: mean of ((length - 1) / tolerance)^2 over the axes. Local. Errors: those
 * of the potential. */
nmd_status nmd_relaxed_evaluate(nmd_relaxed *target, const nmd_comm *alone, const nmd_yaml_node *potential,
                                double *loss) NMD_MUST_USE;

#endif
