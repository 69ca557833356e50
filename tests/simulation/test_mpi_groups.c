/* SPDX-License-Identifier: BSD-3-Clause */
/* Groups in whole runs, at any number of ranks: who belongs to them stays the same while atoms change ranks and through
 * restarts; frozen atoms do not move and do not count; each group has the temperature of its thermostat.
 *
 * LINKS: engine */
#include "base/memory.h"
#include "base/units.h"
#include "parallel/comm.h"
#include "support/engine.h"
#include "support/statistics.h"
#include "support/test.h"

static const char *write_input(const char *groups, const char *stages) {
  return engine_write_input("input.yaml",
                            "seed: 5\noutput_folder: '%s'\nstructure: {file: start.extxyz}\npotential:\n  %s\n"
                            "parallel: {skin: 0.5 A}\nmasses: {Ar: 36}\ngroups:\n%s\nstages:\n%s\n",
                            test_folder(), ENGINE_LJ, groups, stages);
}

/* Bits by id - 1 and a sum that tells whether all were there. */
static void members(const nmd_simulation *s, int64_t *bits) {
  memset(bits, 0, (size_t)s->n_atoms * sizeof *bits);
  for (int i = 0; i < s->atoms.n_owned; i++) bits[s->atoms.id[i] - 1] = s->atoms.groups[i] + ((int64_t)1 << 40);
  nmd_comm_sum_int(TEST_COMM, bits, (int)s->n_atoms);
}

enum { N = 108 };

static const char layers[] = "  - {name: low, axis: c, to: 9 A}\n  - {name: few, ids: [1-10, 55]}\n"
                             "  - {name: upper, axis: c, to: 9 A, invert: true}\n";
static const engine_crystal gas = {
    .sites = "fcc", .a = 8.5, .cells = {3, 3, 3}, .z = {18}, .rattle = 0.3, .shear = 0.2};

static void check_start(const nmd_simulation *s, const int64_t *bits) {
  engine_state state;
  engine_look(s, &state);
  for (int64_t i = 0; i < N; i++) {
    double f[3], x[3];
    int image[3] = {0, 0, 0};
    memcpy(x, state.x[i], sizeof x);
    nmd_box_wrap(&s->box, x, image);
    nmd_box_to_fractional(&s->box, x, f);
    const bool low = f[2] * nmd_box_height(&s->box, 2) < 9, few = i < 10 || i == 54;
    TEST_EQUAL_INT(bits[i], (low ? 1 : 4) + (few ? 2 : 0) + ((int64_t)1 << 40));
  }
  engine_state_free(&state);
}

static void test_members_stay(void) {
  engine_write_crystal(&gas, "start.extxyz");
  const char *input = write_input(layers, "  - nve: {steps: 400, timestep: 4 fs, velocities: 3000 K}");
  int64_t before[N], after[N], again[N];
  nmd_simulation *s = engine_open(TEST_COMM, input), *resumed = NULL;
  if (s == NULL) return;
  members(s, before);
  check_start(s, before);
  TEST_RELATIVE(s->species.mass[0], 36, 1e-15);
  engine_steps(s, 300);
  members(s, after);
  CU_ASSERT(memcmp(before, after, sizeof before) == 0);
  if (TEST_OK(nmd_state_save(s)) && TEST_OK(engine_create(TEST_COMM, input, &resumed)) &&
      TEST_OK(nmd_state_load(resumed, s->checkpoint_path, NULL))) {
    members(resumed, again);
    CU_ASSERT(memcmp(before, again, sizeof before) == 0);
  }
  nmd_simulation_destroy(resumed);

  /* other order, one definition changed: the first keeps its members, the other is chosen anew */
  nmd_comm_barrier(TEST_COMM);
  input = write_input("  - {name: few, ids: 2-4}\n  - {name: low, axis: c, to: 9 A}\n",
                      "  - nve: {steps: 400, timestep: 4 fs, velocities: 3000 K}");
  if (TEST_OK(engine_create(TEST_COMM, input, &resumed)) &&
      TEST_OK(nmd_state_load(resumed, s->checkpoint_path, NULL))) {
    members(resumed, again);
    for (int i = 0; i < N; i++) TEST_EQUAL_INT(again[i], (i >= 1 && i <= 3) + 2 * (before[i] & 1) + ((int64_t)1 << 40));
  }
  nmd_simulation_destroy(resumed);
  nmd_simulation_destroy(s);
}

