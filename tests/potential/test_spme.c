/* SPDX-License-Identifier: BSD-3-Clause */
/* Full electrostatics: Madelung constants, a direct Ewald sum, the error that was asked for, and what is refused.
 * LINKS: simulation build
 *
 * Madelung constants: NaCl and CsCl from lattice sums known to 15 digits (J. M. Borwein et al., Lattice Sums Then and
 * Now, Cambridge (2013)); cubic perovskite 2+ 4+ 2-: Q. C. Johnson, D. H. Templeton, J. Chem. Phys. 34, 2004 (1961)
 * have 49.510 per a; the further digits are of a direct Ewald sum in numpy at three splittings. */
#include "base/memory.h"
#include "base/random.h"
#include "base/units.h"
#include "base/vec3.h"
#include "electrostatics/spme.h"
#include "parallel/comm.h"
#include "scene.h"
#include "support/test.h"

#define PI 3.14159265358979323846

static void check_madelung(const char *name, int n, const double (*x)[3], const int *z, const char *ions, double a,
                           double constant) {
  const double h[3][3] = {{a, 0, 0}, {0, a, 0}, {0, 0, a}};
  char yaml[400];
  snprintf(yaml, sizeof yaml, "spme: {cutoff: 6, accuracy: 1e-12, ions: [%s]}", ions);
  scene s;
  scene_make_cell(&s, n, z, h, x);
  nmd_structure_results r = scene_evaluate(TEST_COMM, &s, yaml);
  const double found = -r.energy * a / NMD_COULOMB;
  printf("  %s: %.14g, known %.14g, %.1e apart\n", name, found, constant, fabs(found / constant - 1));
  TEST_RELATIVE(found, constant, 1e-10);
  for (int k = 0; k < 9; k += 4) TEST_RELATIVE(r.virial[k / 3][k % 3], r.energy / 3, 1e-9); /* E ~ 1 / a */
  nmd_structure_results_free(&r);
  scene_free(&s);
}

static void test_madelung(void) {
  static const double nacl[8][3] = {{0, 0, 0},  {.5, .5, 0}, {.5, 0, .5}, {0, .5, .5},
                                    {.5, 0, 0}, {0, .5, 0},  {0, 0, .5},  {.5, .5, .5}};
  static const double perovskite[5][3] = {{0, 0, 0}, {.5, .5, .5}, {.5, .5, 0}, {.5, 0, .5}, {0, .5, .5}};
  static const double cscl[2][3] = {{0, 0, 0}, {.5, .5, .5}};
  static const int rock[8] = {11, 11, 11, 11, 17, 17, 17, 17}, caesium[2] = {55, 17}, titanate[5] = {38, 22, 8, 8, 8};
  check_madelung("NaCl", 8, nacl, rock, "{element: Na, charge: 1}, {element: Cl, charge: -1}", 5.64,
                 8 * 1.747564594633182);
  check_madelung("CsCl", 2, cscl, caesium, "{element: Cs, charge: 1}, {element: Cl, charge: -1}", 4.12,
                 2 / sqrt(3) * 1.762674773070988);
  check_madelung("perovskite", 5, perovskite, titanate,
                 "{element: Sr, charge: 2}, {element: Ti, charge: 4}, {element: O, charge: -2}", 3.905,
                 49.5098721133588);
}

/* ---- a direct sum: real space over images, reciprocal space over modes, nothing shared with the product ---- */

enum { ATOMS = 20 };
typedef struct direct {
  double energy, force[ATOMS][3], virial[3][3];
} direct;

static void add_pair(direct *sum, int i, int j, const double d[3], double qq, double alpha) {
  const double r = nmd_norm(d), v = qq * erfc(alpha * r) / r;
  const double f = (v + qq * 2 * alpha / sqrt(PI) * exp(-alpha * alpha * r * r)) / (r * r);
  (void)j;
  sum->energy += 0.5 * v;
  for (int a = 0; a < 3; a++) {
    sum->force[i][a] -= f * d[a];
    for (int b = 0; b < 3; b++) sum->virial[a][b] += 0.5 * f * d[a] * d[b];
  }
}

