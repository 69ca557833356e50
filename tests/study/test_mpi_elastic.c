/* SPDX-License-Identifier: BSD-3-Clause */
/* Elastic constants and equation of state against exact values of springs between nearest neighbours, against energies, and
 * on any number of ranks. */
#include "base/memory.h"
#include "study/elastic.h"
#include "support/test.h"
#include "support/test_mpi.h"

#define SIGMA 3.0
#define EPSILON 0.1
static const char springs[] = "lennard_jones: {epsilon: 0.1, sigma: 3.0, cutoff: 3.9, truncation: shift}"; /* first neighbours */
static const char solid[] = "lennard_jones: {epsilon: 0.1, sigma: 3.0, cutoff: 9.0}";

static const char *write_study(const char *crystal, const char *potential, const char *more) {
  static char path[1024];
  char text[1024];
  snprintf(text, sizeof text, "output_folder: '%s/out'\ncrystal: {%s}\npotential: {%s}\npictures: false\n%s\n", test_folder(),
           crystal, potential, more);
  snprintf(path, sizeof path, "%s", test_path("study.yaml"));
  if (test_mpi_rank() == 0) test_write("study.yaml", text);
  test_mpi_barrier();
  return path;
}

/* In a folder of its own: what a study has kept is not done again. Ranks on their own have one each. */
static bool compute(const nmd_comm *comm, const char *path, nmd_elastic_result *result) {
  static int studies;
  char folder[1024], *assignment[] = {folder};
  nmd_elastic_input input;
  snprintf(folder, sizeof folder, "output_folder=%s/out%d-%d", test_folder(), studies++,
           test_mpi_rank() - nmd_comm_rank(comm));
  if (!TEST_OK(nmd_elastic_input_read(comm, path, 1, assignment, &input))) return false;
  const bool good = TEST_OK(nmd_elastic_compute(comm, &input, result));
  if (good && nmd_comm_rank(comm) == 0) TEST_OK(nmd_elastic_report(&input, result));
  nmd_elastic_input_free(&input);
  return good;
}

static void check_energies(const nmd_elastic_constants *e) {
  for (int j = 0; j < 6; j++) TEST_RELATIVE(e->from_energy[j], e->c[j][j], 2e-3); /* shells cross the cut-off, where V'' is not smooth */
  CU_ASSERT(e->asymmetry < 1e-4 * e->c[0][0]);
}

/* Springs of stiffness k = V''(r0) between nearest neighbours of fcc: C11 = sqrt(2) k / r0, C12 = C44 = C11 / 2. */
static void test_springs(void) {
  nmd_elastic_result r;
  const double r0 = pow(2, 1.0 / 6) * SIGMA, k = 72 * EPSILON / (cbrt(2) * SIGMA * SIGMA), c11 = sqrt(2) * k / r0;
  if (!compute(TEST_COMM, write_study("prototype: a1, elements: [Ar], volume: 25", springs, "strain: 0.001"), &r)) return;
  const double(*c)[6] = (const double(*)[6])r.relaxed.c;
  TEST_RELATIVE(r.structure.box.volume, r0 * r0 * r0 / sqrt(2), 1e-5);
  for (int i = 0; i < 3; i++) {
    TEST_RELATIVE(c[i][i], c11, 1e-4);
    TEST_RELATIVE(c[i][(i + 1) % 3], c11 / 2, 1e-4);
    TEST_RELATIVE(c[3 + i][3 + i], c11 / 2, 1e-4);
    TEST_NEAR(c[i][3 + i], 0, 1e-6 * c11);
  }
  check_energies(&r.fixed);
  TEST_RELATIVE(r.relaxed.bulk[0], 2 * c11 / 3, 1e-4);
  TEST_RELATIVE(r.relaxed.bulk[1], 2 * c11 / 3, 1e-4);
  TEST_NEAR(r.relaxed.lowest, c11 / 2, 1e-4 * c11);
  nmd_elastic_result_free(&r);
}

/* hcp: atoms move within the cell under shear, which softens it; C66 = (C11 - C12) / 2 by symmetry, either way. */
static void test_internal_relaxation(void) {
  nmd_elastic_result r;
  if (!compute(TEST_COMM, write_study("prototype: a3, elements: [Ar], volume: 25", solid, "range: 0.03"), &r)) return;
  const nmd_elastic_constants *both[] = {&r.fixed, &r.relaxed};
  for (int k = 0; k < 2; k++) {
    check_energies(both[k]);
    TEST_RELATIVE(both[k]->c[5][5], 0.5 * (both[k]->c[0][0] - both[k]->c[0][1]), 1e-4);
    TEST_RELATIVE(both[k]->c[0][0], both[k]->c[1][1], 1e-4);
  }
  TEST_CHECK(r.relaxed.c[5][5] < 0.999 * r.fixed.c[5][5] && r.relaxed.c[5][5] > 0.1 * r.fixed.c[5][5],
             "C66 fixed %g, relaxed %g", r.fixed.c[5][5], r.relaxed.c[5][5]);
  nmd_elastic_result_free(&r);
}

