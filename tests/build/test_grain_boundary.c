/* SPDX-License-Identifier: BSD-3-Clause */
/* Tilt boundaries: number of atoms and composition, mirror planes, the share of common lattice points, the energy of
 * one against ASE (ase_boundary.py); vacancies and charges; and what cannot be built.
 *
 * LINKS: engine */
#include "build_support.h"
#include "parallel/comm.h" /* TEST_COMM */
#include "support/engine.h"

/* ASE 3.29.0: as built, and relaxed, eV. */
static const double ase_start = 69.292883, ase_relaxed = -51.622678;

static int64_t count_of(const nmd_structure *s, int z) {
  int64_t n = 0;
  for (int64_t k = 0; k < s->n; k++) n += s->atomic_number[k] == z;
  return n;
}

static void check_count(const char *yaml, int64_t n, const char *say) {
  nmd_structure s;
  if (!TEST_OK(build_from(yaml, 1, &s))) return;
  TEST_EQUAL_INT(s.n, n);
  TEST_CONTAINS(report_text, say);
  nmd_structure_free(&s);
}

/* Periods of fcc: [100] a, [110] a / sqrt(2), [111] a sqrt(3); so a cell of the (210) boundary has 20 atoms a period of
 * each grain. */
static void test_numbers(void) {
  check_count("grain_boundary: {type: fcc, a: 4, elements: Au, plane: [2, 1, 0]}", 40, "Sigma 5 (2 1 0)[0 0 1]");
  check_count("grain_boundary: {type: fcc, a: 4, elements: Au, plane: [2, 1, 0], repeat: [1, 2, 3]}", 240, "8 pairs");
  check_count("grain_boundary: {type: fcc, a: 4, elements: Au, plane: [3, 1, 0]}", 20, "Sigma 5 (3 1 0)");
  check_count("grain_boundary: {type: bcc, a: 3, elements: Li, plane: [3, 1, 0]}", 40, "Sigma 5 (3 1 0)");
  check_count("grain_boundary: {type: sc, a: 3, elements: Po, plane: [3, 2, 0]}", 26, "Sigma 13 (3 2 0)");
  check_count("grain_boundary: {type: fcc, a: 4, elements: Au, axis: [0, 1, -1], plane: [1, 1, 1]}", 12,
              "Sigma 3 (1 1 1)[0 1 -1]");
  check_count("grain_boundary: {type: fcc, a: 4, elements: Au, axis: [0, -2, 2], plane: [6, 2, 2]}", 44,
              "Sigma 11 (6 2 2)");
  check_count(
      "grain_boundary: {type: perovskite, a: 4, c: 4.1, elements: [Sr, Ti, O], plane: [2, 1, 0], repeat: [1, 1, 2]}",
      100, "two of 8.9443 x 4.1000 A, 17.8885 A apart");
}

/* Composition of the crystal wherever it is cut. */
static void test_composition(void) {
  static const char *const offsets[] = {"0", "0.1", "0.25", "0.5"};
  for (int k = 0; k < 4; k++) {
    char yaml[256];
    nmd_structure s;
    snprintf(yaml, sizeof yaml,
             "grain_boundary: {type: perovskite, a: 3.9, elements: [Sr, Ti, O], plane: [2, 1, 0], offset: %s, gap: 1, "
             "charges: "
             "[{element: Sr, charge: 2}, {element: Ti, charge: 4}, {element: O, charge: -2}]}",
             offsets[k]);
    if (!TEST_OK(build_from(yaml, 1, &s))) continue;
    TEST_EQUAL_INT(count_of(&s, 38), 10);
    TEST_EQUAL_INT(count_of(&s, 22), 10);
    TEST_EQUAL_INT(count_of(&s, 8), 30);
    nmd_structure_free(&s);
  }
}

