/* SPDX-License-Identifier: BSD-3-Clause */
/* Which frames of the walks are worth a label, and their labels. */
#ifndef NNPMD_STUDY_ACTIVE_PICK_H
#define NNPMD_STUDY_ACTIVE_PICK_H

#include "study/active_record.h"

/* Choose frames of the cycle's walks, write picked.extxyz, fill the record. Local (rank 0). Errors: those of reading
 * and of the potential, WRITE, MEMORY. */
nmd_status nmd_active_pick_frames(const nmd_active *active, nmd_active_record *record) NMD_MUST_USE;
/* Label them, write labelled.extxyz, fill the record with the errors of the models so far. Local (rank 0). Errors:
 * those of nmd_dataset_label, CONFLICT (no frame has a label), WRITE. */
nmd_status nmd_active_label_frames(const nmd_active *active, nmd_active_record *record) NMD_MUST_USE;

#endif
