/* SPDX-License-Identifier: BSD-3-Clause */
/* The expansion of a study: fitted to its rows, written, read, reported. */
#ifndef NNPMD_STUDY_LATTICE_FIT_H
#define NNPMD_STUDY_LATTICE_FIT_H

#include "study/lattice.h"

/* Fit on rank 0, known to all. Collective. Errors: those of nmd_regression_fit, with the place of `fit` in the input.
 */
nmd_status nmd_lattice_fit(nmd_lattice_study *study) NMD_MUST_USE;
/* expansion.dat, fit.dat, dropped structures, picture. Local, rank 0. */
nmd_status nmd_lattice_report_fit(nmd_lattice_study *study) NMD_MUST_USE;
/* The interactions of input->expansion. Local. Errors: those of files; CONFLICT (other clusters). */
nmd_status nmd_lattice_read_expansion(nmd_lattice_study *study) NMD_MUST_USE;

#endif
