/* SPDX-License-Identifier: BSD-3-Clause */
/* A committee: models that differ in the weights of their networks only, so that one pass over the neighbours serves all
 * of them. Their mean is the potential, their spread an estimate of its error. */
#ifndef NNPMD_NNP_COMMITTEE_H
#define NNPMD_NNP_COMMITTEE_H

#include "nnp/model.h"

enum { NMD_COMMITTEE_MAX = 64 };

typedef struct nmd_committee {
  int n; /* 1: a model alone */
  nmd_model *models[NMD_COMMITTEE_MAX];
} nmd_committee;

/* Read the models of a folder: those in its sub-folders `names` [n_names]; without names, in the sub-folders 1, 2, ...
 * where these hold models (RuNNer's layout), else in the folder itself. `single`: one model, the folder's own or the
 * first of those. Units as for nmd_model_read. Local. Errors: its, and MODEL_COMMITTEE (members that do not share
 * elements, cut-off, functions or scaling; a gap in the numbers; too many). Free with nmd_committee_free also after a
 * failure. */
nmd_status nmd_committee_read(const char *folder, char *const *names, int n_names, bool single, double length_unit,
                              double energy_unit, nmd_committee *out) NMD_MUST_USE;
void nmd_committee_free(nmd_committee *committee);
/* Whether the models fit together. Errors: MODEL_COMMITTEE. */
nmd_status nmd_committee_check(const nmd_committee *committee) NMD_MUST_USE;

#endif
