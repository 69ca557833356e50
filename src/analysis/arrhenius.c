/* SPDX-License-Identifier: BSD-3-Clause */
#include "analysis/arrhenius.h"

#include <math.h>

#include "analysis/quantile.h"
#include "base/units.h"

static nmd_status check(const nmd_arrhenius_point *p, int n) {
  double low = INFINITY, high = 0.0;
  for (int i = 0; i < n; i++) {
    if (!(p[i].temperature > 0.0) || !(p[i].D > 0.0) || !(p[i].sigma > 0.0) || !isfinite(p[i].D + p[i].sigma))
      NMD_FAIL(OUT_OF_RANGE, "point %d: T = %g K, D = %g, sigma = %g; expected all above 0", i + 1, p[i].temperature,
               p[i].D, p[i].sigma);
    low = fmin(low, p[i].temperature);
    high = fmax(high, p[i].temperature);
  }
  if (n >= 2 && high > low * (1.0 + 1e-6)) return NMD_OK;
  NMD_FAIL(OUT_OF_RANGE, "%d points at one temperature or none; expected at least two temperatures", n);
}

/* Probability that chi^2 of `freedom` degrees exceeds a value (Wilson-Hilferty). */
static double chi2_tail(double value, double freedom) {
  if (freedom < 1.0) return 1.0;
  const double spread = 2.0 / (9.0 * freedom), z = (cbrt(value / freedom) - (1.0 - spread)) / sqrt(spread);
  return 1.0 - nmd_normal_cdf(z);
}

static void set_interval(double value, double sigma, double freedom, nmd_interval *i) {
  const double t68 = nmd_student_quantile(0.5 + 0.5 * 0.6826894921370859, freedom);
  const double t95 = nmd_student_quantile(0.975, freedom);
  *i = (nmd_interval){.value = value, .sigma = sigma};
  for (int k = 0; k < 2; k++) {
    i->ci68[k] = value + (k == 0 ? -t68 : t68) * sigma;
    i->ci95[k] = value + (k == 0 ? -t95 : t95) * sigma;
  }
}

nmd_status nmd_arrhenius_fit(const nmd_arrhenius_point *points, int n, nmd_arrhenius *fit) {
  NMD_TRY(check(points, n));
  double s = 0.0, sx = 0.0, sxx = 0.0, sy = 0.0, sxy = 0.0, syy = 0.0;
  for (int i = 0; i < n; i++) {
    const double nu = 2.0 * pow(points[i].D / points[i].sigma, 2.0), w = 1.0 / (2.0 / nu + 2.0 / (nu * nu));
    const double x = -1.0 / (NMD_BOLTZMANN * points[i].temperature), y = log(points[i].D) + 1.0 / nu;
    s += w, sx += w * x, sxx += w * x * x, sy += w * y, sxy += w * x * y, syy += w * y * y;
  }
  const double det = s * sxx - sx * sx, energy = (s * sxy - sx * sy) / det;
  fit->ln_D0 = (sxx * sy - sx * sxy) / det;
  fit->ln_D0_sigma = sqrt(sxx / det);
  fit->covariance = -sx / det;
  fit->chi2 = fmax(0.0, syy - energy * sxy - fit->ln_D0 * sy);
  fit->p_value = chi2_tail(fit->chi2, n - 2.0);
  double parts = 0.0;
  for (int i = 0; i < n; i++) {
    const double nu = 2.0 * pow(points[i].D / points[i].sigma, 2.0), w = 1.0 / (2.0 / nu + 2.0 / (nu * nu));
    const double x = -1.0 / (NMD_BOLTZMANN * points[i].temperature), c = w * (s * x - sx) / det;
    if (points[i].freedom_of_sigma > 0.0) parts += pow(c * c / w, 2.0) / points[i].freedom_of_sigma;
  }
  fit->freedom = parts > 0.0 ? fmin(1e6, pow(s / det, 2.0) / parts) : 1e6;
  set_interval(energy, sqrt(s / det), fit->freedom, &fit->energy);
  return NMD_OK;
}

void nmd_arrhenius_predict(const nmd_arrhenius *fit, double temperature, double *ln_D, double *error) {
  const double x = -1.0 / (NMD_BOLTZMANN * temperature);
  *ln_D = fit->ln_D0 + fit->energy.value * x;
  *error = sqrt(fmax(0.0, pow(fit->ln_D0_sigma, 2.0) + 2.0 * x * fit->covariance + pow(x * fit->energy.sigma, 2.0)));
}
