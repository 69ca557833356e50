/* SPDX-License-Identifier: BSD-3-Clause */
/* The widest vector of reals of the machine a kernel file is compiled for, and the functions of it that kernels need.
 *
 * Kernel files are written once and compiled several times: plain (any machine), -march=x86-64-v3 (AVX2 + FMA) and
 * -march=x86-64-v4 (AVX-512), each with a real of double and, with NMD_MIXED defined, of float; NMD_KERNEL_SUFFIX keeps
 * the copies apart. GCC's vector extensions do the arithmetic; these headers alone know instruction sets. */
#ifndef NNPMD_NNP_SIMD_H
#define NNPMD_NNP_SIMD_H

#include "nnp/simd_pack.h"
#ifdef NMD_MIXED
#include "nnp/simd_float.h"
#else
#include "nnp/simd_double.h"
#endif

#ifndef NMD_KERNEL_SUFFIX
#define NMD_KERNEL_SUFFIX portable
#endif
#define NMD_KERNEL_JOIN2(name, suffix) nmd__##name##_##suffix
#define NMD_KERNEL_JOIN(name, suffix) NMD_KERNEL_JOIN2(name, suffix)
#define NMD_KERNEL_DOUBLE(name) NMD_KERNEL_JOIN(name, NMD_KERNEL_SUFFIX) /* of the same instruction set */
#ifdef NMD_MIXED
#define NMD_KERNEL(name) NMD_KERNEL_JOIN(name##_mixed, NMD_KERNEL_SUFFIX)
#else
#define NMD_KERNEL(name) NMD_KERNEL_DOUBLE(name)
#endif

/* acos c for -1 <= c <= 1, s2 = 1 - c^2: by asin(u) with u^2 <= 1/4 on either side of |c| = 1/2 */
NMD_INLINE vr v_acos(vr c, vr s2) {
  const real pi_half = (real)1.57079632679489661923;
  const vr a = v_abs(c), half = v_set((real)0.5), t_large = (real)0.5 * s2 / (1 + a); /* (1 - |c|) / 2 */
  const vr t = v_select_less(a, half, c * c, t_large);
  const vr p = v_asin_rest(t);
  const vr root = v_sqrt(t), large = 2 * (root + root * (p * t)); /* acos |c| for |c| >= 1/2 */
  const vr small = pi_half - (c + c * (p * t));
  const vr reflected = v_select_less(c, v_set(0), 2 * pi_half - large, large);
  return v_select_less(a, half, small, reflected);
}

/* tanh for any x; the error is absolute, a rounding of 1 (what a neuron's output needs) */
NMD_INLINE vr v_tanh(vr x) {
  const vr t = v_exp(-2 * v_abs(x));
  return v_copy_sign((1 - t) / (1 + t), x);
}

/* u^n, n >= 0 the same in all lanes */
NMD_INLINE vr v_power(vr u, int n) {
  vr result = v_set(1);
  while (n > 0) {
    if (n & 1) result *= u;
    n >>= 1;
    if (n > 0) u *= u;
  }
  return result;
}

#endif