static const engine_crystal solid = {.sites = "fcc", .a = 5.3, .cells = {3, 3, 3}, .z = {18}, .rattle = 0.05};

static void check_frozen(const engine_state *start, const engine_state *end, int first, bool all_moved) {
  for (int i = 0; i < N; i++) {
    const double d[3] = {end->x[i][0] - start->x[i][0], end->x[i][1] - start->x[i][1], end->x[i][2] - start->x[i][2]};
    const double moved = fabs(d[0]) + fabs(d[1]) + fabs(d[2]);
    const double still = fabs(end->v[i][0]) + fabs(end->v[i][1]) + fabs(end->f[i][0]) + fabs(end->f[i][2]);
    if (i < first && !all_moved)
      TEST_CHECK(moved < 1e-12 && still == 0, "frozen atom %d moved by %g A", i + 1, moved);
    else
      TEST_CHECK(moved > 1e-4 && still > 0, "atom %d did not move", i + 1);
  }
}

/* Two stages: with ids 1-30 frozen, then with none. */
static void test_frozen(void) {
  engine_write_crystal(&solid, "start.extxyz");
  const char *input =
      write_input("  - {name: floor, ids: 1-30}\n",
                  "  - nvt: {steps: 150, timestep: 4 fs, velocities: 300 K, temperature: 300 K, frozen: "
                  "floor, thermostat: langevin}\n  - nve: {steps: 100, timestep: 2 fs}\n");
  nmd_simulation *s = engine_open(TEST_COMM, input);
  if (s == NULL) return;
  engine_state start, end;
  TEST_EQUAL_INT(s->motion.n_frozen, 30);
  TEST_RELATIVE(nmd_freedoms(&s->motion), 3 * (N - 30), 1e-15);
  TEST_RELATIVE(nmd_temperature_of(&s->motion, nmd_kinetic_energy(&s->motion)), 300, 1e-12);
  engine_look(s, &start);
  engine_steps(s, 150);
  engine_look(s, &end);
  check_frozen(&start, &end, 30, false);
  nmd_stage_end(s);
  TEST_OK(nmd_stage_begin(s, 1)); /* the forces that were not kept are there again: energy is conserved */
  TEST_RELATIVE(nmd_freedoms(&s->motion), 3 * N - 3, 1e-15);
  const double energy = engine_conserved(s);
  engine_steps(s, 100);
  engine_state_free(&end);
  engine_look(s, &end);
  check_frozen(&start, &end, 30, true);
  TEST_NEAR(engine_conserved(s), energy, 1e-3);
  engine_state_free(&start);
  engine_state_free(&end);
  nmd_simulation_destroy(s);
}

/* Kinetic temperature of some of the atoms, three freedoms an atom. */
static double temperature_of(const nmd_simulation *s, uint32_t in, uint32_t out) {
  double sum[2] = {0, 0};
  for (int i = 0; i < s->atoms.n_owned; i++) {
    if (!nmd_in_subset((nmd_subset){in, out}, &s->atoms, i)) continue;
    for (int k = 0; k < 3; k++)
      sum[0] += NMD_MV2_TO_EV * s->species.mass[s->atoms.species[i]] * s->atoms.v[3 * i + k] * s->atoms.v[3 * i + k];
    sum[1] += 3;
  }
  nmd_comm_sum(TEST_COMM, sum, 2);
  return sum[0] / (sum[1] * NMD_BOLTZMANN);
}

