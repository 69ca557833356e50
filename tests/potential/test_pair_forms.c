/* SPDX-License-Identifier: BSD-3-Clause */
/* Pair forms against LAMMPS and against their formulas written out; charges; what is wrong with tables and charges.
 * LINKS: simulation build
 *
 * The numbers of LAMMPS: 29 Sep 2021 - Update 2 (Debian), units metal, the five atoms below, run 0:
 *   pair_style morse/smooth/linear 5.0, pair_coeff 1 2 0.3 1.4 2.3, pair_coeff 1 1 0.1 1.1 2.9, else 0
 *   pair_style sw with the parameters of silicon, all five atoms silicon at other positions
 *   pair_style coul/dsf 0.4 5.0, charges 0.9 -0.7 -0.4 (its erfc is good to 1.5e-7, so are its forces) */
#include "base/memory.h"
#include "parallel/comm.h"
#include "scene.h"
#include "support/test.h"

static const int numbers[5] = {3, 8, 8, 9, 3};
static const double positions[5][3] = {{5, 5, 5}, {6.9, 5.3, 4.8}, {5.2, 7.1, 5.6}, {7.4, 7.3, 6.9}, {8.1, 4.2, 7.2}};

static void compare_forces(const char *yaml, double energy, const double force[5][3], double tolerance) {
  scene s;
  scene_make(&s, 5, numbers, positions);
  nmd_structure_results r = scene_evaluate(TEST_COMM, &s, yaml);
  if (energy != 0) TEST_RELATIVE(r.energy, energy, tolerance);
  for (int i = 0; i < 5 && r.n == 5; i++)
    for (int d = 0; d < 3; d++) TEST_NEAR(r.force[i][d], force[i][d], tolerance);
  nmd_structure_results_free(&r);
  scene_free(&s);
}

static void test_lammps(void) {
  static const double morse[5][3] = {{-0.933292256911, -0.32327574021, 0.0676201682068},
                                     {1.01837535153, 0.0774920288576, 0.0560105866323},
                                     {0.0313424930952, 0.153342085824, 0.0566105662152},
                                     {0, 0, 0},
                                     {-0.116425587716, 0.0924416255283, -0.180241321054}};
  static const double dsf[5][3] = {{1.8347554697, 1.5417403161, 0.11636141183},
                                   {-1.26398323297, -0.965252147876, 0.262281908172},
                                   {-0.736107381017, -0.866837631491, -0.330760350652},
                                   {0.316569876401, -0.0447732893054, 0.291211111324},
                                   {-0.15123473212, 0.335122752577, -0.339094080676}};
  compare_forces(
      "morse: {cutoff: 5, pairs: [{elements: [Li, O], depth: 0.3, alpha: 1.4, distance: 2.3}, {elements: [Li, "
      "Li], depth: 0.1, alpha: 1.1, distance: 2.9}]}",
      -0.49235519029768, morse, 1e-11);
  compare_forces(
      "screened_coulomb: {cutoff: 5, between: all, screening: length, length: 2.5, ions: [{element: Li, charge: "
      "0.9}, {element: O, charge: -0.7}, {element: F, charge: -0.4}]}",
      0, dsf, 2e-6);
}

#define SILICON "pairs: [{elements: [Si, Si], epsilon: 2.1683, sigma: 2.0951}]"

static void compare_silicon(const char *yaml, double energy, const double (*force)[3], double tolerance) {
  static const int silicon[5] = {14, 14, 14, 14, 14};
  static const double x[5][3] = {{5, 5, 5}, {6.9, 5.9, 4.8}, {5.2, 7.1, 5.6}, {6.4, 6.3, 7.1}, {7.9, 4.2, 6.2}};
  scene s;
  scene_make(&s, 5, silicon, x);
  nmd_structure_results r = scene_evaluate(TEST_COMM, &s, yaml);
  TEST_RELATIVE(r.energy, energy, tolerance);
  for (int i = 0; i < 5 && r.n == 5; i++)
    for (int d = 0; d < 3; d++) TEST_NEAR(r.force[i][d], force[i][d], tolerance * 10);
  nmd_structure_results_free(&r);
  scene_free(&s);
}

/* The whole form against LAMMPS; the angular term written with free parameters is the same thing. */
static void test_angular(void) {
  static const double force[5][3] = {{-9.34301053503, -10.1711077771, -5.20344691687},
                                     {11.7055607278, -1.47117276665, -8.81228699587},
                                     {-8.39824964311, 11.2786043698, -0.514961037373},
                                     {4.98018205297, 1.32443357757, 13.9651577327},
                                     {1.0555173974, -0.960757403629, 0.56553721744}};
  compare_silicon("stillinger_weber: {" SILICON ", triples: [{elements: [Si, Si, Si]}]}", -2.1984188644986, force, 1e-10);
  char yaml[512];
  snprintf(yaml, sizeof yaml,
           "sum: {terms: [{stillinger_weber: {" SILICON "}}, {angular: {triples: [{elements: [Si, Si, Si], alpha: %.12g, "
           "beta: %.12g, gamma: %.12g, cutoff: %.12g}]}}]}", 21 * 2.1683, 1.2 * 2.0951, -1.0 / 3, 1.8 * 2.0951);
  compare_silicon(yaml, -2.1984188644986, force, 1e-10);
}

