/* SPDX-License-Identifier: BSD-3-Clause */
#include "neighbour/pick.h"

enum { BLOCK = 128 };

nmd__pick *nmd__pick_choose(void) {
#ifdef NMD_HAVE_X86_PICK
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl")) return nmd__pick_avx512;
#endif
  return nmd__pick_portable;
}

/* Two loops: the first is arithmetic on whole vectors, the second picks without branches, which could not be
 * predicted. */
int nmd__pick_portable(const nmd__pick_input *in, int first, int last, const double x[3], double r2, int32_t self,
                       int32_t *restrict out) {
  const double *restrict xs = in->x, *restrict ys = in->y, *restrict zs = in->z;
  double squared[BLOCK];
  int n = 0;
  for (int begin = first; begin < last; begin += BLOCK) {
    const int m = last - begin < BLOCK ? last - begin : BLOCK;
    for (int k = 0; k < m; k++) {
      const double dx = xs[begin + k] - x[0], dy = ys[begin + k] - x[1], dz = zs[begin + k] - x[2];
      squared[k] = dx * dx + dy * dy + dz * dz;
    }
    for (int k = 0; k < m; k++) {
      const int32_t atom = in->atom[begin + k];
      out[n] = atom;
      n += (squared[k] < r2) & (atom != self);
    }
  }
  return n;
}
