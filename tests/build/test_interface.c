/* SPDX-License-Identifier: BSD-3-Clause */
#include "build/interface_match.h"

#include "base/memory.h"
#include "build_support.h"

#define AU(face) "side_a: {lattice: fcc, element: Au, a: 4.17, surface: " #face "}"
#define LI(face) "side_b: {lattice: bcc, element: Li, a: 3.45, surface: " #face "}"

/* 7 cells of 4.17/sqrt(2) on 6 of 3.45: the match anyone would choose. */
static void test_gold_lithium_100(void) {
  nmd_structure s;
  TEST_OK(build_from("interface: {atoms: 1000, " AU(100) ", " LI(100) "}", 1, &s));
  const double a = 7.0 * 4.17 / sqrt(2.0), b = 6.0 * 3.45, gap = 0.85 * 0.5 * (4.17 / sqrt(2.0) + 3.45 * sqrt(0.75));
  TEST_NEAR(s.box.h[0][0], 0.5 * (a + b), 1e-10);
  TEST_NEAR(s.box.h[1][1], 0.5 * (a + b), 1e-10);
  TEST_EQUAL_INT(count_element(&s, 79), 49 * 11);
  TEST_EQUAL_INT(count_element(&s, 3), 36 * 13);
  TEST_NEAR(s.box.h[2][2], 10 * 4.17 / 2 + 12 * 3.45 / 2 + 2.0 * gap, 1e-10);
  TEST_CONTAINS(report_text, "7 x 7 cells of 2.9486 x 2.9486 A, 11 planes 2.0850 A apart, 539 atoms, strain +0.1443 %");
  TEST_CONTAINS(report_text, "6 x 6 cells of 3.4500 x 3.4500 A, 13 planes 1.7250 A apart, 468 atoms, strain -0.1438 %");
  TEST_EQUAL_INT(count_pairs(&s, 79, 3, 0.0, gap - 1e-6), 0); /* nothing closer than the gap, on both interfaces */
  /* inside the crystals: 12 and 8 neighbours but in the outer planes, which lack 4 each */
  TEST_EQUAL_INT(count_pairs(&s, 79, 79, 0.1, 3.2), 12 * 49 * 9 + 8 * 49 * 2);
  TEST_EQUAL_INT(count_pairs(&s, 3, 3, 0.1, 3.2), 8 * 36 * 11 + 4 * 36 * 2);
  nmd_structure_free(&s);
}

/* The side that is told to keep its lattice keeps it exactly. */
static void test_strain_choice(void) {
  nmd_structure s;
  TEST_OK(build_from("interface: {atoms: 1000, strain: b, " AU(111) ", " LI(110) "}", 1, &s));
  const double cells = s.box.h[0][0] / (4.17 / sqrt(2.0));
  TEST_NEAR(cells, rint(cells), 1e-10);
  TEST_CONTAINS(report_text, "strain +0.0000 % along x, +0.0000 % along y");
  nmd_structure_free(&s);
  TEST_OK(build_from("interface: {atoms: 1000, strain: a, " AU(110) ", " LI(100) "}", 1, &s));
  TEST_NEAR(s.box.h[0][0] / 3.45, 6.0, 1e-10);
  nmd_structure_free(&s);
}

static void match_request(nmd_match_request *request, nmd_face a, nmd_face b, int64_t atoms, double max_strain) {
  memset(request, 0, sizeof *request);
  request->strained = NMD_STRAIN_SHARED;
  request->atoms = atoms;
  request->max_strain = max_strain;
  for (int v = 0; v < 2; v++) {
    nmd_surface_init(NMD_CUBIC_FCC, a, v == 0 ? 0 : a == NMD_FACE_100 ? 45 : 90, 4.17, &request->side[0].variant[v]);
    nmd_surface_init(NMD_CUBIC_BCC, b, v == 0 ? 0 : b == NMD_FACE_100 ? 45 : 90, 3.45, &request->side[1].variant[v]);
  }
  request->side[0].n_variants = a == NMD_FACE_100 ? 2 : 1;
  request->side[1].n_variants = 2;
}

