/* SPDX-License-Identifier: BSD-3-Clause */
/* Monte Carlo of elements: local energies against whole evaluations, and sampling against sums over all arrangements of
 * small lattices, with one region and with several. TEST_COMM LINKS: engine */
#include "base/units.h"
#include "simulation/ising.h"
#include "support/engine.h"
#include "support/statistics.h"
#include "support/test.h"

/* ---- energies ---- */

typedef struct energy_case {
  const char *label, *potential, *stage;
  engine_crystal crystal;
} energy_case;

#define SWAP "temperature: 2000 K"
#define GRAND "temperature: 2000 K, move: semi_grand, elements: [Li, Au], chemical_potentials: [0, 1.2 eV]"
static const energy_case energy_cases[] = {
    {"Au-Li swaps", ENGINE_AU_LI, SWAP,
     {.sites = "b2", .a = 3.15, .cells = {3, 3, 3}, .z = {79, 3}, .rattle = 0.05}},
    {"Au-Li semi-grand, triclinic", ENGINE_AU_LI, GRAND,
     {.sites = "b2", .a = 3.15, .cells = {3, 2, 2}, .z = {79, 3}, .rattle = 0.05, .shear = 0.15}},
    {"Au-Li slab, open", ENGINE_AU_LI, SWAP,
     {.sites = "b2", .a = 3.15, .cells = {2, 2, 3}, .z = {79, 3}, .vacuum = {0, 0, 4}, .open = {false, false, true}}},
};

static nmd_simulation *open_alloy(const energy_case *c, int moves) {
  engine_write_crystal(&c->crystal, "alloy.extxyz");
  return engine_open(TEST_COMM, engine_write_input("input.yaml",
                                                   "seed: 5\noutput_folder: '%s'\nstructure: {file: alloy.extxyz}\n"
                                                   "potential:\n  %s\nstages:\n  - monte_carlo: {steps: 10, moves: %d, %s}\n",
                                                   test_folder(), c->potential, moves, c->stage));
}

/* One step of 10,000 moves; then the engine evaluates everything from scratch. */
static void check_energy(const energy_case *c, double moves) {
  const int sites = 2 * c->crystal.cells[0] * c->crystal.cells[1] * c->crystal.cells[2];
  nmd_simulation *s = open_alloy(c, (int)ceil(moves / sites));
  if (s == NULL || !engine_steps(s, 1)) return;
  double state[16]; /* tried, accepted, worst, energy before, sum of local differences */
  s->stages[0].ops->save(s->ensemble, state);
  const double difference = s->totals.potential_energy - state[3] - state[4];
  engine_say("  %-28s %.0f moves, %.0f accepted, energy changed by %.6f eV: whole less local %.1e eV\n", c->label, state[0],
             state[1], state[4], difference);
  TEST_CHECK(state[0] >= moves && state[1] > moves / 100, "%s: %g moves, %g accepted", c->label, state[0], state[1]);
  TEST_CHECK(fabs(difference) <= 1e-9, "%s: local sums are %g eV off", c->label, difference);
  TEST_CHECK(fabs(state[4]) > 0.01, "%s: nothing happened", c->label);
  nmd_simulation_destroy(s);
}

static void test_local_energies(void) {
  check_energy(&energy_cases[0], 1e4);
  check_energy(&energy_cases[1], 2000);
  check_energy(&energy_cases[2], 2000);
}

/* ---- sampling ---- */

typedef struct sampling_case {
  const char *label, *stage;
  int cells[3];
  double kT;         /* eV */
  double mu;         /* eV, of the second element; 0: swaps */
  int steps, moves, regions;
} sampling_case;

