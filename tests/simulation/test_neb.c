/* SPDX-License-Identifier: BSD-3-Clause */
/* Barriers of vacancies: as ASE finds them (ase_neb.py) and as dragging the atom gives; whatever optimiser, spring, and
 * way to say where the path ends; through a checkpoint; and what a wrong end is told.
 *
 * LINKS: engine */
#include <unistd.h>

#include "io/read_structure.h"
#include "parallel/comm.h" /* TEST_COMM */
#include "support/engine.h"
#include "support/test.h"

/* ASE 3.29.0, eV; the second with the network potential through python/nnpmd. */
static const double ase_argon = 0.717189, ase_gold = 0.305185;

#define LJ5 "lennard_jones: {epsilon: 0.104, sigma: 3.4, cutoff: 5 A, truncation: shift}"
#define HOP "moves: ['2 to 0 0 0'], relax_ends: true, force_tolerance: 0.002, "

/* 31 atoms around the vacancy at the origin: ids 2 to 32; that next to it, 2, is where `fraction` of its hop is done.
 */
static void write_crystal(const char *name, const char *symbol, double a, double fraction) {
  static const double basis[4][3] = {{0, 0, 0}, {0, 0.5, 0.5}, {0.5, 0, 0.5}, {0.5, 0.5, 0}};
  char text[4096];
  size_t used = (size_t)snprintf(text, sizeof text,
                                 "31\nLattice=\"%g 0 0 0 %g 0 0 0 %g\" Properties=species:S:1:pos:R:3:id:I:1\n", 2 * a,
                                 2 * a, 2 * a);
  for (int k = 2; k <= 32; k++) {
    const int cell = (k - 1) / 4, at[3] = {cell / 4, cell / 2 % 2, cell % 2};
    const double left = k == 2 ? 1 - fraction : 1;
    used += (size_t)snprintf(text + used, sizeof text - used, "%s", symbol);
    for (int d = 0; d < 3; d++)
      used += (size_t)snprintf(text + used, sizeof text - used, " %.15g", a * (at[d] + left * basis[(k - 1) % 4][d]));
    used += (size_t)snprintf(text + used, sizeof text - used, " %d\n", k);
  }
  test_write(name, text);
}

static nmd_simulation *open_stage(const char *potential, const char *stage) {
  return engine_open(TEST_COMM,
                     engine_write_input("input.yaml",
                                        "seed: 5\noutput_folder: '%s'\nstructure: {file: start.extxyz}\npotential:\n"
                                        "  %s\ngroups: [{name: hopper, ids: 2}]\nstages:\n  - %s\n",
                                        test_folder(), potential, stage));
}

static bool done(const nmd_simulation *s) { return s->stages[0].ops->finished(s->ensemble, &s->motion); }

static int64_t run(nmd_simulation *s) {
  while (!done(s) && s->counters.step < 3000 && engine_steps(s, 1)) continue;
  CU_ASSERT(done(s));
  return s->counters.step;
}

/* Barrier forward; -1 on failure. */
static double barrier_of(const char *potential, const char *keys, bool between, int64_t *steps) {
  char stage[512];
  double forward, back;
  snprintf(stage, sizeof stage, "neb: {%s}", keys);
  nmd_simulation *s = open_stage(potential, stage);
  if (s == NULL) return -1;
  *steps = run(s);
  const nmd_band *band = s->motion.band;
  if (!TEST_CHECK(band != NULL, "no band")) return -1;
  nmd_band_barriers(band, between, &forward, &back);
  TEST_NEAR(back, forward, 1e-4);                                           /* both ends are the same vacancy */
  TEST_NEAR(s->totals.potential_energy, band->energy[band->highest], 1e-9); /* the run shows the saddle */
  for (int i = 0; i < s->atoms.n_owned; i++) CU_ASSERT(s->atoms.v[3 * i] == 0);
  nmd_simulation_destroy(s);
  return forward;
}