static double nearest_of(const nmd_structure *s, const double x[3], int z) {
  double most = 1e9;
  for (int64_t j = 0; j < s->n; j++) {
    double d[3];
    for (int a = 0; a < 3; a++) {
      d[a] = s->x[j][a] - x[a];
      d[a] -= s->box.h[a][a] * round(d[a] / s->box.h[a][a]);
    }
    if (s->atomic_number[j] == z) most = fmin(most, nmd_norm(d));
  }
  return most;
}

/* z -> -z takes the cell into itself, at the boundary and half a cell away. */
static void test_mirror(void) {
  nmd_structure s;
  if (!TEST_OK(build_from(
          "grain_boundary: {type: perovskite, a: 3.9, elements: [Sr, Ti, O], plane: [3, 1, 0], repeat: [1, 1, 2]}", 1,
          &s)))
    return;
  for (int64_t i = 0; i < s.n; i++) {
    const double image[3] = {s.x[i][0], s.x[i][1], -s.x[i][2]};
    TEST_CHECK(nearest_of(&s, image, s.atomic_number[i]) < 1e-9, "atom %lld has no mirror image", (long long)s.id[i]);
  }
  nmd_structure_free(&s);
}

/* Points of the first grain's lattice that are points of the second one's: mirrored, and looked at in the crystal's
 * axes, they have whole coordinates. */
static void test_coincidence(void) {
  static const struct {
    int plane[3], axis[3], sigma, repeat;
  } cases[] = {{{2, 1, 0}, {0, 0, 1}, 5, 5},
               {{3, 2, 0}, {0, 0, 1}, 13, 13},
               {{2, 1, 1}, {0, 1, -1}, 3, 3},
               {{3, 3, 2}, {1, -1, 0}, 11, 11}};
  for (int c = 0; c < 4; c++) {
    char yaml[256];
    nmd_structure s;
    const int *h = cases[c].plane, *u = cases[c].axis;
    snprintf(
        yaml, sizeof yaml,
        "grain_boundary: {type: sc, a: 4, elements: Po, plane: [%d, %d, %d], axis: [%d, %d, %d], repeat: [1, 1, %d]}",
        h[0], h[1], h[2], u[0], u[1], u[2], cases[c].repeat);
    if (!TEST_OK(build_from(yaml, 1, &s))) continue;
    const double hh = h[0] * h[0] + h[1] * h[1] + h[2] * h[2], uu = u[0] * u[0] + u[1] * u[1] + u[2] * u[2];
    double p[3];
    for (int a = 0; a < 3; a++) p[a] = u[(a + 1) % 3] * h[(a + 2) % 3] - u[(a + 2) % 3] * h[(a + 1) % 3];
    const double pp = nmd_dot(p, p);
    int64_t points = 0, common = 0;
    for (int64_t i = 0; i < s.n; i++) {
      if (s.x[i][2] > 0.5 * s.box.h[2][2] - 1e-6) continue; /* the second grain, and the far plane */
      double off[2] = {0, 0};
      for (int a = 0; a < 3; a++) {
        const double across = (s.x[i][0] * p[a] / sqrt(pp) + s.x[i][1] * u[a] / sqrt(uu)) / 4,
                     along = s.x[i][2] * h[a] / sqrt(hh) / 4;
        off[0] = fmax(off[0], fabs(across + along - round(across + along)));
        off[1] = fmax(off[1], fabs(across - along - round(across - along)));
      }
      TEST_CHECK(off[0] < 1e-6, "atom %lld is not on the lattice", (long long)s.id[i]);
      points++;
      common += off[1] < 1e-6;
    }
    TEST_CHECK(common * cases[c].sigma == points, "(%d %d %d): %lld of %lld points are common, Sigma %d", h[0], h[1],
               h[2], (long long)common, (long long)points, cases[c].sigma);
    nmd_structure_free(&s);
  }
}

