/* SPDX-License-Identifier: BSD-3-Clause */
/* The neighbour list against all pairs of atoms and periodic images. */
#include "neighbour/list.h"

#include "neighbour/grid.h"

#include "base/memory.h"
#include "base/random.h"
#include "base/timer.h"
#include "base/vec3.h"
#include "support/test.h"

static const bool all_periodic[3] = {true, true, true};

static double uniform(int64_t step, int64_t id) {
  double u[2];
  nmd_random_uniform2(7, NMD_STREAM_TEST, step, id, 0, u);
  return u[0];
}

/* n random atoms in the box; along open axes also outside of it. */
static void fill_random(nmd_atoms *atoms, const nmd_box *box, int n, int64_t seed) {
  TEST_OK(nmd_atoms_reserve(atoms, n));
  atoms->n_owned = n;
  atoms->n_ghost = 0;
  for (int i = 0; i < n; i++) {
    double s[3];
    for (int d = 0; d < 3; d++) {
      s[d] = uniform(seed, 3 * i + d);
      if (!box->periodic[d]) s[d] = 3.0 * s[d] - 1.0;
    }
    nmd_box_to_cartesian(box, s, &atoms->x[3 * i]);
    atoms->id[i] = i + 1;
    atoms->species[i] = 0;
  }
}

static void add_ghost(nmd_atoms *atoms, const nmd_box *box, int i, const int shift[3]) {
  const int g = atoms->n_owned + atoms->n_ghost;
  TEST_OK(nmd_atoms_reserve(atoms, g + 1));
  atoms->id[g] = atoms->id[i];
  for (int k = 0; k < 3; k++)
    atoms->x[3 * g + k] =
        atoms->x[3 * i + k] + (shift[0] * box->h[0][k] + shift[1] * box->h[1][k] + shift[2] * box->h[2][k]);
  atoms->n_ghost++;
}

/* Images within `reach` of the cell along every axis; returns the number of images of one atom that were tried. */
static void add_images(nmd_atoms *atoms, const nmd_box *box, double reach) {
  int m[3];
  for (int d = 0; d < 3; d++) m[d] = box->periodic[d] ? (int)ceil(reach / nmd_box_height(box, d)) : 0;
  atoms->n_ghost = 0;
  for (int a = -m[0]; a <= m[0]; a++)
    for (int b = -m[1]; b <= m[1]; b++)
      for (int c = -m[2]; c <= m[2]; c++) {
        const int shift[3] = {a, b, c};
        for (int i = 0; (a || b || c) && i < atoms->n_owned; i++) add_ghost(atoms, box, i, shift);
      }
}

static bool is_near(const nmd_atoms *atoms, int i, int j, double radius) {
  double r[3];
  for (int k = 0; k < 3; k++) r[k] = atoms->x[3 * i + k] - atoms->x[3 * j + k];
  return i != j && r[0] * r[0] + r[1] * r[1] + r[2] * r[2] < radius * radius;
}

static int by_index(const void *a, const void *b) { return *(const int32_t *)a - *(const int32_t *)b; }

/* Every row holds exactly the atoms within reach, each once. */
static int64_t check_against_pairs(const nmd_neighbour_list *list, const nmd_atoms *atoms) {
  const double radius = list->cutoff + list->skin;
  TEST_EQUAL_INT(list->n, atoms->n_owned);
  int64_t wrong = 0;
  for (int i = 0; i < atoms->n_owned; i++) {
    int64_t k = list->first[i];
    qsort(list->index + k, (size_t)(list->first[i + 1] - k), sizeof *list->index, by_index);
    for (int j = 0; j < atoms->n_owned + atoms->n_ghost; j++)
      if (is_near(atoms, i, j, radius)) wrong += k >= list->first[i + 1] || list->index[k++] != j;
    wrong += k != list->first[i + 1];
  }
  TEST_EQUAL_INT(wrong, 0);
  return list->first[list->n];
}

