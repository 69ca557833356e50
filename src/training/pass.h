/* SPDX-License-Identifier: BSD-3-Clause */
/* Energy, forces and virial of one structure for given weights, and the exact derivatives of all of them with respect
 * to every weight.
 *
 * Layers x_l = f(z_l), z_l = W_l^T x_(l-1) + b_l; delta_l = dE/dz_l by back-propagation. A row c . F + s . virial is
 * minus the derivative of E along a direction u of (positions, strain), that is the sum over atoms of the tangent of E
 * along v = dG/du. With tangents t_l of x_l along v, back-propagation once more gives
 *   beta_l = q_l f'(z_l) + p_l f''(z_l) dz_l/dv,   q_(l-1) = W_l beta_l,   q = 0 at the output,
 *   d/dW_l = sum_atoms t_(l-1) delta_l + x_(l-1) beta_l,   d/db_l = sum_atoms beta_l,
 * where p_l = dE/dx_l. A. Singraber et al., J. Chem. Theory Comput. 15, 3075 (2019) trains with the same derivatives.
 */
#ifndef NNPMD_TRAINING_PASS_H
#define NNPMD_TRAINING_PASS_H

#include "training/descriptors.h"
#include "training/layout.h"

typedef struct nmd_pass nmd_pass;

nmd_status nmd_pass_create(const nmd_layout *layout, const nmd_dependence *dependence, nmd_pass **out) NMD_MUST_USE;
void nmd_pass_destroy(nmd_pass *pass);

/* Energy of the structure in units of the networks; d and weights are borrowed until the next forward. With `slopes`
 * what the calls below need is kept. Errors: MEMORY. Local, as all. */
nmd_status nmd_pass_forward(nmd_pass *pass, const nmd_descriptors *d, const double *weights, bool slopes,
                            double *energy) NMD_MUST_USE;
/* force [n][3] and virial [6] (xx yy zz yz xz xy; NULL or without strain derivatives: left alone), network units. */
void nmd_pass_forces(nmd_pass *pass, double (*force)[3], double *virial);
/* row [layout n] = dE/dw */
void nmd_pass_energy_row(nmd_pass *pass, double *row);
/* rows [n_rows][stride]: d/dw of sum_k c_k F_k + sum_a s_a virial_a for coefficients [n_rows][3 n + 6] (c, then s).
 * Errors: MEMORY. */
nmd_status nmd_pass_force_rows(nmd_pass *pass, int n_rows, const double *coefficients, double *rows,
                               size_t stride) NMD_MUST_USE;

#endif
