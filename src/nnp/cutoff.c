/* SPDX-License-Identifier: BSD-3-Clause */
#include "nnp/cutoff.h"

#include <math.h>
#include <stddef.h>

static const double pi = 3.14159265358979323846;

/* The switching functions: from 1 at x = 0 to 0 at x = 1, 0 <= x < 1; the polynomials have k vanishing derivatives at
 * both ends. Slopes are written as products so that they vanish exactly at the ends. */
static double switch_value(nmd_cutoff_kind kind, double x, double *slope) {
  const double x2 = x * x, u = 1.0 - x;
  switch (kind) {
    case NMD_CUTOFF_HARD: *slope = 0.0; return 1.0;
    case NMD_CUTOFF_COSINE: *slope = -0.5 * pi * sin(pi * x); return 0.5 * (cos(pi * x) + 1.0);
    case NMD_CUTOFF_EXP: {
      const double d = 1.0 / (1.0 - x2), f = exp(1.0 - d);
      *slope = f > 0.0 ? -2.0 * x * d * d * f : 0.0;
      return f;
    }
    case NMD_CUTOFF_POLY1: *slope = -6.0 * x * u; return 1.0 + x2 * (2.0 * x - 3.0);
    case NMD_CUTOFF_POLY2: *slope = -30.0 * x2 * u * u; return 1.0 + x2 * x * (-10.0 + x * (15.0 - 6.0 * x));
    case NMD_CUTOFF_POLY3:
      *slope = -140.0 * x2 * x * u * u * u;
      return 1.0 + x2 * x2 * (-35.0 + x * (84.0 + x * (-70.0 + 20.0 * x)));
    case NMD_CUTOFF_POLY4:
      *slope = -630.0 * x2 * x2 * u * u * u * u;
      return 1.0 + x2 * x2 * x * (-126.0 + x * (420.0 + x * (-540.0 + x * (315.0 - 70.0 * x))));
    case NMD_CUTOFF_TANH3:
    case NMD_CUTOFF_TANH3_NORMALISED: break; /* not of this form */
  }
  *slope = NAN;
  return NAN;
}

static double tanh3_value(double norm, double rc, double r, double *slope) {
  const double t = tanh(1.0 - r / rc);
  *slope = -3.0 * norm * t * t * (1.0 - t * t) / rc;
  return norm * t * t * t;
}

double nmd_cutoff_value(nmd_cutoff_kind kind, double alpha, double rc, double r, double *slope) {
  const double norm = 2.2637537952253503; /* tanh(1)^-3 */
  const double inner = alpha * rc;
  double unused;
  if (slope == NULL) slope = &unused;
  *slope = 0.0;
  if (r >= rc) return 0.0;
  if (kind == NMD_CUTOFF_TANH3) return tanh3_value(1.0, rc, r, slope);
  if (kind == NMD_CUTOFF_TANH3_NORMALISED) return tanh3_value(norm, rc, r, slope);
  if (r < inner) return 1.0;
  const double width = rc - inner, f = switch_value(kind, (r - inner) / width, slope);
  *slope /= width;
  return f;
}

double nmd_compact_value(nmd_cutoff_kind kind, bool asymmetric, double l, double r, double x, double *slope) {
  const double centre = 0.5 * (l + r), width = 0.5 * (r - l);
  double y = fabs(x - centre) / width, factor = (x < centre ? -1.0 : 1.0) / width, unused;
  if (slope == NULL) slope = &unused;
  *slope = 0.0;
  if (y >= 1.0) return 0.0;
  if (asymmetric) {
    factor *= 2.0 - 2.0 * y;
    y *= 2.0 - y;
  }
  if (y >= 1.0) return 0.0; /* y (2 - y) may round up to 1 */
  const double f = switch_value(kind, y, slope);
  *slope *= factor;
  return f;
}

const char *nmd_cutoff_name(nmd_cutoff_kind kind) {
  static const char *const name[] = {"hard",         "cosine",       "tanh^3",       "tanh^3 normalised", "exponential",
                                     "polynomial 1", "polynomial 2", "polynomial 3", "polynomial 4"};
  return kind <= NMD_CUTOFF_POLY4 ? name[kind] : "?";
}
