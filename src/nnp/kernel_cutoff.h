/* SPDX-License-Identifier: BSD-3-Clause */
/* Cut-off functions of a vector of distances. All of them are products that vanish at the cut-off, written so that the
 * relative error stays small up to it: then fc'/fc times fc is as good as fc'. */
#ifndef NNPMD_NNP_KERNEL_CUTOFF_H
#define NNPMD_NNP_KERNEL_CUTOFF_H

#include "nnp/model_data.h"
#include "nnp/simd.h"

typedef struct v_cutoff {        /* what does not depend on r */
  real rc, inner, inverse_width; /* x = (r - inner) * inverse_width */
} v_cutoff;

/* Added to 1 - x^2: exp(1 - 1/that) is 0 long before, and the square of 1/that times it too. */
#define NMD_EDGE ((real)(sizeof(real) == sizeof(double) ? 1e-18 : 1e-9))

NMD_INLINE v_cutoff v_cutoff_of(nmd_cutoff_kind kind, double alpha, double rc) {
  const int tanh3 = kind == NMD_CUTOFF_TANH3 || kind == NMD_CUTOFF_TANH3_NORMALISED;
  const double inner = tanh3 ? 0.0 : alpha * rc;
  return (v_cutoff){(real)rc, (real)inner, (real)(1.0 / (rc - inner))};
}

/* f(x) and f'(x), 0 <= x <= 1, of the polynomial and exponential switches; u = 1 - x */
NMD_INLINE vr v_switch(nmd_cutoff_kind kind, vr x, vr u, vr *slope) {
  const vr u2 = u * u, xu = x * u;
  switch (kind) {
    case NMD_CUTOFF_COSINE: {
      const vr s = v_sin_quarter(u);
      *slope = (real)-3.14159265358979323846 * s * v_sin_quarter(x);
      return s * s;
    }
    case NMD_CUTOFF_EXP: {
      const vr d = 1.0 / (u * (1.0 + x) + NMD_EDGE), f = v_exp(1.0 - d);
      *slope = (real)-2 * x * d * d * f;
      return f;
    }
    case NMD_CUTOFF_POLY1: *slope = (real)-6 * xu; return u2 * (1.0 + 2.0 * x);
    case NMD_CUTOFF_POLY2: *slope = (real)-30 * xu * xu; return u2 * u * (1.0 + x * (3.0 + 6.0 * x));
    case NMD_CUTOFF_POLY3:
      *slope = (real)-140 * xu * xu * xu;
      return u2 * u2 * (1.0 + x * (4.0 + x * (10.0 + 20.0 * x)));
    case NMD_CUTOFF_POLY4:
      *slope = (real)-630 * (xu * xu) * (xu * xu);
      return u2 * u2 * u * (1.0 + x * (5.0 + x * (15.0 + x * (35.0 + 70.0 * x))));
    default: *slope = v_set(0.0); return v_set(1.0);
  }
}

/* fc(r) and dfc/dr without the step at rc: r < rc is the caller's to check (r beyond rc gives some finite number). */
NMD_INLINE vr v_cutoff_value(nmd_cutoff_kind kind, v_cutoff c, vr r, vr *slope) {
  if (kind == NMD_CUTOFF_TANH3 || kind == NMD_CUTOFF_TANH3_NORMALISED) {
    const real norm = kind == NMD_CUTOFF_TANH3 ? 1 : (real)2.2637537952253503; /* tanh(1)^-3 */
    const vr u = v_min(v_max((c.rc - r) * c.inverse_width, v_set(0.0)), v_set(1.0)), t = v_tanh_unit(u), t2 = t * t;
    *slope = (-3 * norm * c.inverse_width) * t2 * (1.0 - t2);
    return norm * t2 * t;
  }
  if (kind == NMD_CUTOFF_HARD) {
    *slope = v_set(0.0);
    return v_set(1.0);
  }
  const vr x = v_min(v_max((r - c.inner) * c.inverse_width, v_set(0.0)), v_set(1.0));
  const vr u = v_min(v_max((c.rc - r) * c.inverse_width, v_set(0.0)), v_set(1.0));
  const vr f = v_switch(kind, x, u, slope);
  *slope *= c.inverse_width;
  return f;
}

typedef struct v_compact { /* C(x; l, r): y = |x - centre| * inverse */
  real centre, inverse;
} v_compact;

NMD_INLINE v_compact v_compact_of(double l, double r) {
  return (v_compact){(real)(0.5 * (l + r)), (real)(2.0 / (r - l))};
}

/* C and dC/dx; 0 from y = 1 on. Asymmetric: y (2 - y) = 1 - (1 - y)^2 in place of y. */
NMD_INLINE vr v_compact_value(nmd_cutoff_kind kind, int asymmetric, v_compact c, vr x, vr *slope) {
  const vr one = v_set(1.0), zero = v_set(0.0), offset = (x - c.centre) * c.inverse, distance = v_abs(offset);
  vr y = v_min(distance, one), u = 1.0 - y;
  vr factor = v_select_less(offset, zero, v_set(-c.inverse), v_set(c.inverse));
  if (asymmetric) {
    factor *= 2.0 * u;
    y = y * (1.0 + u);
    u = u * u;
  }
  vr df;
  const vr f = v_switch(kind, y, u, &df);
  *slope = v_select_less(distance, one, df * factor, zero);
  return v_select_less(distance, one, f, zero);
}

#endif
