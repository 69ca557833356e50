/* SPDX-License-Identifier: BSD-3-Clause */
#include "system/box.h"

#include <limits.h>
#include <math.h>
#include <string.h>

#include "base/vec3.h"

static const double smallest_volume = 1e-6; /* A^3 */

nmd_status nmd_box_set_h(nmd_box *box, const double h[3][3]) {
  const double volume = fabs(nmd_det(h));
  if (!(volume >= smallest_volume && volume < INFINITY)) /* also false for NaN */
    NMD_FAIL(BAD_CELL,
             "cell a = (%g %g %g), b = (%g %g %g), c = (%g %g %g) A has volume %g A^3; expected three independent "
             "vectors and at least %g A^3; correct the cell vectors",
             h[0][0], h[0][1], h[0][2], h[1][0], h[1][1], h[1][2], h[2][0], h[2][1], h[2][2], volume, smallest_volume);
  if (box->h != h) memcpy(box->h, h, sizeof box->h);
  nmd_mat_invert(box->h, box->inverse);
  box->volume = volume;
  return NMD_OK;
}

nmd_status nmd_box_init(nmd_box *box, const double h[3][3], const double origin[3], const bool periodic[3]) {
  NMD_TRY(nmd_box_set_h(box, h));
  for (int d = 0; d < 3; d++) {
    box->origin[d] = origin != NULL ? origin[d] : 0.0;
    box->periodic[d] = periodic != NULL ? periodic[d] : true;
  }
  return NMD_OK;
}

void nmd_box_to_fractional(const nmd_box *box, const double x[3], double s[3]) {
  const double r[3] = {x[0] - box->origin[0], x[1] - box->origin[1], x[2] - box->origin[2]};
  nmd_row_times(r, box->inverse, s);
}

void nmd_box_to_cartesian(const nmd_box *box, const double s[3], double x[3]) {
  nmd_row_times(s, box->h, x);
  for (int k = 0; k < 3; k++) x[k] += box->origin[k];
}

double nmd_box_height(const nmd_box *box, int d) {
  double normal[3];
  nmd_cross(box->h[(d + 1) % 3], box->h[(d + 2) % 3], normal);
  return box->volume / nmd_norm(normal);
}

/* Whole cells to take off axis d, 0 when s is inside, not finite or too far to count. */
static int cells_outside(const nmd_box *box, const double s[3], int d, int image) {
  if (!box->periodic[d] || (s[d] >= 0.0 && s[d] < 1.0)) return 0;
  const double cells = floor(s[d]);
  const double total = cells + image;
  return cells > -INT_MAX && cells < INT_MAX && total > -INT_MAX && total < INT_MAX ? (int)cells : 0;
}

/* An atom on a face whose s keeps rounding to just outside: moved inwards by the fewest ulps that end in [0, 1). */
static void settle_on_face(const nmd_box *box, double x[3]) {
  double s[3], target[3];
  nmd_box_to_fractional(box, x, s);
  memcpy(target, s, sizeof target);
  for (double nudge = 0.0; nudge < 1e-6; nudge = nudge == 0.0 ? 0x1p-54 : 2.0 * nudge) {
    bool inside = true;
    for (int d = 0; d < 3; d++) {
      if (!box->periodic[d] || (s[d] >= 0.0 && s[d] < 1.0)) continue;
      target[d] = s[d] < 0.5 ? nudge : 1.0 - nudge;
      inside = false;
    }
    if (inside) return;
    nmd_box_to_cartesian(box, target, x);
    nmd_box_to_fractional(box, x, s);
  }
}

void nmd_box_wrap(const nmd_box *box, double x[3], int image[3]) {
  enum { PASSES = 4 }; /* one is enough but for rounding: a far atom needs two, an atom on a face two or three */
  for (int pass = 0; pass < PASSES; pass++) {
    double s[3];
    nmd_box_to_fractional(box, x, s);
    bool moved = false;
    for (int d = 0; d < 3; d++) {
      const int cells = cells_outside(box, s, d, image[d]);
      if (cells == 0) continue;
      for (int k = 0; k < 3; k++) x[k] -= cells * box->h[d][k];
      image[d] += cells;
      moved = true;
    }
    if (!moved) return;
  }
  double s[3];
  nmd_box_to_fractional(box, x, s);
  for (int d = 0; d < 3; d++)
    if (!(fabs(s[d]) < 2.0) && box->periodic[d]) return; /* not finite or beyond counting: the caller's checks see it */
  settle_on_face(box, x);
}

/* One Jacobi rotation that makes m[p][q] of a symmetric matrix zero. */
static void jacobi_rotate(double m[3][3], int p, int q) {
  if (m[p][q] == 0.0) return;
  const double theta = (m[q][q] - m[p][p]) / (2.0 * m[p][q]);
  const double t = copysign(1.0, theta) / (fabs(theta) + sqrt(theta * theta + 1.0));
  const double c = 1.0 / sqrt(t * t + 1.0), s = t * c;
  const int r = 3 - p - q;
  const double rp = m[r][p], rq = m[r][q];
  m[p][p] -= t * m[p][q];
  m[q][q] += t * m[p][q];
  m[p][q] = m[q][p] = 0.0;
  m[r][p] = m[p][r] = c * rp - s * rq;
  m[r][q] = m[q][r] = s * rp + c * rq;
}

double nmd_smallest_stretch(const double a[3][3]) {
  double scale = 0.0, m[3][3];
  for (int i = 0; i < 9; i++) scale = fmax(scale, fabs(a[i / 3][i % 3]));
  if (scale == 0.0 || !isfinite(scale)) return 0.0;
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++) m[i][j] = nmd_dot(a[i], a[j]) / (scale * scale);
  for (int sweep = 0; sweep < 12; sweep++) { /* converges quadratically: five are plenty */
    jacobi_rotate(m, 0, 1);
    jacobi_rotate(m, 0, 2);
    jacobi_rotate(m, 1, 2);
  }
  return scale * sqrt(fmax(0.0, fmin(m[0][0], fmin(m[1][1], m[2][2]))));
}
