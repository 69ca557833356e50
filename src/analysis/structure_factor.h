/* SPDX-License-Identifier: BSD-3-Clause */
/* Partial structure factors S_ab(Q) in the convention of Faber and Ziman (1 at large Q), three ways:
 *
 * - from g(r):  S_ab = 1 + 4 pi rho int r^2 (g_ab - 1) sin(Qr)/(Qr) W(r) dr up to the cut-off of g, W = 1 or Lorch's
 *   window sin(pi r/R)/(pi r/R) against its ripples (E. Lorch, J. Phys. C 2, 229 (1969));
 * - direct, at the wave vectors of a periodic cell:  S_ab = 1 + (<Re rho_a(k) rho_b*(k)> / N - c_a delta_ab) / (c_a
 * c_b), rho_a(k) = sum_j exp(i k x_j), averaged over the k of a bin: exact at small Q, no window;
 * - Debye's equation for a cluster:  S_ab = 1 + sum_{i in a, j in b, i != j} sin(Q r_ij)/(Q r_ij) / (N c_a c_b).
 * Pairs of kinds are in the order aa, ab, ..., bb, ... (a <= b): scattering.h has the weights. */
#ifndef NNPMD_ANALYSIS_STRUCTURE_FACTOR_H
#define NNPMD_ANALYSIS_STRUCTURE_FACTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "analysis/blocks.h"
#include "base/status.h"
#include "system/box.h"

/* s [n_q] from g [bins] with bins of width dr (A); density: atoms of all kinds in 1/A^3; q [n_q] in 1/A. */
void nmd_sq_from_g(int bins, double dr, const double *g, double density, bool lorch, int n_q, const double *q,
                   double *s);

/* sum [kinds (kinds + 1) / 2][n_q] becomes S_ab(Q) of a cluster: positions as they are, no images. O(n^2 n_q). */
void nmd_sq_debye(int kinds, int64_t n, const double (*x)[3], const int *kind, int n_q, const double *q, double *s);

/* Direct sums of the frames of a trajectory. */
typedef struct nmd_sq {
  int kinds, bins;
  double q_max;   /* 1/A; bins of width q_max / bins */
  int vectors;    /* about as many wave vectors a bin and frame, at most */
  double *values; /* [width]: per pair and bin sums over k of Re rho_a rho_b* / N; per bin of |k|; then of 1 */
  nmd_blocks blocks;
  struct nmd__waves *waves; /* scratch; private */
} nmd_sq;

nmd_status nmd_sq_init(nmd_sq *sq, int kinds, double q_max, int bins, int vectors) NMD_MUST_USE; /* Errors: MEMORY */
void nmd_sq_free(nmd_sq *sq);
/* Frame number `frame`; x [n][3] A, kind [n] (negative: left out). Local. Errors: CONFLICT (cell with an open axis),
 * OUT_OF_RANGE (more than 2^31 wave vectors below q_max), MEMORY. */
nmd_status nmd_sq_add(nmd_sq *sq, int64_t frame, const nmd_box *box, int64_t n, const double (*x)[3],
                      const int *kind) NMD_MUST_USE;
/* s, error [pairs][bins], q [bins]: mean |k| of the bin; NaN in bins without a wave vector. fraction [kinds] of atoms.
 * Errors: MEMORY. */
nmd_status nmd_sq_result(const nmd_sq *sq, const double *fraction, double *q, double *s, double *error) NMD_MUST_USE;

#endif