/* ---- one pair, its energy by the C library ---- */

static const double gap = 1.83, cutoff = 5;

static double pair_energy(const char *yaml, int za, int zb, double r) {
  const int z[2] = {za, zb};
  const double x[2][3] = {{1, 1, 1}, {1, 1 + 0.6 * r, 1 + 0.8 * r}};
  scene s;
  scene_make(&s, 2, z, x);
  nmd_structure_results results = scene_evaluate(TEST_COMM, &s, yaml);
  const double energy = results.energy;
  nmd_structure_results_free(&results);
  scene_free(&s);
  return energy;
}

static double buckingham(double r) { return 800 * exp(-r / 0.32) - 21 * pow(r, -6); }
static double buckingham_slope(double r) { return -800 / 0.32 * exp(-r / 0.32) + 6 * 21 * pow(r, -7); }
static double coulomb(double r) { return 14.399645478425668 * 0.25 * erfc(r / (0.74 * 2 * 1.28)) / r; }

static double force_shifted(double (*v)(double), double slope, double r) {
  return v(r) - v(cutoff) - (r - cutoff) * slope;
}

static void test_formulas(void) {
  const double h = 1e-4, slope = (coulomb(cutoff - 2 * h) - 8 * coulomb(cutoff - h) + 8 * coulomb(cutoff + h) -
                                  coulomb(cutoff + 2 * h)) /
                                 (12 * h);
  TEST_RELATIVE(
      pair_energy("buckingham: {cutoff: 5, pairs: [{elements: [O, Li], A: 800, rho: 0.32, C: 21}]}", 3, 8, gap),
      force_shifted(buckingham, buckingham_slope(cutoff), gap), 1e-12);
  for (double r = 0.2; r < 5; r += 0.37) { /* the fluorine atoms are far from each other */
    const int z[4] = {3, 3, 9, 9};
    const double x[4][3] = {{1, 1, 1}, {1 + r, 1, 1}, {12, 1, 1}, {1, 12, 1}};
    scene s;
    scene_make(&s, 4, z, x);
    nmd_structure_results two =
        scene_evaluate(TEST_COMM, &s,
                       "screened_coulomb: {cutoff: 5, ions: [{element: Li, charge: 0.5}, {element: F, "
                       "charge: -0.5, radius: 1.33}]}");
    TEST_NEAR(two.energy, force_shifted(coulomb, slope, r), 1e-11 * (1 + two.energy));
    nmd_structure_results_free(&two);
    scene_free(&s);
  }
}

/* A spline through a smooth function is close to it; closer than the first point it is a straight line. */
static void test_table(void) {
  const char *path = test_path("table.dat");
  FILE *file = fopen(path, "w");
  if (!TEST_CHECK(file != NULL, "%s", path)) return;
  fprintf(file, "# r V\n");
  for (int k = 0; k <= 380; k++) fprintf(file, "%.3f %.15g 0\n", 1.2 + 0.01 * k, buckingham(1.2 + 0.01 * k));
  fclose(file);
  char yaml[512];
  snprintf(yaml, sizeof yaml, "tabulated: {pairs: [{elements: [Li, O], file: '%s'}]}", path);
  for (double r = 1.4; r < 4.8; r += 0.31)
    TEST_NEAR(pair_energy(yaml, 3, 8, r), force_shifted(buckingham, buckingham_slope(cutoff), r), 1e-6);
  const double a = pair_energy(yaml, 3, 8, 1.1), b = pair_energy(yaml, 3, 8, 1.0), c = pair_energy(yaml, 3, 8, 0.9);
  TEST_RELATIVE(a - b, b - c, 1e-9);
  TEST_CHECK(c > b && b > a, "%g %g %g", a, b, c);
}

/* ---- charges ---- */

static void describe(void *context, const char *text) { snprintf((char *)context, 256, "%s", text); }

/* Li(x)La(1-x)/3NbO3: x = 0, 0.1 and 0.25; worked out apart: s = sqrt(anions / cations) of sum |V| N / sqrt(n). */
static void test_bond_valence_charges(void) {
  static const struct {
    int n[4]; /* Li La Nb O */
    const char *expected;
  } cases[] = {{{0, 4, 12, 36}, "O -1.1165 Nb +2.8323 La +1.5513"},
               {{3, 9, 30, 90}, "Li +0.8906 O -1.1228 Nb +2.8165 La +1.5426"},
               {{3, 3, 12, 36}, "Li +0.8833 O -1.1321 Nb +2.7932 La +1.5299"}};
  static const int z[4] = {3, 57, 41, 8};
  for (int c = 0; c < 3; c++) {
    int all[160], n = 0;
    for (int e = 0; e < 4; e++)
      for (int k = 0; k < cases[c].n[e]; k++) all[n++] = z[e];
    scene s = {0};
    nmd_species_init(&s.species, all, n);
    nmd_potential potential;
    char text[256] = "";
    if (!TEST_OK(scene_potential(&s, "screened_coulomb: {cutoff: 6, charges: fixed_bvs}", &potential))) continue;
    potential.ops->describe(potential.self, describe, text);
    TEST_CONTAINS(text, cases[c].expected);
    nmd_potential_destroy(&potential);
  }
}