static void add_real_space(const nmd_structure *s, const double *q, double alpha, int reach, direct *sum) {
  for (int i = 0; i < s->n; i++)
    for (int j = 0; j < s->n; j++)
      for (int a = -reach; a <= reach; a++)
        for (int b = -reach; b <= reach; b++)
          for (int c = -reach; c <= reach; c++) {
            double d[3];
            for (int x = 0; x < 3; x++)
              d[x] = s->x[j][x] - s->x[i][x] + a * s->box.h[0][x] + b * s->box.h[1][x] + c * s->box.h[2][x];
            if (nmd_norm(d) > 1e-9 && alpha * nmd_norm(d) < 6.5)
              add_pair(sum, i, j, d, NMD_COULOMB * q[i] * q[j], alpha);
          }
}

static void add_mode(const nmd_structure *s, const double *q, double alpha, const double m[3], direct *sum) {
  double re = 0, im = 0;
  const double m2 = nmd_dot(m, m), decay = PI * PI / (alpha * alpha);
  const double strength = NMD_COULOMB / (2 * PI * s->box.volume) * exp(-decay * m2) / m2;
  for (int i = 0; i < s->n; i++) {
    re += q[i] * cos(2 * PI * nmd_dot(m, s->x[i]));
    im += q[i] * sin(2 * PI * nmd_dot(m, s->x[i]));
  }
  const double energy = strength * (re * re + im * im);
  sum->energy += energy;
  for (int a = 0; a < 3; a++)
    for (int b = 0; b < 3; b++) sum->virial[a][b] += energy * ((a == b) - 2 * (1 / m2 + decay) * m[a] * m[b]);
  for (int i = 0; i < s->n; i++) {
    const double phase = 2 * PI * nmd_dot(m, s->x[i]);
    for (int a = 0; a < 3; a++)
      sum->force[i][a] += strength * 4 * PI * m[a] * q[i] * (sin(phase) * re - cos(phase) * im);
  }
}

static void direct_sum(const nmd_structure *s, const double *q, double alpha, direct *sum) {
  *sum = (direct){0};
  add_real_space(s, q, alpha, 3, sum);
  for (int a = -14; a <= 14; a++)
    for (int b = -14; b <= 14; b++)
      for (int c = -14; c <= 14; c++) {
        double m[3];
        for (int x = 0; x < 3; x++)
          m[x] = a * s->box.inverse[x][0] + b * s->box.inverse[x][1] + c * s->box.inverse[x][2];
        if (nmd_dot(m, m) > 0 && PI * PI * nmd_dot(m, m) / (alpha * alpha) < 45) add_mode(s, q, alpha, m, sum);
      }
  for (int i = 0; i < s->n; i++) sum->energy -= NMD_COULOMB * alpha / sqrt(PI) * q[i] * q[i];
}

static void make_random(scene *s, double *q) {
  static const double h[3][3] = {{6.5, 0.4, -0.8}, {1.5, 7, 0.9}, {-2, 1.2, 6}};
  double x[ATOMS][3];
  int z[ATOMS];
  for (int i = 0; i < ATOMS; i++) { /* a rattled lattice of Ti O2 charges */
    double g[3];
    nmd_random_normal3(5, NMD_STREAM_TEST, 0, i, 0, g);
    const int place[3] = {i % 3, i / 3 % 3, i / 9};
    for (int a = 0; a < 3; a++) x[i][a] = place[a] / 3.0 + 0.04 * g[a];
    z[i] = i % 2 == 0 ? 22 : 8;
    q[i] = i % 2 == 0 ? 1.7 : -1.7;
  }
  scene_make_cell(s, ATOMS, z, h, (const double(*)[3])x);
}

#define IONS "ions: [{element: Ti, charge: 1.7}, {element: O, charge: -1.7}]"

static double force_error(const nmd_structure_results *r, const direct *exact, double *scale) {
  double error = 0, sum = 0;
  for (int i = 0; i < ATOMS; i++)
    for (int a = 0; a < 3; a++) {
      error += pow(r->force[i][a] - exact->force[i][a], 2);
      sum += pow(exact->force[i][a], 2);
    }
  *scale = sqrt(sum / ATOMS);
  return sqrt(error / ATOMS);
}

