/* SPDX-License-Identifier: BSD-3-Clause */
/* A sum of potentials as the baseline of a training. */
#ifndef NNPMD_FIT_BASELINE_H
#define NNPMD_FIT_BASELINE_H

#include "base/yaml.h"
#include "training/baseline.h"

/* From a list of terms as in `potential: {sum: {terms: ...}}`; NULL: none, and *out stays without `evaluate`.
 * Collective. Errors: those of YAML, MEMORY; those of the potential come with the first structure. */
nmd_status nmd_baseline_create(const nmd_yaml_node *terms, nmd_baseline *out) NMD_MUST_USE;
void nmd_baseline_destroy(nmd_baseline *baseline);

#endif
