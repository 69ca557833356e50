/* SPDX-License-Identifier: BSD-3-Clause */
/* Bulk Au-Li at 600 K under the neural-network potential: the total energy of NVE stays where it is. Its drift over
 * 50 ps is measured against 1e-4 eV/atom/ns, its fluctuation against the dt^2 of velocity Verlet;
 * the drift in mixed precision too.
 *
 * LINKS: engine */
#include "parallel/comm.h"
#include "support/drift.h"
#include "support/engine.h"
#include "support/statistics.h"
#include "support/test.h"

enum { EQUILIBRATE = 5000, DRIFT_STEPS = 50000, ORDER_FS = 15000, N_ORDER = 4, WINDOW_FS = 500 };
static const double order_timestep[N_ORDER] = {0.5, 1, 2, 4};
static double series[DRIFT_STEPS];

static nmd_simulation *open_bulk(const char *potential) {
  const engine_crystal crystal = {.sites = "b2", .a = 3.15, .cells = {4, 4, 4}, .z = {79, 3}};
  engine_write_crystal(&crystal, "start.extxyz");
  return engine_open(TEST_COMM,
                     engine_write_input("input.yaml",
                                        "seed: 4\nstructure: {file: start.extxyz}\npotential:\n  %s\nstages:\n"
                                        "  - nvt: {steps: %d, timestep: 1 fs, velocities: 1200 K, temperature: 600 K}\n"
                                        "  - nve: {steps: %d, timestep: 1 fs}\n"
                                        "  - nve: {duration: %d fs, timestep: 0.5 fs}\n"
                                        "  - nve: {duration: %d fs, timestep: 1 fs}\n"
                                        "  - nve: {duration: %d fs, timestep: 2 fs}\n"
                                        "  - nve: {duration: %d fs, timestep: 4 fs}\n",
                                        potential, EQUILIBRATE, DRIFT_STEPS, ORDER_FS, ORDER_FS, ORDER_FS,
                                        ORDER_FS));
}

static bool next_stage(nmd_simulation *s) {
  const int next = s->stage + 1;
  nmd_stage_end(s);
  return TEST_OK(nmd_stage_begin(s, next));
}

static void check_order(nmd_simulation *s) {
  double x[N_ORDER], y[N_ORDER];
  for (int k = 0; k < N_ORDER && next_stage(s); k++) {
    double temperature;
    const int n = drift_run_stage(s, series, &temperature);
    x[k] = log(order_timestep[k]);
    y[k] = log(test_fluctuation(series, n, (int)(WINDOW_FS / order_timestep[k])));
    engine_say("  dt %.1f fs: RMS %.3e eV/atom at %.0f K\n", order_timestep[k], exp(y[k]), temperature);
  }
  const test_estimate slope = test_slope(x, y, N_ORDER);
  engine_say("  exponent of the fluctuation: %.3f +- %.3f\n", slope.value, slope.error);
  TEST_NEAR(slope.value, 2, 0.1);
}

static void test_bulk(void) {
  nmd_simulation *s = open_bulk(ENGINE_AU_LI);
  if (s != NULL && engine_steps(s, EQUILIBRATE) && next_stage(s)) {
    drift_check(s, "double precision", 450, 750, series);
    check_order(s);
  }
  nmd_simulation_destroy(s);
}

static void test_mixed(void) {
  nmd_simulation *s = open_bulk(ENGINE_AU_LI_IN("mixed"));
  if (s != NULL && engine_steps(s, EQUILIBRATE) && next_stage(s)) drift_check(s, "mixed precision", 450, 750, series);
  nmd_simulation_destroy(s);
}

TEST_SUITE("physics/au_li_energy", TEST(test_bulk), TEST(test_mixed))