/* The list of `atoms` by 1, 2, 3 and 9 threads is the same to the last item, and so is that of the portable pick. */
static void check_same_by_threads(const nmd_box *box, nmd_atoms *atoms, double cutoff) {
  nmd_neighbour_list one;
  nmd_neighbour_list_init(&one, cutoff, 0.0);
  TEST_OK(nmd_neighbour_list_build(&one, box, atoms));
  for (int threads = 2; threads <= 9; threads += 1 + 5 * (threads == 3)) {
    nmd_neighbour_list many;
    nmd_neighbour_list_init(&many, cutoff, 0.0);
    many.threads = threads;
    for (int round = 0; round < 2; round++) TEST_OK(nmd_neighbour_list_build(&many, box, atoms));
    CU_ASSERT(many.serial > one.serial);
    CU_ASSERT(memcmp(many.first, one.first, (size_t)(one.n + 1) * sizeof *one.first) == 0);
    CU_ASSERT(memcmp(many.index, one.index, (size_t)one.first[one.n] * sizeof *one.index) == 0);
    nmd_neighbour_list_free(&many);
  }
  nmd_neighbour_list_free(&one);
}

static void test_threads(void) {
  const double h[3][3] = {{15, 0, 0}, {2, 15, 0}, {0, 0, 15}};
  for (int n = 1; n <= 900; n = 5 * n + 2) {
    nmd_box box;
    nmd_atoms atoms;
    TEST_OK(nmd_box_init(&box, h, NULL, NULL));
    nmd_atoms_init(&atoms);
    fill_random(&atoms, &box, n, 12);
    add_images(&atoms, &box, 5.0);
    check_same_by_threads(&box, &atoms, 5.0);
    nmd_atoms_free(&atoms);
  }
}

/* Every variant of the innermost loop that this processor has, on runs of all lengths, with ties at the radius. */
static void test_pick(void) {
  enum { ATOMS = 300 };
  double x[3][ATOMS];
  int32_t atom[ATOMS], one[ATOMS + NMD__PICK_SLACK], other[ATOMS + NMD__PICK_SLACK];
  for (int i = 0; i < ATOMS; i++) {
    atom[i] = (i * 7) % ATOMS;
    for (int d = 0; d < 3; d++) x[d][i] = floor(8 * uniform(77, 3 * i + d));
  }
  const nmd__pick_input in = {x[0], x[1], x[2], atom};
  nmd__pick *best = nmd__pick_choose();
  const double centre[3] = {4, 3, 4};
  for (int first = 0; first < 20; first++)
    for (int last = first; last <= ATOMS; last += 1 + last / 30) {
      const int n = nmd__pick_portable(&in, first, last, centre, 9.0, 14, one);
      int expected = 0;
      for (int k = first; k < last; k++) {
        const double d[3] = {x[0][k] - 4, x[1][k] - 3, x[2][k] - 4};
        if (d[0] * d[0] + d[1] * d[1] + d[2] * d[2] < 9.0 && atom[k] != 14) CU_ASSERT_EQUAL(one[expected++], atom[k]);
      }
      TEST_EQUAL_INT(n, expected);
      TEST_EQUAL_INT(best(&in, first, last, centre, 9.0, 14, other), n);
      CU_ASSERT(memcmp(one, other, (size_t)n * sizeof *one) == 0);
    }
}

static int64_t check_box(const double h[3][3], const bool periodic[3], int n, double cutoff, int64_t seed) {
  const double origin[3] = {-3.0, 5.0, 0.25};
  nmd_box box;
  nmd_atoms atoms;
  nmd_neighbour_list list;
  nmd_atoms_init(&atoms);
  nmd_neighbour_list_init(&list, 0.9 * cutoff, 0.1 * cutoff);
  TEST_OK(nmd_box_init(&box, h, origin, periodic));
  fill_random(&atoms, &box, n, seed);
  add_images(&atoms, &box, cutoff);
  TEST_OK(nmd_neighbour_list_build(&list, &box, &atoms));
  const int64_t pairs = check_against_pairs(&list, &atoms);
  nmd_neighbour_list_free(&list);
  nmd_atoms_free(&atoms);
  return pairs;
}

