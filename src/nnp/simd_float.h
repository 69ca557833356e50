/* SPDX-License-Identifier: BSD-3-Clause */
/* Functions of a vector of floats: the single-precision half of simd.h, which includes it. Polynomials are Chebyshev
 * interpolants; their relative error stays below 4e-8 on the stated interval, which is less than the rounding. */
#ifndef NNPMD_NNP_SIMD_FLOAT_H
#define NNPMD_NNP_SIMD_FLOAT_H

#include "nnp/simd_types.h"

/* exp(x); x is held within [-87, 88], so that neither infinity nor a denormal number comes out */
NMD_INLINE vr v_exp(vr x) {
  const float shifter = 0x1.8p23f;
  x = v_min(v_max(x, v_set(-87.0f)), v_set(88.0f));
  const vr shifted = x * 0x1.715476p0f + shifter;
  const vr k = shifted - shifter;
  vr f = x - k * 0x1.62e4p-1f; /* ln 2 in two parts, the first with zeros behind */
  f = f - k * 1.42860677e-6f;
  vr q = f * 0.00139261761f + 0.00836317307f;
  q = q * f + 0.0416665547f;
  q = q * f + 0.16666577f;
  q = q * f + 0.5f;
  const vr p = (q * (f * f) + f) + 1.0f;
#if NMD_SIMD_BYTES == 64
  return (vr)_mm512_scalef_ps((__m512)p, (__m512)k);
#else
  return (vr)((vi)p + ((vi)shifted << 23));
#endif
}

/* ln x for normal x > 0 */
NMD_INLINE vr v_log(vr x) {
  const vi half_root = (vi)v_set(0.707106769f);
  vi bits = (vi)x;
  /* x = 2^k m with m in [sqrt(1/2), sqrt 2) */
  const vi k = (bits - half_root) >> 23;
  bits -= k << 23;
  const vr m = (vr)bits, kd = __builtin_convertvector(k, vr);
  const vr s = (m - 1.0f) / (m + 1.0f), z = s * s;
  vr p = z * 0.295799494f + 0.399887806f;
  p = p * z + 0.66666685f;
  return kd * 0x1.62e4p-1f + (2.0f * s + (p * z * s + kd * 1.42860677e-6f));
}

/* 1 / sqrt(x) and sqrt(x) for normal x > 0, by one step of Newton's from an estimate where there is one. */
NMD_INLINE vr v_rsqrt(vr x, vr *root) {
#if NMD_SIMD_BYTES == 64
  vr y = (vr)_mm512_rsqrt14_ps((__m512)x);
  y += (0.5f * y) * (1.0f - x * y * y);
  *root = x * y;
  return y;
#else
  *root = v_sqrt(x);
  return 1.0f / *root;
#endif
}

/* tanh u for 0 <= u <= 1 (the cut-off functions' range) */
NMD_INLINE vr v_tanh_unit(vr u) {
  const vr t = u * u;
  vr p = t * -0.000420695494f + 0.00251045933f;
  p = p * t + -0.0082189219f;
  p = p * t + 0.0216601154f;
  p = p * t + -0.0539347889f;
  p = p * t + 0.133331285f;
  p = p * t + -0.333333313f;
  return u + u * (t * p);
}

/* sin(pi/2 y) for 0 <= y <= 1 */
NMD_INLINE vr v_sin_quarter(vr y) {
  const vr t = y * y;
  vr p = t * 0.000151671704f + -0.00467414384f;
  p = p * t + 0.0796899183f;
  p = p * t + -0.64596376f;
  p = p * t + 1.57079632f;
  return p * y;
}

/* asin(u) - u over u^3, as a polynomial in t = u^2 <= 1/4 */
NMD_INLINE vr v_asin_rest(vr t) {
  vr p = t * 0.0380850236f + 0.0265545422f;
  p = p * t + 0.0450013801f;
  p = p * t + 0.0749885507f;
  return p * t + 0.166666724f;
}

#endif