static void test_argon(void) {
  static const struct {
    const char *label, *keys;
    bool between;
    double tolerance;
  } cases[] = {
      {"lbfgs", HOP "timestep: 4 fs", false, 2e-5},
      {"fire", HOP "method: fire, timestep: 4 fs", false, 2e-5},
      {"stiff springs, four images", HOP "spring: 5, images: 4", false, 2e-5},
      {"linear guess", HOP "interpolation: linear", false, 2e-5},
      {"one image", HOP "images: 1", false, 2e-5},
      {"not climbing", HOP "climb: false, images: 6", true, 5e-3},
  };
  write_crystal("start.extxyz", "Ar", 5.26, 0);
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    int64_t steps = 0;
    const double barrier = barrier_of(LJ5, cases[k].keys, cases[k].between, &steps);
    engine_say("  argon, %s: %.6f eV in %lld steps, ASE %.6f\n", cases[k].label, barrier, (long long)steps, ase_argon);
    TEST_NEAR(barrier, ase_argon, cases[k].tolerance);
  }
}

/* The constrained minimum half-way: the atom held there, the others relaxed; no force is left on it by symmetry. */
static double drag(const char *potential, double a) {
  double energy[2];
  for (int half = 0; half < 2; half++) {
    write_crystal("start.extxyz", "Au", a, 0.5 * half);
    nmd_simulation *s = open_stage(potential, half ? "minimise: {method: lbfgs, force_tolerance: 1e-4, frozen: hopper}"
                                                   : "minimise: {method: lbfgs, force_tolerance: 1e-4}");
    if (s == NULL) return -1;
    run(s);
    energy[half] = s->totals.potential_energy;
    nmd_simulation_destroy(s);
  }
  return energy[1] - energy[0];
}

static void test_gold(void) {
  const double dragged = drag(ENGINE_AU_LI, 4.17);
  int64_t steps = 0;
  write_crystal("start.extxyz", "Au", 4.17, 0);
  const double barrier = barrier_of(ENGINE_AU_LI, HOP "timestep: 2 fs", false, &steps);
  engine_say("  gold: %.6f eV in %lld steps; dragged %.6f, ASE %.6f\n", barrier, (long long)steps, dragged, ase_gold);
  TEST_NEAR(barrier, dragged, 1e-4);
  TEST_NEAR(barrier, ase_gold, 1e-4);
}

/* A file for the end, with the atoms in another periodic image, and the band of an earlier run for the path. */
static void test_other_ways(void) {
  int64_t steps[2];
  char keys[1024];
  write_crystal("start.extxyz", "Ar", 5.26, 0);
  write_crystal("end.extxyz", "Ar", 5.26, 1);
  snprintf(keys, sizeof keys, "end: '%s', relax_ends: true, force_tolerance: 0.002", test_path("end.extxyz"));
  TEST_NEAR(barrier_of(LJ5, keys, false, &steps[0]), ase_argon, 2e-5);
  nmd_input input;
  nmd_simulation *s;
  const char *path = engine_write_input(
      "input.yaml",
      "seed: 5\noutput_folder: '%s'\nstructure: {file: start.extxyz}\npotential:\n  %s\nstages:\n  - neb: {" HOP
      "max_steps: 300}\noutputs:\n  - band: {every: 1}\n",
      test_folder(), LJ5);
  const nmd_run_options options = {0};
  if (!TEST_OK(nmd_input_read(TEST_COMM, path, 0, NULL, &input)) ||
      !TEST_OK(nmd_simulation_create(TEST_COMM, &input, &s)) || !TEST_OK(nmd_simulation_run(s, &options)))
    return;
  nmd_simulation_destroy(s);
  snprintf(keys, sizeof keys, "path: '%s', relax_ends: true, force_tolerance: 0.002", test_path("band.extxyz"));
  TEST_NEAR(barrier_of(LJ5, keys, false, &steps[1]), ase_argon, 2e-5);
  engine_say("  argon: %lld steps from the start, %lld from the band of the run before\n", (long long)steps[0],
             (long long)steps[1]);
  CU_ASSERT(steps[1] < steps[0]);
  char *text = test_read(test_path("band_profile.dat"));
  TEST_CONTAINS(text, "# path energy-first");
  free(text);
}

