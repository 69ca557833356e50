/* SPDX-License-Identifier: BSD-3-Clause */
/* ZBL against LAMMPS and against the formula by other means; a sum against its terms. LINKS: simulation build
 *
 * The numbers of LAMMPS: 29 Sep 2021 - Update 2 (Debian), pair_style zbl 1.2 1.5, units metal, Li Au O at the positions
 * below, run 0. Its switching function adds a constant below the inner radius, so that forces there are those of the
 * bare potential. Its e^2 / (4 pi eps0) is 14.399645 eV A. */
#include "base/memory.h"
#include "parallel/comm.h"
#include "scene.h"
#include "support/test.h"

static const int numbers[3] = {3, 79, 8};
static const double close_atoms[3][3] = {{5, 5, 5}, {5.6, 5, 5}, {5, 5.45, 5.2}};

static void test_zbl_of_lammps(void) {
  static const double force[3][3] = {{-1440.4037353, -415.617665962, -184.71896265},
                                     {2383.57619857, -707.379347453, -314.39082109},
                                     {-943.17246327, 1122.99701341, 499.10978374}};
  scene s;
  scene_make(&s, 3, numbers, close_atoms);
  nmd_structure_results r = scene_evaluate(TEST_COMM, &s, "zbl: {inner: 1.2, outer: 1.5}");
  for (int i = 0; i < 3 && r.n == 3; i++)
    for (int d = 0; d < 3; d++) TEST_RELATIVE(r.force[i][d], force[i][d], 1e-7);
  nmd_structure_results_free(&r);
  scene_free(&s);
}

/* Two gold atoms, phi by the series of its exponentials written out; half way of the switch s = 1/2. */
static void test_zbl_energy(void) {
  const double r = 0.7, x = r * 2 * pow(79, 0.23) / 0.46850;
  const double phi = 0.18175 * exp(-3.1998 * x) + 0.50986 * exp(-0.94229 * x) + 0.28022 * exp(-0.4029 * x) +
                     0.02817 * exp(-0.20162 * x);
  const double expected = 79 * 79 * 14.399645478425668 / r * phi;
  static const int gold[2] = {79, 79};
  static const double pair[2][3] = {{1, 1, 1}, {1, 1.7, 1}};
  static const struct {
    const char *yaml;
    double share;
  } cases[] = {{"zbl: {inner: 0.8, outer: 1.4}", 1},
               {"zbl: {inner: 0.6, outer: 0.8}", 0.5},
               {"zbl: {inner: 0.3, outer: 0.69}", 0}};
  scene s;
  scene_make(&s, 2, gold, pair);
  for (int k = 0; k < 3; k++) {
    nmd_structure_results r2 = scene_evaluate(TEST_COMM, &s, cases[k].yaml);
    TEST_NEAR(r2.energy, cases[k].share * expected, 1e-12 * expected);
    nmd_structure_results_free(&r2);
  }
  nmd_potential potential;
  TEST_FAILS(scene_potential(&s, "zbl: {inner: 1.4, outer: 1.4}", &potential), NMD_CONFLICT);
  scene_free(&s);
}

static void test_sum_of_terms(void) {
  static const char *const terms[2] = {"zbl: {inner: 0.5, outer: 3}",
                                       "lennard_jones: {epsilon: 0.02, sigma: 0.4, cutoff: 7}"};
  char both[256];
  scene s;
  scene_make(&s, 3, numbers, close_atoms);
  snprintf(both, sizeof both, "sum: {terms: [{%s}, {%s}]}", terms[0], terms[1]);
  nmd_structure_results sum = scene_evaluate(TEST_COMM, &s, both), one = scene_evaluate(TEST_COMM, &s, terms[0]),
                        two = scene_evaluate(TEST_COMM, &s, terms[1]);
  if (sum.n == 3 && one.n == 3 && two.n == 3) {
    TEST_RELATIVE(sum.energy, one.energy + two.energy, 1e-14);
    for (int i = 0; i < 3; i++) {
      TEST_RELATIVE(sum.atom_energy[i], one.atom_energy[i] + two.atom_energy[i], 1e-14);
      for (int d = 0; d < 3; d++)
        TEST_NEAR(sum.force[i][d], one.force[i][d] + two.force[i][d], 1e-12 * fabs(one.force[i][d]));
      for (int k = 0; k < 9; k++)
        TEST_NEAR(sum.atom_virial[i][k], one.atom_virial[i][k] + two.atom_virial[i][k], 1e-10);
    }
  }
  nmd_structure_results_free(&sum);
  nmd_structure_results_free(&one);
  nmd_structure_results_free(&two);
  scene_free(&s);
}

