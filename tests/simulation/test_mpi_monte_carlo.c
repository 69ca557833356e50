/* SPDX-License-Identifier: BSD-3-Clause */
/* Monte Carlo on any number of ranks is the same chain of moves: element, place and energy after each step, with a stage of
 * dynamics in between. LINKS: engine */
#include "base/memory.h"
#include "parallel/comm.h"
#include "support/engine.h"
#include "support/test.h"

enum { STEPS = 12 };

typedef struct chain_case {
  const char *label, *stage;
  engine_crystal crystal;
} chain_case;

/* Cut-off 3.4 A: regions of cells of 10.2 A and more. */
static const chain_case cases[] = {
    {"swaps, one region", "temperature: 1000 K", {.sites = "rocksalt", .a = 6, .cells = {2, 1, 1}, .z = {18, 36}}},
    {"swaps, regions", "temperature: 1000 K, moves: 2",
     {.sites = "rocksalt", .a = 6, .cells = {8, 4, 4}, .z = {18, 36}, .shear = 0.05}},
    {"tempering", "temperature: 500 K, levels: 5, highest: 2000 K",
     {.sites = "rocksalt", .a = 6, .cells = {4, 2, 2}, .z = {18, 36}, .rattle = 0.05}},
    {"semi-grand, regions",
     "temperature: 1000 K, move: semi_grand, elements: [Kr, Ar], chemical_potentials: [50 meV, 0]",
     {.sites = "rocksalt", .a = 6, .cells = {8, 4, 2}, .z = {18, 36}, .rattle = 0.05}},
};

static const char *write_input(const chain_case *c) {
  engine_write_crystal(&c->crystal, "start.extxyz");
  return engine_write_input("input.yaml",
                            "seed: 4\noutput_folder: '%s'\nstructure: {file: start.extxyz}\npotential:\n"
                            "  lennard_jones: {epsilon: 0.05, sigma: 2.67, cutoff: 3.4, pairs: [{elements: [Ar, Kr], "
                            "epsilon: 0.2, sigma: 2.67}]}\nstages:\n  - monte_carlo: {steps: 1000, %s}\n",
                            test_folder(), c->stage);
}

/* Species of every atom, by id, on all ranks. */
static void look(const nmd_simulation *s, int64_t *species) {
  for (int64_t k = 0; k < s->n_atoms; k++) species[k] = 0;
  for (int i = 0; i < s->atoms.n_owned; i++) species[s->atoms.id[i] - 1] = s->atoms.species[i];
  nmd_comm_sum_int(s->comm, species, (int)s->n_atoms);
}

static void compare(const chain_case *c, const nmd_simulation *one, const nmd_simulation *all) {
  int64_t *a, *b, different = 0;
  engine_state x, y;
  if (!TEST_OK(NMD_ALLOC(a, one->n_atoms)) || !TEST_OK(NMD_ALLOC(b, one->n_atoms))) return;
  look(one, a);
  look(all, b);
  for (int64_t k = 0; k < one->n_atoms; k++) different += a[k] != b[k];
  engine_look(one, &x);
  engine_look(all, &y);
  engine_state_share(all->comm, 0, &y);
  const double moved = engine_largest_difference((const double(*)[3])x.x, (const double(*)[3])y.x, x.n);
  TEST_CHECK(different == 0, "%s: %lld atoms have another element", c->label, (long long)different);
  TEST_CHECK(moved < 1e-12, "%s: places differ by %g A", c->label, moved);
  TEST_NEAR(y.potential, x.potential, 1e-10);
  engine_say("  %-20s step %lld: %lld atoms, energies differ by %.1e eV\n", c->label, (long long)one->counters.step,
             (long long)one->n_atoms, y.potential - x.potential);
  engine_state_free(&x);
  engine_state_free(&y);
  nmd_free(a);
  nmd_free(b);
}

static void check_chain(const chain_case *c) {
  nmd_comm *alone;
  const char *input = write_input(c);
  if (!TEST_OK(nmd_comm_split(TEST_COMM, nmd_comm_rank(TEST_COMM), &alone))) return;
  nmd_simulation *one = engine_open(alone, input), *all = engine_open(TEST_COMM, input);
  if (one != NULL && all != NULL && engine_steps(one, STEPS) && engine_steps(all, STEPS)) compare(c, one, all);
  double counts[2][1024]; /* of tempering the arrangements, too */
  one->stages[0].ops->save(one->ensemble, counts[0]);
  all->stages[0].ops->save(all->ensemble, counts[1]);
  TEST_CHECK(counts[0][1] > 10, "%s: %g moves accepted", c->label, counts[0][1]);
  for (int k = 0; k < 2; k++) TEST_NEAR(counts[1][k], counts[0][k], 0);
  nmd_simulation_destroy(one);
  nmd_simulation_destroy(all);
  nmd_comm_free(alone);
}

static void test_same_chain(void) {
  for (int k = 0; k < (int)(sizeof cases / sizeof *cases); k++) check_chain(&cases[k]);
}

/* A checkpoint in the middle continues with the same bits. */
static void check_restart(const chain_case *c) {
  const char *input = write_input(c);
  nmd_simulation *whole = engine_open(TEST_COMM, input), *half = engine_open(TEST_COMM, input), *rest = NULL;
  if (engine_steps(whole, STEPS) && engine_steps(half, STEPS / 2) && TEST_OK(nmd_state_save(half)) &&
      TEST_OK(engine_create(TEST_COMM, input, &rest)) && TEST_OK(nmd_state_load(rest, half->checkpoint_path, NULL)) &&
      engine_steps(rest, STEPS / 2)) {
    TEST_EQUAL_INT(rest->atoms.n_owned, whole->atoms.n_owned);
    const size_t n = (size_t)whole->atoms.n_owned;
    CU_ASSERT(memcmp(rest->atoms.id, whole->atoms.id, n * sizeof *whole->atoms.id) == 0);
    CU_ASSERT(memcmp(rest->atoms.x, whole->atoms.x, 3 * n * sizeof *whole->atoms.x) == 0);
    CU_ASSERT(memcmp(rest->atoms.species, whole->atoms.species, n * sizeof *whole->atoms.species) == 0);
    CU_ASSERT(rest->totals.potential_energy == whole->totals.potential_energy);
  }
  nmd_simulation_destroy(whole);
  nmd_simulation_destroy(half);
  nmd_simulation_destroy(rest);
}

static void test_restart(void) {
  for (int k = 1; k < 3; k++) check_restart(&cases[k]);
}

TEST_SUITE("simulation/mpi_monte_carlo", TEST(test_same_chain), TEST(test_restart))