/* Sizes, strain limits and the arithmetic of what is returned, for all pairs of faces. */
static void test_all_faces(void) {
  for (int a = 0; a < 3; a++)
    for (int b = 0; b < 3; b++) {
      nmd_match_request request;
      nmd_match match;
      match_request(&request, (nmd_face)a, (nmd_face)b, 1000, 0.02);
      if (!TEST_OK(nmd_interface_match(&request, &match))) continue;
      CU_ASSERT(match.worst <= 0.02 && llabs((long long)match.atoms - 1000) <= 100);
      int64_t atoms = 0;
      for (int side = 0; side < 2; side++) {
        const nmd_surface *surface = &request.side[side].variant[match.variant[side]];
        atoms += match.repeat[side][0] * match.repeat[side][1] * match.layers[side] * surface->per_plane;
        for (int d = 0; d < 2; d++)
          TEST_NEAR(match.edge[d] / ((double)match.repeat[side][d] * surface->edge[d]) - 1.0, match.strain[side][d],
                    1e-13);
      }
      TEST_EQUAL_INT(atoms, match.atoms);
    }
}

/* A tighter limit gets less strain, for more atoms. */
static void test_tight_limit(void) {
  nmd_match_request request;
  nmd_match match;
  match_request(&request, NMD_FACE_100, NMD_FACE_100, 100000, 1e-4);
  TEST_OK(nmd_interface_match(&request, &match));
  CU_ASSERT(match.worst <= 1e-4);
  TEST_EQUAL_INT(match.repeat[0][0], 55); /* 55 * 4.17/sqrt(2) = 162.175, 47 * 3.45 = 162.15 */
  TEST_EQUAL_INT(match.repeat[1][0], 47);
  match_request(&request, NMD_FACE_100, NMD_FACE_100, 500, 1e-4);
  TEST_FAILS(nmd_interface_match(&request, &match), NMD_BUILD);
}

/* What the user fixes stays fixed. */
static void test_given_sizes(void) {
  nmd_structure s;
  TEST_OK(
      build_from("interface: {strain: a, vacuum: 20, periodic: false, gap: 3 A, "
                 "side_a: {lattice: fcc, element: Au, a: 4.17, surface: 100, rotation: 45, repeat_x: 5, repeat_y: 5, "
                 "layers: 4}, side_b: {lattice: bcc, element: Li, a: 3.45, surface: 100, rotation: 0, repeat_x: 6, "
                 "repeat_y: 6, thickness: 7}}",
                 1, &s));
  TEST_EQUAL_INT(s.n, 5 * 5 * 2 * 4 + 6 * 6 * 4);
  TEST_NEAR(s.box.h[0][0], 20.7, 1e-12);
  TEST_NEAR(s.box.h[2][2], 3 * 4.17 / 2 + 3.0 + 3 * 3.45 / 2 + 20.0, 1e-12);
  CU_ASSERT(!s.box.periodic[2]);
  TEST_NEAR(s.x[0][2], 10.0, 1e-12);
  TEST_CONTAINS(report_text, "strain -0.7194 % along x, -0.7194 % along y"); /* 20.7 / 20.85 - 1 */
  nmd_structure_free(&s);
  TEST_OK(build_from("interface: {atoms: 700, " AU(100) ", side_b: {lattice: bcc, element: Li, a: 3.45, surface: 110, "
                                                        "layers: 4}}",
                     1, &s));
  CU_ASSERT(s.n >= 630 && s.n <= 770);
  TEST_CONTAINS(report_text, ", 4 planes 2.4395 A apart");
  nmd_structure_free(&s);
}

