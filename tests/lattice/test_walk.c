/* SPDX-License-Identifier: BSD-3-Clause */
/* Walks against exactly known answers: small lattices by enumeration, the two-dimensional Ising model by Onsager's
 * formula; what a walk keeps up to date against computing it anew; order parameters of known orderings. */
#include "base/memory.h"
#include "base/units.h"
#include "lattice/order.h"
#include "lattice/walk.h"
#include "lattice/wave_grid.h"
#include "lattice_case.h"
#include "support/test.h"

typedef struct scene {
  nmd_parent_lattice parent;
  nmd_supercell super;
  nmd_cluster_list list;
  nmd_lattice_energy energy;
  nmd_ewald_pairs ewald;
  nmd_lattice_model model;
} scene;

/* J of all functions: of pairs in order, 0 beyond. */
static bool scene_init(scene *s, const char *crystal, const int repeat[3], const double diameter[5], int n_j,
                       const double *j, const double *charge) {
  double all[64] = {0};
  const int matrix[3][3] = {{repeat[0], 0, 0}, {0, repeat[1], 0}, {0, 0, repeat[2]}};
  *s = (scene){.model = {0}};
  memcpy(all, j, (size_t)n_j * sizeof *j);
  if (!lattice_case(crystal, &s->parent)) return false;
  const bool ok = TEST_OK(nmd_supercell_init(&s->super, &s->parent, matrix)) &&
                  TEST_OK(nmd_cluster_list_init(&s->list, &s->parent, diameter)) &&
                  TEST_OK(nmd_lattice_energy_init(&s->energy, &s->list, &s->parent, &s->super, all)) &&
                  (charge == NULL || TEST_OK(nmd_ewald_pairs_init(&s->ewald, &s->parent, &s->super, charge)));
  return ok && TEST_OK(nmd_lattice_model_init(&s->model, &s->parent, &s->energy, charge != NULL ? &s->ewald : NULL, 0.2,
                                              charge));
}

static void scene_free(scene *s) {
  nmd_ewald_pairs_free(&s->ewald);
  nmd_lattice_energy_free(&s->energy);
  nmd_cluster_list_free(&s->list);
  nmd_supercell_free(&s->super);
  nmd_parent_lattice_free(&s->parent);
}

/* ---- averages of a walk, with the error by 20 blocks ---- */

typedef struct average {
  double mean, error;
} average;

static average mean_energy(nmd_lattice_walk *w, double temperature, int sweeps) {
  enum { BLOCKS = 20 };
  double sum = 0, square = 0;
  for (int k = 0; k < sweeps / 10; k++) nmd_lattice_walk_sweep(w, temperature);
  for (int b = 0; b < BLOCKS; b++) {
    double block = 0;
    for (int k = 0; k < sweeps / BLOCKS; k++) {
      nmd_lattice_walk_sweep(w, temperature);
      block += w->energy / w->model->n / (sweeps / BLOCKS);
    }
    sum += block / BLOCKS;
    square += block * block / BLOCKS;
  }
  return (average){sum, sqrt(fmax(square - sum * sum, 0) / (BLOCKS - 1))};
}

static void check_average(const char *what, average a, double exact) {
  TEST_CHECK(fabs(a.mean - exact) < 4 * a.error + 1e-12 && a.error < 0.03 * fabs(exact) + 1e-3,
             "%s: %.6f +- %.6f, exact %.6f", what, a.mean, a.error, exact);
}

static const double nearest[5] = {0, 0, 1.01, 0, 0};
static const double ising[3] = {0, 0, -1};                   /* E = - sum over bonds s s */
static double kelvin(double t) { return t / NMD_BOLTZMANN; } /* with J = 1 eV */

/* ---- 4 x 4 Ising, all 65,536 arrangements ---- */

static double ising_energy(int spins, int edge) {
  double e = 0;
  for (int i = 0; i < edge * edge; i++) {
    const int right = i / edge * edge + (i + 1) % edge, up = (i + edge) % (edge * edge);
    e -= (1 - 2 * (spins >> i & 1)) * ((1 - 2 * (spins >> right & 1)) + (1 - 2 * (spins >> up & 1)));
  }
  return e;
}

