/* SPDX-License-Identifier: BSD-3-Clause */
/* The vector type of a kernel file and its elementary operations. See simd.h, which is what kernels include. */
#ifndef NNPMD_NNP_SIMD_TYPES_H
#define NNPMD_NNP_SIMD_TYPES_H

#include <math.h>
#include <stdint.h>
#include <string.h>
#if defined __AVX512F__ || defined __AVX2__ || defined __SSE2__
#include <immintrin.h>
#endif

#if defined __AVX512F__ && defined __AVX512DQ__ && defined __AVX512VL__
#define NMD_SIMD_BYTES 64
#elif defined __AVX2__ && defined __FMA__
#define NMD_SIMD_BYTES 32
#else
#define NMD_SIMD_BYTES 16
#endif

#ifdef NMD_MIXED
#define NMD_REAL float
#define NMD_REAL_BITS 32
#define NMD_TINY 1e-30f     /* stands for no distance squared: its inverse can be squared again */
#define NMD_SMALLEST 1e-37f /* normal, with room below */
typedef int32_t nmd_real_bits;
#else
#define NMD_REAL double
#define NMD_REAL_BITS 64
#define NMD_TINY 1e-60
#define NMD_SMALLEST 1e-300
typedef int64_t nmd_real_bits;
#endif
#define NMD_SIMD_WIDTH (NMD_SIMD_BYTES * 8 / NMD_REAL_BITS)
typedef NMD_REAL real;
enum { W = NMD_SIMD_WIDTH };

typedef real vr __attribute__((vector_size(NMD_SIMD_BYTES), may_alias));
typedef nmd_real_bits vi __attribute__((vector_size(NMD_SIMD_BYTES), may_alias));
typedef real vr_unaligned __attribute__((vector_size(NMD_SIMD_BYTES), may_alias, aligned(NMD_REAL_BITS / 8)));

/* NMD_VECTOR(max) is the intrinsic's name for this width and precision. */
#ifdef NMD_MIXED
#define NMD_VECTOR512(name) _mm512_##name##_ps
#define NMD_VECTOR256(name) _mm256_##name##_ps
#define NMD_VECTOR128(name) _mm_##name##_ps
#define NMD_COMPARE512 _mm512_cmp_ps_mask
#else
#define NMD_VECTOR512(name) _mm512_##name##_pd
#define NMD_VECTOR256(name) _mm256_##name##_pd
#define NMD_VECTOR128(name) _mm_##name##_pd
#define NMD_COMPARE512 _mm512_cmp_pd_mask
#endif
#if NMD_SIMD_BYTES == 64
#define NMD_VECTOR(name) NMD_VECTOR512(name)
#elif NMD_SIMD_BYTES == 32
#define NMD_VECTOR(name) NMD_VECTOR256(name)
#elif defined __SSE2__
#define NMD_VECTOR(name) NMD_VECTOR128(name)
#endif

#define NMD_INLINE static inline __attribute__((always_inline, unused))

NMD_INLINE vr v_set(real a) { return a - (vr){0}; }
NMD_INLINE vr v_load(const real *p) { return *(const vr *)p; }
NMD_INLINE vr v_loadu(const real *p) { return *(const vr_unaligned *)p; }
NMD_INLINE void v_store(real *p, vr a) { *(vr *)p = a; }
NMD_INLINE void v_storeu(real *p, vr a) { *(vr_unaligned *)p = a; }
NMD_INLINE void v_add_to(real *p, vr a) { v_store(p, v_load(p) + a); }

/* a < b ? x : y in each lane */
NMD_INLINE vr v_select_less(vr a, vr b, vr x, vr y) {
#if NMD_SIMD_BYTES == 64
  return NMD_VECTOR(mask_blend)(NMD_COMPARE512(a, b, _CMP_LT_OQ), y, x);
#else
  const vi mask = a < b;
  return (vr)((mask & (vi)x) | (~mask & (vi)y));
#endif
}