static void test_direct_sum(void) {
  scene s;
  double q[ATOMS], scale;
  direct exact, other;
  make_random(&s, q);
  direct_sum(&s.structure, q, 0.45, &exact);
  direct_sum(&s.structure, q, 0.55, &other);
  TEST_RELATIVE(other.energy, exact.energy, 1e-12); /* the direct sum itself */
  nmd_structure_results r = scene_evaluate(TEST_COMM, &s, "spme: {cutoff: 5.5, accuracy: 1e-9, " IONS "}");
  const double error = force_error(&r, &exact, &scale);
  printf("  energy %.1e, forces %.1e relative to a direct sum\n", fabs(r.energy / exact.energy - 1), error / scale);
  TEST_RELATIVE(r.energy, exact.energy, 1e-8);
  TEST_CHECK(error < 1e-8 * scale, "RMS error of forces %g of %g", error, scale);
  for (int k = 0; k < 9; k++)
    TEST_NEAR(r.virial[k / 3][k % 3], exact.virial[k / 3][k % 3], 1e-7 * fabs(exact.virial[0][0]));
  nmd_structure_results_free(&r);
  scene_free(&s);
}

/* What is asked for comes out: the error is below the wanted one and not a hundred times better, and about as forecast.
 */
static void test_wanted_error(void) {
  static const double wanted[4] = {1e-3, 1e-4, 1e-6, 1e-8};
  scene s;
  double q[ATOMS], scale;
  direct exact;
  make_random(&s, q);
  direct_sum(&s.structure, q, 0.5, &exact);
  for (int k = 0; k < 4; k++)
    for (double cutoff = 4; cutoff < 10; cutoff += 2.5) {
      char yaml[256];
      snprintf(yaml, sizeof yaml, "spme: {cutoff: %g, accuracy: %g, " IONS "}", cutoff, wanted[k]);
      nmd_structure_results r = scene_evaluate(TEST_COMM, &s, yaml);
      const double error = force_error(&r, &exact, &scale) / NMD_COULOMB;
      printf("  cut-off %.1f A, wanted %.0e: %.2e\n", cutoff, wanted[k], error);
      TEST_CHECK(error < 2 * wanted[k] && error > 0.01 * wanted[k], "wanted %g, got %g", wanted[k], error);
      nmd_structure_results_free(&r);
    }
  scene_free(&s);
}

/* The forces of a coarse mesh are wrong by what was asked for, and still the slope of its energy. */
static void test_coarse_slope(void) {
  static const double h[3][3] = {{7, 0, 0}, {0.5, 6.8, 0}, {0, -0.3, 7.2}};
  static const char yaml[] =
      "spme: {cutoff: 6, accuracy: 1e-3, ions: [{element: Li, charge: 1}, {element: F, charge: -1}]}";
  double x[12][3];
  int z[12];
  for (int i = 0; i < 12; i++) {
    nmd_random_normal3(5, NMD_STREAM_TEST, 0, i, 0, x[i]);
    for (int k = 0; k < 3; k++) x[i][k] = 0.03 * x[i][k] + 0.5 * (i >> k & 1) + (i >= 8 ? 0.25 : 0);
    z[i] = i & 1 ? 9 : 3;
  }
  scene s;
  scene_make_cell(&s, 12, z, h, (const double(*)[3])x);
  nmd_structure_results at = scene_evaluate(TEST_COMM, &s, yaml);
  double largest = 0, apart = 0;
  for (int k = 0; k < 36; k++) largest = fmax(largest, fabs(at.force[k / 3][k % 3]));
  for (int k = 0; k < 36; k += 5) {
    const double step = 1e-4, weight[4] = {1.0 / 12, -8.0 / 12, 8.0 / 12, -1.0 / 12},
                 here = s.structure.x[k / 3][k % 3];
    double slope = 0;
    for (int p = 0; p < 4; p++) {
      s.structure.x[k / 3][k % 3] = here + step * (p < 2 ? p - 2 : p - 1);
      nmd_structure_results r = scene_evaluate(TEST_COMM, &s, yaml);
      slope += weight[p] * r.energy / step;
      nmd_structure_results_free(&r);
    }
    s.structure.x[k / 3][k % 3] = here;
    apart = fmax(apart, fabs(slope + at.force[k / 3][k % 3]));
  }
  printf("  accuracy 1e-3: forces are the slope of the energy to %.1e of the largest\n", apart / largest);
  TEST_CHECK(apart < 1e-7 * largest, "slope and force are %g eV/A apart, largest force %g", apart, largest);
  nmd_structure_results_free(&at);
  scene_free(&s);
}

