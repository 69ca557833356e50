/* SPDX-License-Identifier: BSD-3-Clause */
/* The covariance matrix P of a Kalman filter: symmetric, kept as panels of columns of its lower triangle, dealt out to
 * the ranks. Blocks of weights may be declared independent: then P has such diagonal blocks only.
 *
 * P is larger than caches, and an update or a product does little work with each number: so an update waits until the
 * next product, and both are done tile by tile in one passage through memory. */
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
  int m_max, waiting;   /* rows of an update: at most, and of the one that waits (0: none) */
  double *y;            /* [m_max][n] of it, owned */
  double forgetting, q; /* of it */
} nmd_covariance;

/* P = diagonal * 1, blocks given by their ends [n_blocks] (the last is n), updates have up to m_max rows. Errors:
 * MEMORY. Collective as all below, which want the same arguments on all ranks. */
nmd_status nmd_covariance_init(nmd_covariance *c, const nmd_comm *comm, size_t n, int n_blocks, const size_t *ends,
                               double diagonal, int m_max) NMD_MUST_USE;
void nmd_covariance_free(nmd_covariance *c);
/* x [m][n] = P h, for h [m][n] */
void nmd_covariance_times(nmd_covariance *c, int m, const double *h, double *x);
/* P = (P - y^T y) / forgetting + q 1, for y [m][n] */
void nmd_covariance_update(nmd_covariance *c, int m, const double *y, double forgetting, double q);
/* Carry out an update that waits; before gather. */
void nmd_covariance_settle(nmd_covariance *c);
/* Numbers kept for a block of n weights, on all ranks together. Local. */
double nmd_covariance_numbers(size_t n);
/* The whole lower triangle by panels as one array of nmd_covariance_length numbers (any number of ranks writes the
 * same): gathered on root only, taken from `in` on each rank. Errors: MEMORY. */
size_t nmd_covariance_length(const nmd_covariance *c);
nmd_status nmd_covariance_gather(const nmd_covariance *c, double *out) NMD_MUST_USE;
void nmd_covariance_scatter(nmd_covariance *c, const double *in);

#endif