static double enumerated(double t, int down) { /* down < 0: any number of spins */
  double z = 0, sum = 0;
  for (int spins = 0; spins < 1 << 16; spins++) {
    if (down >= 0 && __builtin_popcount((unsigned)spins) != down) continue;
    const double e = ising_energy(spins, 4), w = exp(-e / t);
    z += w;
    sum += w * e / 16;
  }
  return sum / z;
}

static void test_enumeration(void) {
  const int repeat[3] = {4, 4, 1};
  scene s;
  nmd_lattice_walk w;
  if (!scene_init(&s, "square", repeat, nearest, 3, ising, NULL) || !TEST_OK(nmd_lattice_walk_init(&w, &s.model, 5, 0)))
    return;
  for (int t = 0; t < 3; t++) {
    const double temperature = 1.6 + 0.9 * t;
    s.model.semi_grand = true;
    check_average("4x4, any number of spins", mean_energy(&w, kelvin(temperature), 40000), enumerated(temperature, -1));
    s.model.semi_grand = false;
    for (int down = 4; down <= 8; down += 4) {
      const int64_t count[2] = {16 - down, down};
      TEST_OK(nmd_lattice_walk_shuffle(&w, count));
      check_average("4x4, fixed number of spins", mean_energy(&w, kelvin(temperature), 40000),
                    enumerated(temperature, down));
    }
  }
  nmd_lattice_walk_free(&w);
  scene_free(&s);
}

/* ---- infinite Ising: L. Onsager, Phys. Rev. 65, 117 (1944) ---- */

static double elliptic_k(double k) { /* by the arithmetic-geometric mean */
  double a = 1, b = sqrt(1 - k * k);
  for (int n = 0; n < 40; n++) {
    const double next = (a + b) / 2;
    b = sqrt(a * b);
    a = next;
  }
  return M_PI / (2 * a);
}

static double onsager(double t) {
  const double b = 2 / t, k = 2 * sinh(b) / (cosh(b) * cosh(b)), tanh2 = tanh(b) * tanh(b);
  return -1 / tanh(b) * (1 + 2 / M_PI * (2 * tanh2 - 1) * elliptic_k(k));
}

static void test_onsager(void) {
  const int repeat[3] = {32, 32, 1};
  const double temperatures[] = {1.8, 2.0, 2.8, 3.5};
  scene s;
  nmd_lattice_walk w;
  if (!scene_init(&s, "square", repeat, nearest, 3, ising, NULL) || !TEST_OK(nmd_lattice_walk_init(&w, &s.model, 7, 0)))
    return;
  s.model.semi_grand = true;
  for (int t = 0; t < 4; t++)
    check_average("Onsager", mean_energy(&w, kelvin(temperatures[t]), 2000), onsager(temperatures[t]));
  nmd_lattice_walk_free(&w);
  scene_free(&s);
}

/* ---- three species and charges on eight sites, by enumeration ---- */

static void count_digits(int code, int n, int base, int64_t *count, uint8_t *occupation) {
  memset(count, 0, (size_t)base * sizeof *count);
  for (int i = 0; i < n; i++, code /= base) {
    occupation[i] = (uint8_t)(code % base);
    count[code % base]++;
  }
}

/* Mean energy over all arrangements of 4, 3 and 1 atoms, each energy from nothing. */
static double enumerated_ternary(scene *s, nmd_lattice_walk *w, double temperature) {
  double z = 0, sum = 0, lowest = INFINITY;
  int64_t count[3];
  for (int round = 0; round < 2; round++)
    for (int code = 0; code < 6561; code++) {
      count_digits(code, 8, 3, count, w->occupation);
      if (count[0] != 4 || count[1] != 3) continue;
      TEST_OK(nmd_lattice_walk_sync(w));
      lowest = fmin(lowest, w->energy);
      if (round == 0) continue;
      const double weight = exp(-(w->energy - lowest) / (NMD_BOLTZMANN * temperature));
      z += weight;
      sum += weight * w->energy / s->model.n;
    }
  return sum / z;
}

