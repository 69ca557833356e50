/* SPDX-License-Identifier: BSD-3-Clause */
/* Symmetries and clusters of known crystals; spglib gives the second opinion.
 * LINKS: symspg */
#include "base/version.h"
#include "lattice/clusters.h"
#include "lattice_case.h"
#include "support/test.h"
#if NMD_HAVE_SYMSPG
#include <spglib.h>

static void compare_with_spglib(const char *name, int found) {
  nmd_structure s;
  if (!lattice_structure(name, &s)) return;
  double columns[3][3], place[8][3], translation[200][3];
  int rotation[200][3][3];
  for (int k = 0; k < 9; k++) columns[k / 3][k % 3] = s.box.h[k % 3][k / 3];
  for (int64_t i = 0; i < s.n; i++) nmd_box_to_fractional(&s.box, s.x[i], place[i]);
  TEST_EQUAL_INT(found, spg_get_symmetry(rotation, translation, 200, columns, place, s.atomic_number, (int)s.n, 1e-3));
  nmd_structure_free(&s);
}
#else
static void compare_with_spglib(const char *name, int found) { (void)name, (void)found; }
#endif

static int symmetries_of(const char *name) {
  nmd_parent_lattice p;
  if (!lattice_case(name, &p)) return -1;
  const int n = p.n_symmetries;
  compare_with_spglib(name, n);
  nmd_parent_lattice_free(&p);
  return n;
}

/* International Tables: order of the point group times lattice points and repeats in the cell given. */
static void test_symmetries(void) {
  TEST_EQUAL_INT(symmetries_of("sc"), 48);
  TEST_EQUAL_INT(symmetries_of("fcc"), 48);
  TEST_EQUAL_INT(symmetries_of("fcc4"), 192);
  TEST_EQUAL_INT(symmetries_of("bcc2"), 96);
  TEST_EQUAL_INT(symmetries_of("hcp"), 24);
  TEST_EQUAL_INT(symmetries_of("perovskite"), 48);
  TEST_EQUAL_INT(symmetries_of("square"), 16);
}

/* How many clusters of each size a parent cell has, and their diameters, for the first orbits. */
static void check_orbits(const char *name, const double diameter[5], int n, const int expected[][2],
                         const double *length) {
  nmd_parent_lattice p;
  nmd_cluster_list list;
  if (!lattice_case(name, &p)) return;
  if (TEST_OK(nmd_cluster_list_init(&list, &p, diameter))) {
    TEST_EQUAL_INT(list.n, n);
    for (int k = 0; k < n && k < list.n; k++) {
      TEST_EQUAL_INT(list.orbit[k].points, expected[k][0]);
      TEST_EQUAL_INT(list.orbit[k].n, expected[k][1]);
      TEST_NEAR(list.orbit[k].diameter, length[k], 1e-9);
    }
    nmd_cluster_list_free(&list);
  }
  nmd_parent_lattice_free(&p);
}

/* Per site: half of the coordination numbers of the shells; nearest-neighbour triangles 8, tetrahedra 2 (fcc). */
static void test_fcc_clusters(void) {
  const double d[5] = {0, 0, 1.01, sqrt(0.5) + 0.01, sqrt(0.5) + 0.01};
  const int expected[][2] = {{1, 1}, {2, 6}, {2, 3}, {3, 8}, {4, 2}};
  const double length[] = {0, sqrt(0.5), 1, sqrt(0.5), sqrt(0.5)};
  check_orbits("fcc", d, 5, expected, length);
  const int four[][2] = {{1, 4}, {2, 24}, {2, 12}, {3, 32}, {4, 8}}; /* the same in the cube of four sites */
  check_orbits("fcc4", d, 5, four, length);
}

static void test_bcc_clusters(void) {
  const double d[5] = {0, 0, 1.7, 1.01, 1.01};
  const int expected[][2] = {{1, 1}, {2, 4}, {2, 3}, {2, 6}, {2, 12}, {3, 12}, {4, 6}};
  const double length[] = {0, sqrt(0.75), 1, sqrt(2), sqrt(2.75), 1, 1};
  check_orbits("bcc", d, 7, expected, length);
}

