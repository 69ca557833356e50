/* SPDX-License-Identifier: BSD-3-Clause */
/* The covariance matrix P of a Kalman filter: symmetric, kept as panels of columns of its lower triangle, dealt out to
 * the ranks. Blocks of weights may be declared independent: then P has such diagonal blocks only. */
#ifndef NNPMD_TRAINING_COVARIANCE_H
#define NNPMD_TRAINING_COVARIANCE_H

#include "parallel/comm.h"

typedef struct nmd_panel {
  size_t first, columns, rows; /* rows first .. first + rows - 1 of these columns, down to the end of the block */
  int owner;
  double *p; /* [columns][rows], owned; NULL on other ranks */
} nmd_panel;

typedef struct nmd_covariance {
  const nmd_comm *comm; /* not owned */
  size_t n;
  int n_panels;
  nmd_panel *panels;
} nmd_covariance;

/* P = diagonal * 1, blocks given by their ends [n_blocks] (the last is n). Errors: MEMORY. Collective as all below,
 * which want the same arguments on all ranks. */
nmd_status nmd_covariance_init(nmd_covariance *c, const nmd_comm *comm, size_t n, int n_blocks, const size_t *ends,
                               double diagonal) NMD_MUST_USE;
void nmd_covariance_free(nmd_covariance *c);
/* x [m][n] = P h, for h [m][n] */
void nmd_covariance_times(const nmd_covariance *c, int m, const double *h, double *x);
/* P = (P - y^T y) / forgetting + q 1, for y [m][n] */
void nmd_covariance_update(nmd_covariance *c, int m, const double *y, double forgetting, double q);
/* Bytes of this rank. Local. */
size_t nmd_covariance_bytes(const nmd_covariance *c);
/* The whole lower triangle by panels as one array of nmd_covariance_length numbers (any number of ranks writes the
 * same): gathered on root only, taken from `in` on each rank. Errors: MEMORY. */
size_t nmd_covariance_length(const nmd_covariance *c);
nmd_status nmd_covariance_gather(const nmd_covariance *c, double *out) NMD_MUST_USE;
void nmd_covariance_scatter(nmd_covariance *c, const double *in);

#endif
