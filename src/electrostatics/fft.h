/* SPDX-License-Identifier: BSD-3-Clause */
/* Fourier transforms of a real mesh that is spread over ranks in pencils.
 *
 * In space a rank has all of axis 2 of a block of axes 0 and 1; as modes all of axis 0 of a block of axes 1 and 2 (0 to
 * k/2 of axis 2). Two exchanges among the ranks of a row or a column of the grid of pencils turn one into the other, so
 * at most min(k0, k1) min(k1, k2/2 + 1) ranks have work. One rank alone: one transform of FFTW, nothing is moved. */
#ifndef NNPMD_ELECTROSTATICS_FFT_H
#define NNPMD_ELECTROSTATICS_FFT_H

#include "parallel/comm.h"

typedef struct nmd_fft nmd_fft;

typedef struct nmd_fft_layout {
  int k[3];         /* mesh */
  int grid[2];      /* pencils along axes 0 and 1; rank = i * grid[1] + j, ranks beyond have none */
  int low[2], n[2]; /* this rank's block of axes 0 and 1; real [n0][n1][k2] */
  int mode_low[3], mode_n[3];
  int64_t mode_stride[3]; /* in complex numbers */
} nmd_fft_layout;

/* First of block b of n items cut into p. Local. */
int nmd_fft_block(int n, int b, int p);

/* Mesh of k[0] x k[1] x k[2]. Plans are chosen by rule, not by the clock, so that bits repeat. Collective over `comm`,
 * which must outlive it. Errors: MEMORY (the same on all ranks). */
nmd_status nmd_fft_create(const nmd_comm *comm, const int k[3], nmd_fft **out) NMD_MUST_USE;
void nmd_fft_destroy(nmd_fft *fft);
const nmd_fft_layout *nmd_fft_layout_of(const nmd_fft *fft);
double *nmd_fft_real(nmd_fft *fft);       /* this rank's pencils */
double (*nmd_fft_modes(nmd_fft *fft))[2]; /* this rank's modes, real and imaginary parts */
void nmd_fft_forward(nmd_fft *fft);       /* modes = sum real exp(-2 pi i ...); spoils real. Collective */
void nmd_fft_backward(nmd_fft *fft);      /* real = sum modes exp(+2 pi i ...), not scaled; spoils modes. Collective */

#endif
