/* SPDX-License-Identifier: BSD-3-Clause */
/* Colour conductivity of a Lennard-Jones liquid whose atoms differ in colour only: the charge diffusion coefficient
 * under a field is that of the tracer at equilibrium times N / (N - 1) (the velocities of all atoms add up to zero),
 * for both thermostats; the temperature without the drift is the target. And an ionic liquid, where the field acts on
 * the charges that the potential has: the conductivity is that by the collective mean squared displacement.
 *
 * LINKS: engine */
#include "base/memory.h"
#include "base/units.h"
#include "parallel/comm.h"
#include "support/engine.h"
#include "support/statistics.h"
#include "support/test.h"

enum { SAMPLES_MAX = 4000, BLOCKS = 16 };
static const double timestep = 6; /* fs */

typedef struct value {
  double mean, error;
} value;

static value mean_of(const double *x, int n) {
  double sum = 0, squares = 0;
  for (int k = 0; k < n; k++) sum += x[k] / n;
  for (int k = 0; k < n; k++) squares += (x[k] - sum) * (x[k] - sum);
  return (value){sum, sqrt(squares / n / (n - 1))};
}

typedef struct liquid {
  const char *potential, *masses, *charges;
  engine_crystal crystal;
  double temperature, charge[2]; /* K; e of the two species, in order of atomic number */
} liquid;

static nmd_simulation *open_liquid(const liquid *l, const char *stage) {
  engine_write_crystal(&l->crystal, "start.extxyz");
  return engine_open(TEST_COMM,
                     engine_write_input("input.yaml",
                                        "seed: 7\noutput_folder: '%s'\nstructure: {file: start.extxyz}\n"
                                        "masses: %s\npotential:\n  %s\nstages:\n  - nvt: {steps: 1000000, velocities: "
                                        "%g K, temperature: %g K, tau: 200 fs, timestep: %g fs}\n  - %s\n",
                                        test_folder(), l->masses, l->potential, l->temperature, l->temperature,
                                        timestep, stage));
}

/* ---- equilibrium ---- */

typedef struct walk {
  int64_t n;
  int samples;
  float (*x)[3];  /* [samples][n] */
  double *charge; /* [n] */
} walk;

static void record(walk *w, const nmd_simulation *s) {
  engine_state now;
  engine_look(s, &now);
  for (int64_t i = 0; i < w->n; i++)
    for (int a = 0; a < 3; a++) w->x[w->samples * w->n + i][a] = (float)now.x[i][a];
  w->samples++;
  engine_state_free(&now);
}

/* Mean squared displacement over `lag` samples from origins [from, to): of an atom, and of the charge. */
static void displacement(const walk *w, int from, int to, int lag, double *one, double *all) {
  *one = *all = 0;
  for (int t = from; t < to; t++) {
    double dipole[3] = {0, 0, 0};
    for (int64_t i = 0; i < w->n; i++)
      for (int a = 0; a < 3; a++) {
        const double d = w->x[(t + lag) * w->n + i][a] - w->x[t * w->n + i][a];
        *one += d * d / (double)w->n / (to - from);
        dipole[a] += w->charge[i] * d;
      }
    for (int a = 0; a < 3; a++) *all += dipole[a] * dipole[a] / (to - from);
  }
}

/* Slopes between two lags, in A^2/ps: tracer, and charge per sum of squared charges. */
static void slopes(const walk *w, double sample_ps, int lag, value *one, value *all) {
  double d[2][BLOCKS], squares = 0;
  for (int64_t i = 0; i < w->n; i++) squares += w->charge[i] * w->charge[i];
  const int origins = (w->samples - 3 * lag) / BLOCKS;
  for (int b = 0; b < BLOCKS; b++) {
    double near[2], far[2];
    displacement(w, b * origins, (b + 1) * origins, lag, &near[0], &near[1]);
    displacement(w, b * origins, (b + 1) * origins, 3 * lag, &far[0], &far[1]);
    d[0][b] = (far[0] - near[0]) / (6 * 2 * lag * sample_ps);
    d[1][b] = (far[1] - near[1]) / (6 * 2 * lag * sample_ps * squares);
  }
  *one = mean_of(d[0], BLOCKS);
  *all = mean_of(d[1], BLOCKS);
}

static void equilibrium(const liquid *l, int samples, int steps, int lag, value *one, value *all) {
  walk w = {0};
  nmd_simulation *s = open_liquid(l, "nve: {steps: 1}");
  if (s == NULL) return;
  w.n = s->n_atoms;
  if (!TEST_OK(NMD_ALLOC(w.x, w.n * samples)) || !TEST_OK(NMD_ALLOC(w.charge, w.n))) return;
  engine_steps(s, 3000);
  for (int i = 0; i < s->atoms.n_owned; i++) w.charge[s->atoms.id[i] - 1] = l->charge[s->atoms.species[i]];
  for (int k = 0; k < samples && engine_steps(s, steps); k++) record(&w, s);
  slopes(&w, steps * timestep * 1e-3, lag, one, all);
  nmd_simulation_destroy(s);
  nmd_free(w.x);
  nmd_free(w.charge);
}

