/* SPDX-License-Identifier: BSD-3-Clause */
/* The self-test of forces at the start: passes for sound potentials in both precisions, on any ranks; fails for one whose
 * force has a wrong factor or a wrong sign; and leaves no trace in the state.
 *
 * LINKS: engine */
#include "support/test.h"
#include "base/memory.h"
#include "parallel/comm.h"
#include "simulation/self_test.h"
#include "support/engine.h"

static const nmd_potential_ops *sound; /* what the wrong one spoils */
static double factor;

/* The force of a sound potential times `factor`; its energy as it is. */
static nmd_status spoiled_compute(void *self, const nmd_potential_input *input, nmd_potential_partial *partial) {
  const int n = input->atoms->n_owned + input->atoms->n_ghost;
  double(*right)[3];
  NMD_TRY(NMD_ALLOC(right, n));
  nmd_potential_partial copy = *partial;
  copy.force = right;
  const nmd_status status = sound->compute(self, input, &copy);
  double(*force)[3] = partial->force;
  *partial = copy;
  partial->force = force;
  for (int i = 0; i < n; i++)
    for (int k = 0; k < 3; k++) force[i][k] += factor * right[i][k];
  nmd_free(right);
  return status;
}

static nmd_simulation *open_with(const char *potential, double rattle) {
  const engine_crystal crystal = {
      .sites = "b2", .a = 3.2, .cells = {3, 3, 3}, .z = {3, 79}, .rattle = rattle, .shear = 0.05};
  engine_write_crystal(&crystal, "crystal.extxyz");
  return engine_open(TEST_COMM,
                     engine_write_input("input.yaml",
                                        "structure: {file: crystal.extxyz}\npotential:\n  %s\nstages:\n  - nve: "
                                        "{steps: 50, timestep: 1 fs, velocities: 300 K}\n",
                                        potential));
}

/* Steps after a test are those without it, to the last bit. */
static void check_no_trace(const char *potential, bool test) {
  static engine_state before;
  nmd_simulation *s = open_with(potential, 0.02);
  nmd_self_test result;
  engine_state after;
  if (s == NULL) return;
  const int64_t extrapolations = s->counters.extrapolations;
  if (test) TEST_OK(nmd_simulation_self_test(s, &result));
  TEST_EQUAL_INT(s->counters.extrapolations, extrapolations);
  engine_steps(s, 5);
  engine_look(s, test ? &after : &before);
  if (test) {
    CU_ASSERT(memcmp(before.x, after.x, (size_t)after.n * sizeof *after.x) == 0);
    CU_ASSERT(memcmp(before.f, after.f, (size_t)after.n * sizeof *after.f) == 0);
    CU_ASSERT(before.potential == after.potential);
    engine_state_free(&before);
    engine_state_free(&after);
  }
  nmd_simulation_destroy(s);
}

static const char *const potentials[] = {"lennard_jones: {epsilon: 0.104, sigma: 2.6, cutoff: 7.0}",
                                         "lennard_jones: {epsilon: 0.104, sigma: 2.6, cutoff: 6.0, truncation: shift}",
                                         ENGINE_AU_LI, ENGINE_AU_LI_IN("mixed")};

static void test_sound(void) {
  for (int k = 0; k < 4; k++)
    for (int perfect = 0; perfect < 2; perfect++) {
      nmd_simulation *s = open_with(potentials[k], perfect ? 0.0 : 0.05);
      nmd_self_test result;
      if (s == NULL) continue;
      TEST_OK(nmd_simulation_self_test(s, &result));
      TEST_EQUAL_INT(result.atoms, 4);
      engine_say("  %-80.80s %s: %.1e eV/A\n", potentials[k], perfect ? "perfect" : "rattled", result.largest);
      TEST_CHECK(result.largest > 0 && result.largest < 1e-3, "%s: %g", potentials[k], result.largest);
      nmd_simulation_destroy(s);
    }
}

static void test_traces(void) {
  for (int k = 0; k < 4; k++) {
    check_no_trace(potentials[k], false);
    check_no_trace(potentials[k], true);
  }
}

static void check_spoiled(double wrong, double rattle) {
  nmd_simulation *s = open_with(ENGINE_AU_LI, rattle);
  nmd_self_test result;
  if (s == NULL) return;
  nmd_potential_ops spoiled = *s->potential.ops;
  sound = s->potential.ops;
  spoiled.compute = spoiled_compute;
  s->potential.ops = &spoiled;
  factor = wrong;
  TEST_FAILS(nmd_simulation_self_test(s, &result), NMD_CONFLICT);
  TEST_CONTAINS(nmd_error_text(), "self-test: potential nnp, atom ");
  TEST_CONTAINS(nmd_error_text(), "the slope of the energy");
  factor = 1;
  TEST_OK(nmd_simulation_self_test(s, &result)); /* the failure left the state in order */
  s->potential.ops = sound;
  nmd_simulation_destroy(s);
}

static void test_wrong(void) {
  check_spoiled(1.05, 0.0);
  check_spoiled(0.95, 0.05);
  check_spoiled(-1, 0.0);
  check_spoiled(0, 0.0);
}

TEST_SUITE("simulation/self_test", TEST(test_sound), TEST(test_traces), TEST(test_wrong))
