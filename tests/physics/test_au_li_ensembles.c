/* SPDX-License-Identifier: BSD-3-Clause */
/* Bulk Au-Li: do thermostat and barostat sample the ensembles they are named after? Velocities are Maxwell-Boltzmann;
 * between two temperatures the energy distributions, between two pressures the volume distributions have the ratio that
 * statistical mechanics prescribes, whatever the material (M. R. Shirts, J. Chem. Theory Comput. 9, 909 (2013)).
 *
 * LINKS: engine */
#include "base/units.h"
#include "parallel/comm.h"
#include "support/engine.h"
#include "support/statistics.h"
#include "support/test.h"

enum { EQUILIBRATE = 2500, STEPS = 60000, EVERY = 10, N = STEPS / EVERY, VELOCITY_EVERY = 250 };
enum { COMPONENTS_MAX = 100000 };

typedef struct record {
  double energy[N], potential[N], volume[N], temperature[N]; /* eV, eV, A^3, K */
  double mean_square[2][N];                                  /* m v^2 / 3 k T of Li and Au, momentum considered */
} record;
static record runs[2];
static double component[2][COMPONENTS_MAX]; /* of Li, Au, in units of the expected deviation */
static int n_components[2];

static nmd_simulation *open_bulk(const char *stage, int seed) {
  const engine_crystal crystal = {.sites = "b2", .a = 3.15, .cells = {3, 3, 3}, .z = {79, 3}};
  engine_write_crystal(&crystal, "start.extxyz");
  return engine_open(TEST_COMM, engine_write_input("input.yaml",
                                                   "seed: %d\nstructure: {file: start.extxyz}\npotential:\n  %s\n"
                                                   "stages:\n  - %s\n", seed, ENGINE_AU_LI, stage));
}

/* If total momentum is zero, a component of atom i varies with (kT / m_i) (1 - m_i / M). */
static void take_velocities(const nmd_simulation *s, double temperature, bool keep, int k, record *out) {
  double total = 0, sum[2] = {0, 0};
  int count[2] = {0, 0};
  for (int i = 0; i < s->atoms.n_owned; i++) total += s->species.mass[s->atoms.species[i]];
  for (int i = 0; i < s->atoms.n_owned; i++) {
    const int e = s->atoms.species[i];
    const double m = s->species.mass[e], rest = s->motion.removed_freedoms > 0 ? 1 - m / total : 1;
    const double sigma = sqrt(NMD_BOLTZMANN * temperature / (m * NMD_MV2_TO_EV) * rest);
    for (int a = 0; a < 3; a++) {
      const double u = s->atoms.v[3 * i + a] / sigma;
      sum[e] += u * u;
      count[e]++;
      if (keep && n_components[e] < COMPONENTS_MAX) component[e][n_components[e]++] = u;
    }
  }
  for (int e = 0; e < 2; e++) out->mean_square[e][k] = sum[e] / count[e];
}

static bool run(const char *stage, int seed, double temperature, record *out) {
  nmd_simulation *s = open_bulk(stage, seed);
  bool good = engine_steps(s, EQUILIBRATE);
  n_components[0] = n_components[1] = 0;
  for (int k = 0; k < N && good; k++) {
    good = engine_steps(s, EVERY);
    if (!good) break;
    const double kinetic = engine_kinetic(s);
    out->potential[k] = s->totals.potential_energy;
    out->energy[k] = s->totals.potential_energy + kinetic;
    out->volume[k] = s->box.volume;
    out->temperature[k] = nmd_temperature_of(&s->motion, kinetic);
    take_velocities(s, temperature, k * EVERY % VELOCITY_EVERY == 0, k, out);
  }
  if (good)
    engine_say("  %s\n    %lld atoms, T %.2f +- %.2f K, V %.2f +- %.2f A^3, %lld extrapolations\n", stage,
               (long long)s->n_atoms, test_mean(out->temperature, N).value, test_mean(out->temperature, N).error,
               test_mean(out->volume, N).value, test_mean(out->volume, N).error,
               (long long)s->counters.extrapolations);
  nmd_simulation_destroy(s);
  return good;
}

static void check_ratio(const char *what, const double *first, const double *second, double expected) {
  static double a[N], b[N];
  const int n1 = test_decorrelate(first, N, a), n2 = test_decorrelate(second, N, b);
  double deviation;
  const test_estimate slope = test_ratio_slope(a, n1, b, n2, &deviation);
  engine_say("  %s: slope %.4f +- %.4f, expected %.4f (%.1f sigma); %d and %d samples, chi^2 of the bins %.2f\n", what,
             slope.value, slope.error, expected, (slope.value - expected) / slope.error, n1, n2, deviation);
  TEST_CHECK(fabs(slope.value - expected) <= 3 * slope.error, "%s: slope %g +- %g, expected %g", what, slope.value,
             slope.error, expected);
  TEST_CHECK(slope.error <= 0.25 * fabs(expected), "%s: the error %g of the slope hides what is tested", what,
             slope.error);
  TEST_CHECK(deviation < 3, "%s: the log ratio is not linear, chi^2 %g", what, deviation);
}

