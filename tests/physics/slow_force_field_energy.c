/* SPDX-License-Identifier: BSD-3-Clause */
/* Force fields keep the total energy as neural-network potentials do (test_au_li_energy.c): the same bound, over 50 ps
 * after as much time to come to rest as there. Particle-mesh Ewald at a coarse and at the usual accuracy, since its
 * forces are the exact derivatives of the energy of any mesh; and the bond-valence form with angular terms.
 *
 * LINKS: engine */
#include "base/memory.h"
#include "base/text.h"
#include "parallel/comm.h"
#include "support/drift.h"
#include "support/engine.h"
#include "support/test.h"

enum { EQUILIBRATE = 5000, DRIFT_STEPS = 50000 };
static double series[DRIFT_STEPS];

static void check(const char *label, const char *structure, const char *potential, double kelvin) {
  nmd_simulation *s = engine_open(
      TEST_COMM, engine_write_input("input.yaml",
                                    "seed: 4\nstructure: {%s}\npotential: %s\nstages:\n"
                                    "  - nvt: {steps: %d, timestep: 1 fs, velocities: %g K, temperature: %g K}\n"
                                    "  - nve: {steps: %d, timestep: 1 fs}\n",
                                    structure, potential, EQUILIBRATE, 2 * kelvin, kelvin, DRIFT_STEPS));
  if (s != NULL && engine_steps(s, EQUILIBRATE)) {
    nmd_stage_end(s);
    if (TEST_OK(nmd_stage_begin(s, 1))) drift_check(s, label, 0.7 * kelvin, 1.3 * kelvin, series);
  }
  nmd_simulation_destroy(s);
}

static void check_ewald(const char *label, const char *keys) {
  char potential[512];
  const engine_crystal crystal = {.sites = "b2", .a = 2.5, .cells = {4, 4, 4}, .z = {3, 9}};
  engine_write_crystal(&crystal, "start.extxyz");
  snprintf(potential, sizeof potential,
           "{sum: {terms: [{buckingham: {cutoff: 6, pairs: [{elements: [Li, F], A: 900, rho: 0.27}]}}, {spme: {cutoff: "
           "6, %s, ions: [{element: Li, charge: 1}, {element: F, charge: -1}]}}]}}",
           keys);
  check(label, "file: start.extxyz", potential, 300);
}

/* Real space as for 1e-5, a mesh that is wrong by some 1e-2 eV/A. */
static void test_coarse_mesh(void) { check_ewald("spme, coarse mesh", "alpha: 0.586, order: 4, spacing: 1.25"); }
static void test_usual_mesh(void) { check_ewald("spme, accuracy 1e-5", "accuracy: 1e-5"); }

static void test_bond_valence(void) {
  char *text;
  size_t length;
  if (!TEST_OK(nmd_text_read_file(NMD_TEST_DATA "/../potentials/LLNO-FF/potential.yaml", &text, &length))) return;
  const char *potential = strstr(text, "\npotential: ");
  if (TEST_CHECK(potential != NULL, "potentials/LLNO-FF/potential.yaml"))
    check("Morse, screened Coulomb, angular",
          "build: {perovskite: {elements: [La, Nb, O], a: 4, c: 4.05, repeat: [6, 4, 2], rich: 0.6666666667, tilt: 4}}",
          potential + strlen("\npotential: "), 600);
  nmd_free(text);
}

TEST_SUITE("physics/force_field_energy", TEST(test_coarse_mesh), TEST(test_usual_mesh), TEST(test_bond_valence))