static void test_periodic_boxes(void) {
  const double boxes[][3][3] = {
      {{12, 0, 0}, {0, 12, 0}, {0, 0, 12}},  {{20, 0, 0}, {0, 6, 0}, {0, 0, 9}},
      {{10, 0, 0}, {4, 9, 0}, {-3, 5, 11}},  {{0, 10, 0}, {10, 0, 0}, {0, 0, 10}},  /* left-handed */
      {{9, 2, 1}, {-2, 3, 12}, {1, 8, -2}},  {{10, 0, 0}, {25, 9, 0}, {0, -30, 8}}, /* badly skewed */
      {{-8, 0, 0}, {0, -9, 0}, {0, 0, -10}},
  };
  for (size_t k = 0; k < sizeof boxes / sizeof *boxes; k++)
    for (int n = 1; n <= 130; n = 3 * n + 1)
      for (double cutoff = 2.5; cutoff < 7.0; cutoff += 2.0)
        TEST_CHECK(check_box(boxes[k], all_periodic, n, cutoff, (int64_t)k) >= 0, "box %zu", k);
}

static void test_tiny_cells(void) {
  const double boxes[][3][3] = {{{2.5, 0, 0}, {0, 2.5, 0}, {0, 0, 2.5}},
                                {{0, 2, 2}, {2, 0, 2}, {2, 2, 0}},
                                {{2.5, 0, 0}, {1.5, 2.5, 0}, {-1, 0.5, 3}}};
  for (size_t k = 0; k < sizeof boxes / sizeof *boxes; k++)
    for (int n = 1; n <= 4; n *= 2)
      for (double lengths = 0.4; lengths < 3.1; lengths += 0.65)
        check_box(boxes[k], all_periodic, n, 2.5 * lengths, 10 + (int64_t)k);
  /* simple cubic: 6, 12 and 8 neighbours at 1, sqrt 2 and sqrt 3 */
  const double cubic[3][3] = {{2, 0, 0}, {0, 2, 0}, {0, 0, 2}};
  CU_ASSERT_EQUAL(check_box(cubic, all_periodic, 1, 2.1, 0), 6);
  CU_ASSERT_EQUAL(check_box(cubic, all_periodic, 1, 2.9, 0), 18);
  CU_ASSERT_EQUAL(check_box(cubic, all_periodic, 1, 3.5, 0), 26);
}

static void test_open_boxes(void) {
  const double h[3][3] = {{14, 0, 0}, {3, 12, 0}, {0, -2, 13}};
  for (int mask = 0; mask < 8; mask++) {
    const bool periodic[3] = {mask & 1, mask & 2, mask & 4};
    check_box(h, periodic, 200, 4.0, 20 + mask);
    check_box(h, periodic, 7, 6.0, 30 + mask);
  }
}

/* Random placement may put a neighbour at the cut-off to the last bit: lattices do it on purpose. */
static void test_lattice_at_cutoff(void) {
  nmd_atoms atoms;
  nmd_box box;
  const double h[3][3] = {{9, 0, 0}, {0, 9, 0}, {0, 0, 9}};
  TEST_OK(nmd_box_init(&box, h, NULL, NULL));
  for (double cutoff = 1.5; cutoff < 4.6; cutoff += 0.75) {
    nmd_neighbour_list list;
    nmd_neighbour_list_init(&list, cutoff, 0.0);
    nmd_atoms_init(&atoms);
    fill_random(&atoms, &box, 216, 1);
    for (int i = 0; i < 216; i++)
      for (int k = 0; k < 3; k++) atoms.x[3 * i + k] = 1.5 * (k == 0 ? i % 6 : k == 1 ? i / 6 % 6 : i / 36);
    add_images(&atoms, &box, cutoff);
    TEST_OK(nmd_neighbour_list_build(&list, &box, &atoms));
    check_against_pairs(&list, &atoms);
    nmd_neighbour_list_free(&list);
    nmd_atoms_free(&atoms);
  }
}

