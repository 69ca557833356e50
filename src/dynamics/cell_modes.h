/* SPDX-License-Identifier: BSD-3-Clause */
/* The ways in which a cell may change: orthonormal strains of which barostats and minimisers use some. */
#ifndef NNPMD_DYNAMICS_CELL_MODES_H
#define NNPMD_DYNAMICS_CELL_MODES_H

#include "dynamics/ensemble.h"

typedef enum nmd_coupling { NMD_ISOTROPIC, NMD_SEMI_ISOTROPIC, NMD_ANISOTROPIC, NMD_TRICLINIC } nmd_coupling;
#define NMD_COUPLING_CHOICES "isotropic|semi-isotropic|anisotropic|triclinic"
#define NMD_COUPLING_DOC                                                                                               \
  "isotropic: cell vectors stretch together; semi-isotropic: a and b together, c alone; anisotropic: each alone; "     \
  "triclinic: lengths and angles"

enum { NMD_CELL_MODES_MAX = 6 };

/* No step of dynamics may strain the cell by more: neighbour list and integrator lose their meaning. */
#define NMD_STRAIN_MAX 0.2

/* A strain is amount[0] basis[0] + amount[1] basis[1] + ...; a strain E moves rows (cell vectors, positions) by
 * x -> x exp(E). */
typedef struct nmd_cell_modes {
  int n;
  int moving;   /* cell vectors that change, 1 to 3 */
  bool turns;   /* triclinic */
  int group[3]; /* otherwise: mode of each cell vector, -1: none */
  int members[3];
  double basis[NMD_CELL_MODES_MAX][3][3];
  double trace[NMD_CELL_MODES_MAX]; /* d ln V / d amount */
} nmd_cell_modes;

/* axes: cell vectors that may change (triclinic: all). `stage` stands in front of messages. Errors: CONFLICT (no axis,
 * an axis that is not periodic, triclinic with an axis held). Local. */
nmd_status nmd_cell_modes_init(nmd_cell_modes *modes, nmd_coupling coupling, const bool axes[3], const nmd_box *box,
                               const char *stage) NMD_MUST_USE;
/* Set the basis for the cell as it is now: to the last bit the same in a run that was restarted here. */
void nmd_cell_modes_follow(nmd_cell_modes *modes, const nmd_box *box);
/* out[k] = tensor : basis[k] */
void nmd_cell_modes_project(const nmd_cell_modes *modes, const double tensor[3][3], double *out);
/* Force of the pressure inside on each mode of the cell as it is now (nmd_cell_modes_follow): (W + T) : basis[k] (eV),
 * W virial, T kinetic tensor (reduced). */
void nmd_cell_modes_inside(nmd_cell_modes *modes, const nmd_motion *motion, const double kinetic[3][3], double *out);
/* What a strain with these amounts does: new cell h, x -> x A for positions from the origin, p -> p B, B = A^-T, for
 * momenta; amounts as seen from the new cell (turned: differs for triclinic cells only). */
typedef struct nmd_cell_move {
  double h[3][3], positions[3][3], momenta[3][3];
  double turned[NMD_CELL_MODES_MAX];
} nmd_cell_move;
void nmd_cell_modes_move(const nmd_cell_modes *modes, const nmd_box *box, const double *amount, nmd_cell_move *move);

/* Half a drift, the strain on cell, positions and velocities, half a drift: x -> (x + v t/2) A + v' t/2, v' = scale v
 * B. The amounts are replaced by what they are as seen from the new cell. Symmetric in time. Errors: BAD_CELL. Local.
 */
nmd_status nmd_cell_modes_drift(const nmd_cell_modes *modes, nmd_motion *motion, double scale,
                                double *amount) NMD_MUST_USE;

#endif