static void test_bad_sums(void) {
  scene s;
  nmd_potential potential;
  scene_make(&s, 3, numbers, close_atoms);
  TEST_FAILS(scene_potential(&s, "sum: {terms: []}", &potential), NMD_WRONG_TYPE);
  TEST_FAILS(scene_potential(&s, "sum: {terms: zbl}", &potential), NMD_WRONG_TYPE);
  TEST_FAILS(scene_potential(&s, "sum: {terms: [{zbl: {inner: 2 A}}]}", &potential), NMD_CONFLICT);
  TEST_CONTAINS(nmd_error_text(), "case:1:");
  TEST_FAILS(scene_potential(&s, "sum: {terms: [{zlb: {inner: 2 A}}]}", &potential), NMD_UNKNOWN_KEY);
  TEST_CONTAINS(nmd_error_text(), "zbl");
  TEST_FAILS(scene_potential(&s, "sum", &potential), NMD_MISSING_KEY);
  scene_free(&s);
}

/* Terms that see the atoms of some elements: those of a structure without the others. */
static void test_terms_among_elements(void) {
  static const char lj[] = "lennard_jones: {epsilon: 0.02, sigma: 2.0, cutoff: 6}", floor_only[] = "zbl: {inner: 1.0, outer: 2.9}";
  static const double x[5][3] = {{5, 5, 5}, {7.1, 5, 5}, {5, 7.3, 5.2}, {6.9, 7.2, 5.1}, {5.1, 5.2, 7.3}};
  static const int z[5] = {3, 18, 79, 3, 18}, seen_z[3] = {3, 79, 3}, seen[3] = {0, 2, 3};
  double seen_x[3][3];
  char both[256];
  scene all, some;
  for (int i = 0; i < 3; i++) memcpy(seen_x[i], x[seen[i]], sizeof seen_x[i]);
  scene_make(&all, 5, z, x);
  scene_make(&some, 3, seen_z, (const double(*)[3])seen_x);
  snprintf(both, sizeof both, "sum: {among: [Au-Li, all], terms: [{%s}, {%s}]}", lj, floor_only);
  nmd_structure_results sum = scene_evaluate(TEST_COMM, &all, both), part = scene_evaluate(TEST_COMM, &some, lj),
                        rest = scene_evaluate(TEST_COMM, &all, floor_only);
  if (sum.n == 5 && part.n == 3 && rest.n == 5) {
    for (int i = 0; i < 3; i++) {
      rest.atom_energy[seen[i]] += part.atom_energy[i];
      for (int d = 0; d < 3; d++) rest.force[seen[i]][d] += part.force[i][d];
      for (int k = 0; k < 9; k++) rest.atom_virial[seen[i]][k] += part.atom_virial[i][k];
    }
    TEST_CHECK(fabs(part.energy) > 1e-3, "the part is felt: %g eV", part.energy);
    TEST_NEAR(sum.energy, part.energy + rest.energy, 1e-13);
    for (int i = 0; i < 5; i++) {
      TEST_NEAR(sum.atom_energy[i], rest.atom_energy[i], 1e-13);
      for (int d = 0; d < 3; d++) TEST_NEAR(sum.force[i][d], rest.force[i][d], 1e-12);
      for (int k = 0; k < 9; k++) TEST_NEAR(sum.atom_virial[i][k], rest.atom_virial[i][k], 1e-12);
    }
  }
  nmd_structure_results_free(&sum);
  nmd_structure_results_free(&part);
  nmd_structure_results_free(&rest);
  nmd_potential potential;
  TEST_FAILS(scene_potential(&all, "sum: {among: [Au-Xx], terms: [{zbl: {}}]}", &potential), NMD_UNKNOWN_ELEMENT);
  TEST_CONTAINS(nmd_error_text(), "among: \"Xx\" of \"Au-Xx\" is no chemical symbol");
  TEST_FAILS(scene_potential(&all, "sum: {among: [Au-O], terms: [{zbl: {}}]}", &potential), NMD_CONFLICT);
  TEST_CONTAINS(nmd_error_text(), "among: the structure has no O");
  TEST_FAILS(scene_potential(&all, "sum: {among: [all, all], terms: [{zbl: {}}]}", &potential), NMD_CONFLICT);
  TEST_CONTAINS(nmd_error_text(), "among: 2 entries for 1 terms");
  scene_free(&all);
  scene_free(&some);
}

static void add_scaled(nmd_structure_results *to, const nmd_structure_results *from, const int *place, double weight) {
  to->energy += weight * from->energy;
  for (int i = 0; i < from->n; i++) {
    to->atom_energy[place[i]] += weight * from->atom_energy[i];
    for (int d = 0; d < 3; d++) to->force[place[i]][d] += weight * from->force[i][d];
    for (int k = 0; k < 9; k++) to->atom_virial[place[i]][k] += weight * from->atom_virial[i][k];
  }
}