#define MU_TEXT "0.02 eV"
static const sampling_case sampling_cases[] = {
    {"swaps, one region", "", {4, 2, 2}, 0.10, 0, 6000, 4, 1},
    {"swaps, four regions", "", {16, 1, 1}, 0.06, 0, 20000, 2, 4},
    {"semi-grand, one region", ", move: semi_grand, elements: [Ar, Kr], chemical_potentials: [0, " MU_TEXT "]",
     {4, 2, 2}, 0.10, 0.02, 6000, 4, 1},
    {"semi-grand, four regions", ", move: semi_grand, elements: [Ar, Kr], chemical_potentials: [0, " MU_TEXT "]",
     {16, 1, 1}, 0.06, 0.02, 12000, 2, 4},
    {"tempering", ", levels: 4, highest: 2500 K", {4, 2, 2}, 0.06, 0, 8000, 1, 1},
};
enum { STEPS_MAX = 30000, EQUILIBRATE = 200 };
static double energy[STEPS_MAX], second[STEPS_MAX];

static double count_second(const nmd_simulation *s) {
  double n = 0;
  for (int i = 0; i < s->atoms.n_owned; i++) n += s->atoms.species[i] == 1;
  return n;
}

static void sample(const sampling_case *c, ising_lattice *lattice) {
  const char *text = ising_structure(c->cells, lattice);
  test_write("lattice.extxyz", text);
  nmd_simulation *s = engine_open(
      TEST_COMM, engine_write_input("input.yaml",
                                    "seed: 7\noutput_folder: '%s'\nstructure: {file: lattice.extxyz}\npotential:\n  %s\n"
                                    "stages:\n  - monte_carlo: {steps: 1000000, moves: %d, temperature: %.10g K%s}\n",
                                    test_folder(), ISING_POTENTIAL, c->moves, c->kT / NMD_BOLTZMANN, c->stage));
  engine_steps(s, EQUILIBRATE);
  for (int k = 0; k < c->steps && engine_steps(s, 1); k++) {
    energy[k] = s->totals.potential_energy;
    second[k] = count_second(s);
  }
  nmd_simulation_destroy(s);
}

/* Share of the samples in each level against its probability; errors from the correlation of the indicator. */
static void check_levels(const sampling_case *c, const ising_levels *levels, const double *p) {
  static double inside[STEPS_MAX];
  double chi2 = 0;
  int looked_at = 0;
  for (int l = 0; l < levels->n; l++) {
    if (p[l] < 0.01) continue;
    for (int k = 0; k < c->steps; k++)
      inside[k] = fabs(energy[k] - levels->energy[l]) < 1e-6 && second[k] == levels->second[l];
    const test_estimate share = test_mean(inside, c->steps);
    chi2 += pow((share.value - p[l]) / fmax(share.error, 1e-4), 2);
    looked_at++;
    TEST_CHECK(fabs(share.value - p[l]) <= 4.5 * share.error, "%s: level %g eV: %g +- %g, expected %g", c->label,
               levels->energy[l], share.value, share.error, p[l]);
  }
  engine_say("  %-26s %d levels: chi^2 per level %.2f\n", c->label, looked_at, chi2 / looked_at);
  TEST_CHECK(looked_at > 3 && chi2 / looked_at < 2.5, "%s: chi^2 %g over %d levels", c->label, chi2, looked_at);
}

static void check_sampling(const sampling_case *c) {
  ising_lattice lattice;
  ising_levels levels;
  double p[ISING_LEVELS_MAX], mean, heat, mean_second = 0;
  sample(c, &lattice);
  ising_enumerate(&lattice, ising_bond_energy, c->mu > 0 ? -1 : lattice.n / 2, c->mu, &levels);
  ising_probabilities(&levels, c->kT, p);
  ising_moments(&levels, c->kT, &mean, &heat);
  for (int l = 0; l < levels.n; l++) mean_second += p[l] * levels.second[l];
  const test_estimate u = test_mean(energy, c->steps), n = test_mean(second, c->steps);
  engine_say("  %-26s U %.5f +- %.5f eV, exact %.5f; second element %.4f +- %.4f, exact %.4f\n", c->label, u.value, u.error,
             mean, n.value, n.error, mean_second);
  TEST_CHECK(fabs(u.value - mean) <= 3.5 * u.error, "%s: U = %g +- %g eV, exact %g", c->label, u.value, u.error, mean);
  TEST_CHECK(fabs(n.value - mean_second) <= 3.5 * n.error + 1e-12, "%s: N = %g +- %g, exact %g", c->label, n.value, n.error,
             mean_second);
  check_levels(c, &levels, p);
}

