/* SPDX-License-Identifier: BSD-3-Clause */
/* Labelled structures with exact labels: a pair potential exp(-r) in random periodic cells. */
#ifndef NNPMD_TESTS_DATASET_TOY_SET_H
#define NNPMD_TESTS_DATASET_TOY_SET_H

#include "dataset/dataset.h"
#include "parallel/comm.h"

/* `frames` frames in runs of ten (key group "run0", ...; kind "even" / "odd"), each a small step from the one before;
 * elements Li and Au. Needs TEST_COMM. */
void toy_set_make(int64_t frames, nmd_dataset *set);
/* Energy, forces, stress of one structure. */
void toy_set_label(nmd_structure *structure);
/* A copy of a frame at the end of the set. */
void toy_set_append(nmd_dataset *set, const nmd_structure *frame);

#endif