NMD_INLINE vr v_max(vr a, vr b) {
#ifdef NMD_VECTOR
  return NMD_VECTOR(max)(a, b);
#else
  return v_select_less(b, a, a, b);
#endif
}

NMD_INLINE vr v_min(vr a, vr b) {
#ifdef NMD_VECTOR
  return NMD_VECTOR(min)(a, b);
#else
  return v_select_less(a, b, a, b);
#endif
}

NMD_INLINE vr v_abs(vr a) { return (vr)((vi)a & ~((vi)v_set((real)-0.0))); }
NMD_INLINE vr v_copy_sign(vr a, vr sign) { return (vr)((vi)a | ((vi)sign & (vi)v_set((real)-0.0))); }

NMD_INLINE vr v_sqrt(vr a) {
#ifdef NMD_VECTOR
  return NMD_VECTOR(sqrt)(a);
#else
  for (int i = 0; i < W; i++) a[i] = (real)sqrt(a[i]);
  return a;
#endif
}

/* One bit per lane: a < b */
NMD_INLINE unsigned v_bits_less(vr a, vr b) {
#if NMD_SIMD_BYTES == 64
  return NMD_COMPARE512(a, b, _CMP_LT_OQ);
#elif NMD_SIMD_BYTES == 32
  return (unsigned)NMD_VECTOR(movemask)(NMD_VECTOR(cmp)(a, b, _CMP_LT_OQ));
#elif defined __SSE2__
  return (unsigned)NMD_VECTOR(movemask)(NMD_VECTOR(cmplt)(a, b));
#else
  unsigned bits = 0;
  for (int i = 0; i < W; i++) bits |= (unsigned)(a[i] < b[i]) << i;
  return bits;
#endif
}

/* W doubles, rounded if need be */
NMD_INLINE vr v_load_doubles(const double *p) {
#ifndef NMD_MIXED
  return v_loadu(p);
#elif NMD_SIMD_BYTES == 64
  const __m256 low = _mm512_cvtpd_ps(_mm512_loadu_pd(p)), high = _mm512_cvtpd_ps(_mm512_loadu_pd(p + 8));
  return _mm512_insertf32x8(_mm512_castps256_ps512(low), high, 1);
#else
  vr a;
  for (int i = 0; i < W; i++) a[i] = (float)p[i];
  return a;
#endif
}

/* The first n of the W doubles at p, 0 behind them; nothing further is read. */
NMD_INLINE vr v_load_first(const double *p, int n) {
  if (n >= W) return v_load_doubles(p);
  vr a = {0};
#if NMD_SIMD_BYTES == 64
  const unsigned lanes = (1u << n) - 1u;
#ifdef NMD_MIXED
  const __m256 low = _mm512_cvtpd_ps(_mm512_maskz_loadu_pd((__mmask8)lanes, p));
  const __m256 high = _mm512_cvtpd_ps(_mm512_maskz_loadu_pd((__mmask8)(lanes >> 8), p + 8));
  a = _mm512_insertf32x8(_mm512_castps256_ps512(low), high, 1);
#else
  a = _mm512_maskz_loadu_pd((__mmask8)lanes, p);
#endif
#else
  for (int i = 0; i < n; i++) a[i] = (real)p[i];
#endif
  return a;
}

/* Sum over the lanes, in double */
NMD_INLINE double v_sum(vr a) {
#if NMD_SIMD_BYTES == 64 && defined NMD_MIXED
  const __m512d low = _mm512_cvtps_pd(_mm512_castps512_ps256(a)), high = _mm512_cvtps_pd(_mm512_extractf32x8_ps(a, 1));
  return _mm512_reduce_add_pd(_mm512_add_pd(low, high));
#elif NMD_SIMD_BYTES == 64
  return _mm512_reduce_add_pd(a);
#else
  double sum = 0.0;
  for (int i = 0; i < W; i++) sum += (double)a[i];
  return sum;
#endif
}

#endif
