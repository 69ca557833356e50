/* SPDX-License-Identifier: BSD-3-Clause */
/* Every crystal and face against the neighbour shells that ASE finds, and what bad input gets told. */
#include "build/builder.h"

#include "ase_shells.h"
#include "base/memory.h"
#include "build_support.h"

static void check_shells(const ase_structure *reference) {
  nmd_structure s;
  if (!TEST_OK(build_from(reference->build, 1, &s))) return;
  if (reference->volume_per_atom > 0.0) TEST_NEAR(s.box.volume / (double)s.n, reference->volume_per_atom, 1e-7);
  double all = 0.0;
  for (int k = 0; k < reference->n; k++) {
    const ase_shell *shell = &reference->shell[k];
    const double found = (double)count_pairs(&s, shell->of, shell->to, shell->r - 2e-4, shell->r + 2e-4);
    const double n = (double)count_element(&s, shell->of);
    TEST_CHECK(fabs(found / n - shell->mean) < 1e-5, "%s: %d-%d at %g A: %g neighbours, ASE has %g", reference->build,
               shell->of, shell->to, shell->r, found / n, shell->mean);
    all += shell->mean * n;
  }
  TEST_NEAR((double)count_pairs(&s, 0, 0, 1e-9, ase_cutoff), all, 1e-3);
  nmd_structure_free(&s);
}

static void test_shells_against_ase(void) {
  for (size_t i = 0; i < sizeof ase_structures / sizeof ase_structures[0]; i++) check_shells(&ase_structures[i]);
}

static void test_registry(void) {
  int n = 0;
  for (; nmd_build_registry[n] != NULL; n++) {
    CU_ASSERT(nmd_build_tables[n] == nmd_build_registry[n]->options);
    TEST_EQUAL_TEXT(nmd_build_registry[n]->name, nmd_build_tables[n]->name);
  }
  CU_ASSERT(n == 5 && nmd_build_tables[n] == NULL);
}

static void test_lattice_errors(void) {
  build_fails("lattice: {type: foo, a: 4, elements: Au}", NMD_BAD_CHOICE, "\"foo\"");
  build_fails("lattice: {type: fcc, a: 4, elements: [Au, Li]}", NMD_BUILD, "2 given; fcc needs 1");
  build_fails("lattice: {type: perovskite, a: 4, elements: [Sr, Ti]}", NMD_BUILD, "A B C3");
  build_fails("lattice: {type: fcc, a: 4, elements: Xx}", NMD_UNKNOWN_ELEMENT, "'Xx'");
  build_fails("lattice: {type: fcc, a: 0.7, elements: Au}", NMD_OVERLAP, "0.495 A");
  build_fails("lattice: {type: fcc, a: 0, elements: Au}", NMD_OUT_OF_RANGE, "a:");
  build_fails("lattice: {type: fcc, a: 4, elements: Au, repeat: 100000}", NMD_BUILD, "2147483647");
  build_fails("lattice: {type: fcc, a: 4, elements: Au, repeat: [1, 0, 1]}", NMD_OUT_OF_RANGE, "repeat");
  build_fails("lattice: {type: fcc, a: 4, elements: Au, substitute: [{element: Au, by: Li, fraction: 1.5}]}",
              NMD_OUT_OF_RANGE, "fraction");
  build_fails("slabs: {}", NMD_UNKNOWN_KEY, "slab");
}

static void test_slab_errors(void) {
  build_fails("slab: {lattice: fcc, element: Au, a: 4.17, surface: 210, layers: 4}", NMD_BAD_CHOICE, "\"210\"");
  build_fails("slab: {lattice: hcp, element: Au, a: 4.17, surface: 100, layers: 4}", NMD_BAD_CHOICE, "\"hcp\"");
  build_fails("slab: {lattice: fcc, element: Au, a: 4.17, surface: 111, layers: 4, vacuum: 0}", NMD_BUILD,
              "multiple of 3");
  build_fails("slab: {lattice: fcc, element: Au, a: 4.17, surface: 111, layers: 3, vacuum: 0, periodic: false}",
              NMD_CONFLICT, "vacuum 0 A");
  build_fails("slab: {lattice: fcc, element: Au, a: 4.17, surface: 111, layers: 4, vacuum: 0.1}", NMD_OVERLAP, "0.1 A");
}

/* Without vacuum a slab is the crystal: same density, same shells. */
static void test_slab_without_vacuum(void) {
  static const char *const faces[] = {"100", "110", "111"};
  char yaml[256];
  for (int f = 0; f < 3; f++) {
    nmd_structure s;
    snprintf(yaml, sizeof yaml, "slab: {lattice: bcc, element: Li, a: 3.45, surface: %s, layers: 6, vacuum: 0}",
             faces[f]);
    if (!TEST_OK(build_from(yaml, 1, &s))) continue;
    TEST_RELATIVE(s.box.volume / (double)s.n, 0.5 * pow(3.45, 3), 1e-12);
    TEST_EQUAL_INT(count_pairs(&s, 3, 3, 0.1, 3.2), 8 * s.n);
    TEST_EQUAL_INT(count_pairs(&s, 3, 3, 3.2, 3.6), 6 * s.n);
    nmd_structure_free(&s);
  }
}

static void test_open_slab(void) {
  nmd_structure s;
  TEST_OK(build_from("slab: {lattice: fcc, element: Au, a: 4.17, surface: 100, repeat_x: 3, repeat_y: 2, layers: 5, "
                     "vacuum: 12 A, periodic: false}",
                     1, &s));
  CU_ASSERT(s.n == 30 && s.box.periodic[0] && s.box.periodic[1] && !s.box.periodic[2]);
  TEST_NEAR(s.box.h[2][2], 4 * 4.17 / 2 + 12.0, 1e-12);
  TEST_NEAR(s.x[0][2], 6.0, 1e-12);
  TEST_NEAR(s.x[29][2], s.box.h[2][2] - 6.0, 1e-12);
  nmd_structure_free(&s);
}

static void test_no_leaks(void) {
  const int64_t before = nmd_memory_in_use();
  test_lattice_errors();
  test_slab_errors();
  TEST_EQUAL_INT(nmd_memory_in_use(), before);
}

TEST_SUITE("build/builder", TEST(test_shells_against_ase), TEST(test_registry), TEST(test_lattice_errors),
           TEST(test_slab_errors), TEST(test_slab_without_vacuum), TEST(test_open_slab), TEST(test_no_leaks))
