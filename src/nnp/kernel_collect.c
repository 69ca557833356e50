/* SPDX-License-Identifier: BSD-3-Clause */
/* From positions and a list to displacements within a cut-off. In double for both precisions: what is rounded is the
 * difference, not the positions. */
#include "nnp/kernel_parts.h"

static int collect_last(const nmd_environment_source *from, int k, double *dx, double *dy, double *dz, int *which,
                        int n) {
  for (; k < from->n; k++) {
    const double *p = from->x + 3 * (size_t)from->index[k];
    dx[n] = (p[0] - from->origin[0]) * from->scale;
    dy[n] = (p[1] - from->origin[1]) * from->scale;
    dz[n] = (p[2] - from->origin[2]) * from->scale;
    which[n] = from->index[k];
    n += dx[n] * dx[n] + dy[n] * dy[n] + dz[n] * dz[n] < from->cutoff2; /* the next one overwrites what is too far */
  }
  return n;
}

int NMD_KERNEL(collect)(const nmd_environment_source *from, double *dx, double *dy, double *dz, int *which) {
  const double *x = from->x, *origin = from->origin, scale = from->scale;
  const int32_t *index = from->index;
  const vr limit = v_set(from->cutoff2);
  int n = 0, k = 0;
  for (; k + W <= from->n; k += W) {
    vr p[3];
    v_load_points(x, index + k, p);
    for (int d = 0; d < 3; d++) p[d] = (p[d] - origin[d]) * scale;
    const unsigned bits = v_bits_less(p[0] * p[0] + p[1] * p[1] + p[2] * p[2], limit);
    v_compress_store(dx + n, bits, p[0]);
    v_compress_store(dy + n, bits, p[1]);
    v_compress_store(dz + n, bits, p[2]);
    v_compress_integers(which + n, bits, index + k);
    n += __builtin_popcount(bits);
  }
  return collect_last(from, k, dx, dy, dz, which, n);
}
