/* SPDX-License-Identifier: BSD-3-Clause */
/* A small training: structures of two elements labelled by the Au-Li model of the tree, a few symmetry functions, a
 * small network. LINKS: reference */
#ifndef NNPMD_TESTS_TRAINING_FIT_CASE_H
#define NNPMD_TESTS_TRAINING_FIT_CASE_H

#include "training/fit_run.h"

/* Write train.extxyz (n structures, of kinds "big" and "small"), validation.extxyz and input.nn to the test folder;
 * root writes, all wait. Collective over TEST_COMM. */
void fit_case_write(int n);
/* Write fit.yaml with output folder `name`, `more` (lines of YAML) and the stages (flow text); returns its path. */
const char *fit_case_input(const char *name, const char *more, const char *stages);
/* Read the input, create the fit and run it; *fit (may be NULL) is kept for a look, with the input behind it. */
nmd_status fit_case_run(const nmd_comm *comm, const char *path, const nmd_fit_run_options *options,
                        nmd_fit_input *input, nmd_fit **fit) NMD_MUST_USE;

#endif
