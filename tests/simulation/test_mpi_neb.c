/* SPDX-License-Identifier: BSD-3-Clause */
/* A band on any number of ranks, fewer or more than images, is the same band: energies and places after some steps;
 * with a potential that talks to other ranks, too. LINKS: engine */
#include <string.h>

#include "parallel/comm.h"
#include "support/engine.h"
#include "support/test.h"

enum { STEPS = 25 };

typedef struct band_case {
  const char *label, *potential, *stage;
  double a;
} band_case;

#define SOFT "lennard_jones: {epsilon: 0.104, sigma: 2.4, cutoff: 6}"
#define IONS "[{element: Ar, charge: 0.5}, {element: Kr, charge: -0.5}]"
static const band_case cases[] = {
    {"lbfgs", SOFT, "neb: {moves: ['1 by 0.6 0.6 0.3', '3 by -0.5 -0.5 0'], images: 4, max_move: 0.05}", 5.25},
    {"ends first", SOFT, "neb: {moves: ['1 by 0.4 0 0'], relax_ends: true, images: 2, force_tolerance: 0.2}", 5.25},
    {"fire", SOFT, "neb: {moves: ['1 by 0.5 0.5 0.5'], images: 2, method: fire, timestep: 3 fs}", 5.25},
    {"spme",
     "sum: {terms: [lennard_jones: {epsilon: 0.02, sigma: 2.6, cutoff: 5}, spme: {cutoff: 5, accuracy: 1e-6, "
     "ions: " IONS "}]}",
     "neb: {moves: ['1 by 0.5 0.5 0.5'], images: 2}", 5.25},
};

static const char *write_input(const band_case *c) {
  const engine_crystal crystal = {.sites = "rocksalt", .a = c->a, .cells = {2, 2, 2}, .z = {18, 36}, .rattle = 0.05};
  engine_write_crystal(&crystal, "start.extxyz");
  return engine_write_input(
      "input.yaml",
      "seed: 4\noutput_folder: '%s'\nstructure: {file: start.extxyz}\npotential:\n  %s\nstages:\n  - %s\n",
      test_folder(), c->potential, c->stage);
}

static void compare(const band_case *c, const nmd_band *one, const nmd_band *all) {
  if (!TEST_CHECK((one == NULL) == (all == NULL), "%s: a band on one side only", c->label) || one == NULL) return;
  double energy = 0, place = 0;
  for (int k = 0; k < one->n; k++) energy = fmax(energy, fabs(one->energy[k] - all->energy[k]));
  for (int64_t k = 0; k < one->n * one->atoms * 3; k++) place = fmax(place, fabs(one->x[k] - all->x[k]));
  TEST_CHECK(energy < 1e-8 && place < 1e-7, "%s: energies differ by %g eV, places by %g A", c->label, energy, place);
  engine_say("  %-12s %d images, energies within %.1e eV, places within %.1e A\n", c->label, one->n, energy, place);
  if (nmd_comm_size(TEST_COMM) <= 2 && strcmp(c->label, "spme") != 0)
    TEST_CHECK(energy == 0 && place == 0, "%s: no more ranks than images, and yet other bits", c->label);
}

static void check_band(const band_case *c) {
  nmd_comm *alone;
  const char *input = write_input(c);
  if (!TEST_OK(nmd_comm_split(TEST_COMM, nmd_comm_rank(TEST_COMM), &alone))) return;
  nmd_simulation *one = engine_open(alone, input), *all = engine_open(TEST_COMM, input);
  if (one != NULL && all != NULL && engine_steps(one, STEPS) && engine_steps(all, STEPS)) {
    compare(c, one->motion.band, all->motion.band);
    const double tolerance = 1e-8 * fabs(one->totals.potential_energy);
    TEST_NEAR(all->totals.potential_energy, one->totals.potential_energy, tolerance);
  }
  nmd_simulation_destroy(one);
  nmd_simulation_destroy(all);
  nmd_comm_free(alone);
}

static void test_same_band(void) {
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) check_band(&cases[k]);
}

TEST_SUITE("simulation/mpi_neb", TEST(test_same_band))
