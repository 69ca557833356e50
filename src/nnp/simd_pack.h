/* SPDX-License-Identifier: BSD-3-Clause */
/* Moving the lanes of a vector: packing, unpacking, transposed sums. Part of simd.h. */
#ifndef NNPMD_NNP_SIMD_PACK_H
#define NNPMD_NNP_SIMD_PACK_H

#include "nnp/simd_types.h"

#if NMD_SIMD_BYTES == 32
/* 32-bit lanes by 8-bit masks: which lanes are kept, in order (packing), and the inverse. Two bits and lanes make a
 * double. BMI2 is part of x86-64-v3. */
NMD_INLINE uint64_t v_wide_mask(unsigned bits) {
#ifndef NMD_MIXED
  bits = (unsigned)_pdep_u32(bits, 0x55u) * 3u;
#endif
  return _pdep_u64(bits, 0x0101010101010101u) * 0xffu;
}

NMD_INLINE __m256i v_lane_order(uint64_t bytes) { return _mm256_cvtepu8_epi32(_mm_cvtsi64_si128((long long)bytes)); }

NMD_INLINE __m256 v_as_floats(vr a) { return (__m256)a; }
#endif

/* Write the lanes whose bit is set one after the other to p; lanes behind them may be written too (W in all). */
NMD_INLINE void v_compress_store(real *p, unsigned bits, vr a) {
#if NMD_SIMD_BYTES == 64
  /* the register form: compressing straight to memory is microcode on some CPUs */
  NMD_VECTOR(storeu)(p, NMD_VECTOR(maskz_compress)(bits, a));
#elif NMD_SIMD_BYTES == 32
  const __m256i order = v_lane_order(_pext_u64(0x0706050403020100u, v_wide_mask(bits)));
  _mm256_storeu_ps((float *)p, _mm256_permutevar8x32_ps(v_as_floats(a), order));
#else
  int n = 0;
  for (int i = 0; i < W; i++)
    if (bits >> i & 1u) p[n++] = a[i];
#endif
}

/* The inverse: the next numbers at p go to the lanes whose bit is set, 0 elsewhere. W numbers may be read. */
NMD_INLINE vr v_expand_load(const real *p, unsigned bits) {
#if NMD_SIMD_BYTES == 64
  return NMD_VECTOR(maskz_expand)(bits, NMD_VECTOR(loadu)(p));
#elif NMD_SIMD_BYTES == 32
  const uint64_t mask = v_wide_mask(bits);
  const __m256i order = v_lane_order(_pdep_u64(0x0706050403020100u, mask));
  const __m256 spread = _mm256_permutevar8x32_ps(_mm256_loadu_ps((const float *)p), order);
  const __m256i kept = _mm256_cvtepi8_epi32(_mm_cvtsi64_si128((long long)mask));
  return (vr)_mm256_and_ps(spread, (__m256)kept);
#else
  vr a = {0};
  int n = 0;
  for (int i = 0; i < W; i++)
    if (bits >> i & 1u) a[i] = p[n++];
  return a;
#endif
}

/* One bit per lane: p[i] == value, for the first n */
NMD_INLINE unsigned v_bits_equal(const int *p, int n, int value) {
#if NMD_SIMD_WIDTH == 16
  const __mmask16 lanes = (__mmask16)(n >= W ? 0xffff : (1 << n) - 1);
  return _mm512_mask_cmpeq_epi32_mask(lanes, _mm512_maskz_loadu_epi32(lanes, p), _mm512_set1_epi32(value));
#elif NMD_SIMD_WIDTH == 8 && NMD_SIMD_BYTES == 64
  const __mmask8 lanes = (__mmask8)(n >= W ? 0xff : (1 << n) - 1);
  return _mm256_mask_cmpeq_epi32_mask(lanes, _mm256_maskz_loadu_epi32(lanes, p), _mm256_set1_epi32(value));
#else
#if NMD_SIMD_WIDTH == 8
  if (n >= W)
    return (unsigned)_mm256_movemask_ps(
        (__m256)_mm256_cmpeq_epi32(_mm256_loadu_si256((const __m256i *)p), _mm256_set1_epi32(value)));
#elif NMD_SIMD_WIDTH == 4 && defined __SSE2__
  if (n >= W)
    return (unsigned)_mm_movemask_ps(
        (__m128)_mm_cmpeq_epi32(_mm_loadu_si128((const __m128i *)p), _mm_set1_epi32(value)));
#endif
  unsigned bits = 0;
  for (int i = 0; i < W && i < n; i++) bits |= (unsigned)(p[i] == value) << i;
  return bits;
#endif
}