/* E_high(group) + E_low(all) - E_low(group), against structures of those atoms alone; elements are in both regions. */
static void test_embedding(void) {
  static const char high[] = "morse: {cutoff: 6, pairs: [{elements: [Li, Au], depth: 0.7, alpha: 1.3, distance: 2.4}]}";
  static const char low[] = "lennard_jones: {epsilon: 0.02, sigma: 2.0, cutoff: 6}";
  static const double x[5][3] = {{5, 5, 5}, {7.1, 5, 5}, {5, 7.3, 5.2}, {6.9, 7.2, 5.1}, {5.1, 5.2, 7.3}};
  static const int z[5] = {3, 3, 79, 79, 3}, seen[3] = {0, 2, 4};
  double seen_x[3][3];
  int seen_z[3];
  char sum[512];
  scene all, some;
  for (int i = 0; i < 3; i++) {
    memcpy(seen_x[i], x[seen[i]], sizeof seen_x[i]);
    seen_z[i] = z[seen[i]];
  }
  scene_make(&all, 5, z, x);
  scene_make(&some, 3, seen_z, (const double(*)[3])seen_x);
  scene_set_groups(&all, "[{name: tip, ids: [1, 3, 5]}]");
  snprintf(sum, sizeof sum, "sum: {groups: [tip, all, tip], weights: [1, 1, -1], terms: [{%s}, {%s}, {%s}]}", high, low,
           low);
  nmd_structure_results whole = scene_evaluate(TEST_COMM, &all, sum), rest = scene_evaluate(TEST_COMM, &all, low),
                        part = scene_evaluate(TEST_COMM, &some, high), twice = scene_evaluate(TEST_COMM, &some, low);
  if (whole.n == 5 && rest.n == 5 && part.n == 3 && twice.n == 3) {
    TEST_CHECK(fabs(part.energy) > 1e-2 && fabs(twice.energy) > 1e-3, "both are felt: %g, %g eV", part.energy,
               twice.energy);
    add_scaled(&rest, &part, seen, 1);
    add_scaled(&rest, &twice, seen, -1);
    TEST_NEAR(whole.energy, rest.energy, 1e-13);
    for (int i = 0; i < 5; i++) {
      TEST_NEAR(whole.atom_energy[i], rest.atom_energy[i], 1e-13);
      for (int d = 0; d < 3; d++) TEST_NEAR(whole.force[i][d], rest.force[i][d], 1e-12);
      for (int k = 0; k < 9; k++) TEST_NEAR(whole.atom_virial[i][k], rest.atom_virial[i][k], 1e-12);
    }
  }
  nmd_structure_results_free(&whole);
  nmd_structure_results_free(&rest);
  nmd_structure_results_free(&part);
  nmd_structure_results_free(&twice);
  scene_free(&all);
  scene_free(&some);
}

static void test_bad_groups(void) {
  static const double x[2][3] = {{5, 5, 5}, {7.1, 5, 5}};
  static const int z[2] = {3, 79};
  static const struct {
    const char *yaml;
    nmd_status code;
    const char *part;
  } cases[] = {
      {"sum: {groups: [film], terms: [{zbl: {}}]}", NMD_BAD_CHOICE,
       "groups: there is no group \"film\"; expected one of: all, tip"},
      {"sum: {groups: [tip, all], terms: [{zbl: {}}]}", NMD_CONFLICT, "groups: 2 entries for 1 terms"},
      {"sum: {weights: [1, 1], terms: [{zbl: {}}]}", NMD_CONFLICT, "weights: 2 entries for 1 terms"},
      {"sum: {weights: [0], terms: [{zbl: {}}]}", NMD_BAD_NUMBER, "weights: got \"0\""},
      {"sum: {weights: [half], terms: [{zbl: {}}]}", NMD_BAD_NUMBER, "weights: got \"half\""},
  };
  scene s;
  nmd_potential potential;
  scene_make(&s, 2, z, x);
  scene_set_groups(&s, "[{name: tip, ids: [1]}]");
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    TEST_FAILS(scene_potential(&s, cases[k].yaml, &potential), cases[k].code);
    TEST_CONTAINS(nmd_error_text(), cases[k].part);
    TEST_CONTAINS(nmd_error_text(), "case:1:");
  }
  scene_free(&s);
}

TEST_SUITE("potential/short_range", TEST(test_embedding), TEST(test_bad_groups), TEST(test_zbl_of_lammps),
           TEST(test_zbl_energy), TEST(test_sum_of_terms), TEST(test_terms_among_elements), TEST(test_bad_sums))
