/* SPDX-License-Identifier: BSD-3-Clause */
/* Ionic conductivity from displacements: of independent ions (Nernst-Einstein) and collective (Einstein-Helfand).
 *
 *   sigma = e^2 / (V k T) * sum_s N_s q_s^2 D_s         Nernst-Einstein
 *   sigma = e^2 / (V k T) * D_q                         Einstein-Helfand, <|sum_i q_i dr_i|^2> = 2 d D_q t
 * and the Haven ratio H = Nernst-Einstein / Einstein-Helfand. A run holds ONE collective path: its D_q has few degrees
 * of freedom and an interval to match. H: the motion of all ions is that of the charge plus the rest, which are
 * independent for Gaussian displacements, sum q^2 D = D_q / n + rest with n = (sum N q^2)^2 / sum N q^4; rest / D_q
 * follows an F distribution, whose interval becomes that of H = 1/n + rest / D_q. */
#ifndef NNPMD_ANALYSIS_CONDUCTIVITY_H
#define NNPMD_ANALYSIS_CONDUCTIVITY_H

#include "analysis/diffusion.h"

typedef struct nmd_carrier { /* one charged species */
  double charge;             /* e */
  double ions;
  const double *msd;        /* [n_lags] A^2 */
  const nmd_spread *spread; /* [n_spread] */
  nmd_diffusion fit;        /* filled */
} nmd_carrier;

typedef struct nmd_conductivity_input {
  int n;
  nmd_carrier *carrier;      /* [n] */
  const double *collective;  /* [n_lags] A^2 e^2, not divided by a number of ions */
  const double *independent; /* [n_lags] likewise of independent ions: sum over carriers of ions charge^2 msd */
  int64_t n_lags, n_frames;
  double spacing; /* fs */
  int dimensions, n_spread;
  double start;               /* fs; < 0: the latest start of the carriers */
  double hop;                 /* A */
  double temperature, volume; /* K, A^3 */
} nmd_conductivity_input;

typedef struct nmd_conductivity {
  bool found;
  char why[400];                         /* which fit failed, and how long the run should be */
  nmd_diffusion collective;              /* D is D_q in A^2 e^2/fs */
  nmd_diffusion rest;                    /* of the motion that is not the charge's, likewise */
  double prior_factor;                   /* intercept assumed of the charge / intercept of the rest */
  nmd_interval nernst_einstein, helfand; /* S/m */
  nmd_interval haven;
} nmd_conductivity;

/* All fits have the same start, so that H compares the same lags. Local. Errors: as nmd_diffusion_fit. */
nmd_status nmd_conductivity_fit(const nmd_conductivity_input *input, nmd_conductivity *result) NMD_MUST_USE;
/* e^2 D / (V k T) in S/m of D in A^2 e^2/fs. */
double nmd_conductivity_unit(double temperature, double volume);

#endif