/* Nobody asked for a number of atoms: what is given rules, and the free side follows for least strain. */
static void test_no_number_asked_for(void) {
  nmd_structure s;
  TEST_OK(build_from("interface: {side_a: {lattice: fcc, element: Au, a: 4.17, layers: 5, repeat_x: 5, repeat_y: 5, "
                     "rotation: 45}, side_b: {lattice: bcc, element: Li, a: 3.45, layers: 5, rotation: 0}}",
                     1, &s));
  TEST_EQUAL_INT(count_element(&s, 79), 5 * 5 * 2 * 5);
  TEST_EQUAL_INT(count_element(&s, 3), 6 * 6 * 5);
  nmd_structure_free(&s);
  TEST_OK(build_from("interface: {" AU(100) ", " LI(100) "}", 1, &s));
  TEST_CHECK(s.n > 800 && s.n < 1250, "%lld atoms", (long long)s.n);
  nmd_structure_free(&s);
}

static void test_reproducible(void) {
  nmd_structure a, b;
  static const char yaml[] =
      "interface: {atoms: 1000, " AU(111) ", " LI(110) ", substitute: [{element: Au, by: Li, fraction: 0.1}]}";
  TEST_OK(build_from(yaml, 3, &a));
  TEST_OK(build_from(yaml, 3, &b));
  TEST_EQUAL_INT(a.n, b.n);
  CU_ASSERT(memcmp(a.x, b.x, (size_t)a.n * sizeof *a.x) == 0);
  CU_ASSERT(memcmp(a.atomic_number, b.atomic_number, (size_t)a.n * sizeof *a.atomic_number) == 0);
  nmd_structure_free(&a);
  nmd_structure_free(&b);
}

static void test_errors(void) {
  const int64_t before = nmd_memory_in_use();
  build_fails("interface: {atoms: 20, " AU(100) ", " LI(100) "}", NMD_BUILD, "the nearest interface within 2 % strain");
  build_fails("interface: {atoms: 300, max_strain: 0.01, " AU(100) ", " LI(100) "}", NMD_BUILD,
              "least strain of cells of this size is 0.1443 %");
  build_fails("interface: {atoms: 1000, gap: 0.2, " AU(100) ", " LI(100) "}", NMD_OVERLAP, "0.2 A");
  build_fails("interface: {periodic: false, " AU(100) ", " LI(100) "}", NMD_CONFLICT, "vacuum");
  build_fails("interface: {" AU(100) ", side_b: {lattice: bcc, element: Li, a: 3.45, rotation: 45, surface: 110}}",
              NMD_BUILD, "rotation 45 of surface 110");
  build_fails("interface: {" AU(100) ", side_b: {lattice: bcc, element: Li, a: 3.45, layers: 3, thickness: 5}}",
              NMD_CONFLICT, "side_b");
  build_fails("interface: {" AU(100) ", side_b: {lattice: bcc, element: Li, a: 3.45, repeat_x: 3}}", NMD_CONFLICT,
              "repeat_y");
  build_fails("interface: {" AU(100) ", side_b: {lattice: bcc, element: Lo, a: 3.45}}", NMD_UNKNOWN_ELEMENT, "'Lo'");
  build_fails("interface: {" AU(100) ", side_b: {lattice: bcc, element: Li, a: 3.45, surface: 210}}", NMD_BAD_CHOICE,
              "210");
  build_fails("interface: {" AU(100) "}", NMD_MISSING_KEY, "side_b");
  build_fails(
      "interface: {side_a: {lattice: fcc, element: Au, a: 4.17, repeat_x: 5, repeat_y: 5, rotation: 0}, side_b: "
      "{lattice: bcc, element: Li, a: 3.45, repeat_x: 6, repeat_y: 6, rotation: 0}}",
      NMD_BUILD, "the given repeats need 20.2 %");
  build_fails(
      "interface: {atoms: 2000000000, side_a: {lattice: fcc, element: Au, a: 4.17, layers: 2, repeat_x: 100000, "
      "repeat_y: 100000}, " LI(100) "}",
      NMD_BUILD, "");
  TEST_EQUAL_INT(nmd_memory_in_use(), before);
}

TEST_SUITE("build/interface", TEST(test_gold_lithium_100), TEST(test_strain_choice), TEST(test_all_faces),
           TEST(test_tight_limit), TEST(test_given_sizes), TEST(test_no_number_asked_for), TEST(test_reproducible),
           TEST(test_errors))
