/* SPDX-License-Identifier: BSD-3-Clause */
/* Covalent radii, to tell what a likely distance is. */
#ifndef NNPMD_DATASET_RADII_H
#define NNPMD_DATASET_RADII_H

/* A; 1.5 for elements without a value (Z > 96). B. Cordero et al., Dalton Trans. 2832 (2008), table 2 (low spin where
 * there are two). */
double nmd_covalent_radius(int atomic_number);

#endif
