/* SPDX-License-Identifier: BSD-3-Clause */
/* The widest vector of doubles of the machine a kernel file is compiled for, and the functions of it that kernels need.
 *
 * Kernel files are written once and compiled several times: plain (any machine), -march=x86-64-v3 (AVX2 + FMA) and
 * -march=x86-64-v4 (AVX-512); NMD_KERNEL_SUFFIX keeps the copies apart. GCC's vector extensions do the arithmetic; this
 * header alone knows instruction sets. Polynomials are Chebyshev interpolants fitted in quadruple precision; their
 * relative error stays below 1.5e-16 on the stated interval. */
#ifndef NNPMD_NNP_SIMD_H
#define NNPMD_NNP_SIMD_H

#include <math.h>
#include <stdint.h>
#include <string.h>
#if defined __AVX512F__ || defined __AVX2__ || defined __SSE2__
#include <immintrin.h>
#endif

#if defined __AVX512F__ && defined __AVX512DQ__ && defined __AVX512VL__
#define NMD_SIMD_WIDTH 8
#elif defined __AVX2__ && defined __FMA__
#define NMD_SIMD_WIDTH 4
#else
#define NMD_SIMD_WIDTH 2
#endif
enum { W = NMD_SIMD_WIDTH };

#ifndef NMD_KERNEL_SUFFIX
#define NMD_KERNEL_SUFFIX portable
#endif
#define NMD_KERNEL_JOIN2(name, suffix) name##_##suffix
#define NMD_KERNEL_JOIN(name, suffix) NMD_KERNEL_JOIN2(name, suffix)
#define NMD_KERNEL(name) NMD_KERNEL_JOIN(nmd__##name, NMD_KERNEL_SUFFIX)

typedef double vd __attribute__((vector_size(8 * NMD_SIMD_WIDTH), may_alias));
typedef int64_t vi __attribute__((vector_size(8 * NMD_SIMD_WIDTH), may_alias));
typedef double vd_unaligned __attribute__((vector_size(8 * NMD_SIMD_WIDTH), may_alias, aligned(8)));

#define NMD_INLINE static inline __attribute__((always_inline, unused))

NMD_INLINE vd v_set(double a) { return a - (vd){0}; }
NMD_INLINE vd v_load(const double *p) { return *(const vd *)p; }
NMD_INLINE vd v_loadu(const double *p) { return *(const vd_unaligned *)p; }
NMD_INLINE void v_store(double *p, vd a) { *(vd *)p = a; }
NMD_INLINE void v_storeu(double *p, vd a) { *(vd_unaligned *)p = a; }
NMD_INLINE void v_add_to(double *p, vd a) { v_store(p, v_load(p) + a); }

/* a < b ? x : y in each lane */
NMD_INLINE vd v_select_less(vd a, vd b, vd x, vd y) {
#if NMD_SIMD_WIDTH == 8
  return (vd)_mm512_mask_blend_pd(_mm512_cmp_pd_mask((__m512d)a, (__m512d)b, _CMP_LT_OQ), (__m512d)y, (__m512d)x);
#else
  const vi mask = a < b;
  return (vd)((mask & (vi)x) | (~mask & (vi)y));
#endif
}

NMD_INLINE vd v_max(vd a, vd b) {
#if NMD_SIMD_WIDTH == 8
  return (vd)_mm512_max_pd((__m512d)a, (__m512d)b);
#elif NMD_SIMD_WIDTH == 4
  return (vd)_mm256_max_pd((__m256d)a, (__m256d)b);
#elif defined __SSE2__
  return (vd)_mm_max_pd((__m128d)a, (__m128d)b);
#else
  return v_select_less(b, a, a, b);
#endif
}

NMD_INLINE vd v_min(vd a, vd b) {
#if NMD_SIMD_WIDTH == 8
  return (vd)_mm512_min_pd((__m512d)a, (__m512d)b);
#elif NMD_SIMD_WIDTH == 4
  return (vd)_mm256_min_pd((__m256d)a, (__m256d)b);
#elif defined __SSE2__
  return (vd)_mm_min_pd((__m128d)a, (__m128d)b);
#else
  return v_select_less(a, b, a, b);
#endif
}

