/* SPDX-License-Identifier: BSD-3-Clause */
#include "nnp/activation.h"

#include <math.h>
#include <stddef.h>

/* Beyond this argument the logistic function and softplus take their limits, slope included, as n2p2 has it. */
static const double saturation = 35.0;

static const struct {
  nmd_activation kind;
  char letter;
  const char *name;
} names[] = {
    {NMD_ACT_IDENTITY, 'l', "linear"},   {NMD_ACT_TANH, 't', "tanh"},
    {NMD_ACT_LOGISTIC, 's', "logistic"}, {NMD_ACT_SOFTPLUS, 'p', "softplus"},
    {NMD_ACT_RELU, 'r', "relu"},         {NMD_ACT_GAUSSIAN, 'g', "gaussian"},
    {NMD_ACT_COSINE, 'c', "cosine"},     {NMD_ACT_REVERSED_LOGISTIC, 'S', "reversed logistic"},
    {NMD_ACT_EXP, 'e', "exponential"},   {NMD_ACT_HARMONIC, 'h', "harmonic"},
};
enum { N_NAMES = (int)(sizeof names / sizeof names[0]) };

static double logistic(double x, double *slope) {
  if (fabs(x) > saturation) {
    *slope = 0.0;
    return x > 0.0 ? 1.0 : 0.0;
  }
  const double f = 1.0 / (1.0 + exp(-x));
  *slope = f * (1.0 - f);
  return f;
}

static double softplus(double x, double *slope) {
  if (fabs(x) > saturation) {
    *slope = x > 0.0 ? 1.0 : 0.0;
    return x > 0.0 ? x : 0.0;
  }
  *slope = 1.0 / (1.0 + exp(-x));
  return log1p(exp(x));
}

static double value_and_slope(nmd_activation kind, double x, double *slope) {
  double f;
  switch (kind) {
    case NMD_ACT_IDENTITY: *slope = 1.0; return x;
    case NMD_ACT_TANH:
      f = tanh(x);
      *slope = 1.0 - f * f;
      return f;
    case NMD_ACT_LOGISTIC: return logistic(x, slope);
    case NMD_ACT_REVERSED_LOGISTIC:
      f = 1.0 - logistic(x, slope);
      *slope = -*slope;
      return f;
    case NMD_ACT_SOFTPLUS: return softplus(x, slope);
    case NMD_ACT_RELU: *slope = x > 0.0 ? 1.0 : 0.0; return x > 0.0 ? x : 0.0;
    case NMD_ACT_GAUSSIAN:
      f = exp(-0.5 * x * x);
      *slope = -x * f;
      return f;
    case NMD_ACT_COSINE: *slope = -sin(x); return cos(x);
    case NMD_ACT_EXP:
      f = exp(-x);
      *slope = -f;
      return f;
    case NMD_ACT_HARMONIC: *slope = 2.0 * x; return x * x;
  }
  *slope = NAN;
  return NAN;
}

double nmd_activation_value(nmd_activation kind, double x, double *slope) {
  double unused;
  return value_and_slope(kind, x, slope != NULL ? slope : &unused);
}

double nmd_activation_curvature(nmd_activation kind, double x) {
  double slope;
  const double f = nmd_activation_value(kind, x, &slope);
  switch (kind) {
    case NMD_ACT_IDENTITY:
    case NMD_ACT_RELU: return 0.0;
    case NMD_ACT_TANH: return -2.0 * f * slope;
    case NMD_ACT_LOGISTIC:
    case NMD_ACT_REVERSED_LOGISTIC: return slope * (1.0 - 2.0 * (kind == NMD_ACT_LOGISTIC ? f : 1.0 - f));
    case NMD_ACT_SOFTPLUS: return fabs(x) > saturation ? 0.0 : slope * (1.0 - slope);
    case NMD_ACT_GAUSSIAN: return (x * x - 1.0) * f;
    case NMD_ACT_COSINE: return -f;
    case NMD_ACT_EXP: return f;
    case NMD_ACT_HARMONIC: return 2.0;
  }
  return NAN;
}

bool nmd_activation_from_letter(char letter, nmd_activation *kind) {
  for (int i = 0; i < N_NAMES; i++) {
    if (names[i].letter != letter) continue;
    *kind = names[i].kind;
    return true;
  }
  return false;
}

char nmd_activation_letter(nmd_activation kind) {
  for (int i = 0; i < N_NAMES; i++)
    if (names[i].kind == kind) return names[i].letter;
  return '?';
}

const char *nmd_activation_name(nmd_activation kind) {
  for (int i = 0; i < N_NAMES; i++)
    if (names[i].kind == kind) return names[i].name;
  return "?";
}