/* B of the equation of state is that of the constants, and so is its volume; B' against a finite difference of pressures. */
static void test_equation(void) {
  nmd_elastic_result r;
  if (!compute(TEST_COMM, write_study("prototype: a1, elements: [Ar], volume: 25", solid, "range: 0.02\npoints: 21"), &r)) return;
  TEST_RELATIVE(r.bulk, r.relaxed.bulk[0], 2e-3);
  TEST_RELATIVE(r.volume, r.structure.box.volume / (double)r.structure.n, 1e-5);
  const double(*p)[3] = (const double(*)[3])r.point;
  const int64_t m = r.n / 2;
  const double low = -p[m + 3][0] * (p[m + 4][2] - p[m + 2][2]) / (p[m + 4][0] - p[m + 2][0]);
  const double high = -p[m - 3][0] * (p[m - 2][2] - p[m - 4][2]) / (p[m - 2][0] - p[m - 4][0]);
  TEST_RELATIVE(r.slope, (high - low) / (p[m - 3][2] - p[m + 3][2]), 0.03);
  nmd_elastic_result_free(&r);
}

static void test_ranks(void) {
  nmd_elastic_result one, all;
  nmd_comm *alone;
  if (!TEST_OK(nmd_comm_split(TEST_COMM, nmd_comm_rank(TEST_COMM), &alone))) return;
  const char *path = write_study("prototype: l1_0, elements: [Ar, Kr], volume: 25",
                                 "lennard_jones: {epsilon: 0.1, sigma: 3.0, cutoff: 7.0, pairs: [{elements: [Ar, Kr], epsilon: "
                                 "0.15, sigma: 2.9}]}", "points: 5");
  if (compute(alone, path, &one) && compute(TEST_COMM, path, &all)) {
    CU_ASSERT(memcmp(&one.fixed, &all.fixed, sizeof one.fixed) == 0);
    CU_ASSERT(memcmp(&one.relaxed, &all.relaxed, sizeof one.relaxed) == 0);
    TEST_NEAR(all.bulk, one.bulk, 0);
    TEST_CHECK(one.relaxed.c[0][0] - one.relaxed.c[2][2] > 1e-3, "tetragonal: C11 %g, C33 %g", one.relaxed.c[0][0],
               one.relaxed.c[2][2]);
    nmd_elastic_result_free(&one);
    nmd_elastic_result_free(&all);
  }
  nmd_comm_free(alone);
}

static void check_error(const char *crystal, const char *more, nmd_status code, const char *part) {
  nmd_elastic_input input;
  TEST_FAILS(nmd_elastic_input_read(TEST_COMM, write_study(crystal, solid, more), 0, NULL, &input), code);
  TEST_CONTAINS(nmd_error_text(), part);
}

static void test_errors(void) {
  nmd_elastic_input input;
  nmd_elastic_result result;
  check_error("prototype: l1_5, elements: [Ar, Kr], volume: 25", "", NMD_BAD_CHOICE, "unknown prototype \"l1_5\", did you mean l1_");
  check_error("prototype: b2, elements: [Ar], volume: 25", "", NMD_CONFLICT, "b2 has 2 elements, 1 given");
  check_error("prototype: b2, elements: [Ar, Xx], volume: 25", "", NMD_UNKNOWN_ELEMENT, "\"Xx\" is no chemical symbol");
  check_error("prototype: a1, elements: [Ar], volume: 25", "structure: x.extxyz", NMD_CONFLICT, "got both");
  check_error("prototype: a1, elements: [Ar], volume: 25", "strain: 0.5", NMD_OUT_OF_RANGE, "0.5");
  const char *hasty = write_study("prototype: a3, elements: [Ar], volume: 25", solid, "relax: {max_steps: 2}");
  if (!TEST_OK(nmd_elastic_input_read(TEST_COMM, hasty, 0, NULL, &input))) return;
  TEST_FAILS(nmd_elastic_compute(TEST_COMM, &input, &result), NMD_CONFLICT);
  TEST_CONTAINS(nmd_error_text(), "not relaxed after 2 steps");
  nmd_elastic_input_free(&input);
}

TEST_SUITE("study/mpi_elastic", TEST(test_springs), TEST(test_internal_relaxation), TEST(test_equation), TEST(test_ranks),
           TEST(test_errors))
