/* SPDX-License-Identifier: BSD-3-Clause */
/* Elastic constants and equation of state of a crystal by finite strains.
 *
 * The crystal is relaxed to zero stress. Then for each of the six Voigt strains e_j (xx, yy, zz, 2 yz, 2 xz, 2 xy; the
 * cell vectors become h (1 + e)) and steps d = +-strain, +-2 strain the stress s (from the virial, positive under
 * tension) is taken with the atoms following the cell and with the atoms relaxed, and C_ij = [8 (s_i(d) - s_i(-d)) -
 * (s_i(2d) - s_i(-2d))] / 12 d, exact to the fourth order in d; C is then symmetrised, and by how much it was not is
 * reported. The same from energies, C_jj = [16 (E(d) + E(-d)) - (E(2d) + E(-2d)) - 30 E(0)] / 12 d^2 V, shares no
 * derivative with it. Averages over orientations: Voigt and Reuss (R. Hill, Proc. Phys. Soc. A 65, 349 (1952)).
 * Equation of state: atoms relaxed at volumes V scaled in shape, E as a cubic in V^(-2/3), which is that of F. Birch,
 * Phys. Rev. 71, 809 (1947), third order. */
#ifndef NNPMD_STUDY_ELASTIC_H
#define NNPMD_STUDY_ELASTIC_H

#include "study/elastic_input.h"

typedef struct nmd_elastic_constants {
  double c[6][6];           /* eV/A^3 */
  double asymmetry;         /* largest |C_ij - C_ji|, eV/A^3 */
  double from_energy[6];    /* C_jj by energies, eV/A^3 */
  double lowest;            /* eigenvalue, eV/A^3: <= 0 is unstable */
  double bulk[2], shear[2]; /* Voigt, Reuss, eV/A^3 */
} nmd_elastic_constants;

typedef struct nmd_elastic_result {
  nmd_structure structure;              /* at rest; owner: the caller */
  double energy;                        /* eV/atom */
  nmd_elastic_constants fixed, relaxed; /* atoms follow the cell; atoms relaxed */
  int64_t n;
  double (*point)[3];              /* [n]: volume (A^3/atom), energy (eV/atom), pressure (eV/A^3); owner: the caller */
  double volume, bulk, slope, rms; /* of the fit: A^3/atom, eV/A^3, dB/dP, eV/atom */
} nmd_elastic_result;

/* Strains and volumes shared out over ranks; each that is done is kept in the folder `results` of the output folder and
 * not done again. Collective; the result is the same on all. Errors: those of the potential, CONFLICT (the crystal does
 * not relax within max_steps, or not to a minimum), WRITE, INTERRUPTED after a signal (run it again to go on). */
nmd_status nmd_elastic_compute(const nmd_comm *comm, const nmd_elastic_input *input,
                               nmd_elastic_result *result) NMD_MUST_USE;
void nmd_elastic_result_free(nmd_elastic_result *result);
/* elastic.dat, eos.dat, structure.extxyz and a picture into the output folder, and the log. Rank 0. Errors: WRITE. */
nmd_status nmd_elastic_report(const nmd_elastic_input *input, const nmd_elastic_result *result) NMD_MUST_USE;

#endif
