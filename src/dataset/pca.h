/* SPDX-License-Identifier: BSD-3-Clause */
/* Principal components of a cloud of points. */
#ifndef NNPMD_DATASET_PCA_H
#define NNPMD_DATASET_PCA_H

#include "dataset/descriptors.h"

/* Eigenvalues (descending) and eigenvectors (rows of `vectors` [n][n]) of a symmetric matrix a [n][n], which is
 * destroyed: cyclic Jacobi rotations (C. G. J. Jacobi, 1846; H. Rutishauser, Numer. Math. 9, 1 (1966)). */
void nmd_eigen_symmetric(double *a, int n, double *values, double *vectors);

/* Replace the points by their `components` leading principal components (fewer if there are not so many); share
 * [components] becomes their share of the variance. Signs: the largest coefficient of each is positive.
 * Errors: MEMORY. */
nmd_status nmd_points_project(nmd_points *points, int components, double *share) NMD_MUST_USE;

#endif