NMD_INLINE vd v_abs(vd a) { return (vd)((vi)a & INT64_MAX); }

NMD_INLINE vd v_sqrt(vd a) {
#if NMD_SIMD_WIDTH == 8
  return (vd)_mm512_sqrt_pd((__m512d)a);
#elif NMD_SIMD_WIDTH == 4
  return (vd)_mm256_sqrt_pd((__m256d)a);
#elif defined __SSE2__
  return (vd)_mm_sqrt_pd((__m128d)a);
#else
  for (int i = 0; i < W; i++) a[i] = sqrt(a[i]);
  return a;
#endif
}

/* One bit per lane: a < b */
NMD_INLINE unsigned v_bits_less(vd a, vd b) {
#if NMD_SIMD_WIDTH == 8
  return _mm512_cmp_pd_mask((__m512d)a, (__m512d)b, _CMP_LT_OQ);
#elif NMD_SIMD_WIDTH == 4
  return (unsigned)_mm256_movemask_pd(_mm256_cmp_pd((__m256d)a, (__m256d)b, _CMP_LT_OQ));
#elif defined __SSE2__
  return (unsigned)_mm_movemask_pd(_mm_cmplt_pd((__m128d)a, (__m128d)b));
#else
  unsigned bits = 0;
  for (int i = 0; i < W; i++) bits |= (unsigned)(a[i] < b[i]) << i;
  return bits;
#endif
}

#if NMD_SIMD_WIDTH == 4
/* For each 4-bit mask: where 32-bit halves of kept lanes go (compress) and come from (expand). */
static const int32_t v_compress_table[16][8] __attribute__((aligned(32), unused)) = {
    {0, 1, 2, 3, 4, 5, 6, 7}, {0, 1, 2, 3, 4, 5, 6, 7}, {2, 3, 2, 3, 4, 5, 6, 7}, {0, 1, 2, 3, 4, 5, 6, 7},
    {4, 5, 2, 3, 4, 5, 6, 7}, {0, 1, 4, 5, 4, 5, 6, 7}, {2, 3, 4, 5, 4, 5, 6, 7}, {0, 1, 2, 3, 4, 5, 6, 7},
    {6, 7, 2, 3, 4, 5, 6, 7}, {0, 1, 6, 7, 4, 5, 6, 7}, {2, 3, 6, 7, 4, 5, 6, 7}, {0, 1, 2, 3, 6, 7, 6, 7},
    {4, 5, 6, 7, 4, 5, 6, 7}, {0, 1, 4, 5, 6, 7, 6, 7}, {2, 3, 4, 5, 6, 7, 6, 7}, {0, 1, 2, 3, 4, 5, 6, 7}};
static const int32_t v_expand_table[16][8] __attribute__((aligned(32), unused)) = {
    {0, 1, 0, 1, 0, 1, 0, 1}, {0, 1, 0, 1, 0, 1, 0, 1}, {0, 1, 0, 1, 0, 1, 0, 1}, {0, 1, 2, 3, 0, 1, 0, 1},
    {0, 1, 0, 1, 0, 1, 0, 1}, {0, 1, 0, 1, 2, 3, 0, 1}, {0, 1, 0, 1, 2, 3, 0, 1}, {0, 1, 2, 3, 4, 5, 0, 1},
    {0, 1, 0, 1, 0, 1, 0, 1}, {0, 1, 0, 1, 0, 1, 2, 3}, {0, 1, 0, 1, 0, 1, 2, 3}, {0, 1, 2, 3, 0, 1, 4, 5},
    {0, 1, 0, 1, 0, 1, 2, 3}, {0, 1, 0, 1, 2, 3, 4, 5}, {0, 1, 0, 1, 2, 3, 4, 5}, {0, 1, 2, 3, 4, 5, 6, 7}};
static const int64_t v_lane_table[16][4] __attribute__((aligned(32), unused)) = {
    {0, 0, 0, 0},   {-1, 0, 0, 0},   {0, -1, 0, 0},   {-1, -1, 0, 0},  {0, 0, -1, 0},  {-1, 0, -1, 0},
    {0, -1, -1, 0}, {-1, -1, -1, 0}, {0, 0, 0, -1},   {-1, 0, 0, -1},  {0, -1, 0, -1}, {-1, -1, 0, -1},
    {0, 0, -1, -1}, {-1, 0, -1, -1}, {0, -1, -1, -1}, {-1, -1, -1, -1}};