/* Frozen atoms stay, and the barrier is another. */
static void test_frozen(void) {
  write_crystal("start.extxyz", "Ar", 5.26, 0);
  nmd_simulation *s = engine_open(
      TEST_COMM, engine_write_input("input.yaml",
                                    "output_folder: '%s'\nstructure: {file: start.extxyz}\npotential:\n  %s\ngroups:\n"
                                    "  - {name: rest, ids: 3-32}\nstages:\n  - neb: {" HOP "frozen: rest}\n",
                                    test_folder(), LJ5));
  if (s == NULL) return;
  run(s);
  const nmd_band *band = s->motion.band;
  for (int k = 1; k < band->n; k++)
    for (int64_t i = 3; i < 3 * band->atoms; i++) CU_ASSERT(nmd_band_of(band, band->x, k)[i] == band->x[i]);
  TEST_CHECK(band->energy[band->highest] - band->energy[0] > 1.5 * ase_argon, "barrier %g eV",
             band->energy[band->highest] - band->energy[0]);
  nmd_simulation_destroy(s);
}

static void refused(const char *keys, nmd_status code, const char *say, const char *remedy) {
  nmd_simulation *s = NULL;
  TEST_FAILS(engine_create(TEST_COMM,
                           engine_write_input("input.yaml",
                                              "output_folder: '%s'\nstructure: {file: start.extxyz}\npotential:\n"
                                              "  %s\nstages:\n  - neb: {%s}\n",
                                              test_folder(), LJ5, keys),
                           &s),
             code);
  TEST_CONTAINS(nmd_error_text(), "input.yaml:6:5: neb: ");
  TEST_CONTAINS(nmd_error_text(), say);
  TEST_CONTAINS(nmd_error_text(), remedy);
}

static void test_refused(void) {
  write_crystal("start.extxyz", "Ar", 5.26, 0);
  test_write("few.extxyz", "1\nLattice=\"9 0 0 0 9 0 0 0 9\"\nAr 0 0 0\n");
  write_crystal("gold.extxyz", "Au", 5.26, 1);
  refused("images: 3", NMD_CONFLICT, "0 ways to say where the path ends", "expected one of end");
  refused("moves: ['2 by 1 0 0'], path: x", NMD_CONFLICT, "2 ways", "expected one of end");
  refused("moves: ['77 by 1 0 0']", NMD_CONFLICT, "no atom has the id 77", "expected one of 2 to 32");
  refused("moves: ['2 by 1 0']", NMD_WRONG_TYPE, "\"2 by 1 0\"", "e.g. \"12 by 0 2.04 2.04\"");
  refused("moves: ['2 down 1 0 0']", NMD_WRONG_TYPE, "\"2 down 1 0 0\"", "`by` or `to`");
  refused("end: few.extxyz", NMD_CONFLICT, "1 atoms", "expected the 31 of the run");
  refused("end: gold.extxyz", NMD_CONFLICT, "atom 2 is Au, in the run Ar", "expected the same atoms");
  refused("path: gold.extxyz", NMD_CONFLICT, "Au", "expected");
  refused("end: none.extxyz", NMD_FILE_MISSING, "none.extxyz", "No such file");
  test_write("short.extxyz",
             "1\nLattice=\"9 0 0 0 9 0 0 0 9\"\nAr 0 0 0\n1\nLattice=\"9 0 0 0 9 0 0 0 9\"\nAr 0 0 1\n");
  test_write("start.extxyz", "1\nLattice=\"9 0 0 0 9 0 0 0 9\"\nAr 0 0 0\n");
  refused("path: short.extxyz", NMD_CONFLICT, "2 frames", "at least 3");
  nmd_simulation *s = engine_open(
      TEST_COMM, engine_write_input("input.yaml",
                                    "output_folder: '%s'\nstructure: {file: start.extxyz}\npotential:\n  %s\n"
                                    "stages:\n  - neb: {moves: ['1 by 0 0 0'], interpolation: linear}\n",
                                    test_folder(), LJ5));
  if (s == NULL) return;
  TEST_FAILS(nmd_simulation_step(s), NMD_CONFLICT);
  TEST_CONTAINS(nmd_error_text(), "images 0 and 1 are the same; expected two different ends");
  nmd_simulation_destroy(s);
}

TEST_SUITE("simulation/neb", TEST(test_argon), TEST(test_gold), TEST(test_other_ways), TEST(test_frozen),
           TEST(test_refused))