/* Parts of a gas too thin to meet: each has the temperature of its own bath; "none" feels none; an atom in two groups
 * has the bath of the first. */
static void test_thermostats(void) {
  const engine_crystal thin = {.sites = "fcc", .a = 60, .cells = {3, 3, 3}, .z = {18}, .rattle = 0.1};
  engine_write_crystal(&thin, "start.extxyz");
  const char *input = write_input(
      "  - {name: first, ids: 1-40}\n  - {name: second, ids: 31-80}\n  - {name: none, ids: 81-108}\n",
      "  - nvt: {steps: 100000, timestep: 2 fs, velocities: 300 K, temperature: 300 K, tau: 20 fs, groups: [{group: "
      "first, temperature: 500 K}, {group: second, temperature: 100 K, thermostat: langevin}, {group: none, "
      "thermostat: none}]}");
  nmd_simulation *s = engine_open(TEST_COMM, input);
  if (s == NULL) return;
  enum { SAMPLES = 800, EACH = 2 };
  static double series[2][SAMPLES];
  const double untouched = temperature_of(s, 4, 0);
  engine_steps(s, 100);
  for (int k = 0; k < SAMPLES && engine_steps(s, EACH); k++)
    for (int b = 0; b < 2; b++) series[b][k] = temperature_of(s, b == 0 ? 1 : 2, b == 0 ? 0 : 1);
  const test_estimate first = test_mean(series[0], SAMPLES), second = test_mean(series[1], SAMPLES);
  engine_say("  %.1f +- %.1f K of 500, %.1f +- %.1f K of 100\n", first.value, first.error, second.value, second.error);
  TEST_CHECK(fabs(first.value - 500) < 4 * first.error + 1, "first bath: %g K", first.value);
  TEST_CHECK(fabs(second.value - 100) < 4 * second.error + 1, "second bath: %g K", second.value);
  TEST_RELATIVE(temperature_of(s, 4, 0), untouched, 1e-12);
  nmd_simulation_destroy(s);
}

/* The output's last row against sums over the atoms by id. */
static void test_output(void) {
  engine_write_crystal(&solid, "start.extxyz");
  const char *input =
      write_input("  - {name: few, ids: 1-7}\n",
                  "  - nve: {steps: 20, timestep: 4 fs, velocities: 300 K}\noutputs:\n  - groups: {every: 10}");
  const nmd_run_options options = {0};
  nmd_simulation *s;
  engine_state state;
  double row[10], x = 0;
  if (!TEST_OK(engine_create(TEST_COMM, input, &s)) || !TEST_OK(nmd_simulation_run(s, &options))) return;
  nmd_simulation_destroy(s);
  s = engine_open(TEST_COMM, input);
  engine_steps(s, 20);
  engine_look(s, &state);
  const double all = temperature_of(s, 0, 0), few = temperature_of(s, 1, 0);
  for (int i = 0; i < 7; i++) x += state.x[i][2] / 7;
  nmd_simulation_destroy(s);
  engine_state_free(&state);
  if (nmd_comm_rank(TEST_COMM) != 0) return;
  char *text = test_read(test_path("groups.dat"));
  TEST_CONTAINS(text, "# step time T_all x_all y_all z_all T_few x_few y_few z_few\n# 1 fs K A A A K A A A\n0 0.000 ");
  const char *last = strstr(text, "\n20 ");
  if (!TEST_CHECK(last != NULL, "no row of step 20")) return;
  for (int k = 0; k < 10; k++) row[k] = strtod(last, (char **)&last);
  TEST_NEAR(row[2], all, 1e-4);
  TEST_NEAR(row[6], few, 1e-4);
  TEST_NEAR(row[9], x, 1e-6);
  free(text);
}

TEST_SUITE("simulation/mpi_groups", TEST(test_members_stay), TEST(test_frozen), TEST(test_thermostats),
           TEST(test_output))
