/* SPDX-License-Identifier: BSD-3-Clause */
/* Load: a target stress that is no plain pressure, for barostats and minimisers. */
#ifndef NNPMD_DYNAMICS_LOAD_H
#define NNPMD_DYNAMICS_LOAD_H

#include "dynamics/cell_modes.h"

/* The keys that give it, in units of pressure (eV/A^3 inside), positive under compression, added to `pressure`. */
typedef struct nmd_load_parameters {
  double normal[3]; /* xx, yy, zz */
  double shear[3];  /* yz, xz, xy */
} nmd_load_parameters;

#define NMD_LOAD_OPTIONS(type, member)                                                                                 \
  {"extra_pressure", NMD_OPT_REAL3, offsetof(type, member.normal), NMD_DIM_PRESSURE, "0 GPa",                          \
   -1000 / NMD_EV_PER_A3_TO_GPA, 1000 / NMD_EV_PER_A3_TO_GPA,                                                          \
   .doc = "target pressure along x, y, z beyond `pressure` (positive: compression), e.g. [0, 0, 1 GPa]; not for "      \
          "isotropic coupling"},                                                                                       \
      {"shear_pressure", NMD_OPT_REAL3, offsetof(type, member.shear), NMD_DIM_PRESSURE, "0 GPa",                       \
       -1000 / NMD_EV_PER_A3_TO_GPA, 1000 / NMD_EV_PER_A3_TO_GPA,                                                      \
       .doc = "target of the components yz, xz, xy of the pressure tensor (shear stress with the sign of pressure); "  \
              "triclinic coupling only"}

typedef struct nmd_load {
  bool any;
  double mean;           /* of the normal parts: belongs to the pressure, eV/A^3 */
  double deviator[3][3]; /* the rest, traceless */
  double inverse[3][3];  /* of the reference cell: that of the start of the stage */
  double volume;         /* of it, A^3 */
} nmd_load;

enum { NMD_LOAD_STATE = 10 };

/* coupling -1: the cell is fixed. Errors: CONFLICT (a load that the coupling cannot answer). Local. */
nmd_status nmd_load_init(nmd_load *load, const nmd_load_parameters *parameters, int coupling, const nmd_box *box,
                         const char *stage) NMD_MUST_USE;
/* V_0 D : (A A^T - 1) / 2, eV; 0 without a load. */
double nmd_load_energy(const nmd_load *load, const nmd_box *box);
/* Adds factor times the derivative of that energy by the amount of each mode (eV) to slope [modes]. The modes' basis is
 * that of `box` (nmd_cell_modes_follow). */
void nmd_load_add_slopes(const nmd_load *load, const nmd_box *box, const nmd_cell_modes *modes, double factor,
                         double *slope);
void nmd_load_save(const nmd_load *load, double state[NMD_LOAD_STATE]);
void nmd_load_restore(nmd_load *load, const double state[NMD_LOAD_STATE]);

#endif
