/* SPDX-License-Identifier: BSD-3-Clause */
/* The plain evaluator: symmetry functions one at a time by direct sums, straight from the formulas, analytic gradients.
 * Slow on purpose; it is what the fast evaluator is tested against, and what the program checks itself with at start.
 */
#ifndef NNPMD_NNP_REFERENCE_H
#define NNPMD_NNP_REFERENCE_H

#include "nnp/evaluate.h"

/* As nmd_evaluate. Errors: OVERLAP (a neighbour on top of its centre), MEMORY. Local. */
nmd_status nmd_reference_evaluate(const nmd_model *model, const nmd_environments *environments,
                                  nmd_environment_results *results) NMD_MUST_USE;

#endif