static void test_sampling(void) {
  for (int k = 0; k < (int)(sizeof sampling_cases / sizeof *sampling_cases); k++) check_sampling(&sampling_cases[k]);
}

/* Heat capacity var(E) / kT^2 from the samples of one temperature, weighted over to another. */
static double reweighted_heat(int n, double kT_from, double kT) {
  double weight = 0, first = 0, square = 0;
  for (int k = 0; k < n; k++) {
    const double w = exp(-(energy[k] - energy[0]) * (1 / kT - 1 / kT_from));
    weight += w;
    first += w * energy[k];
    square += w * energy[k] * energy[k];
  }
  return (square / weight - pow(first / weight, 2)) / (kT * kT);
}

/* The temperature of order and disorder of the small lattice is where its heat capacity peaks. */
static void test_order_disorder(void) {
  sampling_case c = sampling_cases[0];
  c.kT = 0.07;
  c.steps = 20000;
  ising_lattice lattice;
  ising_levels levels;
  double best[2] = {0, 0}, at[2] = {0, 0};
  sample(&c, &lattice);
  ising_enumerate(&lattice, ising_bond_energy, lattice.n / 2, 0, &levels);
  for (double kT = 0.04; kT < 0.14; kT += 0.0005) {
    double mean, heat[2];
    ising_moments(&levels, kT, &mean, &heat[0]);
    heat[1] = reweighted_heat(c.steps, c.kT, kT);
    for (int k = 0; k < 2; k++)
      if (heat[k] > best[k]) best[k] = heat[k], at[k] = kT;
  }
  engine_say("  heat capacity peaks at kT = %.4f eV, exact %.4f; height %.1f, exact %.1f /eV\n", at[1], at[0], best[1], best[0]);
  TEST_CHECK(at[0] > 0.045 && at[0] < 0.13, "the exact peak is at the end of the range: %g eV", at[0]);
  TEST_RELATIVE(at[1], at[0], 0.02);
  TEST_RELATIVE(best[1], best[0], 0.05);
}

/* Atoms of a frozen group stay where and what they are; the others take their turns. */
static void test_frozen(void) {
  ising_lattice lattice;
  test_write("lattice.extxyz", ising_structure((int[3]){4, 2, 2}, &lattice));
  nmd_simulation *s = engine_open(
      TEST_COMM, engine_write_input("input.yaml",
                                    "output_folder: '%s'\nstructure: {file: lattice.extxyz}\npotential:\n  %s\n"
                                    "groups: [{name: wall, ids: 1-6, frozen: true}]\nstages:\n"
                                    "  - monte_carlo: {steps: 100, temperature: 5000 K}\n",
                                    test_folder(), ISING_POTENTIAL));
  engine_state before, after;
  engine_look(s, &before);
  engine_steps(s, 50);
  engine_look(s, &after);
  TEST_NEAR(engine_largest_difference((const double(*)[3])before.x, (const double(*)[3])after.x, 6), 0, 0);
  CU_ASSERT(engine_largest_difference((const double(*)[3])before.x + 6, (const double(*)[3])after.x + 6, 10) > 1);
  engine_state_free(&before);
  engine_state_free(&after);
  nmd_simulation_destroy(s);
}

TEST_SUITE("simulation/monte_carlo", TEST(test_frozen), TEST(test_local_energies), TEST(test_sampling), TEST(test_order_disorder))