static void expect(const char *yaml, nmd_status code, const char *part) {
  scene s;
  nmd_potential potential;
  scene_make(&s, 5, numbers, positions);
  TEST_FAILS(scene_potential(&s, yaml, &potential), code);
  TEST_CONTAINS(nmd_error_text(), part);
  TEST_CONTAINS(nmd_error_text(), "case:1:");
  scene_free(&s);
}

static void write_table(const char *name, const char *text, char *yaml) {
  FILE *file = fopen(test_path(name), "w");
  if (!TEST_CHECK(file != NULL, "%s", name)) return;
  fputs(text, file);
  fclose(file);
  snprintf(yaml, 512, "tabulated: {pairs: [{elements: [Li, O], file: '%s'}]}", test_path(name));
}

static void expect_table(const char *text, nmd_status code, const char *part) {
  scene s;
  nmd_potential potential;
  char yaml[512] = "";
  scene_make(&s, 5, numbers, positions);
  write_table("bad.dat", text, yaml);
  TEST_FAILS(scene_potential(&s, yaml, &potential), code);
  TEST_CONTAINS(nmd_error_text(), part);
  scene_free(&s);
}

static void test_errors(void) {
  expect("morse: {cutoff: 5}", NMD_MISSING_KEY, "no pairs");
  expect("morse: {cutoff: 5, pairs: [{elements: [Li], depth: 1, alpha: 1, distance: 2}]}", NMD_CONFLICT, "1 given");
  expect("screened_coulomb: {cutoff: 5, ions: [{element: Li, charge: 1}]}", NMD_MISSING_KEY, "no charge of O");
  expect("screened_coulomb: {cutoff: 5, ions: [{element: Lx, charge: 1}]}", NMD_UNKNOWN_ELEMENT, "\"Lx\"");
  expect(
      "screened_coulomb: {cutoff: 5, ions: [{element: Li, charge: 1}, {element: O, charge: -1}, {element: F, charge: "
      "-1}]}",
      NMD_CONFLICT, "add up to -1 e (2 Li at +1, 2 O at -1, 1 F at -1)");
  expect("screened_coulomb: {cutoff: 5, charges: fixed_bvs}", NMD_CONFLICT, "F is not in the table");
  expect(
      "screened_coulomb: {cutoff: 5, ions: [{element: Li, charge: 1.5}, {element: O, charge: -1}, {element: F, charge: "
      "-1}]}",
      NMD_MISSING_KEY, "no radius of F");
  expect("tabulated: {pairs: [{elements: [Li, O], file: nowhere.dat}]}", NMD_FILE_MISSING, "nowhere.dat");
  expect("angular: {triples: [{elements: [Li, O], alpha: 1, gamma: 0, cutoff: 2}]}", NMD_CONFLICT, "2 given");
  expect("stillinger_weber: {pairs: [{elements: [Li, O], epsilon: 1, sigma: 2}], triples: [{elements: [Li, O, F]}]}",
         NMD_CONFLICT, "the pair Li-F is not in `pairs`");
  expect_table("1.0 2\n1.1 1\n1.3 1\n1.4 0\n", NMD_FILE_FORMAT, "bad.dat:3: distance 1.3 A is 0.2 A after");
  expect_table("1.0 2\n0.9 1\n0.8 1\n0.7 0\n", NMD_FILE_FORMAT, "bad.dat:2: 0.9 after 1 in column 1; expected it to go up");
  expect_table("1.0 2\n1.1\n1.2 1\n1.3 0\n", NMD_FILE_FORMAT,
               "bad.dat:2: 1 columns; expected at least 2, with a distance (A) and an energy");
  expect_table("1.0 2\n1.1 x\n1.2 1\n1.3 0\n", NMD_BAD_NUMBER,
               "bad.dat:2: \"1.1\" and \"x\" in columns 1 and 2; expected a distance (A) and an energy (eV)");
  expect_table("0.0 2\n1.1 1\n2.2 1\n3.3 0\n", NMD_OUT_OF_RANGE, "bad.dat:1: first distance 0 A");
  expect_table("# nothing\n1 2\n", NMD_FILE_TRUNCATED, "1 rows of numbers");
}

TEST_SUITE("potential/pair_forms", TEST(test_lammps), TEST(test_angular), TEST(test_formulas), TEST(test_table),
           TEST(test_bond_valence_charges), TEST(test_errors))
