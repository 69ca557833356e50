/* SPDX-License-Identifier: BSD-3-Clause */
/* Labelled structures as targets of a force field: how far its energies, forces and stresses are from theirs. */
#ifndef NNPMD_FIT_LABELLED_H
#define NNPMD_FIT_LABELLED_H

#include "base/yaml.h"
#include "parallel/comm.h"
#include "potential/potential.h"
#include "system/structure.h"

/* Squared differences over the variance of the labels: 0 is perfect, 1 as good as their mean (energies), nothing at all
 * (forces, stresses). */
typedef struct nmd_labelled_loss {
  double energy, force, stress;
  double energy_rmse, force_rmse, stress_rmse; /* eV/atom, eV/A, eV/A^3 */
} nmd_labelled_loss;

typedef struct nmd_labelled_sample {
  nmd_structure structure;
  nmd_species species; /* of its own composition */
  double energy;       /* computed, eV */
  double (*force)[3];  /* computed, [n] eV/A; owned */
  double stress[3][3]; /* computed, eV/A^3 */
} nmd_labelled_sample;

typedef struct nmd_labelled {
  nmd_labelled_sample *samples; /* owned */
  int n;
  int elements[16], n_elements; /* atomic numbers, of all structures */
} nmd_labelled;

/* Every `every`-th frame of a file, at most `most` (0: all). Local. Errors: those of the reader, CONFLICT (no energy,
 * more than 16 elements), MEMORY. */
nmd_status nmd_labelled_read(const char *path, int64_t every, int64_t most, nmd_labelled *out) NMD_MUST_USE;
void nmd_labelled_free(nmd_labelled *set);
/* Evaluate the potential of this YAML node on all structures (one potential for each composition in a row). Energies
 * are compared after the best energy of each element is taken off, which a force field does not have. Local; `alone` as
 * in nmd_structure_evaluate. Errors: those of the potential. */
nmd_status nmd_labelled_evaluate(nmd_labelled *set, const nmd_comm *alone, const nmd_yaml_node *potential,
                                 nmd_labelled_loss *loss) NMD_MUST_USE;
/* Energies per atom less those of the elements, [n] each: of the labels and computed. Local. Errors: MEMORY. */
nmd_status nmd_labelled_energies(const nmd_labelled *set, double *label, double *computed) NMD_MUST_USE;

#endif