/* first + i for each bit i, one after the other; up to W are written */
NMD_INLINE void v_compress_indices(int *p, unsigned bits, int first) {
#if NMD_SIMD_WIDTH == 16
  const __m512i lane = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  _mm512_storeu_si512(p,
                      _mm512_maskz_compress_epi32((__mmask16)bits, _mm512_add_epi32(_mm512_set1_epi32(first), lane)));
#elif NMD_SIMD_WIDTH == 8 && NMD_SIMD_BYTES == 64
  const __m256i lane = _mm256_add_epi32(_mm256_set1_epi32(first), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
  _mm256_storeu_si256((__m256i *)p, _mm256_maskz_compress_epi32((__mmask8)bits, lane));
#else
  for (; bits != 0; bits &= bits - 1) *p++ = first + __builtin_ctz(bits);
#endif
}

/* p[i] for each bit i, one after the other; up to W are written */
NMD_INLINE void v_compress_integers(int *to, unsigned bits, const int32_t *p) {
#if NMD_SIMD_WIDTH == 8 && NMD_SIMD_BYTES == 64
  const __m256i kept = _mm256_maskz_compress_epi32((__mmask8)bits, _mm256_loadu_si256((const __m256i *)p));
  _mm256_storeu_si256((__m256i *)to, kept);
#else
  for (; bits != 0; bits &= bits - 1) *to++ = p[__builtin_ctz(bits)];
#endif
}

#if !defined NMD_MIXED && NMD_SIMD_BYTES >= 32
/* Four points of three coordinates each, transposed; nothing behind a point is read. */
NMD_INLINE void v_load_four(const double *x, const int32_t *index, __m256d p[3]) {
  const __m256i three = _mm256_setr_epi64x(-1, -1, -1, 0);
  __m256d a[4];
  for (int i = 0; i < 4; i++) a[i] = _mm256_maskload_pd(x + 3 * (size_t)index[i], three);
  const __m256d xz = _mm256_unpacklo_pd(a[0], a[1]), xz2 = _mm256_unpacklo_pd(a[2], a[3]);
  const __m256d y = _mm256_unpackhi_pd(a[0], a[1]), y2 = _mm256_unpackhi_pd(a[2], a[3]);
  p[0] = _mm256_permute2f128_pd(xz, xz2, 0x20);
  p[1] = _mm256_permute2f128_pd(y, y2, 0x20);
  p[2] = _mm256_permute2f128_pd(xz, xz2, 0x31);
}
#endif

#ifndef NMD_MIXED
/* The points x[3 index[i]], one in each lane */
NMD_INLINE void v_load_points(const double *x, const int32_t *index, vr p[3]) {
#if NMD_SIMD_BYTES == 64
  __m256d low[3], high[3];
  v_load_four(x, index, low);
  v_load_four(x, index + 4, high);
  for (int d = 0; d < 3; d++) p[d] = _mm512_insertf64x4(_mm512_castpd256_pd512(low[d]), high[d], 1);
#elif NMD_SIMD_BYTES == 32
  v_load_four(x, index, p);
#else
  for (int d = 0; d < 3; d++) {
    vr a = {0};
    for (int i = 0; i < W; i++) a[i] = x[3 * (size_t)index[i] + (size_t)d];
    p[d] = a;
  }
#endif
}
#endif

#if NMD_SIMD_BYTES == 64
/* Two vectors to one: pairs of 128-bit lanes summed */
NMD_INLINE __m512d v_fold(__m512d a, __m512d b) {
#ifdef NMD_MIXED
  return (__m512d)_mm512_add_ps((__m512)_mm512_shuffle_f64x2(a, b, 0x88), (__m512)_mm512_shuffle_f64x2(a, b, 0xdd));
#else
  return _mm512_add_pd(_mm512_shuffle_f64x2(a, b, 0x88), _mm512_shuffle_f64x2(a, b, 0xdd));
#endif
}
#endif

/* sums[i] = sum over lanes of a[i], for W vectors at once (a transposition costs less than W reductions) */
NMD_INLINE vr v_sum_each(const vr *a) {
#if NMD_SIMD_BYTES == 64
  vr b[W / 2];
  for (int i = 0; i < W / 2; i++)
    b[i] = NMD_VECTOR(unpacklo)(a[2 * i], a[2 * i + 1]) + NMD_VECTOR(unpackhi)(a[2 * i], a[2 * i + 1]);
#ifdef NMD_MIXED
  for (int i = 0; i < W / 4; i++) {
    const __m512d low = (__m512d)b[2 * i], high = (__m512d)b[2 * i + 1];
    b[i] = (vr)_mm512_unpacklo_pd(low, high) + (vr)_mm512_unpackhi_pd(low, high);
  }
#endif
  const __m512d low = v_fold((__m512d)b[0], (__m512d)b[1]), high = v_fold((__m512d)b[2], (__m512d)b[3]);
  return (vr)v_fold(low, high);
#elif NMD_SIMD_BYTES == 32
  vr b[W / 2];
  for (int i = 0; i < W / 2; i++) b[i] = NMD_VECTOR(hadd)(a[2 * i], a[2 * i + 1]);
#ifdef NMD_MIXED
  for (int i = 0; i < W / 4; i++) b[i] = NMD_VECTOR(hadd)(b[2 * i], b[2 * i + 1]);
#endif
  const __m256d low = (__m256d)b[0], high = (__m256d)b[1];
  return (vr)_mm256_permute2f128_pd(low, high, 0x20) + (vr)_mm256_permute2f128_pd(low, high, 0x31);
#else
  vr sums;
  for (int i = 0; i < W; i++) sums[i] = (real)v_sum(a[i]);
  return sums;
#endif
}

#endif