static void test_degenerate(void) {
  const double h[3][3] = {{30, 0, 0}, {0, 30, 0}, {0, 0, 30}};
  const bool open[3] = {false, false, false};
  nmd_box box;
  nmd_atoms atoms;
  nmd_neighbour_list list;
  TEST_OK(nmd_box_init(&box, h, NULL, open));
  nmd_atoms_init(&atoms);
  nmd_neighbour_list_init(&list, 3.0, 0.5);
  TEST_OK(nmd_neighbour_list_build(&list, &box, &atoms)); /* no atoms */
  CU_ASSERT_EQUAL(list.n, 0);
  CU_ASSERT_EQUAL(list.first[0], 0);
  fill_random(&atoms, &box, 40, 3);
  for (int i = 0; i < 120; i++) atoms.x[i] = 1.0; /* all in one point */
  TEST_OK(nmd_neighbour_list_build(&list, &box, &atoms));
  CU_ASSERT_EQUAL(check_against_pairs(&list, &atoms), 40 * 39);
  atoms.x[3 * 11] = 1e15; /* far apart */
  atoms.x[3 * 17 + 2] = -1e200;
  TEST_OK(nmd_neighbour_list_build(&list, &box, &atoms));
  CU_ASSERT_EQUAL(check_against_pairs(&list, &atoms), 38 * 37);
  nmd_neighbour_list_free(&list);
  nmd_neighbour_list_init(&list, 1e-300, 0.0);
  TEST_OK(nmd_neighbour_list_build(&list, &box, &atoms));
  check_against_pairs(&list, &atoms);
  nmd_neighbour_list_free(&list);
  nmd_atoms_free(&atoms);
}

static void test_errors(void) {
  const double h[3][3] = {{10, 0, 0}, {0, 10, 0}, {0, 0, 10}};
  nmd_box box;
  nmd_atoms atoms;
  nmd_neighbour_list list;
  TEST_OK(nmd_box_init(&box, h, NULL, NULL));
  nmd_atoms_init(&atoms);
  fill_random(&atoms, &box, 10, 3);
  nmd_neighbour_list_init(&list, 3.0, 0.5);
  atoms.x[3 * 4 + 1] = NAN;
  TEST_FAILS(nmd_neighbour_list_build(&list, &box, &atoms), NMD_EXPLODED);
  TEST_CONTAINS(nmd_error_text(), "atom 5");
  atoms.x[3 * 4 + 1] = 1.0;
  TEST_OK(nmd_neighbour_list_build(&list, &box, &atoms));
  atoms.x[3 * 2] = INFINITY;
  CU_ASSERT(isinf(nmd_neighbour_displacement(&list, &box, &atoms)));
  CU_ASSERT_FALSE(nmd_neighbour_list_valid(&list, &box, INFINITY));
  CU_ASSERT_FALSE(nmd_neighbour_list_valid(&list, &box, NAN));
  nmd_neighbour_list_free(&list);
  nmd_neighbour_list_init(&list, 0.0, 0.0);
  TEST_FAILS(nmd_neighbour_list_build(&list, &box, &atoms), NMD_OUT_OF_RANGE);
  nmd_neighbour_list_free(&list);
  nmd_neighbour_list_free(&list);
  nmd_atoms_free(&atoms);
}

