/* SPDX-License-Identifier: BSD-3-Clause */
/* The checks find what was planted, and nothing in a sound set with exact labels. Uses TEST_COMM. */
#include "dataset/check.h"

#include "base/memory.h"
#include "base/units.h"
#include "base/vec3.h"
#include "dataset/fingerprint.h"
#include "dataset/radii.h"
#include "support/test.h"
#include "support/test_mpi.h"
#include "toy_set.h"

static const nmd_check_options usual = {.isolated = 8.0,
                                        .shortest = 0.5,
                                        .max_force = 100.0,
                                        .net_force = 1e-6,
                                        .outlier = 30.0,
                                        .tolerance = 1e-6,
                                        .key = "group"};

static void test_sound_set(void) {
  const int64_t before = nmd_memory_in_use();
  nmd_dataset set;
  nmd_check_report r;
  toy_set_make(60, &set);
  TEST_OK(nmd_dataset_check(TEST_COMM, &set, &usual, &r));
  for (int64_t k = 0; k < r.n; k++) printf("%s: %s\n", nmd_finding_name(r.findings[k].kind), r.findings[k].text);
  TEST_EQUAL_INT(r.n, 0);
  TEST_EQUAL_INT(r.work.pairs, 54);
  TEST_NEAR(r.work.force, 1.0, 0.01); /* the trapezoid of a smooth path */
  TEST_NEAR(r.work.stress, 1.0, 0.01);
  nmd_check_report_free(&r);
  nmd_dataset_free(&set);
  TEST_EQUAL_INT(nmd_memory_in_use(), before);
}

/* Every frame scaled, the expected words of the finding about the whole set. */
static void with_units(double energy, double force, double stress, const char *words) {
  nmd_dataset set;
  nmd_check_report r;
  toy_set_make(60, &set);
  for (int64_t k = 0; k < set.n; k++) {
    nmd_structure *s = &set.frames[k];
    s->energy *= energy;
    for (int64_t i = 0; i < s->n; i++)
      for (int d = 0; d < 3; d++) s->f[i][d] *= force;
    for (int m = 0; m < 9; m++) s->stress[m / 3][m % 3] *= stress;
  }
  TEST_OK(nmd_dataset_check(TEST_COMM, &set, &usual, &r));
  TEST_CHECK(r.count[NMD_FINDING_UNITS] > 0, "units %g %g %g pass", energy, force, stress);
  char all[2048] = "";
  for (int64_t k = 0; k < r.n; k++)
    if (r.findings[k].kind == NMD_FINDING_UNITS) strcat(all, r.findings[k].text);
  TEST_CONTAINS(all, words);
  nmd_check_report_free(&r);
  nmd_dataset_free(&set);
}

static void test_units(void) {
  with_units(1.0, 1.0, -1.0, "the work of the stress says");
  with_units(1.0, 1.0, -1.0, "the sign is the other one");
  with_units(1.0, -1.0, 1.0, "the work of the forces says");
  with_units(1.0 / NMD_HARTREE, 1.0, 1.0, "energies in Hartree, forces in eV/A?");
  with_units(1.0, NMD_BOHR / NMD_HARTREE, 1.0, "forces in Hartree/Bohr, energies in eV?");
  with_units(1.0, 1.0, NMD_EV_PER_A3_TO_GPA, "stresses in GPa?");
  with_units(1.0, 1.0, -10.0 * NMD_EV_PER_A3_TO_GPA, "stresses in kbar with the sign of VASP?");
}

static void expect(const nmd_check_report *r, nmd_finding_kind kind, int64_t frame, const char *words) {
  for (int64_t k = 0; k < r->n; k++)
    if (r->findings[k].kind == kind && r->findings[k].frame == frame) {
      TEST_CONTAINS(r->findings[k].text, words);
      return;
    }
  TEST_CHECK(false, "no finding '%s' of frame %lld", nmd_finding_name(kind), (long long)frame);
}

