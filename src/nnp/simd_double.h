/* SPDX-License-Identifier: BSD-3-Clause */
/* Functions of a vector of doubles: the double half of simd.h, which includes it. Polynomials are Chebyshev
 * interpolants fitted in quadruple precision; their relative error stays below 1.5e-16 on the stated interval. */
#ifndef NNPMD_NNP_SIMD_DOUBLE_H
#define NNPMD_NNP_SIMD_DOUBLE_H

#include "nnp/simd_types.h"

/* exp(x); x is held within [-708, 709], so that neither infinity nor a denormal number comes out */
NMD_INLINE vr v_exp(vr x) {
  const double shifter = 0x1.8p52;
  x = v_min(v_max(x, v_set(-708.0)), v_set(709.0));
  const vr shifted = x * 0x1.71547652b82fep0 + shifter;
  const vr k = shifted - shifter;
  vr f = x - k * 6.93147180369123816490e-01; /* ln 2 in two parts, the first with zeros behind */
  f = f - k * 1.90821492927058770002e-10;
  const vr f2 = f * f;
  /* even and odd powers apart: half the latency */
  vr even = f2 * 2.7621338669142925e-07 + 2.4801518641395993e-05;
  vr odd = f2 * 2.5101346928350339e-08 + 2.7557266418612302e-06;
  even = even * f2 + 0.0013888888918939168;
  odd = odd * f2 + 0.00019841269864380513;
  even = even * f2 + 0.041666666666620639;
  odd = odd * f2 + 0.0083333333333297926;
  even = even * f2 + 0.5;
  odd = odd * f2 + 0.16666666666666669;
  const vr q = odd * f + even;
  const vr p = (q * f2 + f) + 1.0;
#if NMD_SIMD_BYTES == 64
  return (vr)_mm512_scalef_pd((__m512d)p, (__m512d)k);
#else
  return (vr)((vi)p + ((vi)shifted << 52));
#endif
}

/* ln x for normal x > 0 */
NMD_INLINE vr v_log(vr x) {
  const vi half_root = (vi)v_set(0.70710678118654757);
  vi bits = (vi)x;
  /* x = 2^k m with m in [sqrt(1/2), sqrt 2) */
  const vi k = (bits - half_root) >> 52;
  bits -= k << 52;
  const vr m = (vr)bits, kd = __builtin_convertvector(k, vr);
  const vr s = (m - 1.0) / (m + 1.0), z = s * s;
  vr p = z * 0.13278176947476109 + 0.13246980693509156;
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
NMD_INLINE vr v_rsqrt(vr x, vr *root) {
#if NMD_SIMD_BYTES == 64
  vr y = (vr)_mm512_rsqrt14_pd((__m512d)x);
  y += (0.5 * y) * (1.0 - x * y * y);
  y += (0.5 * y) * (1.0 - x * y * y);
  const vr r = x * y;
  *root = r + (0.5 * y) * (x - r * r);
  return y + (0.5 * y) * (1.0 - x * y * y);
#else
  *root = v_sqrt(x);
  return 1.0 / *root;
#endif
}

/* tanh u for 0 <= u <= 1 (the cut-off functions' range) */
NMD_INLINE vr v_tanh_unit(vr u) {
  const vr t = u * u, t2 = t * t;
  vr even = t2 * 6.4968576378625306e-07 + 1.2306805295349983e-05;
  vr odd = t2 * -6.2067533054536505e-08 + -3.402993826979274e-06;
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
NMD_INLINE vr v_sin_quarter(vr y) {
  const vr t = y * y;
  vr p = t * 5.8729757447999503e-12 + -6.6844168318560846e-10;
  p = p * t + 5.6921364280986254e-08;
  p = p * t + -3.5988430204672576e-06;
  p = p * t + 0.0001604411847130916;
  p = p * t + -0.0046817541353042554;
  p = p * t + 0.079692626246165646;
  p = p * t + -0.64596409750624617;
  p = p * t + 1.5707963267948966;
  return p * y;
}

/* asin(u) - u over u^3, as a polynomial in t = u^2 <= 1/4 */
NMD_INLINE vr v_asin_rest(vr t) {
  vr p = t * 0.031879621400812838 + -0.016187392271599134;
  p = p * t + 0.019513468251252167;
  p = p * t + 0.0065293020047365695;
  p = p * t + 0.012170138592391726;
  p = p * t + 0.01388484282640208;
  p = p * t + 0.017359779641349979;
  p = p * t + 0.022371749733164054;
  p = p * t + 0.030381959697685139;
  p = p * t + 0.044642856805998936;
  p = p * t + 0.075000000003852013;
  return p * t + 0.16666666666664942;
}

#endif