static void test_energy(void) {
  const char *path = engine_write_input("input.yaml",
                                        "output_folder: '%s'\nstructure: {build: {grain_boundary: {type: fcc, a: 5.26, "
                                        "elements: Ar, plane: [2, 1, 0], repeat: [1, "
                                        "1, 2]}}}\npotential:\n  lennard_jones: {epsilon: 0.104, sigma: 3.4, cutoff: "
                                        "7.0, truncation: shift}\nstages:\n  - minimise: "
                                        "{method: lbfgs, force_tolerance: 1e-4}\n",
                                        test_folder());
  nmd_simulation *s = engine_open(TEST_COMM, path);
  if (s == NULL) return;
  TEST_NEAR(s->totals.potential_energy, ase_start, 1e-5);
  while (!s->stages[0].ops->finished(s->ensemble, &s->motion) && s->counters.step < 2000 && engine_steps(s, 1))
    continue;
  engine_say("  Sigma 5 (210) of argon: %.6f eV, ASE %.6f\n", s->totals.potential_energy, ase_relaxed);
  TEST_NEAR(s->totals.potential_energy, ase_relaxed, 1e-5);
  nmd_simulation_destroy(s);
}

/* Li0.1La0.3NbO3: La of 40 A sites, a tenth of them Li instead, three fifths gone. */
static void test_vacancies(void) {
  nmd_structure s;
#define LLNO                                                                                                           \
  "grain_boundary: {type: perovskite, a: 3.95, c: 4.05, elements: [La, Nb, O], plane: [2, 1, 0], repeat: [1, 2, 2], "  \
  "substitute: [{element: "                                                                                            \
  "La, by: Li, fraction: 0.1}], charges: [{element: La, charge: 3}, {element: Li, charge: 1}, {element: Nb, charge: "  \
  "5}, {element: O, charge: -2}]"
  if (!TEST_OK(build_from(LLNO ", remove: [{element: La, fraction: 0.66666667}]}", 3, &s))) return;
  TEST_EQUAL_INT(count_of(&s, 3), 4);
  TEST_EQUAL_INT(count_of(&s, 57), 12);
  TEST_EQUAL_INT(count_of(&s, 41), 40);
  TEST_EQUAL_INT(count_of(&s, 8), 120);
  for (int64_t k = 0; k < s.n; k++) TEST_EQUAL_INT(s.id[k], k + 1);
  nmd_structure_free(&s);
  build_fails(LLNO ", remove: [{element: La, fraction: 0.5}]}", NMD_BUILD,
              "the formal charges add up to +18 e; expected 0");
  build_fails(LLNO ", remove: [{element: K, fraction: 0.5}]}", NMD_BUILD, "K");
}

static void test_refused(void) {
  build_fails("grain_boundary: {type: hcp, a: 3, elements: Mg, plane: [2, 1, 0]}", NMD_BUILD,
              "hcp is not cubic; expected e.g. fcc");
  build_fails("grain_boundary: {type: l1_0, a: 3, elements: [Au, Cu], plane: [2, 1, 0]}", NMD_BUILD,
              "tetragonal order");
  build_fails("grain_boundary: {type: fcc, a: 4, elements: Au, plane: [2, 1, 1]}", NMD_BUILD,
              "does not hold the axis [0, 0, 1]: u h + v k + w l = 1");
  build_fails("grain_boundary: {type: fcc, a: 4, elements: Au, plane: [0, 0, 0]}", NMD_BUILD,
              "[0, 0, 0] is no direction");
  build_fails("grain_boundary: {type: fcc, a: 4, elements: [Au, Li], plane: [2, 1, 0]}", NMD_BUILD,
              "2 given; fcc needs 1");
  build_fails("grain_boundary: {type: fcc, a: 4, c: 5, elements: Au, axis: [0, 1, -1], plane: [1, 1, 1]}", NMD_BUILD,
              "needs axis [0, 0, 1]");
  build_fails("grain_boundary: {type: fcc, a: 1, elements: Au, plane: [1, 0, 0], gap: -5}", NMD_BUILD,
              "gap: -5 A leaves no cell");
}

TEST_SUITE("build/grain_boundary", TEST(test_numbers), TEST(test_composition), TEST(test_mirror),
           TEST(test_coincidence), TEST(test_energy), TEST(test_vacancies), TEST(test_refused))
