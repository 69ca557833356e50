/* SPDX-License-Identifier: BSD-3-Clause */
#include "build/transform.h"

#include "base/memory.h"
#include "build_support.h"

static void make_cell(nmd_structure *s) {
  const double h[3][3] = {{4, 0, 0}, {1, 5, 0}, {0, 1, 6}}, origin[3] = {1, 1, 1};
  TEST_OK(nmd_structure_init(s, 2));
  TEST_OK(nmd_box_init(&s->box, h, origin, NULL));
  TEST_OK(nmd_structure_need_velocities(s));
  s->atomic_number[0] = 3;
  s->atomic_number[1] = 79;
  s->x[1][2] = 2.5;
  s->v[1][0] = 0.125;
  s->has_energy = true;
  s->energy = -3.0;
}

static void test_repeat(void) {
  nmd_structure cell, big;
  make_cell(&cell);
  TEST_OK(nmd_structure_repeat(&cell, (int64_t[3]){3, 2, 4}, &big));
  TEST_EQUAL_INT(big.n, 48);
  TEST_RELATIVE(big.box.volume, 24.0 * cell.box.volume, 1e-13);
  TEST_EQUAL_INT(count_element(&big, 79), 24);
  TEST_NEAR(big.energy, -72.0, 1e-12);
  TEST_EQUAL_INT(big.id[47], 48);
  CU_ASSERT(big.v[47][0] == 0.125 && big.box.origin[0] == 1.0);
  for (double r = 1.0; r < 9.0; r += 1.0) /* the same crystal: 24 times the pairs in every shell */
    TEST_EQUAL_INT(count_pairs(&big, 3, 79, r, r + 1.0), 24 * count_pairs(&cell, 3, 79, r, r + 1.0));
  nmd_structure_free(&big);
  cell.box.periodic[1] = false;
  TEST_FAILS(nmd_structure_repeat(&cell, (int64_t[3]){1, 2, 1}, &big), NMD_BUILD);
  TEST_CONTAINS(nmd_error_text(), "axis b");
  TEST_FAILS(nmd_structure_repeat(&cell, (int64_t[3]){0, 1, 1}, &big), NMD_BUILD);
  TEST_FAILS(nmd_structure_repeat(&cell, (int64_t[3]){1 << 20, 1, 1 << 20}, &big), NMD_BUILD);
  TEST_OK(nmd_structure_repeat(&cell, (int64_t[3]){2, 1, 1}, &big));
  CU_ASSERT(!big.box.periodic[1]);
  nmd_structure_free(&big);
  nmd_structure_free(&cell);
}

#define FCC864 "lattice: {type: fcc, a: 4.17, elements: Au, repeat: 6, substitute: "

static void test_exact_numbers(void) {
  nmd_structure s;
  TEST_OK(build_from(FCC864 "[{element: Au, by: Li, fraction: 0.3}, {element: Au, by: Cu, count: 7}]}", 5, &s));
  TEST_EQUAL_INT(s.n, 864);
  TEST_EQUAL_INT(count_element(&s, 3), 259); /* 259.2 */
  TEST_EQUAL_INT(count_element(&s, 29), 7);
  TEST_CONTAINS(report_text, "substituted 259 of 864 Au by Li (29.9769 %)");
  nmd_structure_free(&s);
  TEST_OK(build_from(FCC864 "[{element: Au, by: Li, fraction: 1}]}", 5, &s));
  TEST_EQUAL_INT(count_element(&s, 3), 864);
  nmd_structure_free(&s);
}

static void test_seed(void) {
  static const char yaml[] = FCC864 "[{element: Au, by: Li, fraction: 0.5}]}";
  nmd_structure a, b, c;
  TEST_OK(build_from(yaml, 1, &a));
  TEST_OK(build_from(yaml, 1, &b));
  TEST_OK(build_from(yaml, 2, &c));
  int64_t differ = 0;
  for (int64_t i = 0; i < a.n; i++) {
    CU_ASSERT(a.atomic_number[i] == b.atomic_number[i] && memcmp(a.x[i], b.x[i], sizeof a.x[i]) == 0);
    differ += a.atomic_number[i] != c.atomic_number[i];
  }
  TEST_CHECK(differ > 350 && differ < 520, "%lld of 864 sites differ between seeds", (long long)differ);
  nmd_structure_free(&a);
  nmd_structure_free(&b);
  nmd_structure_free(&c);
}

/* Random, so without short-range order: Li-Li first-neighbour pairs as in the binomial case, over seeds. */
static void test_no_correlation(void) {
  double sum = 0.0;
  for (uint64_t seed = 1; seed <= 20; seed++) {
    nmd_structure s;
    TEST_OK(build_from("lattice: {type: fcc, a: 4, elements: Au, repeat: 3, substitute: [{element: Au, by: Li, "
                       "fraction: 0.5}]}",
                       seed, &s));
    sum += (double)count_pairs(&s, 3, 3, 0.1, 3.0);
    nmd_structure_free(&s);
  }
  TEST_NEAR(sum / 20.0, 12.0 * 54.0 * 53.0 / 107.0, 8.0); /* standard error of the mean about 2.5 */
}

static void test_substitute_order_of_atoms(void) {
  nmd_structure a, b;
  nmd_substitution list[] = {{.element = "Au", .by = "Li", .count = 20}};
  TEST_OK(nmd_structure_init(&a, 100));
  TEST_OK(nmd_structure_init(&b, 100));
  for (int i = 0; i < 100; i++) {
    a.atomic_number[i] = b.atomic_number[i] = 79;
    b.id[i] = 100 - i;
  }
  TEST_OK(nmd_structure_substitute(&a, list, 1, 9, NULL));
  TEST_OK(nmd_structure_substitute(&b, list, 1, 9, NULL));
  for (int i = 0; i < 100; i++) TEST_EQUAL_INT(a.atomic_number[i], b.atomic_number[99 - i]);
  nmd_structure_free(&a);
  nmd_structure_free(&b);
}

static void test_errors(void) {
  const int64_t before = nmd_memory_in_use();
  build_fails(FCC864 "[{element: Ag, by: Li, fraction: 1}]}", NMD_BUILD, "no Ag");
  build_fails(FCC864 "[{element: Au, by: Li, fraction: 0.6}, {element: Au, by: Cu, fraction: 0.6}]}", NMD_BUILD,
              "518 atoms wanted, only 346");
  build_fails(FCC864 "[{element: Au, by: Li, count: 865}]}", NMD_BUILD, "865 atoms wanted, only 864");
  build_fails(FCC864 "[{element: Au, by: Li, fraction: 0.5, count: 3}]}", NMD_CONFLICT, "either");
  build_fails(FCC864 "[{element: Au, by: Li}]}", NMD_CONFLICT, "either");
  build_fails(FCC864 "[{element: Au, by: Au, count: 1}]}", NMD_CONFLICT, "itself");
  build_fails(FCC864 "[{element: Au, by: li, count: 1}]}", NMD_UNKNOWN_ELEMENT, "'li'");
  build_fails(FCC864 "[{element: Au, count: 1}]}", NMD_MISSING_KEY, "by");
  build_fails(FCC864 "[7]}", NMD_WRONG_TYPE, "7");
  TEST_EQUAL_INT(nmd_memory_in_use(), before);
}

TEST_SUITE("build/transform", TEST(test_repeat), TEST(test_exact_numbers), TEST(test_seed), TEST(test_no_correlation),
           TEST(test_substitute_order_of_atoms), TEST(test_errors))
