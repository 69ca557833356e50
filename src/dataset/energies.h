/* SPDX-License-Identifier: BSD-3-Clause */
/* Elements of a data set, and the energies that belong to them. */
#ifndef NNPMD_DATASET_ENERGIES_H
#define NNPMD_DATASET_ENERGIES_H

#include "dataset/dataset.h"
#include "system/element.h"

void nmd_dataset_elements(const nmd_dataset *set, nmd_species *species); /* all that occur */
/* fraction [species->n] of each element in a structure */
void nmd_structure_fractions(const nmd_structure *s, const nmd_species *species, double *fraction);
/* energy [species->n] (eV) of each element: the least-squares fit of the energies per atom by the composition.
 * Errors: MEMORY. */
nmd_status nmd_dataset_fit_elements(const nmd_dataset *set, const nmd_species *species, double *energy) NMD_MUST_USE;

#endif
