/* SPDX-License-Identifier: BSD-3-Clause */
/* Perovskites with vacancies: numbers, neutrality, patterns, distances, tilts; and what cannot be built. */
#include "build_support.h"

#define CELL "elements: [La, Nb, O], a: 3.91, c: 3.95, "

static void check_numbers(const char *yaml, int64_t li, int64_t la, int64_t nb) {
  nmd_structure s;
  if (!TEST_OK(build_from(yaml, 7, &s))) return;
  TEST_EQUAL_INT(count_element(&s, 3), li);
  TEST_EQUAL_INT(count_element(&s, 57), la);
  TEST_EQUAL_INT(count_element(&s, 41), nb);
  TEST_EQUAL_INT(count_element(&s, 8), 3 * nb);
  TEST_EQUAL_INT(count_element(&s, 3) + 3 * count_element(&s, 57) + 5 * nb, 6 * nb);
  TEST_CONTAINS(nmd_structure_info(&s, "build"), "seed 7");
  TEST_CONTAINS(report_text, nmd_structure_info(&s, "build"));
  nmd_structure_free(&s);
}

static void test_numbers(void) {
  check_numbers("perovskite: {" CELL "repeat: [6, 6, 2]}", 0, 24, 72);
  check_numbers("perovskite: {" CELL "repeat: [5, 6, 4], rich: 0.6, inserted: Li}", 12, 36, 120);
  check_numbers("perovskite: {" CELL "repeat: [6, 6, 4], rich: 0.5, poor: 0.0833333, inserted: Li}", 18, 42, 144);
  check_numbers("perovskite: {" CELL "repeat: [3, 4, 5], layers: uniform, rich: 0.3, inserted: Li}", 6, 18, 60);
}

/* A atoms of a layer as a text of rows along a. */
static void draw_layer(const nmd_structure *s, int layer, int n0, int n1, char *text) {
  memset(text, '0', (size_t)(n0 * n1));
  text[n0 * n1] = '\0';
  for (int64_t i = 0; i < s->n; i++)
    if (s->atomic_number[i] == 57 && (int)lround(s->x[i][2] / 3.95) == layer)
      text[(int)lround(s->x[i][1] / 3.91) * n0 + (int)lround(s->x[i][0] / 3.91)] = '1';
}

static void check_layer(const char *yaml, int layer, int n0, int n1, const char *expected) {
  nmd_structure s;
  char text[200];
  if (!TEST_OK(build_from(yaml, 1, &s))) return;
  draw_layer(&s, layer, n0, n1, text);
  TEST_EQUAL_TEXT(text, expected);
  nmd_structure_free(&s);
}

static void test_patterns(void) {
  const char *striped = "perovskite: {" CELL "repeat: [2, 6, 4], pattern: striped, shift: [0, 1, 0]}";
  check_layer(striped, 0, 2, 6, "111100111100");
  check_layer(striped, 1, 2, 6, "000000000000");
  check_layer(striped, 2, 2, 6, "110011110011");
  check_layer("perovskite: {" CELL "repeat: [4, 3, 2], pattern: closed}", 0, 4, 3, "001100111111");
  check_layer("perovskite: {" CELL "repeat: [3, 2, 2], pattern: given, rows: [\"110\", \"011\"]}", 0, 3, 2, "110011");
}

/* Seeds change random choices, the same seed repeats them; rich layers hold the same numbers. */
static void test_random(void) {
  const char *yaml = "perovskite: {" CELL "repeat: [6, 6, 4]}";
  char first[40], again[40], other[40];
  nmd_structure s;
  for (int k = 0; k < 3; k++) {
    if (!TEST_OK(build_from(yaml, k == 2 ? 2 : 1, &s))) return;
    draw_layer(&s, 0, 6, 6, k == 0 ? first : k == 1 ? again : other);
    char upper[40];
    draw_layer(&s, 2, 6, 6, upper);
    int taken = 0;
    for (int i = 0; i < 36; i++) taken += upper[i] == '1';
    TEST_EQUAL_INT(taken, 24);
    nmd_structure_free(&s);
  }
  TEST_EQUAL_TEXT(again, first);
  TEST_CHECK(strcmp(other, first) != 0, "seed 2 gives the pattern of seed 1");
}

static void test_inserted(void) {
  nmd_structure s;
  if (TEST_OK(build_from("perovskite: {" CELL "repeat: [5, 6, 4], rich: 0.6, inserted: Li, inserted_layers: rich, "
                         "inserted_distance: 5}",
                         3, &s))) {
    TEST_EQUAL_INT(count_pairs(&s, 3, 3, 0.1, 4.999), 0);
    TEST_EQUAL_INT(count_pairs(&s, 3, 57, 0.0, 3.9), 0);
    for (int64_t i = 0; i < s.n; i++)
      if (s.atomic_number[i] == 3) TEST_EQUAL_INT(lround(s.x[i][2] / 3.95) % 2, 0);
    nmd_structure_free(&s);
  }
  if (TEST_OK(build_from("perovskite: {" CELL "repeat: [5, 6, 4], rich: 0.6, inserted: Li, inserted_sites: window, "
                         "inserted_layers: poor, inserted_distance: 3}",
                         3, &s))) {
    TEST_EQUAL_INT(count_pairs(&s, 3, 8, 0.0, 1.9), 0);
    TEST_EQUAL_INT(count_pairs(&s, 3, 8, 1.9, 1.98), 4 * 12); /* in the middle of four oxygen atoms */
    nmd_structure_free(&s);
  }
}

