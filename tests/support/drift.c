/* SPDX-License-Identifier: BSD-3-Clause */
#include "support/drift.h"

#include <math.h>

#include "support/engine.h"
#include "support/statistics.h"
#include "support/test.h"

enum { BLOCKS = 100, WINDOW_FS = 500 };
static const double most = 1e-4; /* eV/atom/ns */

int drift_run_stage(nmd_simulation *s, double *series, double *temperature) {
  const int n = (int)s->stages[s->stage].steps;
  double sum = 0;
  for (int k = 0; k < n && engine_steps(s, 1); k++) {
    series[k] = engine_conserved(s) / (double)s->n_atoms;
    sum += nmd_temperature_of(&s->motion, engine_kinetic(s));
  }
  *temperature = sum / n;
  return n;
}

void drift_check(nmd_simulation *s, const char *label, double low, double high, double *series) {
  double temperature;
  const int n = drift_run_stage(s, series, &temperature);
  const double timestep = s->motion.timestep, per_ns = 1e6 / timestep;
  const test_estimate drift = test_drift(series, n, BLOCKS);
  engine_say("  NVE, %s, %lld atoms, %.0f ps at %g fs, %.0f K: drift %.2e +- %.1e eV/atom/ns, RMS %.2e eV/atom, "
             "%lld extrapolations\n",
             label, (long long)s->n_atoms, n * timestep * 1e-3, timestep, temperature, drift.value * per_ns,
             drift.error * per_ns, test_fluctuation(series, n, (int)(WINDOW_FS / timestep)),
             (long long)s->counters.extrapolations);
  TEST_CHECK(fabs(drift.value) * per_ns <= most + 2 * drift.error * per_ns, "%s: drift %g eV/atom/ns", label,
             drift.value * per_ns);
  TEST_CHECK(drift.error * per_ns <= most, "%s: the error of the drift, %g eV/atom/ns, hides what is tested", label,
             drift.error * per_ns);
  TEST_CHECK(temperature > low && temperature < high, "%s: %g K; expected %g to %g", label, temperature, low, high);
}
