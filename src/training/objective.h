/* SPDX-License-Identifier: BSD-3-Clause */
/* How wrong a model is about a sample, and the weights with which errors count.
 *
 * Errors are label minus model. Weighted residuals are without unit: energy  w_E dE / n, force component  w_F dF,
 * stress component  w_S dS with w in atom/eV, A/eV, A^3/eV; the loss of a sample is
 *   weight * [ (w_E dE / n)^2 + mean over components (w_F dF)^2 + mean over components (w_S dS)^2 ]. */
#ifndef NNPMD_TRAINING_OBJECTIVE_H
#define NNPMD_TRAINING_OBJECTIVE_H

#include "system/element.h"
#include "training/pass.h"

enum { NMD_LEVELS = 2 };

typedef struct nmd_objective {
  const nmd_model *model;   /* not owned */
  const nmd_layout *layout; /* not owned */
  double energy_weight[NMD_LEVELS], force_weight, stress_weight;
  double family_weight[NMD_FAMILIES_MAX], level_weight[NMD_LEVELS];
  double offset[NMD_LEVELS][NMD_ELEMENT_MAX]; /* eV: energy of an atom of each model element, outside the network */
} nmd_objective;

typedef struct nmd_errors {
  int n, capacity;
  bool has_forces, has_stress;
  double energy;      /* eV, of the whole structure */
  double (*force)[3]; /* [n] eV/A; owned */
  double stress[6];   /* eV/A^3: xx yy zz yz xz xy */
} nmd_errors;

double nmd_sample_offset(const nmd_objective *objective, const nmd_sample *sample); /* eV, of all its atoms */
/* Errors of the model with these weights; with `slopes` the pass is ready for rows. Errors: EXPLODED (not finite, names
 * the sample), MEMORY. Local. */
nmd_status nmd_errors_compute(const nmd_objective *objective, nmd_pass *pass, const nmd_sample *sample,
                              const nmd_descriptors *d, const double *weights, nmd_errors *out) NMD_MUST_USE;
void nmd_errors_free(nmd_errors *errors);
double nmd_sample_weight(const nmd_objective *objective, const nmd_sample *sample);
double nmd_sample_loss(const nmd_objective *objective, const nmd_sample *sample, const nmd_errors *errors);
/* Gradient of the loss, after nmd_errors_compute; gradient [layout n] is ADDED to, scratch [2 layout n + 3 n + 6]. */
nmd_status nmd_sample_gradient(const nmd_objective *objective, nmd_pass *pass, const nmd_sample *sample,
                               const nmd_errors *errors, double *scratch, double *gradient) NMD_MUST_USE;

#endif