static void test_ternary(void) {
  const int repeat[3] = {2, 2, 2};
  const double d[5] = {0, 0, 0.8, 0.8, 0}, j[10] = {0, 0, 0, 0.02, 0.01, -0.03, 0.01, 0.005, -0.01, 0.02};
  double charge[NMD_LATTICE_Z_MAX] = {0};
  const int64_t count[3] = {4, 3, 1};
  scene s;
  nmd_lattice_walk w;
  charge[29] = 0.05, charge[79] = -0.05;
  if (!scene_init(&s, "fcc_ternary", repeat, d, 10, j, charge) || !TEST_OK(nmd_lattice_walk_init(&w, &s.model, 11, 0)))
    return;
  for (int t = 0; t < 2; t++) {
    const double temperature = 500 + 1500 * t, exact = enumerated_ternary(&s, &w, temperature);
    TEST_OK(nmd_lattice_walk_shuffle(&w, count));
    check_average("ternary with charges", mean_energy(&w, temperature, 30000), exact);
    const double kept = w.energy, potential = w.potential[5];
    TEST_OK(nmd_lattice_walk_sync(&w));
    TEST_NEAR(w.energy, kept, 1e-9);
    TEST_NEAR(w.potential[5], potential, 1e-9);
  }
  nmd_lattice_walk_free(&w);
  scene_free(&s);
}

/* ---- a walk that is synchronised goes on as a copy of its occupation does ---- */

static void test_continuation(void) {
  const int repeat[3] = {6, 6, 1};
  const int64_t count[2] = {20, 16};
  scene s;
  nmd_lattice_walk a, b;
  if (!scene_init(&s, "square", repeat, nearest, 3, ising, NULL) ||
      !TEST_OK(nmd_lattice_walk_init(&a, &s.model, 3, 9)) || !TEST_OK(nmd_lattice_walk_init(&b, &s.model, 3, 9)))
    return;
  TEST_OK(nmd_lattice_walk_shuffle(&a, count));
  for (int k = 0; k < 20; k++) nmd_lattice_walk_sweep(&a, kelvin(2));
  memcpy(b.occupation, a.occupation, 36);
  b.moves = a.moves;
  TEST_OK(nmd_lattice_walk_sync(&a));
  TEST_OK(nmd_lattice_walk_sync(&b));
  for (int k = 0; k < 20; k++) {
    nmd_lattice_walk_sweep(&a, kelvin(2));
    nmd_lattice_walk_sweep(&b, kelvin(2));
  }
  TEST_CHECK(memcmp(a.occupation, b.occupation, 36) == 0 && a.energy == b.energy, "the copy went another way");
  nmd_lattice_walk_free(&a);
  nmd_lattice_walk_free(&b);
  scene_free(&s);
}

/* ---- order ---- */

static void test_order(void) {
  const int repeat[3] = {2, 2, 2};
  const double d[5] = {0, 0, 1.01, 0, 0}, j[3] = {0}, along_c[3] = {0, 0, 1}, half[3] = {0, 0, 0.5};
  scene s;
  nmd_lattice_walk w;
  nmd_shells shells;
  nmd_wave_star star;
  double alpha[2];
  if (!scene_init(&s, "fcc4", repeat, d, 3, j, NULL) || !TEST_OK(nmd_lattice_walk_init(&w, &s.model, 1, 0))) return;
  for (int i = 0; i < s.super.n; i++) w.occupation[i] = (i % 4 == 1 || i % 4 == 2) ? 1 : 0; /* L1_0 */
  TEST_OK(nmd_lattice_walk_sync(&w));
  if (TEST_OK(nmd_shells_init(&shells, &s.list, &s.parent, &s.super, 2))) {
    TEST_EQUAL_INT(shells.n, 2);
    nmd_warren_cowley(&shells, &w, 0, 1, alpha);
    TEST_NEAR(alpha[0], -1.0 / 3, 1e-12);
    TEST_NEAR(alpha[1], 1, 1e-12);
    nmd_shells_free(&shells);
  }
  TEST_NEAR(nmd_wave_intensity(&s.parent, &s.super, &w, 0, along_c), 32 / 4.0, 1e-9); /* (N/2)^2 / N */
  TEST_NEAR(nmd_wave_intensity(&s.parent, &s.super, &w, 0, half), 0, 1e-9);
  nmd_parent_lattice cubic;
  if (!lattice_case("sc", &cubic)) return;
  if (TEST_OK(nmd_wave_star_init(&star, &cubic, half))) TEST_EQUAL_INT(star.n, 3);
  nmd_wave_star_free(&star);
  nmd_parent_lattice_free(&cubic);
  nmd_lattice_walk_free(&w);
  scene_free(&s);
}