static void test_errors(void) {
  static const int z[3] = {22, 8, 8};
  static const double h[3][3] = {{6, 0, 0}, {0, 6, 0}, {0, 0, 6}}, x[3][3] = {{0, 0, 0}, {0.3, 0.3, 0}, {0.7, 0.6, 0}};
  static const struct {
    const char *yaml;
    nmd_status code;
    const char *part;
  } cases[] = {
      {"spme: {order: 5, ions: [{element: Ti, charge: 4}, {element: O, charge: -2}]}", NMD_OUT_OF_RANGE, "order 5"},
      {"spme: {ions: [{element: Ti, charge: 4}]}", NMD_MISSING_KEY, "no charge of O"},
      {"spme: {ions: [{element: Ti, charge: 4}, {element: O, charge: -1}]}", NMD_CONFLICT,
       "add up to +2 e (2 O at -1, 1 Ti at +4)"},
      {"spme: {ions: [{element: Ti, charge: 0}, {element: O, charge: 0}]}", NMD_CONFLICT, "all charges are zero"},
      {"sum: {terms: [{morse: {cutoff: 6, set: bond_valence}}, {spme: {ions: [{element: Ti, charge: 4}, {element: O, "
       "charge: "
       "-2}]}}]}",
       NMD_CONFLICT, "with_bond_valence: true"},
      {"sum: {terms: [{screened_coulomb: {cutoff: 6, charges: fixed_bvs}}, {spme: {charges: fixed_bvs}}]}",
       NMD_CONFLICT, "screened_coulomb with bond-valence parameters"},
  };
  scene s;
  nmd_structure_results r;
  nmd_potential potential;
  scene_make_cell(&s, 3, z, h, x);
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    TEST_FAILS(scene_potential(&s, cases[k].yaml, &potential), cases[k].code);
    TEST_CONTAINS(nmd_error_text(), cases[k].part);
    TEST_CONTAINS(nmd_error_text(), "case:1:");
  }
  if (TEST_OK(scene_potential(&s,
                              "sum: {terms: [{morse: {cutoff: 6, set: bond_valence}}, {spme: {with_bond_valence: true, "
                              "ions: [{element: Ti, charge: 4}, {element: O, charge: -2}]}}]}",
                              &potential)))
    nmd_potential_destroy(&potential);
  /* A library does not know the composition beforehand: then the structure itself is looked at. */
  memset(s.species.atoms, 0, sizeof s.species.atoms);
  if (!TEST_OK(scene_potential(&s, "spme: {ions: [{element: Ti, charge: 4}, {element: O, charge: -2}]}", &potential)))
    return;
  if (TEST_OK(nmd_structure_evaluate(TEST_COMM, &potential, &s.species, &s.structure, &r)))
    nmd_structure_results_free(&r);
  s.structure.atomic_number[2] = 22;
  TEST_FAILS(nmd_structure_evaluate(TEST_COMM, &potential, &s.species, &s.structure, &r), NMD_CONFLICT);
  TEST_CONTAINS(nmd_error_text(), "add up to +6 e");
  nmd_potential_partial partial = {.force = s.structure.x}; /* energies of some atoms only */
  TEST_FAILS(potential.ops->compute(potential.self, &(nmd_potential_input){.threads = 1}, &partial), NMD_CONFLICT);
  TEST_CONTAINS(nmd_error_text(), "potential of neighbours only");
  nmd_potential_destroy(&potential);
  scene_free(&s);
}

TEST_SUITE("potential/spme", TEST(test_madelung), TEST(test_direct_sum), TEST(test_wanted_error),
           TEST(test_coarse_slope), TEST(test_errors))
