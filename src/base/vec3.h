/* SPDX-License-Identifier: BSD-3-Clause */
/* Three-vectors and 3x3 matrices as plain arrays. Vectors are ROWS: (v A)_k = sum_i v_i A_ik. */
#ifndef NNPMD_BASE_VEC3_H
#define NNPMD_BASE_VEC3_H

#include <math.h>

static inline double nmd_dot(const double a[3], const double b[3]) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }
static inline double nmd_norm(const double a[3]) { return sqrt(nmd_dot(a, a)); }
static inline void nmd_cross(const double a[3], const double b[3], double c[3]) {
  c[0] = a[1] * b[2] - a[2] * b[1];
  c[1] = a[2] * b[0] - a[0] * b[2];
  c[2] = a[0] * b[1] - a[1] * b[0];
}
/* w = v A; w may not be v */
static inline void nmd_row_times(const double v[3], const double a[3][3], double w[3]) {
  for (int k = 0; k < 3; k++) w[k] = v[0] * a[0][k] + v[1] * a[1][k] + v[2] * a[2][k];
}
/* c = a b; c may not be a or b */
static inline void nmd_mat_times(const double a[3][3], const double b[3][3], double c[3][3]) {
  for (int i = 0; i < 3; i++) nmd_row_times(a[i], b, c[i]);
}
static inline double nmd_det(const double a[3][3]) {
  double c[3];
  nmd_cross(a[1], a[2], c);
  return nmd_dot(a[0], c);
}
/* inverse of a (det != 0) */
static inline void nmd_mat_invert(const double a[3][3], double inverse[3][3]) {
  const double d = 1.0 / nmd_det(a);
  for (int i = 0; i < 3; i++) {
    double c[3];
    nmd_cross(a[(i + 1) % 3], a[(i + 2) % 3], c);
    for (int k = 0; k < 3; k++) inverse[k][i] = c[k] * d;
  }
}

/* Components of a symmetric tensor in Voigt's order: xx yy zz yz xz xy */
static const int nmd_voigt[6][2] = {{0, 0}, {1, 1}, {2, 2}, {1, 2}, {0, 2}, {0, 1}};
/* Component k in that order of the symmetric part of a tensor */
static inline double nmd_symmetric(const double t[3][3], int k) {
  const int a = nmd_voigt[k][0], b = nmd_voigt[k][1];
  return 0.5 * (t[a][b] + t[b][a]);
}

#endif
