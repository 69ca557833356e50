/* SPDX-License-Identifier: BSD-3-Clause */
/* The BLAS library this program runs on: one thread a rank, whatever build of it is installed. */
#ifndef NNPMD_NNP_BLAS_H
#define NNPMD_NNP_BLAS_H

void nmd_blas_single_thread(void);  /* Local; at the start of every program, before the first BLAS call */
const char *nmd_blas_name(void);    /* "OpenBLAS 0.3.21 ...", for --version */

#endif