/* A dense drop and some vapour far away: time must stay that of the drop. */
static void test_outliers(void) {
  const double h[3][3] = {{40, 0, 0}, {0, 40, 0}, {0, 0, 40}};
  const bool open[3] = {false, false, false};
  enum { ATOMS = 20000 };
  nmd_box box;
  nmd_atoms atoms;
  nmd_neighbour_list list;
  double seconds[2];
  TEST_OK(nmd_box_init(&box, h, NULL, all_periodic));
  nmd_atoms_init(&atoms);
  fill_random(&atoms, &box, ATOMS, 5);
  TEST_OK(nmd_box_init(&box, h, NULL, open));
  nmd_neighbour_list_init(&list, 3.0, 0.0);
  for (int round = 0; round < 2; round++) {
    TEST_OK(nmd_neighbour_list_build(&list, &box, &atoms));
    const double begin = nmd_wall_seconds();
    TEST_OK(nmd_neighbour_list_build(&list, &box, &atoms));
    seconds[round] = nmd_wall_seconds() - begin;
    for (int i = 0; i < ATOMS; i += 100) /* 1 % of the atoms leave */
      for (int k = 0; k < 3; k++) atoms.x[3 * i + k] = 1e6 * (uniform(6, 3 * i + k) - 0.5);
  }
  TEST_CHECK(seconds[1] < 5.0 * seconds[0] + 0.02, "%g s with vapour, %g s without", seconds[1], seconds[0]);
  nmd_neighbour_list_free(&list);
  nmd_atoms_free(&atoms);
}

static void test_steady_memory(void) {
  const double h[3][3] = {{15, 0, 0}, {2, 15, 0}, {0, 0, 15}};
  nmd_box box;
  nmd_atoms atoms;
  nmd_neighbour_list list;
  TEST_OK(nmd_box_init(&box, h, NULL, NULL));
  nmd_atoms_init(&atoms);
  nmd_neighbour_list_init(&list, 4.0, 1.0);
  const int64_t before = nmd_memory_in_use();
  fill_random(&atoms, &box, 200, 8);
  add_images(&atoms, &box, 5.0);
  TEST_OK(nmd_neighbour_list_build(&list, &box, &atoms));
  const int64_t in_use = nmd_memory_in_use();
  const int32_t *index = list.index;
  for (int round = 0; round < 5; round++) {
    for (int i = 0; i < 600; i++) atoms.x[i] += 0.2 * (uniform(40 + round, i) - 0.5);
    TEST_OK(nmd_neighbour_list_build(&list, &box, &atoms));
  }
  CU_ASSERT_PTR_EQUAL(list.index, index);
  CU_ASSERT_EQUAL(nmd_memory_in_use(), in_use);
  CU_ASSERT(memcmp(atoms.x, atoms.x_listed, 600 * sizeof *atoms.x) == 0);
  nmd_neighbour_list_free(&list);
  nmd_atoms_free(&atoms);
  CU_ASSERT(nmd_memory_in_use() <= before);
}

/* Deform the cell and the atoms with it, then shake them: */
static void deform(nmd_box *box, nmd_atoms *atoms, double strain, double shake, int64_t seed) {
  double h[3][3], f[3][3];
  for (int i = 0; i < 9; i++) f[i / 3][i % 3] = (i % 4 == 0) + strain * (uniform(seed, i) - 0.5);
  nmd_mat_times(box->h, f, h);
  for (int i = 0; i < atoms->n_owned; i++) {
    double r[3];
    for (int k = 0; k < 3; k++) r[k] = atoms->x[3 * i + k] - box->origin[k];
    nmd_row_times(r, f, &atoms->x[3 * i]);
    for (int k = 0; k < 3; k++) atoms->x[3 * i + k] += box->origin[k] + shake * (uniform(seed, 100 + 3 * i + k) - 0.5);
  }
  TEST_OK(nmd_box_set_h(box, h));
}

/* Pairs now within the cut-off that the list does not hold. */
static int missing_pairs(const nmd_neighbour_list *list, const nmd_atoms *atoms) {
  int missing = 0;
  for (int i = 0; i < atoms->n_owned; i++)
    for (int j = 0; j < atoms->n_owned + atoms->n_ghost; j++) {
      if (!is_near(atoms, i, j, list->cutoff)) continue;
      bool listed = false;
      for (int64_t k = list->first[i]; k < list->first[i + 1]; k++) listed |= list->index[k] == j;
      missing += !listed;
    }
  return missing;
}

