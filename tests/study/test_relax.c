/* SPDX-License-Identifier: BSD-3-Clause */
/* Relaxation of single cells, against a scan of the lattice constant by whole evaluations; annealing of an order.
 * TEST_COMM */
#include "base/memory.h"
#include "build/prototype.h"
#include "parallel/comm.h"
#include "simulation/evaluate_structure.h"
#include "simulation/monte_carlo.h"
#include "study/relax.h"
#include "support/test.h"

static nmd_yaml *trees[2];
static nmd_species species;
static nmd_potential potential;
static nmd_comm *alone;
static const int z[2] = {18, 36};

static bool setup(const char *text) {
  nmd_species_init(&species, z, 2);
  return TEST_OK(nmd_comm_alone(&alone)) && TEST_OK(nmd_yaml_parse("potential", text, strlen(text), &trees[0])) &&
         TEST_OK(nmd_potential_create(nmd_yaml_root(trees[0]), &species, &potential));
}

static void teardown(void) {
  nmd_potential_destroy(&potential);
  nmd_yaml_destroy(trees[0]);
  nmd_comm_free(alone);
}

static double energy_at(const nmd_prototype *p, double volume) {
  nmd_structure s;
  nmd_structure_results all;
  if (!TEST_OK(nmd_prototype_structure(p, z, volume, &s)) ||
      !TEST_OK(nmd_structure_evaluate(alone, &potential, &species, &s, &all)))
    return 0;
  const double energy = all.energy / (double)s.n;
  nmd_structure_results_free(&all);
  nmd_structure_free(&s);
  return energy;
}

/* Least energy over the volume, by golden section. */
static double best_energy(const nmd_prototype *p, double low, double high, double *volume) {
  const double g = 0.6180339887498949;
  while (high - low > 1e-7) {
    const double a = high - g * (high - low), b = low + g * (high - low);
    if (energy_at(p, a) < energy_at(p, b)) high = b;
    else low = a;
  }
  *volume = 0.5 * (low + high);
  return energy_at(p, *volume);
}

static void test_cubic_crystals(void) {
  static const char *const names[] = {"a1", "b2", "l1_2"}; /* cubic, no free coordinate: one volume tells all */
  if (!setup("lennard_jones: {epsilon: 0.1, sigma: 3.0, cutoff: 7.0, pairs: [{elements: [Ar, Kr], epsilon: 0.2, sigma: 2.9}]}"))
    return;
  const char *options = "{cell: triclinic, force_tolerance: 1e-5, stress_tolerance: 1e-4, max_steps: 5000}";
  void *parameters;
  TEST_OK(nmd_yaml_parse("relax", options, strlen(options), &trees[1]));
  TEST_OK(nmd_alloc(&parameters, 1, nmd_relax_options()->size));
  TEST_OK(nmd_options_parse(nmd_relax_options(), nmd_yaml_root(trees[1]), parameters));
  const nmd_relaxer relaxer = {alone, &potential, &species, 2.0, parameters};
  for (int k = 0; k < 3; k++) {
    const nmd_prototype *p = nmd_prototype_find(names[k]);
    nmd_structure s;
    nmd_relax_result result;
    double volume;
    const double best = best_energy(p, 16, 34, &volume);
    if (!TEST_OK(nmd_prototype_structure(p, z, 0.93 * volume, &s)) || !TEST_OK(nmd_relax(&relaxer, &s, &result))) continue;
    TEST_CHECK(result.converged && result.steps > 3, "%s: %lld steps", names[k], (long long)result.steps);
    TEST_NEAR(result.energy / (double)s.n, best, 1e-7);
    TEST_RELATIVE(s.box.volume / (double)s.n, volume, 1e-4);
    TEST_NEAR(s.energy, result.energy, 0);
    TEST_NEAR(result.pressure, 0, 1e-6);
    nmd_structure_free(&s);
  }
  nmd_options_free(nmd_relax_options(), parameters);
  nmd_free(parameters);
  nmd_yaml_destroy(trees[1]);
  teardown();
}

/* Unlike neighbours attract: annealing orders a bcc cell that starts separated into B2, which has only unlike ones. */
static void test_anneal(void) {
  if (!setup("lennard_jones: {epsilon: 0.02, sigma: 2.5, cutoff: 3.0, truncation: shift, pairs: [{elements: [Ar, Kr], "
             "epsilon: 0.3, sigma: 2.5}]}"))
    return;
  nmd_structure s, b2;
  const double temperature[2] = {3000, 100};
  const double h[3][3] = {{6.4, 0, 0}, {0, 6.4, 0}, {0, 0, 6.4}};
  nmd_structure_results ordered, found;
  TEST_OK(nmd_structure_init(&s, 16));
  TEST_OK(nmd_box_init(&s.box, h, NULL, NULL));
  for (int i = 0; i < 16; i++) {
    for (int c = 0; c < 3; c++) s.x[i][c] = 3.2 * ((i >> c & 1) + 0.5 * (i >> 3 & 1));
    s.atomic_number[i] = z[i & 1]; /* layers along x */
  }
  TEST_OK(nmd_structure_copy(&s, &b2));
  for (int i = 0; i < 16; i++) b2.atomic_number[i] = z[i >> 3 & 1];
  TEST_OK(nmd_monte_carlo_anneal(&potential, &species, 5, 60, temperature, &s));
  TEST_OK(nmd_structure_evaluate(alone, &potential, &species, &b2, &ordered));
  TEST_OK(nmd_structure_evaluate(alone, &potential, &species, &s, &found));
  TEST_NEAR(found.energy, ordered.energy, 1e-9);
  int n = 0;
  for (int i = 0; i < 16; i++) n += s.atomic_number[i] == 36;
  TEST_EQUAL_INT(n, 8);
  nmd_structure_results_free(&ordered);
  nmd_structure_results_free(&found);
  nmd_structure_free(&s);
  nmd_structure_free(&b2);
  teardown();
}

TEST_SUITE("study/relax", TEST(test_cubic_crystals), TEST(test_anneal))
