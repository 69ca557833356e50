/* SPDX-License-Identifier: BSD-3-Clause */
/* What X-rays and neutrons see of an element, and the weights of partial structure factors that follow. */
#ifndef NNPMD_ANALYSIS_SCATTERING_H
#define NNPMD_ANALYSIS_SCATTERING_H

#include "base/status.h"

enum { NMD_SCATTERING_MAX = 98 }; /* atomic numbers 1 to 98 */

/* X-ray form factor of the neutral atom in electrons, without dispersion corrections:
 * f0 = sum_k a_k exp(-b_k s^2) + c, s = Q / 4 pi, for s <= 6 /A.
 * D. Waasmaier, A. Kirfel, Acta Cryst. A 51, 416 (1995). Errors: UNKNOWN_ELEMENT (beyond 98), OUT_OF_RANGE (Q in 1/A).
 */
nmd_status nmd_xray_form_factor(int atomic_number, double q, double *f) NMD_MUST_USE;
/* Bound coherent neutron scattering length (real part) in fm of the natural mixture of isotopes; of the longest-lived
 * isotope where there is none. H. Rauch, W. Waschkowski, in: Neutron Data Booklet, 2nd ed., ILL (2003), after
 * V. F. Sears, Neutron News 3, 26 (1992). Errors: UNKNOWN_ELEMENT (not measured). */
nmd_status nmd_neutron_length(int atomic_number, double *b) NMD_MUST_USE;

/* Faber-Ziman weights: S(Q) - 1 = sum_{a<=b} w_ab (S_ab(Q) - 1) with w_ab = (2 - delta_ab) c_a c_b f_a f_b / <f>^2.
 * fraction, f [kinds]; weight [kinds (kinds + 1) / 2], in the order aa, ab, ..., bb, ...
 * T. E. Faber, J. M. Ziman, Phil. Mag. 11, 153 (1965). Errors: CONFLICT (<f> is zero: S(Q) is not defined). */
nmd_status nmd_faber_ziman(int kinds, const double *fraction, const double *f, double *weight) NMD_MUST_USE;

#endif