/* Simple cubic: squares of nearest neighbours lie within the face diagonal, where there are tetrahedra, too. */
static void test_sc_clusters(void) {
  const double d[5] = {0, 0, 2.01, sqrt(2) + 0.01, sqrt(2) + 0.01};
  const int expected[][2] = {{1, 1}, {2, 3}, {2, 6}, {2, 4}, {2, 3}, {3, 12}, {3, 8}, {4, 3}, {4, 8}, {4, 2}};
  nmd_parent_lattice p;
  nmd_cluster_list list;
  int seen[10] = {0};
  if (!lattice_case("sc", &p)) return;
  if (TEST_OK(nmd_cluster_list_init(&list, &p, d))) {
    TEST_EQUAL_INT(list.n, 10);
    for (int k = 0; k < list.n; k++)
      for (int m = 0; m < 10; m++)
        if (seen[m] == 0 && expected[m][0] == list.orbit[k].points && expected[m][1] == list.orbit[k].n) {
          seen[m] = 1;
          break;
        }
    for (int m = 0; m < 10; m++)
      TEST_CHECK(seen[m] == 1, "no orbit of %d points, %d a cell", expected[m][0], expected[m][1]);
    nmd_cluster_list_free(&list);
  }
  nmd_parent_lattice_free(&p);
}

/* Three species: pairs carry 11, 12 = 21, 22; a triangle of equal sites 111, 112, 122, 222. */
static void test_functions(void) {
  const double d[5] = {0, 0, sqrt(0.5) + 0.01, sqrt(0.5) + 0.01, 0};
  nmd_parent_lattice p;
  nmd_cluster_list list;
  if (!lattice_case("fcc_ternary", &p)) return;
  if (TEST_OK(nmd_cluster_list_init(&list, &p, d))) {
    const int functions[] = {2, 3, 4};
    for (int k = 0; k < 3; k++) TEST_EQUAL_INT(list.orbit[k].n_functions, functions[k]);
    TEST_EQUAL_INT(list.orbit[1].function[0].n, 1);
    TEST_EQUAL_INT(list.orbit[1].function[1].n, 2);
    TEST_EQUAL_INT(list.orbit[2].function[1].n, 3);
    TEST_EQUAL_INT(list.n_functions, 9);
    nmd_cluster_list_free(&list);
  }
  nmd_parent_lattice_free(&p);
}

static void test_point_functions(void) {
  for (int n = 2; n <= NMD_LATTICE_SPECIES_MAX; n++) {
    double v[NMD_LATTICE_SPECIES_MAX][NMD_LATTICE_SPECIES_MAX];
    nmd_lattice_point_functions(n, v);
    for (int f = 0; f < n; f++)
      for (int g = 0; g < n; g++) {
        double sum = 0;
        for (int s = 0; s < n; s++) sum += v[f][s] * v[g][s] / n;
        TEST_NEAR(sum, f == g, 1e-12);
      }
    TEST_NEAR(v[0][0], 1, 1e-15);
    TEST_CHECK(v[1][0] > 0, "the first species has spin up");
  }
}

static void test_errors(void) {
  nmd_structure s;
  nmd_parent_lattice p;
  nmd_site_rule rule = {.z = 29, .kind = {2, {29, 79}}};
  if (!lattice_structure("fcc", &s)) return;
  rule.z = 3;
  TEST_FAILS(nmd_parent_lattice_init(&p, &s, 1, &rule, 1e-3), NMD_CONFLICT);
  TEST_CONTAINS(nmd_error_text(), "no Li in the parent lattice");
  rule = (nmd_site_rule){.z = 29, .kind = {1, {29}}};
  TEST_FAILS(nmd_parent_lattice_init(&p, &s, 1, &rule, 1e-3), NMD_CONFLICT);
  TEST_CONTAINS(nmd_error_text(), "1 species; expected 2 to 6");
  rule = (nmd_site_rule){.z = 29, .kind = {2, {29, 29}}};
  TEST_FAILS(nmd_parent_lattice_init(&p, &s, 1, &rule, 1e-3), NMD_CONFLICT);
  TEST_CONTAINS(nmd_error_text(), "named twice");
  TEST_FAILS(nmd_parent_lattice_init(&p, &s, 0, &rule, 1e-3), NMD_OUT_OF_RANGE);
  s.box.periodic[1] = false;
  TEST_FAILS(nmd_parent_lattice_init(&p, &s, 1, &rule, 1e-3), NMD_CONFLICT);
  TEST_CONTAINS(nmd_error_text(), "open along axis b");
  nmd_structure_free(&s);
  const double d[5] = {0, 0, 0, 0, 4};
  nmd_cluster_list list;
  if (!lattice_case("fcc", &p)) return;
  TEST_FAILS(nmd_cluster_list_init(&list, &p, d), NMD_OUT_OF_RANGE);
  TEST_CONTAINS(nmd_error_text(), "expected a smaller diameter");
  nmd_parent_lattice_free(&p);
}

TEST_SUITE("lattice/parent", TEST(test_symmetries), TEST(test_fcc_clusters), TEST(test_bcc_clusters),
           TEST(test_sc_clusters), TEST(test_functions), TEST(test_point_functions), TEST(test_errors))