static void test_planted(void) {
  nmd_dataset set;
  nmd_check_report r;
  toy_set_make(40, &set);
  toy_set_append(&set, &set.frames[7]); /* 40: the same again */
  toy_set_append(&set, &set.frames[9]); /* 41: with another energy */
  set.frames[41].energy += 0.1;
  set.frames[1].has_energy = false;
  nmd_free(set.frames[2].f);
  set.frames[2].f = NULL;
  for (int d = 0; d < 3; d++) set.frames[3].x[1][d] = set.frames[3].x[0][d] + (d == 0 ? 0.4 : 0.0);
  set.frames[4].f[0][1] += 0.5;
  set.frames[5].energy += 500.0;
  set.frames[6].stress[0][1] += 0.3;
  TEST_OK(nmd_structure_set_info(&set.frames[8], "scf", "unconverged"));
  set.frames[11].f[2][0] = 1234.0;
  TEST_OK(nmd_dataset_check(TEST_COMM, &set, &usual, &r));
  expect(&r, NMD_FINDING_NO_ENERGY, 1, "no energy");
  expect(&r, NMD_FINDING_NO_FORCES, 2, "no forces");
  expect(&r, NMD_FINDING_SHORT, 3, "0.400 A (atoms 1, 2)");
  expect(&r, NMD_FINDING_NET_FORCE, 4, "net force 0.0833 eV/A an atom");
  expect(&r, NMD_FINDING_ENERGY, 5, "eV/atom from the energies of its composition");
  expect(&r, NMD_FINDING_STRESS, 6, "differ by 0.3");
  expect(&r, NMD_FINDING_SCF, 8, "did not converge");
  expect(&r, NMD_FINDING_LARGE_FORCE, 11, "largest force 1234");
  expect(&r, NMD_FINDING_DUPLICATE, 40, "like frame 7 (toy:7)");
  expect(&r, NMD_FINDING_CONTRADICTION, 41, "like frame 9");
  nmd_check_report_free(&r);
  nmd_dataset_free(&set);
}

static void test_isolated(void) {
  nmd_dataset set;
  nmd_check_report r;
  const double h[3][3] = {{60, 0, 0}, {0, 60, 0}, {0, 0, 60}};
  toy_set_make(2, &set);
  TEST_OK(nmd_box_init(&set.frames[1].box, h, NULL, NULL));
  set.frames[1].x[4][2] += 30.0;
  TEST_OK(nmd_dataset_check(TEST_COMM, &set, &usual, &r));
  expect(&r, NMD_FINDING_ISOLATED, 1, "atom 5 (Au) has no neighbour within 8 A");
  nmd_check_report_free(&r);
  nmd_dataset_free(&set);
}

static void print_of(const nmd_structure *s, double *print) {
  nmd_neighbours nb;
  TEST_OK(nmd_neighbours_find(TEST_COMM, s, 6.0, &nb));
  nmd_fingerprint(s, &nb, 6.0, print);
  nmd_neighbours_free(&nb);
}

/* x -> R x + t with a rotation, atoms in reverse order, cell vectors exchanged and combined. */
static void transform(const nmd_structure *a, nmd_structure *b) {
  const double c = cos(0.7), s = sin(0.7), r[3][3] = {{c, s, 0}, {-s, c, 0}, {0, 0, 1}}, t[3] = {1.2, -3.4, 0.7};
  double h[3][3];
  TEST_OK(nmd_structure_copy(a, b));
  for (int d = 0; d < 3; d++) nmd_row_times(a->box.h[(d + 1) % 3], r, h[d]);
  for (int k = 0; k < 3; k++) h[0][k] += h[1][k];
  TEST_OK(nmd_box_init(&b->box, h, NULL, NULL));
  for (int64_t i = 0; i < a->n; i++) {
    const int64_t j = a->n - 1 - i;
    b->atomic_number[j] = a->atomic_number[i];
    nmd_row_times(a->x[i], r, b->x[j]);
    for (int k = 0; k < 3; k++) b->x[j][k] += t[k];
  }
}

static void test_fingerprint(void) {
  nmd_dataset set;
  double a[NMD_FINGERPRINT_SIZE], b[NMD_FINGERPRINT_SIZE], c[NMD_FINGERPRINT_SIZE];
  toy_set_make(12, &set);
  nmd_structure moved;
  transform(&set.frames[0], &moved);
  print_of(&set.frames[0], a);
  print_of(&moved, b);
  print_of(&set.frames[1], c);
  TEST_CHECK(nmd_fingerprint_difference(a, b) < 1e-12, "turned: %g", nmd_fingerprint_difference(a, b));
  TEST_CHECK(nmd_fingerprint_difference(a, c) > 1e-4, "next of the run: %g", nmd_fingerprint_difference(a, c));
  moved.atomic_number[0] = 3;
  moved.atomic_number[5] = 79; /* exchanged elements are another structure */
  print_of(&moved, b);
  TEST_CHECK(nmd_fingerprint_difference(a, b) > 1e-4, "exchanged: %g", nmd_fingerprint_difference(a, b));
  nmd_structure_free(&moved);
  nmd_dataset_free(&set);
}

static void test_radii(void) {
  TEST_NEAR(nmd_covalent_radius(3), 1.28, 1e-12);
  TEST_NEAR(nmd_covalent_radius(79), 1.36, 1e-12);
  TEST_NEAR(nmd_covalent_radius(87), 2.60, 1e-12);
  TEST_NEAR(nmd_covalent_radius(96), 1.69, 1e-12);
  TEST_NEAR(nmd_covalent_radius(118), 1.5, 1e-12);
}

TEST_SUITE("dataset/check", TEST(test_sound_set), TEST(test_units), TEST(test_planted), TEST(test_isolated),
           TEST(test_fingerprint), TEST(test_radii))
