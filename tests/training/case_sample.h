/* SPDX-License-Identifier: BSD-3-Clause */
/* Training samples made from reference cases. */
#ifndef NNPMD_TESTS_TRAINING_CASE_SAMPLE_H
#define NNPMD_TESTS_TRAINING_CASE_SAMPLE_H

#include "support/reference_case.h"
#include "training/sample.h"

/* The case's atoms with its energies, forces and virial as labels. False after a failed check. */
bool case_sample(const reference_case *c, nmd_sample *out);
void case_sample_free(nmd_sample *sample);

enum { CASE_FOLDERS_MAX = 100 };
/* Names of the folders of tests/reference, sorted; returns their number. */
int case_folders(char names[CASE_FOLDERS_MAX][512]);

#endif
