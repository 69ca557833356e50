/* SPDX-License-Identifier: BSD-3-Clause */
/* Eight candidates at a time; compiled for AVX-512 on x86-64 only (kernels.cmake). */
#include "neighbour/pick.h"

#ifdef __AVX512F__
#include <immintrin.h>

/* Products and sums are kept apart (no fused multiply-add) to give the bits of the portable loop. Compressing in a
 * register and storing all of it is many times faster than a compressing store. */
int nmd__pick_avx512(const nmd__pick_input *in, int first, int last, const double x[3], double r2, int32_t self,
                     int32_t *out) {
  const __m512d px = _mm512_set1_pd(x[0]), py = _mm512_set1_pd(x[1]), pz = _mm512_set1_pd(x[2]);
  const __m512d limit = _mm512_set1_pd(r2);
  const __m256i me = _mm256_set1_epi32(self);
  int n = 0;
  for (int k = first; k < last; k += 8) {
    const int left = last - k;
    const __mmask8 there = left >= 8 ? 0xFF : (__mmask8)((1u << left) - 1);
    const __m512d dx = _mm512_sub_pd(_mm512_maskz_loadu_pd(there, in->x + k), px);
    const __m512d dy = _mm512_sub_pd(_mm512_maskz_loadu_pd(there, in->y + k), py);
    const __m512d dz = _mm512_sub_pd(_mm512_maskz_loadu_pd(there, in->z + k), pz);
    const __m512d xy = _mm512_add_pd(_mm512_mul_pd(dx, dx), _mm512_mul_pd(dy, dy));
    const __m512d squared = _mm512_add_pd(xy, _mm512_mul_pd(dz, dz));
    const __mmask8 near = _mm512_mask_cmp_pd_mask(there, squared, limit, _CMP_LT_OQ);
    const __m256i atoms = _mm256_maskz_loadu_epi32(near, in->atom + k);
    const __mmask8 taken = _mm256_mask_cmpneq_epi32_mask(near, atoms, me);
    _mm256_storeu_si256((__m256i *)(out + n), _mm256_maskz_compress_epi32(taken, atoms));
    n += __builtin_popcount(taken);
  }
  return n;
}
#else
typedef int not_empty; /* ISO C wants a declaration */
#endif