static void test_validity(void) {
  const double h[3][3] = {{9, 0, 0}, {2, 9, 0}, {0, 1, 9}}, origin[3] = {4, -2, 100};
  int n_valid = 0, n_missing = 0;
  for (int round = 0; round < 60; round++) {
    nmd_box box;
    nmd_atoms atoms;
    nmd_neighbour_list list;
    TEST_OK(nmd_box_init(&box, h, origin, NULL));
    nmd_atoms_init(&atoms);
    nmd_neighbour_list_init(&list, 3.5, 0.4);
    fill_random(&atoms, &box, 60, 200 + round);
    add_images(&atoms, &box, 4.0);
    TEST_OK(nmd_neighbour_list_build(&list, &box, &atoms));
    CU_ASSERT_EQUAL(nmd_neighbour_displacement(&list, &box, &atoms), 0.0);
    CU_ASSERT(nmd_neighbour_list_valid(&list, &box, 0.2));
    CU_ASSERT_FALSE(nmd_neighbour_list_valid(&list, &box, 0.2001));
    deform(&box, &atoms, 0.1, 0.0, 300 + round); /* atoms that follow the cell have not moved */
    TEST_NEAR(nmd_neighbour_displacement(&list, &box, &atoms), 0.0, 1e-12);
    deform(&box, &atoms, 0.003 * round, 0.006 * round, 400 + round);
    const double moved = nmd_neighbour_displacement(&list, &box, &atoms);
    add_images(&atoms, &box, 4.0);
    const bool valid = nmd_neighbour_list_valid(&list, &box, moved);
    const int missing = missing_pairs(&list, &atoms);
    TEST_CHECK(!valid || missing == 0, "round %d: %d pairs missing from a valid list", round, missing);
    n_valid += valid;
    n_missing += missing > 0;
    nmd_neighbour_list_free(&list);
    nmd_atoms_free(&atoms);
  }
  TEST_CHECK(n_valid > 3 && n_missing > 3, "the test sees both: %d valid, %d incomplete", n_valid, n_missing);
}

static void test_spatial_order(void) {
  const double h[3][3] = {{20, 0, 0}, {3, 18, 0}, {0, 0, 30}};
  enum { ATOMS = 500 };
  nmd_box box;
  nmd_atoms atoms;
  int order[ATOMS], shuffle[ATOMS];
  int64_t id[ATOMS];
  TEST_OK(nmd_box_init(&box, h, NULL, NULL));
  nmd_atoms_init(&atoms);
  fill_random(&atoms, &box, ATOMS, 9);
  TEST_OK(nmd_spatial_order(&box, &atoms, 4.0, order));
  TEST_OK(nmd_atoms_permute(&atoms, order));
  memcpy(id, atoms.id, sizeof id);
  for (int i = 0; i < ATOMS; i++) shuffle[i] = (i * 7 + 3) % ATOMS;
  TEST_OK(nmd_atoms_permute(&atoms, shuffle));
  TEST_OK(nmd_spatial_order(&box, &atoms, 4.0, order));
  TEST_OK(nmd_atoms_permute(&atoms, order));
  CU_ASSERT(memcmp(id, atoms.id, sizeof id) == 0);
  double distance = 0.0;
  for (int i = 1; i < ATOMS; i++) {
    double r[3];
    for (int k = 0; k < 3; k++) r[k] = atoms.x[3 * i + k] - atoms.x[3 * i - 3 + k];
    distance += nmd_norm(r) / (ATOMS - 1);
  }
  TEST_CHECK(distance < 8.0, "mean distance of successive atoms %g A; 13 A in random order", distance);
  atoms.x[0] = NAN;
  TEST_OK(nmd_spatial_order(&box, &atoms, 1e-30, order)); /* no crash; the list reports the atom */
  nmd_atoms_free(&atoms);
}

TEST_SUITE("neighbour/list", TEST(test_periodic_boxes), TEST(test_tiny_cells), TEST(test_open_boxes),
           TEST(test_lattice_at_cutoff), TEST(test_degenerate), TEST(test_errors), TEST(test_outliers),
           TEST(test_steady_memory), TEST(test_validity), TEST(test_spatial_order), TEST(test_threads), TEST(test_pick))
