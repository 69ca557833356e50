/* SPDX-License-Identifier: BSD-3-Clause */
/* Steps along forces that need not be the slope of an energy (those on a band of images): FIRE, and L-BFGS without a
 * line search. Works on plain arrays, the same on every rank; no communication. */
#ifndef NNPMD_DYNAMICS_MOVER_H
#define NNPMD_DYNAMICS_MOVER_H

#include <stdint.h>

#include "base/status.h"

typedef enum nmd_mover_method { NMD_MOVER_LBFGS, NMD_MOVER_FIRE } nmd_mover_method;
enum { NMD_MOVER_PAIRS = 10, NMD_MOVER_NUMBERS = 7 };

typedef struct nmd_mover {
  nmd_mover_method method;
  int64_t n;       /* numbers, three an atom */
  double max_move; /* A, of an atom in a step */
  double timestep; /* fs, at the start (FIRE) */
  double mass;     /* u, of every atom (FIRE) */
  /* state */
  double numbers[NMD_MOVER_NUMBERS];
  double *memory; /* [nmd_mover_memory(method, n)] */
} nmd_mover;

int64_t nmd_mover_memory(nmd_mover_method method, int64_t n);
/* The settings are the caller's to fill in before. Errors: MEMORY. */
nmd_status nmd_mover_init(nmd_mover *mover) NMD_MUST_USE;
void nmd_mover_free(nmd_mover *mover);
/* Forget what was learnt from earlier forces, when their law has changed. */
void nmd_mover_reset(nmd_mover *mover);
/* x [n] (A) a step along force [n] (eV/A). */
void nmd_mover_step(nmd_mover *mover, double *x, const double *force);

#endif
