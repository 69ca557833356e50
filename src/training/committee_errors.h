/* SPDX-License-Identifier: BSD-3-Clause */
/* How wrong a committee is: errors of the mean of its members. */
#ifndef NNPMD_TRAINING_COMMITTEE_ERRORS_H
#define NNPMD_TRAINING_COMMITTEE_ERRORS_H

#include "training/fit.h"

/* Metrics of the mean over all members, each with its best weights (without any yet: the current ones). Errors are
 * linear in the prediction, so those of the mean are the mean of those of the members. Collective. Errors: EXPLODED,
 * MEMORY. */
nmd_status nmd_fit_measure_committee(nmd_fit *fit, nmd_data *data, nmd_metrics *out) NMD_MUST_USE;

#endif
