/* SPDX-License-Identifier: BSD-3-Clause */
/* Functions for the loops of pair forms, written so that a compiler turns them into vectors: no branches, no calls.
 *
 * The compiler makes each form once per instruction set and the right one is taken at load time (NMD_PAIR_KERNEL). */
#ifndef NNPMD_POTENTIAL_PAIR_MATH_H
#define NNPMD_POTENTIAL_PAIR_MATH_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#if defined __GNUC__ && __GNUC__ >= 12 && !defined __clang__ && defined __x86_64__ && defined __gnu_linux__ &&         \
    !defined __SANITIZE_ADDRESS__
#define NMD_PAIR_KERNEL __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define NMD_PAIR_KERNEL
#endif

/* exp(x) for |x| < 700, to 2 units in the last place: 2^k exp(r), |r| <= ln(2) / 2, Taylor. Beyond, the nearest bound.
 */
static inline double nmd__pair_exp(double x) {
  x = x < -700 ? -700 : x > 700 ? 700 : x;
  const double magic = 0x1.8p52, shifted = x * 0x1.71547652b82fep0 + magic, k = shifted - magic;
  const double r = (x - k * 0x1.62e42fefa0000p-1) - k * 0x1.cf79abc9e3b3ap-40;
  double p = 1.0 / 479001600;
  p = p * r + 1.0 / 39916800;
  p = p * r + 1.0 / 3628800;
  p = p * r + 1.0 / 362880;
  p = p * r + 1.0 / 40320;
  p = p * r + 1.0 / 5040;
  p = p * r + 1.0 / 720;
  p = p * r + 1.0 / 120;
  p = p * r + 1.0 / 24;
  p = p * r + 1.0 / 6;
  p = p * r + 0.5;
  p = p * r + 1;
  p = p * r + 1;
  uint64_t exponent, bits;
  memcpy(&exponent, &shifted, sizeof exponent);
  memcpy(&bits, &p, sizeof bits);
  bits += exponent << 52;
  memcpy(&p, &bits, sizeof p);
  return p;
}

/* erfc(x), x >= 0, and exp(-x^2), which its derivative needs, too. (1 + 2 x) exp(x^2) erfc(x) as a polynomial of
 * t = (x - 3.75) / (x + 3.75), least squares at Chebyshev nodes: 6e-14 relative. */
static inline double nmd__pair_erfc(double x, double *gauss) {
  static const double c[19] = {
      1.237512630837793,      -0.14024059858488824,   0.003585415492495525,   0.08227673845004052,
      -0.10880393037595343,   0.09230432187904027,    -0.05869339555503176,   0.02836227153579328,
      -0.009746599601332251,  0.0017556521381034947,  0.00029379013133430773, -0.00029022389583347727,
      5.1469911693417854e-05, 2.2498626691246606e-05, -1.118019703164199e-05, -1.089353938827756e-06,
      1.509433523107813e-06,  1.2752717771471194e-08, -1.2652976510207129e-07};
  const double above = x + 3.75, below = 1 + 2 * x, inverse = 1 / (above * below); /* one division */
  const double t = (x - 3.75) * below * inverse, e = nmd__pair_exp(-x * x);
  /* two chains side by side (odd and even powers); written out, as a loop in a loop would not become vectors */
  const double u = t * t;
  double even = c[18], odd = c[17];
#define NMD_STEP(k) even = even * u + c[k], odd = odd * u + c[(k)-1]
  NMD_STEP(16);
  NMD_STEP(14);
  NMD_STEP(12);
  NMD_STEP(10);
  NMD_STEP(8);
  NMD_STEP(6);
  NMD_STEP(4);
  NMD_STEP(2);
#undef NMD_STEP
  const double p = even * u + c[0] + odd * t;
  *gauss = e;
  return p * e * above * inverse;
}

#endif
