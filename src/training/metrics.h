/* SPDX-License-Identifier: BSD-3-Clause */
/* Errors over a data set, whole and by family. */
#ifndef NNPMD_TRAINING_METRICS_H
#define NNPMD_TRAINING_METRICS_H

#include "parallel/comm.h"
#include "training/objective.h"

typedef struct nmd_error_sums {       /* numbers of terms, sums of squares and of absolute values */
  double n_energy, n_force, n_stress; /* structures, components */
  double energy2, force2, stress2;    /* (eV/atom)^2, (eV/A)^2, (eV/A^3)^2 */
  double energy1, force1, stress1;
} nmd_error_sums;

typedef struct nmd_metrics {
  nmd_error_sums all;
  nmd_error_sums family[NMD_FAMILIES_MAX];
  double loss, weight; /* sums of losses and of weights over the samples */
} nmd_metrics;

/* Add an error of a structure: energy (eV/atom); n force components (eV/A); stress (eV/A^3). */
void nmd_error_sums_energy(nmd_error_sums *s, double per_atom);
void nmd_error_sums_force(nmd_error_sums *s, int64_t n, const double *force);
void nmd_error_sums_stress(nmd_error_sums *s, const double stress[6]);
void nmd_metrics_add(nmd_metrics *m, const nmd_objective *objective, const nmd_sample *sample,
                     const nmd_errors *errors);
void nmd_metrics_reduce(const nmd_comm *comm, nmd_metrics *m); /* Collective */
double nmd_rms(double sum, double n);                          /* sqrt(sum / n), 0 for n = 0 */
double nmd_mean(double sum, double n);
static inline double nmd_metrics_score(const nmd_metrics *m) { return m->weight > 0.0 ? m->loss / m->weight : 0.0; }

#endif