/* Tilted octahedra stay octahedra: six O at a/2 / cos to first order, turned the right way; nothing else moves. */
static void test_tilts(void) {
  nmd_structure s;
  if (!TEST_OK(build_from(
          "perovskite: {elements: [Sr, Ti, O], charge_a: 2, charge_b: 4, layers: uniform, rich: 1, a: 3.9, repeat: "
          "2, tilt: [0, 0, 6], tilt_signs: \"--+\"}",
          1, &s)))
    return;
  const double shift = 1.95 * tan(6 * 0.017453292519943295), far = hypot(1.95, shift);
  TEST_EQUAL_INT(count_pairs(&s, 22, 8, far - 1e-6, far + 1e-6), 8 * 4);
  TEST_EQUAL_INT(count_pairs(&s, 22, 8, 1.95 - 1e-6, 1.95 + 1e-6), 8 * 2);
  nmd_structure_free(&s);
  if (!TEST_OK(build_from(
          "perovskite: {elements: [Sr, Ti, O], charge_a: 2, charge_b: 4, layers: uniform, rich: 1, a: 3.9, repeat: "
          "2, tilt: 5, tilt_signs: \"---\"}",
          1, &s)))
    return;
  TEST_EQUAL_INT(count_pairs(&s, 22, 8, 1.9, 2.0), 8 * 6);
  nmd_structure_free(&s);
}

static void test_errors(void) {
  build_fails("perovskite: {elements: [La, Nb], a: 3.9}", NMD_BUILD, "2 given; expected three");
  build_fails("perovskite: {" CELL "repeat: [6, 6, 3]}", NMD_BUILD, "3 units along c; expected an even number");
  build_fails("perovskite: {" CELL "repeat: [5, 5, 2]}", NMD_BUILD, "make +1 e, which nothing balances");
  build_fails("perovskite: {" CELL "repeat: [6, 6, 2], rich: 0.9, inserted: Li}", NMD_BUILD, "no whole number");
  build_fails("perovskite: {" CELL "repeat: [6, 6, 2], rich: 0.5, inserted: Mg, charge_inserted: 4}", NMD_BUILD,
              "no whole number");
  build_fails("perovskite: {" CELL "repeat: [6, 5, 2], pattern: striped}", NMD_BUILD,
              "5 units along b; expected a multiple of 3");
  build_fails("perovskite: {" CELL "repeat: [6, 6, 2], pattern: striped, rich: 0.531}", NMD_BUILD, "no number of rows");
  build_fails("perovskite: {" CELL "repeat: [6, 6, 2], pattern: closed}", NMD_BUILD, "expected whole tiles");
  build_fails("perovskite: {" CELL "repeat: [4, 3, 2], pattern: closed, island: [2, 3, 1]}", NMD_BUILD,
              "not closed in");
  build_fails("perovskite: {" CELL "repeat: [4, 3, 2], pattern: closed, rich: 0.5}", NMD_BUILD,
              "share of 0.6667, rich is 0.5");
  build_fails("perovskite: {" CELL "repeat: [4, 3, 2], pattern: given}", NMD_BUILD, "no rows");
  build_fails("perovskite: {" CELL "repeat: [4, 3, 2], pattern: given, rows: [\"10\", \"1\"]}", NMD_BUILD,
              "same length");
  build_fails("perovskite: {" CELL "repeat: [4, 3, 2], pattern: given, rows: [\"110\"]}", NMD_BUILD,
              "whole number of times");
  build_fails("perovskite: {" CELL "repeat: [6, 6, 2], rich: 0.5, inserted: Li, inserted_distance: 7}", NMD_BUILD,
              "room for");
  build_fails("perovskite: {" CELL "repeat: [3, 3, 2], tilt: 5}", NMD_BUILD,
              "3 units along a; expected an even number");
  build_fails("perovskite: {" CELL "repeat: [6, 6, 2], tilt: 5, tilt_signs: \"-+\"}", NMD_BUILD,
              "expected three of + - 0");
  build_fails("perovskite: {elements: [La, Nb, O], a: 1.1, repeat: [6, 6, 2]}", NMD_OVERLAP, "0.55 A");
}

TEST_SUITE("build/perovskite", TEST(test_numbers), TEST(test_patterns), TEST(test_random), TEST(test_inserted),
           TEST(test_tilts), TEST(test_errors))
