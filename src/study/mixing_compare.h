/* SPDX-License-Identifier: BSD-3-Clause */
/* Mixing energies of labelled structures, by their labels and by the potential. */
#ifndef NNPMD_STUDY_MIXING_COMPARE_H
#define NNPMD_STUDY_MIXING_COMPARE_H

#include "study/mixing.h"

/* Every structure of the file input->compare that has an energy and only the two elements, as it stands. The labels'
 * zero are their own lowest pure structures, the potential's `pure` (eV/atom), of relaxed ones. Writes compare.dat and
 * logs mean absolute differences by the key `family`. Local. Errors: those of reading and of the potential, CONFLICT
 * (no pure element among the labels). */
nmd_status nmd_mixing_compare(const nmd_mixing *mixing, const double pure[2]) NMD_MUST_USE;

#endif
