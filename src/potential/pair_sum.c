/* SPDX-License-Identifier: BSD-3-Clause */
/* The two loops around a pair form. This file alone is compiled so that sums may be reordered into vectors
 * (src/potential/kernels.cmake). */
#include "potential/pair.h"
#include "potential/pair_math.h"

NMD_PAIR_KERNEL
double nmd__pair_gather(nmd__pair_block *block, const double *x, const double xi[3], const int32_t *index, int n,
                        double cutoff2) {
  const double x0 = xi[0], x1 = xi[1], x2 = xi[2];
  double inside = 0;
  for (int k = 0; k < n; k++) {
    const double *xj = x + 3 * (int64_t)index[k];
    const double d0 = xj[0] - x0, d1 = xj[1] - x1, d2 = xj[2] - x2, r2 = d0 * d0 + d1 * d1 + d2 * d2;
    block->d[0][k] = d0;
    block->d[1][k] = d1;
    block->d[2][k] = d2;
    block->r[k] = r2;
  }
  for (int k = 0; k < n; k++) { /* apart: the loads above are no vectors, this is */
    const double r2 = block->r[k], r = sqrt(r2 < cutoff2 ? r2 : cutoff2);
    block->inside[k] = r2 < cutoff2 ? 1.0 : 0.0;
    block->r[k] = r;
    block->inverse[k] = 1 / r;
    inside += block->inside[k];
  }
  return inside;
}

NMD_PAIR_KERNEL
void nmd__pair_add(const nmd__pair_block *block, int n, double cutoff, double shift, double slope,
                   nmd__pair_sums *sums) {
  double energy = 0, f0 = 0, f1 = 0, f2 = 0, xx = 0, yy = 0, zz = 0, xy = 0, xz = 0, yz = 0;
  for (int k = 0; k < n; k++) {
    const double d0 = block->d[0][k], d1 = block->d[1][k], d2 = block->d[2][k];
    const double f = block->inside[k] * (block->force_over_r[k] + slope * block->inverse[k]);
    energy += block->inside[k] * (block->energy[k] - shift - (block->r[k] - cutoff) * slope);
    const double g0 = f * d0, g1 = f * d1, g2 = f * d2;
    f0 += g0;
    f1 += g1;
    f2 += g2;
    xx += g0 * d0;
    yy += g1 * d1;
    zz += g2 * d2;
    xy += g0 * d1;
    xz += g0 * d2;
    yz += g1 * d2;
  }
  const double virial[6] = {xx, yy, zz, xy, xz, yz};
  sums->energy += energy;
  sums->force[0] += f0;
  sums->force[1] += f1;
  sums->force[2] += f2;
  for (int k = 0; k < 6; k++) sums->virial[k] += virial[k];
}
