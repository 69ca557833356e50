/* SPDX-License-Identifier: BSD-3-Clause */
#include <math.h>
#include <stdio.h>

#include "base/units.h"
#include "dynamics/toy_system.h"
#include "support/test.h"

typedef struct state_point {
  toy_statistics volume, pressure, temperature;
} state_point;

static state_point run_at(void (*make)(toy_system *toy), const char *text) {
  enum { STEPS = 100000, EVERY = 5 };
  static double v[STEPS / EVERY], p[STEPS / EVERY], t[STEPS / EVERY];
  toy_system toy;
  make(&toy);
  TEST_OK(toy_stage(&toy, text, 2.0, STEPS + 5000));
  bool ok = true;
  for (int n = -5000; n < STEPS; n++) {
    ok = ok && toy_step(&toy) == NMD_OK;
    if (n < 0 || n % EVERY != 0) continue;
    v[n / EVERY] = toy.box.volume;
    p[n / EVERY] = toy_pressure(&toy);
    t[n / EVERY] = toy_temperature(&toy);
  }
  CU_ASSERT(ok);
  toy_free(&toy);
  return (state_point){toy_analyse(v, STEPS / EVERY), toy_analyse(p, STEPS / EVERY), toy_analyse(t, STEPS / EVERY)};
}

void toy_check_volume_fluctuations(void (*make)(toy_system *toy), const char *stage, const char *more) {
  char text[256];
  snprintf(text, sizeof text, "%s: {temperature: 900 K, pressure: 0 GPa, tau: 50 fs, tau_p: 200 fs%s}", stage, more);
  const state_point a = run_at(make, text);
  snprintf(text, sizeof text, "%s: {temperature: 900 K, pressure: 3 GPa, tau: 50 fs, tau_p: 200 fs%s}", stage, more);
  const state_point b = run_at(make, text);
  const double kt = NMD_BOLTZMANN * 900.0, dp = 3.0 / NMD_EV_PER_A3_TO_GPA;
  const double change = a.volume.mean - b.volume.mean;
  const double change_error = hypot(a.volume.mean_error, b.volume.mean_error);
  const double predicted = dp * 0.5 * (a.volume.variance + b.volume.variance) / kt;
  const double predicted_error = dp * 0.5 * hypot(a.volume.variance_error, b.volume.variance_error) / kt;
  toy_show("  %s: <V> %.3f -> %.3f A^3; difference %.3f +- %.3f, from fluctuations %.3f +- %.3f; T %.1f +- %.1f K; "
           "P - target %.3f +- %.3f, %.3f +- %.3f GPa\n",
           text, a.volume.mean, b.volume.mean, change, change_error, predicted, predicted_error, a.temperature.mean,
           a.temperature.mean_error, (a.pressure.mean + kt / a.volume.mean) * NMD_EV_PER_A3_TO_GPA,
           a.pressure.mean_error * NMD_EV_PER_A3_TO_GPA,
           (b.pressure.mean + kt / b.volume.mean) * NMD_EV_PER_A3_TO_GPA - 3.0,
           b.pressure.mean_error * NMD_EV_PER_A3_TO_GPA);
  TEST_NEAR(change, predicted, 4.0 * hypot(change_error, predicted_error));
  TEST_CHECK(predicted_error < 0.1 * predicted, "run too short to tell");
  TEST_NEAR(a.temperature.mean, 900.0, 4.0 * a.temperature.mean_error + 3.0);
  TEST_NEAR(a.pressure.mean + kt / a.volume.mean, 0.0, 4.0 * a.pressure.mean_error);
  TEST_NEAR(b.pressure.mean + kt / b.volume.mean, dp, 4.0 * b.pressure.mean_error);
}
