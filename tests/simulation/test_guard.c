/* SPDX-License-Identifier: BSD-3-Clause */
/* Atoms that would go too far in a step, and drift of the centre of mass.
 *
 * LINKS: engine */
#include "base/units.h"
#include "base/vec3.h"
#include "parallel/comm.h" /* TEST_COMM */
#include "support/engine.h"
#include "support/test.h"

static nmd_simulation *open_stage(const char *stage) {
  return engine_open(TEST_COMM, engine_write_input("input.yaml",
                                                   "seed: 5\noutput_folder: '%s'\nstructure: {file: start.extxyz}\n"
                                                   "potential:\n  %s\nstages:\n  - %s\n",
                                                   test_folder(), ENGINE_LJ, stage));
}

/* Atoms far too near: a fixed step of 20 fs explodes, shortened ones conserve energy and keep to the limit. */
static void write_hot(void) {
  const engine_crystal hot = {.sites = "fcc", .a = 5.0, .cells = {3, 3, 3}, .z = {18}, .rattle = 0.2};
  engine_write_crystal(&hot, "start.extxyz");
}

static double largest_step(const engine_state *a, const engine_state *b) {
  double most = 0;
  for (int64_t i = 0; i < a->n; i++) {
    const double d[3] = {b->x[i][0] - a->x[i][0], b->x[i][1] - a->x[i][1], b->x[i][2] - a->x[i][2]};
    most = fmax(most, nmd_norm(d));
  }
  return most;
}

static void test_shorten(void) {
  write_hot();
  nmd_simulation *s = open_stage("nve: {steps: 400, timestep: 20 fs, largest_move: 0.02 A, on_large_move: shorten}");
  if (s == NULL) return;
  engine_state before, after;
  const double energy = engine_conserved(s);
  double most = 0, time = 0, shortest = 20;
  engine_look(s, &before);
  for (int k = 0; k < 400 && engine_steps(s, 1); k++) {
    engine_look(s, &after);
    most = fmax(most, largest_step(&before, &after));
    shortest = fmin(shortest, s->motion.timestep);
    time += s->motion.timestep;
    engine_state_free(&before);
    before = after;
  }
  engine_say("  largest move %.4f A, shortest step %.3f fs, energy off by %.2e of %.3g eV\n", most, shortest,
             engine_conserved(s) - energy, energy);
  CU_ASSERT(most < 0.02 * 1.0001 && most > 0.01 && shortest < 10);
  TEST_RELATIVE(s->counters.time, time, 1e-12);
  TEST_CHECK(s->counters.large_moves > 100 && s->counters.large_moves <= 400, "%lld",
             (long long)s->counters.large_moves);
  TEST_NEAR(engine_conserved(s), energy, 0.5); /* of 31 eV; without the limit it explodes in step 3 */
  engine_state_free(&before);
  nmd_simulation_destroy(s);
}

static void test_stop(void) {
  write_hot();
  nmd_simulation *s = open_stage("nve: {steps: 400, timestep: 20 fs, largest_move: 0.02 A}");
  if (s == NULL) return;
  TEST_FAILS(nmd_simulation_step(s), NMD_EXPLODED);
  TEST_CONTAINS(nmd_error_text(), "step 1: would move an atom by more than largest_move, 0.02 A");
  TEST_CONTAINS(nmd_error_text(), "(Ar) at (");
  nmd_simulation_destroy(s);
}

static int warnings;
static void count_warnings(nmd_log_level level, const char *line, void *context) {
  (void)context;
  if (level == NMD_LOG_WARNING && strstr(line, "largest_move") != NULL) warnings++;
}

static void test_warn(void) {
  const engine_crystal solid = {.sites = "fcc", .a = 5.3, .cells = {3, 3, 3}, .z = {18}};
  engine_write_crystal(&solid, "start.extxyz");
  nmd_simulation *s =
      open_stage("nve: {steps: 400, timestep: 2 fs, velocities: 300 K, largest_move: 0.001 A, on_large_move: warn}");
  if (s == NULL) return;
  nmd_log_set_sink(count_warnings, NULL);
  engine_steps(s, 100);
  nmd_log_set_sink(NULL, NULL);
  TEST_EQUAL_INT(s->counters.large_moves, 100);
  TEST_EQUAL_INT(warnings, 7); /* 1, 2, 4, ... 64 */
  TEST_RELATIVE(s->motion.timestep, 2, 0);
  nmd_simulation_destroy(s);
}

static void momentum(const nmd_simulation *s, double p[3]) {
  p[0] = p[1] = p[2] = 0;
  for (int i = 0; i < s->atoms.n_owned; i++)
    for (int k = 0; k < 3; k++) p[k] += s->species.mass[s->atoms.species[i]] * s->atoms.v[3 * i + k];
}

static void check_drift(const char *more, bool removed) {
  char stage[256];
  snprintf(stage, sizeof stage,
           "nvt: {steps: 400, timestep: 4 fs, velocities: 300 K, temperature: 300 K, thermostat: "
           "langevin, tau: 100 fs%s}",
           more);
  nmd_simulation *s = open_stage(stage);
  if (s == NULL) return;
  double p[3];
  const double energy = engine_conserved(s);
  engine_steps(s, 200);
  momentum(s, p);
  CU_ASSERT(removed ? nmd_norm(p) < 1e-12 : nmd_norm(p) > 1e-3);
  TEST_RELATIVE(nmd_freedoms(&s->motion), 3.0 * (double)s->n_atoms - (removed ? 3 : 0), 1e-15);
  TEST_NEAR(engine_conserved(s), energy, 0.03); /* what was taken out is booked */
  CU_ASSERT(removed ? s->counters.drift_energy > 0.1 : s->counters.drift_energy == 0);
  nmd_simulation_destroy(s);
}

static void test_drift(void) {
  const engine_crystal solid = {.sites = "fcc", .a = 5.3, .cells = {3, 3, 3}, .z = {18}};
  engine_write_crystal(&solid, "start.extxyz");
  check_drift("", false);
  check_drift(", remove_drift: 10", true);
}

TEST_SUITE("simulation/guard", TEST(test_shorten), TEST(test_stop), TEST(test_warn), TEST(test_drift))