/* All waves of a random arrangement against the sum over its sites, one wave at a time; two kinds of crystal. */
static void check_grid(const char *crystal, const int repeat[3]) {
  const double d[5] = {0, 0, 1.01, 0, 0}, j[3] = {0};
  scene s;
  nmd_lattice_walk w;
  nmd_wave_grid grid;
  if (!scene_init(&s, crystal, repeat, d, 3, j, NULL) || !TEST_OK(nmd_lattice_walk_init(&w, &s.model, 1, 0))) return;
  const int64_t count[2] = {s.super.n / 3, s.super.n - s.super.n / 3};
  TEST_OK(nmd_lattice_walk_shuffle(&w, count));
  if (TEST_OK(nmd_wave_grid_init(&grid, &s.parent, repeat))) {
    double intensity[64] = {0}, even[64], sum[2] = {0};
    nmd_wave_grid_add(&grid, &w, 0, intensity);
    TEST_NEAR(intensity[0], 0, 0);
    for (int q = 1; q < grid.n; q++) {
      double k[3];
      nmd_wave_grid_k(&grid, q, k);
      TEST_NEAR(intensity[q], nmd_wave_intensity(&s.parent, &s.super, &w, 0, k), 1e-10);
    }
    nmd_wave_grid_symmetrise(&grid, intensity, even);
    for (int q = 0; q < grid.n; q++) sum[0] += intensity[q], sum[1] += even[q];
    if (s.parent.n_sites == 1) TEST_NEAR(sum[1], sum[0], 1e-9); /* whole stars, each once */
    nmd_wave_grid_free(&grid);
  }
  nmd_lattice_walk_free(&w);
  scene_free(&s);
}

static void test_grid(void) {
  const int cubic[3] = {4, 4, 4}, flat[3] = {3, 2, 1};
  check_grid("sc", cubic);
  check_grid("hcp", flat);
}

/* A layer in two of a cubic crystal: after symmetrising the three orientations share its intensity. */
static void test_domains(void) {
  const int repeat[3] = {4, 4, 4};
  const double d[5] = {0, 0, 1.01, 0, 0}, j[3] = {0};
  scene s;
  nmd_lattice_walk w;
  nmd_wave_grid grid;
  double intensity[64] = {0}, even[64];
  if (!scene_init(&s, "sc", repeat, d, 3, j, NULL) || !TEST_OK(nmd_lattice_walk_init(&w, &s.model, 1, 0))) return;
  for (int i = 0; i < s.super.n; i++) w.occupation[i] = (uint8_t)(s.super.cell[i][2] % 2);
  TEST_OK(nmd_lattice_walk_sync(&w));
  if (TEST_OK(nmd_wave_grid_init(&grid, &s.parent, repeat))) {
    nmd_wave_grid_add(&grid, &w, 0, intensity);
    nmd_wave_grid_symmetrise(&grid, intensity, even);
    TEST_NEAR(intensity[2], 32.0 * 32 / 64, 1e-10); /* (0 0 1/2) */
    TEST_NEAR(even[2], 16.0 / 3, 1e-10);
    TEST_NEAR(even[2 * 4], 16.0 / 3, 1e-10);
    TEST_NEAR(even[2 * 16], 16.0 / 3, 1e-10);
    nmd_wave_grid_free(&grid);
  }
  nmd_lattice_walk_free(&w);
  scene_free(&s);
}

static void test_errors(void) {
  const int repeat[3] = {2, 2, 1};
  const int64_t many[2] = {3, 2}, few[2] = {1, 1};
  scene s;
  nmd_lattice_walk w;
  if (!scene_init(&s, "square", repeat, nearest, 3, ising, NULL) || !TEST_OK(nmd_lattice_walk_init(&w, &s.model, 1, 0)))
    return;
  TEST_FAILS(nmd_lattice_walk_shuffle(&w, many), NMD_CONFLICT);
  TEST_CONTAINS(nmd_error_text(), "1 Au more than the sites can take");
  TEST_FAILS(nmd_lattice_walk_shuffle(&w, few), NMD_CONFLICT);
  TEST_CONTAINS(nmd_error_text(), "do not fill the 4 sites");
  nmd_lattice_walk_free(&w);
  scene_free(&s);
}

TEST_SUITE("lattice/walk", TEST(test_enumeration), TEST(test_onsager), TEST(test_ternary), TEST(test_continuation),
           TEST(test_order), TEST(test_grid), TEST(test_domains), TEST(test_errors))
