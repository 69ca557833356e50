/* SPDX-License-Identifier: BSD-3-Clause */
/* What the methods of the stage `minimise` share: the enthalpy, its slopes, and what was measured at the last forces. */
#ifndef NNPMD_DYNAMICS_MINIMISE_H
#define NNPMD_DYNAMICS_MINIMISE_H

#include "dynamics/load.h"

typedef struct nmd_minimise_parameters {
  int method;             /* FIRE, L-BFGS */
  double force_tolerance; /* eV/A */
  int64_t max_steps;
  double max_move; /* A */
  int cell;        /* 0: fixed, or 1 + nmd_coupling */
  bool axes[3];
  double pressure, stress_tolerance; /* eV/A^3 */
  nmd_load_parameters load;
} nmd_minimise_parameters;

enum { NMD_LBFGS_PAIRS = 8 };

/* The memory of L-BFGS but for the atoms' part, which is in atoms->extra (minimise_lbfgs.c). */
typedef struct nmd_lbfgs {
  double n, next;       /* pairs kept, slot of the next one */
  double energy, slope; /* at the start of the line: enthalpy (eV), its derivative by the length */
  double length, tries; /* along the line (1: the whole step), points on it so far; 0 tries: no line begun */
  double pull[NMD_CELL_MODES_MAX]; /* forces on the modes at the start of the line, eV */
  double s[NMD_LBFGS_PAIRS][NMD_CELL_MODES_MAX], y[NMD_LBFGS_PAIRS][NMD_CELL_MODES_MAX]; /* A, eV/A */
} nmd_lbfgs;

typedef struct nmd_minimise {
  nmd_minimise_parameters parameters;
  double mass;           /* u, of every atom (FIRE) */
  nmd_cell_modes modes;  /* none: the cell is fixed */
  nmd_load load;
  double length;         /* L sqrt(N), A */
  double timestep_start; /* fs */
  /* state */
  double timestep, alpha;
  double drifted;         /* time of the last drift (fs): the time step unless max_move cut it */
  double steps, downhill; /* made in all; since the last uphill one */
  double power, ff, vv;   /* f . v, f . f, v . v over all atoms and modes */
  double force_max;       /* eV/A */
  double pull[NMD_CELL_MODES_MAX], rate[NMD_CELL_MODES_MAX]; /* force on the modes (eV), their velocity (1/fs) */
  nmd_lbfgs lbfgs;
} nmd_minimise;

static const double nmd__strain_max = 0.02; /* of the cell in a step */

double nmd__minimise_energy(const nmd_minimise *own, const nmd_motion *motion); /* enthalpy, eV; Local */

/* L-BFGS: the next point, and what follows from the forces there (measured before). Collective. */
nmd_status nmd__lbfgs_before_force(nmd_minimise *own, nmd_motion *motion) NMD_MUST_USE;
void nmd__lbfgs_after_force(nmd_minimise *own, nmd_motion *motion);

#endif
