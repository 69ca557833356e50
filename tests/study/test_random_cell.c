/* SPDX-License-Identifier: BSD-3-Clause */
/* Random cells: what was asked for, and for symmetric ones the group that was drawn, by spglib's own search. */
#include <stdlib.h>

#include "base/vec3.h"
#include "study/random_cell.h"
#include "study/symmetry.h"
#include "support/test.h"

enum { CELLS = 150, MOST = 6 };
static const double volume[2] = {17.9, 20.2};

static double shortest(const nmd_structure *s) {
  double least = 1e9;
  for (int64_t i = 0; i < s->n; i++)
    for (int64_t j = 0; j <= i; j++)
      for (int c = 0; c < 343; c++) {
        const double m[3] = {c % 7 - 3, c / 7 % 7 - 3, c / 49 - 3};
        double d[3];
        if (i == j && c == 171) continue;
        nmd_row_times(m, s->box.h, d);
        for (int k = 0; k < 3; k++) d[k] += s->x[j][k] - s->x[i][k];
        least = fmin(least, nmd_norm(d));
      }
  return least;
}

static bool check_cell(const nmd_structure *s, double share) {
  int second = 0;
  for (int64_t i = 0; i < s->n; i++) second += s->atomic_number[i] == 3;
  const double mean = volume[0] + (volume[1] - volume[0]) * second / (double)s->n, each = s->box.volume / (double)s->n;
  return TEST_CHECK(s->n >= 1 && s->n <= MOST, "%lld atoms", (long long)s->n) &&
         TEST_CHECK(each > 0.899 * mean && each < 1.201 * mean, "%g A^3/atom, mean %g", each, mean) &&
         TEST_CHECK(shortest(s) > share * 0.85 * cbrt(each), "atoms %g A apart", shortest(s));
}

static int operations_of(const char *label) { /* its number is behind the underscore */
  const char *at = strrchr(label, '_');
  return at != NULL ? atoi(at + 1) : 0;
}

static void test_plain(void) {
  for (int k = 0; k < CELLS; k++) {
    nmd_structure s;
    const nmd_random_cell_request request = {.seed = (uint64_t)k, .most = MOST, .z = {79, 3}, .volume = {17.9, 20.2}};
    if (!TEST_OK(nmd_random_cell(&request, &s)) || !check_cell(&s, 0.6)) return;
    nmd_structure_free(&s);
  }
}

/* A cell has the group that was drawn or one with more symmetry, which is not always of a higher number; those of the
 * highest point groups have no larger one but among themselves. Low symmetry does not crowd out the rest. */
static void test_symmetric(void) {
  int cubic = 0, same = 0, higher = 0, plain = 0;
  bool second[2] = {false, false};
  if (!nmd_random_cell_has_symmetry()) return;
  for (int k = 0; k < CELLS; k++) {
    nmd_structure s, again;
    char label[NMD_SYMMETRY_TEXT];
    int group, once_more;
    const nmd_random_cell_request request = {.seed = (uint64_t)k, .most = MOST, .z = {79, 3}, .volume = {17.9, 20.2}};
    if (!TEST_OK(nmd_random_cell_symmetric(&request, &s, &group)) || !check_cell(&s, 0.9)) return;
    TEST_OK(nmd_random_cell_symmetric(&request, &again, &once_more));
    CU_ASSERT(once_more == group && again.n == s.n && memcmp(again.x, s.x, (size_t)s.n * sizeof *s.x) == 0);
    nmd_symmetry_label(&s, 1e-3, label);
    const int found = operations_of(label);
    if (group >= 195) TEST_CHECK(found >= 195, "drawn %d, found %s", group, label);
    if (group >= 75 && group < 195) TEST_CHECK(found >= 75, "drawn %d, found %s", group, label);
    if (group >= 16) TEST_CHECK(found >= 16, "drawn %d, found %s", group, label);
    same += group == found;
    higher += found > group;
    cubic += found >= 195;
    plain += group == 0;
    for (int64_t i = 0; i < s.n; i++) second[s.atomic_number[i] == 3] = true;
    nmd_structure_free(&s);
    nmd_structure_free(&again);
  }
  CU_ASSERT(second[0] && second[1]);
  TEST_CHECK(plain < CELLS / 20, "%d of %d without symmetry", plain, CELLS);
  TEST_CHECK(cubic > CELLS / 50 && same > CELLS / 10 && higher > CELLS / 10, "cubic %d, as drawn %d, higher %d of %d",
             cubic, same, higher, CELLS);
}

TEST_SUITE("study/random_cell", TEST(test_plain), TEST(test_symmetric))
