/* SPDX-License-Identifier: BSD-3-Clause */
/* One training: data, model, members of a committee; what optimisers work on. */
#ifndef NNPMD_TRAINING_FIT_H
#define NNPMD_TRAINING_FIT_H

#include "training/data.h"
#include "training/fit_input.h"
#include "training/metrics.h"
#include "training/objective.h"

typedef struct nmd_member {
  uint64_t seed;
  double *weights;   /* [layout n] current */
  double *average;   /* [layout n] running mean over the last part of the run */
  int64_t n_average; /* terms in it */
  double *best;      /* [layout n] of the lowest validation score so far */
  double best_score; /* INFINITY: none yet */
  int64_t best_epoch;
  nmd_metrics training; /* of the last epoch: its errors set thresholds */
} nmd_member;

typedef struct nmd_fit {
  const nmd_comm *world; /* not owned */
  nmd_comm *alone;
  const nmd_fit_input *input; /* not owned */
  nmd_model *model;
  nmd_model *grown_from; /* the fitted model whose functions are some of model's, or NULL */
  nmd_layout layout;
  nmd_dependence dependence;
  nmd_objective objective;
  nmd_families families;
  nmd_data training, validation;
  nmd_function_statistics **statistics; /* [elements][functions] raw G over the training set */
  double normal_force;                  /* eV/A: rms force of the training set, the unit of residuals */
  double conv_length;                   /* written to input.nn; 0: model not normalised */
  int n_members;
  nmd_member *members;
  nmd_pass *pass;
  nmd_errors errors; /* scratch */
} nmd_fit;

/* Read the data, evaluate the descriptors, make the first weights. Logs what it does and, before anything large is
 * allocated, the memory it will take. `only_check`: stop before the descriptors. Collective. */
nmd_status nmd_fit_create(const nmd_comm *world, const nmd_fit_input *input, bool only_check,
                          nmd_fit **out) NMD_MUST_USE;
void nmd_fit_destroy(nmd_fit *fit);

/* Errors of an own training sample into fit->errors; the pass is ready for rows. Local. */
nmd_status nmd_fit_errors(nmd_fit *fit, nmd_data *data, int sample, const double *weights) NMD_MUST_USE;
/* Correct the atomic energies of a reference level by least squares of what the first member leaves. Collective. */
nmd_status nmd_fit_refit_level(nmd_fit *fit, int level) NMD_MUST_USE;
/* Metrics of `weights` over a data set. Collective. */
nmd_status nmd_fit_measure(nmd_fit *fit, nmd_data *data, const double *weights, nmd_metrics *out) NMD_MUST_USE;
/* Loss over the training set (sum over samples / sum of their weights) and, unless NULL, its gradient [layout n].
 * Collective. */
nmd_status nmd_fit_loss(nmd_fit *fit, const double *weights, double *loss, double *gradient) NMD_MUST_USE;

#endif
