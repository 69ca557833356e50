/* SPDX-License-Identifier: BSD-3-Clause */
/* What a network stands on: another potential, whose energies, forces and stresses are taken off the labels, so that
 * the sum of both has them. Potentials live in a higher layer, so the program puts one in (fit/baseline.h). */
#ifndef NNPMD_TRAINING_BASELINE_H
#define NNPMD_TRAINING_BASELINE_H

#include "base/yaml.h"
#include "system/structure.h"

typedef struct nmd_baseline {
  void *context; /* owned by who set it */
  /* energy (eV), force [n] (eV/A) and virial (eV: xx yy zz yz xz xy) of a structure. Local. Errors: those of the
   * potential. NULL: there is no baseline. */
  nmd_status (*evaluate)(void *context, const nmd_structure *structure, double *energy, double (*force)[3],
                         double virial[6]);
} nmd_baseline;

/* How a program makes them, for what trains on its own (study/active.h); functions as in fit/baseline.h. */
typedef struct nmd_baseline_maker {
  nmd_status (*create)(const nmd_yaml_node *terms, nmd_baseline *out);
  void (*destroy)(nmd_baseline *baseline);
} nmd_baseline_maker;

#endif
