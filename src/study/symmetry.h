/* SPDX-License-Identifier: BSD-3-Clause */
/* Space group of a structure, through spglib where the program was built with it (A. Togo, K. Shinohara, I. Tanaka,
 * Sci. Technol. Adv. Mater. Methods 4, 2384822 (2024)). */
#ifndef NNPMD_STUDY_SYMMETRY_H
#define NNPMD_STUDY_SYMMETRY_H

#include "system/structure.h"

enum { NMD_SYMMETRY_TEXT = 32 };

/* "Pm-3m_221", positions being equal within `tolerance` (A); "-" without spglib or when it finds none. Local. */
void nmd_symmetry_label(const nmd_structure *structure, double tolerance, char label[NMD_SYMMETRY_TEXT]);

#endif