#endif

/* Write the lanes whose bit is set one after the other to p; lanes behind them may be written too (W in all). */
NMD_INLINE void v_compress_store(double *p, unsigned bits, vd a) {
#if NMD_SIMD_WIDTH == 8
  /* the register form: compressing straight to memory is microcode on some CPUs */
  _mm512_storeu_pd(p, _mm512_maskz_compress_pd((__mmask8)bits, (__m512d)a));
#elif NMD_SIMD_WIDTH == 4
  const __m256i order = _mm256_load_si256((const __m256i *)v_compress_table[bits]);
  _mm256_storeu_ps((float *)p, _mm256_permutevar8x32_ps(_mm256_castpd_ps((__m256d)a), order));
#else
  int n = 0;
  for (int i = 0; i < W; i++)
    if (bits >> i & 1u) p[n++] = a[i];
#endif
}

/* The inverse: the next numbers at p go to the lanes whose bit is set, 0 elsewhere. W numbers may be read. */
NMD_INLINE vd v_expand_load(const double *p, unsigned bits) {
#if NMD_SIMD_WIDTH == 8
  return (vd)_mm512_maskz_expand_pd((__mmask8)bits, _mm512_loadu_pd(p));
#elif NMD_SIMD_WIDTH == 4
  const __m256i order = _mm256_load_si256((const __m256i *)v_expand_table[bits]);
  const __m256 spread = _mm256_permutevar8x32_ps(_mm256_loadu_ps((const float *)p), order);
  return (vd)_mm256_and_pd(_mm256_castps_pd(spread), _mm256_load_pd((const double *)v_lane_table[bits]));
#else
  vd a = {0};
  int n = 0;
  for (int i = 0; i < W; i++)
    if (bits >> i & 1u) a[i] = p[n++];
  return a;
#endif
}

/* The first n of the W numbers at p, 0 behind them; nothing further is read. */
NMD_INLINE vd v_load_first(const double *p, int n) {
  if (n >= W) return v_loadu(p);
  vd a = {0};
  for (int i = 0; i < n; i++) a[i] = p[i];
  return a;
}

/* One bit per lane: p[i] == value, for the first n */
NMD_INLINE unsigned v_bits_equal(const int *p, int n, int value) {
#if NMD_SIMD_WIDTH == 8
  const __mmask8 lanes = (__mmask8)(n >= W ? 0xff : (1 << n) - 1);
  return _mm256_mask_cmpeq_epi32_mask(lanes, _mm256_maskz_loadu_epi32(lanes, p), _mm256_set1_epi32(value));
#elif NMD_SIMD_WIDTH == 4
  if (n >= W)
    return (unsigned)_mm_movemask_ps(
        _mm_castsi128_ps(_mm_cmpeq_epi32(_mm_loadu_si128((const __m128i *)p), _mm_set1_epi32(value))));
#endif
  unsigned bits = 0;
  for (int i = 0; i < W && i < n; i++) bits |= (unsigned)(p[i] == value) << i;
  return bits;
}

