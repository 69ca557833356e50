/* SPDX-License-Identifier: BSD-3-Clause */
/* Synthetic walks whose diffusion coefficients are known. */
#ifndef NNPMD_TESTS_PHYSICS_WALKS_H
#define NNPMD_TESTS_PHYSICS_WALKS_H

#include "analysis/paths.h"

typedef enum walk_kind { WALK_BROWNIAN, WALK_HOPPING, WALK_SHARED } walk_kind;

typedef struct walk {
  walk_kind kind;
  int ions, frames;
  double hops; /* per ion in the run, mean; BROWNIAN, SHARED: the MSD they stand for */
  double back; /* HOPPING: probability that a hop undoes the one before (else any of six directions) */
  double rho;  /* SHARED: correlation of the noise of any two ions */
} walk;

#define WALK_STEP 3.0 /* A, of a hop */

/* Fill x [ions][3][frames] (A) with walk number `seed`. */
void walk_make(const walk *w, int64_t seed, double *x);
double walk_diffusion(const walk *w); /* A^2 per frame */
double walk_haven(const walk *w);     /* D of one ion / D of the charge */

#endif
