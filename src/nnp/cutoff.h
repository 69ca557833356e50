/* SPDX-License-Identifier: BSD-3-Clause */
/* Cut-off functions fc(r) and compact functions C(x; l, r) of the n2p2 / RuNNer format, one number at a time (the plain
 * form; kernels have their own). A. Singraber, J. Behler, C. Dellago, J. Chem. Theory Comput. 15, 1827 (2019);
 * compact functions: M. P. Bircher, A. Singraber, C. Dellago, Mach. Learn.: Sci. Technol. 2, 035026 (2021). */
#ifndef NNPMD_NNP_CUTOFF_H
#define NNPMD_NNP_CUTOFF_H

#include <stdbool.h>

#include "nnp/model_data.h"

/* fc(r) for r >= 0: 1 below the inner radius alpha * rc, 0 from rc on. The two tanh^3 kinds have no inner radius (alpha
 * is ignored); NMD_CUTOFF_HARD jumps at rc. *slope becomes dfc/dr (slope may be NULL). */
double nmd_cutoff_value(nmd_cutoff_kind kind, double alpha, double rc, double r, double *slope);

/* C(x; l, r): 1 at the centre (l + r) / 2, falling to 0 at l and r, with y = |x - centre| / half width in place of the
 * cut-off functions' x; kind is NMD_CUTOFF_EXP or NMD_CUTOFF_POLY1..4; asymmetric: y (2 - y) for y, polynomials only.
 * *slope becomes dC/dx (slope may be NULL). */
double nmd_compact_value(nmd_cutoff_kind kind, bool asymmetric, double l, double r, double x, double *slope);

const char *nmd_cutoff_name(nmd_cutoff_kind kind); /* "tanh^3" */

#endif