/* first + i for each bit i, one after the other; up to W are written */
NMD_INLINE void v_compress_indices(int *p, unsigned bits, int first) {
#if NMD_SIMD_WIDTH == 8
  const __m256i lane = _mm256_add_epi32(_mm256_set1_epi32(first), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
  _mm256_storeu_si256((__m256i *)p, _mm256_maskz_compress_epi32((__mmask8)bits, lane));
#else
  for (; bits != 0; bits &= bits - 1) *p++ = first + __builtin_ctz(bits);
#endif
}

NMD_INLINE double v_sum(vd a) {
#if NMD_SIMD_WIDTH == 8
  return _mm512_reduce_add_pd((__m512d)a);
#else
  double sum = 0.0;
  for (int i = 0; i < W; i++) sum += a[i];
  return sum;
#endif
}

/* sums[i] = sum over lanes of a[i], for W vectors at once (a transposition costs less than W reductions) */
NMD_INLINE vd v_sum_each(const vd *a) {
#if NMD_SIMD_WIDTH == 8
  __m512d b[4], c[2];
  for (int i = 0; i < 4; i++)
    b[i] = _mm512_add_pd(_mm512_unpacklo_pd((__m512d)a[2 * i], (__m512d)a[2 * i + 1]),
                         _mm512_unpackhi_pd((__m512d)a[2 * i], (__m512d)a[2 * i + 1]));
  for (int i = 0; i < 2; i++)
    c[i] = _mm512_add_pd(_mm512_shuffle_f64x2(b[2 * i], b[2 * i + 1], 0x88),
                         _mm512_shuffle_f64x2(b[2 * i], b[2 * i + 1], 0xdd));
  return (vd)_mm512_add_pd(_mm512_shuffle_f64x2(c[0], c[1], 0x88), _mm512_shuffle_f64x2(c[0], c[1], 0xdd));
#elif NMD_SIMD_WIDTH == 4
  const __m256d low = _mm256_hadd_pd((__m256d)a[0], (__m256d)a[1]), high = _mm256_hadd_pd((__m256d)a[2], (__m256d)a[3]);
  return (vd)_mm256_add_pd(_mm256_permute2f128_pd(low, high, 0x20), _mm256_permute2f128_pd(low, high, 0x31));
#else
  vd sums;
  for (int i = 0; i < W; i++) sums[i] = v_sum(a[i]);
  return sums;
#endif
}

/* exp(x); x is held within [-708, 709], so that neither infinity nor a denormal number comes out */
NMD_INLINE vd v_exp(vd x) {
  const double shifter = 0x1.8p52;
  x = v_min(v_max(x, v_set(-708.0)), v_set(709.0));
  const vd shifted = x * 0x1.71547652b82fep0 + shifter;
  const vd k = shifted - shifter;
  vd f = x - k * 6.93147180369123816490e-01; /* ln 2 in two parts, the first with zeros behind */
  f = f - k * 1.90821492927058770002e-10;
  const vd f2 = f * f;
  /* even and odd powers apart: half the latency */
  vd even = f2 * 2.7621338669142925e-07 + 2.4801518641395993e-05;
  vd odd = f2 * 2.5101346928350339e-08 + 2.7557266418612302e-06;
  even = even * f2 + 0.0013888888918939168;
  odd = odd * f2 + 0.00019841269864380513;
  even = even * f2 + 0.041666666666620639;
  odd = odd * f2 + 0.0083333333333297926;
  even = even * f2 + 0.5;
  odd = odd * f2 + 0.16666666666666669;
  const vd q = odd * f + even;
  const vd p = (q * f2 + f) + 1.0;
#if NMD_SIMD_WIDTH == 8
  return (vd)_mm512_scalef_pd((__m512d)p, (__m512d)k);
#else
  return (vd)((vi)p + ((vi)shifted << 52));
#endif
}

/* ln x for normal x > 0 */
NMD_INLINE vd v_log(vd x) {
  const vi half_root = (vi)v_set(0.70710678118654757);
  vi bits = (vi)x;
  /* x = 2^k m with m in [sqrt(1/2), sqrt 2) */
  const vi k = (bits - half_root) >> 52;
  bits -= k << 52;
  const vd m = (vd)bits, kd = __builtin_convertvector(k, vd);
  const vd s = (m - 1.0) / (m + 1.0), z = s * s;
  vd p = z * 0.13278176947476109 + 0.13246980693509156;
  p = p * z + 0.153872408608769;
  p = p * z + 0.18181771881015421;
  p = p * z + 0.22222222700685018;
  p = p * z + 0.28571428568655272;
  p = p * z + 0.40000000000008046;
  p = p * z + 0.66666666666666663;
  return kd * 6.93147180369123816490e-01 + (2.0 * s + (p * z * s + kd * 1.90821492927058770002e-10));
}

/* 1 / sqrt(x) and sqrt(x) for normal x > 0. Where there is an estimate to start from, Newton's steps on the multipliers
 * are faster than the divider. */
NMD_INLINE vd v_rsqrt(vd x, vd *root) {
#if NMD_SIMD_WIDTH == 8
  vd y = (vd)_mm512_rsqrt14_pd((__m512d)x);
  y += (0.5 * y) * (1.0 - x * y * y);
  y += (0.5 * y) * (1.0 - x * y * y);
  const vd r = x * y;
  *root = r + (0.5 * y) * (x - r * r);
  return y + (0.5 * y) * (1.0 - x * y * y);
#else
  *root = v_sqrt(x);
  return 1.0 / *root;
#endif
}

/* tanh u for 0 <= u <= 1 (the cut-off functions' range) */
NMD_INLINE vd v_tanh_unit(vd u) {
  const vd t = u * u, t2 = t * t;
  vd even = t2 * 6.4968576378625306e-07 + 1.2306805295349983e-05;
  vd odd = t2 * -6.2067533054536505e-08 + -3.402993826979274e-06;
  even = even * t2 + 9.4722560757320656e-05;
  odd = odd * t2 + -3.6039185369973818e-05;
  even = even * t2 + 0.00058960289508561657;
  odd = odd * t2 + -0.00023801236323479905;
  even = even * t2 + 0.0035921041152302811;
  odd = odd * t2 + -0.0014557155907792801;
  even = even * t2 + 0.021869488226930838;
  odd = odd * t2 + -0.0088632321811302744;
  even = even * t2 + 0.13333333333282113;
  odd = odd * t2 + -0.053968253950917727;
  odd = odd * t2 + -0.33333333333332732;
  return u + u * (t * (odd + t * even));
}

/* sin(pi/2 y) for 0 <= y <= 1 */
NMD_INLINE vd v_sin_quarter(vd y) {
  const vd t = y * y;
  vd p = t * 5.8729757447999503e-12 + -6.6844168318560846e-10;
  p = p * t + 5.6921364280986254e-08;
  p = p * t + -3.5988430204672576e-06;
  p = p * t + 0.0001604411847130916;
  p = p * t + -0.0046817541353042554;
  p = p * t + 0.079692626246165646;
  p = p * t + -0.64596409750624617;
  p = p * t + 1.5707963267948966;
  return p * y;
}

/* acos c for -1 <= c <= 1: by asin(u) with u^2 <= 1/4 on either side of |c| = 1/2 */
NMD_INLINE vd v_acos(vd c) {
  const double pi_half = 1.57079632679489661923;
  const vd a = v_abs(c), half = v_set(0.5), t_large = 0.5 * (1.0 - a);
  const vd t = v_select_less(a, half, c * c, t_large);
  vd p = t * 0.031879621400812838 + -0.016187392271599134;
  p = p * t + 0.019513468251252167;
  p = p * t + 0.0065293020047365695;
  p = p * t + 0.012170138592391726;
  p = p * t + 0.01388484282640208;
  p = p * t + 0.017359779641349979;
  p = p * t + 0.022371749733164054;
  p = p * t + 0.030381959697685139;
  p = p * t + 0.044642856805998936;
  p = p * t + 0.075000000003852013;
  p = p * t + 0.16666666666664942;
  const vd root = v_sqrt(t), large = 2.0 * (root + root * (p * t)); /* acos |c| for |c| >= 1/2 */
  const vd small = pi_half - (c + c * (p * t));
  const vd reflected = v_select_less(c, v_set(0.0), 2.0 * pi_half - large, large);
  return v_select_less(a, half, small, reflected);
}

/* tanh for any x; the error is absolute, 1.1e-16 (what a neuron's output needs) */
NMD_INLINE vd v_tanh(vd x) {
  const vd t = v_exp(-2.0 * v_abs(x));
  const vd magnitude = (1.0 - t) / (1.0 + t);
  return (vd)((vi)magnitude | ((vi)x & INT64_MIN));
}

/* u^n, n >= 0 the same in all lanes */
NMD_INLINE vd v_power(vd u, int n) {
  vd result = v_set(1.0);
  while (n > 0) {
    if (n & 1) result *= u;
    n >>= 1;
    if (n > 0) u *= u;
  }
  return result;
}

#endif