/* ---- under the field ---- */

/* Charge diffusion coefficient from the charge that moved (second number of the stage's state), A^2/ps. */
static value driven(const liquid *l, const char *thermostat, double strength, int blocks, int steps, double *kelvin) {
  char stage[512];
  double rate[256], *state, before = 0, squares = 0;
  value result = {0, 1};
  snprintf(stage, sizeof stage,
           "field: {steps: 1000000, timestep: %g fs, field: %g eV/A, direction: [1, 2, 2], charges: %s, temperature: "
           "%g K, tau: 200 "
           "fs, thermostat: %s}",
           timestep, strength, l->charges, l->temperature, thermostat);
  nmd_simulation *s = open_liquid(l, stage);
  if (s == NULL) return result;
  engine_steps(s, 2000);
  nmd_stage_end(s);
  if (!TEST_OK(nmd_stage_begin(s, 1)) || !engine_steps(s, 1000)) return result;
  const nmd_ensemble_ops *ops = s->stages[1].ops;
  for (int i = 0; i < s->atoms.n_owned; i++) squares += pow(l->charge[s->atoms.species[i]], 2);
  if (!TEST_OK(NMD_ALLOC(state, ops->state_size(s->ensemble)))) return result;
  ops->save(s->ensemble, state);
  before = state[1];
  for (int b = 0; b < blocks && engine_steps(s, steps); b++) {
    ops->save(s->ensemble, state);
    rate[b] = NMD_BOLTZMANN * l->temperature * (state[1] - before) / (strength * squares * steps * timestep * 1e-3);
    before = state[1];
  }
  *kelvin = state[4] / (state[2] - state[3]);
  nmd_free(state);
  nmd_simulation_destroy(s);
  return mean_of(rate, blocks);
}

static void agree(const char *what, value a, value b, double largest) {
  const double error = sqrt(a.error * a.error + b.error * b.error);
  engine_say("  %s: %.4f +- %.4f A^2/ps under the field, %.4f +- %.4f at equilibrium\n", what, a.mean, a.error, b.mean,
             b.error);
  TEST_CHECK(fabs(a.mean - b.mean) < 3 * error, "%s: %g and %g, errors %g and %g", what, a.mean, b.mean, a.error,
             b.error);
  TEST_CHECK(error < largest * b.mean, "%s: error %g of %g says nothing", what, error, b.mean);
}

static void test_colours(void) {
  const liquid l = {.potential = ENGINE_LJ,
                    .masses = "{Kr: 39.948}",
                    .temperature = 1207,
                    .charge = {1, -1},
                    .charges = "[{element: Ar, charge: 1}, {element: Kr, charge: -1}]",
                    .crystal = {.sites = "b2", .a = 4.61, .cells = {5, 5, 5}, .z = {18, 36}, .rattle = 0.1}};
  value one = {0, 0}, all;
  double kelvin;
  equilibrium(&l, 2000, 20, 20, &one, &all);
  one.mean *= 250.0 / 249;
  agree("colours, drift", driven(&l, "drift", 0.012, 40, 1000, &kelvin), one, 0.1);
  TEST_RELATIVE(kelvin, 1207, 0.01);
  agree("colours, across", driven(&l, "across", 0.012, 40, 1000, &kelvin), one, 0.1);
  TEST_RELATIVE(kelvin, 1207, 0.03);
}

static void test_ions(void) {
  const liquid l = {
      .potential =
          "sum: {terms: [lennard_jones: {epsilon: 0.02, sigma: 2.6, cutoff: 6.5}, screened_coulomb: {cutoff: 6.5, "
          "between: "
          "all, screening: length, length: 4 A, ions: [{element: Na, charge: 0.5}, {element: Cl, charge: -0.5}]}]}",
      .masses = "{Na: 22.99}",
      .temperature = 1200,
      .charge = {0.5, -0.5},
      .charges = "[{element: Na, charge: 0.5}, {element: Cl, charge: -0.5}]",
      .crystal = {.sites = "b2", .a = 3.5, .cells = {5, 5, 5}, .z = {11, 17}, .rattle = 0.1}};
  value one, all = {0, 0};
  double kelvin;
  equilibrium(&l, 3600, 12, 12, &one, &all);
  agree("ions", driven(&l, "drift", 0.02, 40, 800, &kelvin), all, 0.2);
}

TEST_SUITE("physics/field", TEST(test_colours), TEST(test_ions))