static const char *const names[2] = {"Li", "Au"};

/* Equipartition between the elements. */
static void check_equipartition(const record *r) {
  for (int e = 0; e < 2; e++) {
    const test_estimate square = test_mean(r->mean_square[e], N);
    engine_say("  %s: <v^2> / expected %.4f +- %.4f\n", names[e], square.value, square.error);
    TEST_CHECK(fabs(square.value - 1) <= 3 * square.error, "%s: <v^2> %g +- %g of the expected", names[e], square.value,
               square.error);
  }
}

/* 2 K / kT of the canonical ensemble is chi-squared; made normal by E. B. Wilson, M. M. Hilferty, PNAS 17, 684 (1931).
 * (Not equipartition: in a small cold crystal Li and Au modes exchange energy in about 10 ps, and a global thermostat
 * does not help them: too few independent samples.) */
static void check_kinetic(const record *r, double temperature) {
  static double samples[N];
  const double freedoms = 3 * 54 - 3, spread = 2 / (9 * freedoms);
  const int n = test_decorrelate(r->temperature, N, samples);
  for (int k = 0; k < n; k++) samples[k] = (cbrt(samples[k] / temperature) - 1 + spread) / sqrt(spread);
  const test_estimate mean = test_mean(r->temperature, N);
  const double p = test_normal_probability(samples, n);
  engine_say("  kinetic energy: Kolmogorov-Smirnov p %.3f (%d samples); Li <v^2> / expected %.3f\n", p, n,
             test_mean(r->mean_square[0], N).value);
  TEST_CHECK(p > 1e-3, "kinetic energy is not canonical, p %g", p);
  TEST_CHECK(fabs(mean.value - temperature) <= 3 * mean.error, "T = %g +- %g", mean.value, mean.error);
}

/* The shape: Kolmogorov-Smirnov and kurtosis, on samples that local friction has made independent. */
static void check_maxwell_boltzmann(void) {
  for (int e = 0; e < 2; e++) {
    double two = 0, four = 0;
    const int n = n_components[e];
    for (int k = 0; k < n; k++) {
      const double square = component[e][k] * component[e][k];
      two += square / n;
      four += square * square / n;
    }
    const double p = test_normal_probability(component[e], n), kurtosis = four / (two * two);
    engine_say("  %s: %d components: kurtosis %.3f +- %.3f, Kolmogorov-Smirnov p %.3f\n", names[e], n, kurtosis,
               sqrt(24.0 / n), p);
    TEST_CHECK(fabs(kurtosis - 3) <= 3.5 * sqrt(24.0 / n), "%s: kurtosis %g", names[e], kurtosis);
    TEST_CHECK(p > 1e-3, "%s: not Maxwell-Boltzmann, p %g", names[e], p);
  }
}

static void check_energies(void) {
  const double expected = (1 / 600.0 - 1 / 680.0) / NMD_BOLTZMANN;
  check_ratio("NVT, ln of total-energy ratio, 1/eV", runs[0].energy, runs[1].energy, expected);
  check_ratio("NVT, ln of potential-energy ratio, 1/eV", runs[0].potential, runs[1].potential, expected);
}

#define COMMON "steps: 1000000, timestep: 2 fs, velocities: 1200 K, temperature: "
#define NPT(p) "npt: {" COMMON "600 K, pressure: " p " GPa, tau_p: 200 fs, compressibility: 0.02}"

static void test_csvr(void) {
  if (!run("nvt: {" COMMON "600 K, thermostat: csvr}", 6, 600, &runs[0]) ||
      !run("nvt: {" COMMON "680 K, thermostat: csvr}", 7, 680, &runs[1]))
    return;
  check_kinetic(&runs[0], 600);
  check_kinetic(&runs[1], 680);
  check_energies();
}

static void test_langevin(void) {
  if (!run("nvt: {" COMMON "680 K, thermostat: langevin, tau: 100 fs}", 8, 680, &runs[1]) ||
      !run("nvt: {" COMMON "600 K, thermostat: langevin, tau: 100 fs}", 9, 600, &runs[0]))
    return;
  check_equipartition(&runs[0]);
  check_maxwell_boltzmann();
  check_energies();
}

static void test_npt(void) {
  if (!run(NPT("0"), 10, 600, &runs[0]) || !run(NPT("1.5"), 11, 600, &runs[1])) return;
  const double expected = -1.5 / NMD_EV_PER_A3_TO_GPA / (NMD_BOLTZMANN * 600);
  check_ratio("NPT, ln of volume ratio, 1/A^3", runs[0].volume, runs[1].volume, expected);
}

TEST_SUITE("physics/au_li_ensembles", TEST(test_csvr), TEST(test_langevin), TEST(test_npt))
