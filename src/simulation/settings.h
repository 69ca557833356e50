/* SPDX-License-Identifier: BSD-3-Clause */
/* The input's settings as text that goes into the checkpoint, so that a continued run can say what is other now. */
#ifndef NNPMD_SIMULATION_SETTINGS_H
#define NNPMD_SIMULATION_SETTINGS_H

#include "base/yaml.h"
#include "io/checkpoint.h"

/* One line "path value" for each scalar of the tree, the path as --set takes it ("stages.0.nvt.steps 1000"), as section
 * "settings". Local. Errors: MEMORY. */
nmd_status nmd_settings_save(const nmd_yaml_node *root, nmd_checkpoint_writer *writer) NMD_MUST_USE;
/* Log each path whose value is another one now: "stages.0.nvt.steps: 1000 -> 2000". A checkpoint without the section
 * says nothing. Local. Errors: MEMORY. */
nmd_status nmd_settings_compare(const nmd_yaml_node *root, const nmd_checkpoint *file) NMD_MUST_USE;

#endif
