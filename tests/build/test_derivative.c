/* SPDX-License-Identifier: BSD-3-Clause */
/* Derivative structures: their numbers as published, and that each is what it says. */
#include "base/memory.h"
#include "base/vec3.h"
#include "build/derivative.h"
#include "build/prototype.h"
#include "support/test.h"

/* Binary superstructures of fcc (and bcc, which has as many) with n atoms: G. L. W. Hart, R. W. Forcade, Phys. Rev. B 77,
 * 224115 (2008), where structures that differ by exchange of the elements count once: 2, 3, 12, 14, 50, 52, 229. Here they
 * are two, so that the numbers of odd n, where no structure is its own counterpart, double. Of n = 1 the two pure ones. */
static void test_numbers(void) {
  static const int64_t published[] = {2, 2, 6, 19, 28, 80, 104, 390};
  for (int lattice = 0; lattice < 2; lattice++)
    for (int n = 1; n <= 8; n++) {
      nmd_derivative *list;
      int64_t count;
      TEST_OK(nmd_derivative_list(nmd_parent_find(lattice == 0 ? "fcc" : "bcc"), n, &list, &count));
      TEST_EQUAL_INT(count, published[n - 1]);
      nmd_free(list);
    }
}

/* Sum over pairs of exp(-r) by kinds of pairs: differs for most structures that differ, and is the same for equal ones. */
static void pair_sums(const nmd_structure *s, double sum[3]) {
  sum[0] = sum[1] = sum[2] = 0;
  for (int64_t i = 0; i < s->n; i++)
    for (int64_t j = 0; j < s->n; j++)
      for (int c = 0; c < 11 * 11 * 11; c++) {
        const double m[3] = {c % 11 - 5, c / 11 % 11 - 5, c / 121 - 5};
        double d[3];
        nmd_row_times(m, s->box.h, d);
        for (int k = 0; k < 3; k++) d[k] += s->x[j][k] - s->x[i][k];
        const double r = nmd_norm(d);
        if (r > 1e-6 && r < 3.2) sum[(s->atomic_number[i] == 79) + (s->atomic_number[j] == 79)] += exp(-r) / (double)s->n;
      }
}

static void test_structures(void) {
  static const char *const names[] = {"fcc", "bcc", "hcp"};
  const int z[2] = {79, 3};
  for (int p = 0; p < 3; p++) {
    const nmd_parent *parent = nmd_parent_find(names[p]);
    nmd_derivative *list;
    int64_t n, alike = 0;
    double sums[64][3], total = 0;
    TEST_OK(nmd_derivative_list(parent, 4 / parent->n_sites, &list, &n));
    for (int64_t k = 0; k < n && k < 64; k++) {
      nmd_structure s;
      if (!TEST_OK(nmd_derivative_structure(parent, &list[k], z, 1.0, &s))) continue;
      TEST_RELATIVE(s.box.volume, (double)s.n, 1e-12);
      pair_sums(&s, sums[k]);
      const double all = sums[k][0] + sums[k][1] + sums[k][2];
      if (k == 0) total = all;
      TEST_NEAR(all, total, 1e-9); /* the same lattice */
      for (int64_t m = 0; m < k; m++)
        alike += fabs(sums[k][0] - sums[m][0]) + fabs(sums[k][1] - sums[m][1]) < 1e-9;
      nmd_structure_free(&s);
    }
    TEST_CHECK(n > 5 && alike == 0, "%s: %lld structures, %lld pairs alike", names[p], (long long)n, (long long)alike);
    nmd_free(list);
  }
}

static void test_errors(void) {
  nmd_derivative *list;
  int64_t n;
  TEST_FAILS(nmd_derivative_list(nmd_parent_find("hcp"), 9, &list, &n), NMD_OUT_OF_RANGE);
  TEST_CONTAINS(nmd_error_text(), "9 cells of 2 sites; expected 1 to 16");
  CU_ASSERT_PTR_NULL(nmd_parent_find("cubic"));
}

/* Prototypes: composition, volume, and no two atoms too close. */
static void test_prototypes(void) {
  const int z[2] = {79, 3};
  for (int k = 0; k < nmd_prototype_count(); k++) {
    nmd_structure s;
    const nmd_prototype *p = nmd_prototype_at(k);
    if (!TEST_OK(nmd_prototype_structure(p, z, 16.0, &s))) continue;
    double shortest = 100, first = 0;
    for (int64_t i = 0; i < s.n; i++) {
      first += s.atomic_number[i] == 79;
      for (int64_t j = 0; j < s.n; j++)
        for (int c = 0; c < 27; c++) {
          const double m[3] = {c % 3 - 1, c / 3 % 3 - 1, c / 9 - 1};
          double d[3];
          nmd_row_times(m, s.box.h, d);
          for (int a = 0; a < 3; a++) d[a] += s.x[j][a] - s.x[i][a];
          if (nmd_norm(d) > 1e-6 && nmd_norm(d) < shortest) shortest = nmd_norm(d);
        }
    }
    TEST_RELATIVE(s.box.volume, 16.0 * (double)s.n, 1e-10);
    TEST_NEAR(first, p->first * (double)s.n, 1e-9);
    TEST_CHECK(shortest > 2.1 && shortest < 3, "%s: shortest distance %g A", p->name, shortest);
    nmd_structure_free(&s);
  }
  CU_ASSERT(nmd_prototype_find("l1_2") != NULL && nmd_prototype_find("d8_6") != NULL && nmd_prototype_find("x") == NULL);
}

TEST_SUITE("build/derivative", TEST(test_numbers), TEST(test_structures), TEST(test_errors), TEST(test_prototypes))
