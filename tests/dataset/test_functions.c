/* SPDX-License-Identifier: BSD-3-Clause */
/* Sets of symmetry functions: ranges of a crystal, the order of columns with a known answer, sets within a number and a
 * cost, files that the reader of models takes. Uses TEST_COMM. */
#include "dataset/functions_prune.h"

#include "base/memory.h"
#include "base/random.h"
#include "io/file_atomic.h"
#include "support/test.h"
#include "support/test_mpi.h"
#include "toy_set.h"

static const nmd_function_options usual = {
    .cutoff = 6.0, .shells = 8, .wide = true, .angular_shells = 2, .largest_zeta = 4, .angle_windows = 4};
static const nmd_input_nn_options input = {.nodes = "5 5", .n_hidden = 2, .cutoff_type = 2};

/* Face-centred cubic Au with one element, a = 4: nearest 2.828 A, angles of 60 degrees and more. */
static void make_crystal(nmd_dataset *set) {
  static const double sites[4][3] = {{0, 0, 0}, {0, 2, 2}, {2, 0, 2}, {2, 2, 0}};
  const double h[3][3] = {{4, 0, 0}, {0, 4, 0}, {0, 0, 4}};
  nmd_structure s;
  *set = (nmd_dataset){0};
  TEST_OK(nmd_structure_init(&s, 4));
  TEST_OK(nmd_box_init(&s.box, h, NULL, NULL));
  memcpy(s.x, sites, sizeof sites);
  for (int i = 0; i < 4; i++) s.atomic_number[i] = 79;
  toy_set_append(set, &s);
  nmd_structure_free(&s);
}

static void test_ranges(void) {
  nmd_dataset set;
  nmd_ranges r;
  make_crystal(&set);
  TEST_OK(nmd_ranges_find(TEST_COMM, &set, 4.5, &r));
  TEST_NEAR(r.shortest[0], sqrt(8.0), 4.5 / 600);
  TEST_NEAR(r.smallest_angle[0], 60.0, 0.31);
  TEST_NEAR(r.neighbours[0], 12 + 6, 1e-12);
  TEST_NEAR(r.share[0], 1.0, 1e-12);
  nmd_ranges_free(&r);
  nmd_dataset_free(&set);
}

/* Columns: a, b, a again, constant, a + b + a little c, c with small weight. */
static void test_order(void) {
  enum { N = 2000, M = 6 };
  nmd_element_descriptors d = {.functions = M, .n = N};
  int order[M], n;
  double merit[M];
  TEST_OK(NMD_ALLOC(d.G, N * M));
  double mean[M] = {0}, sigma[M] = {0};
  for (int k = 0; k < N; k++) {
    double g[2], c[2];
    nmd_random_normal2(1, NMD_STREAM_TEST, 5, k, 0, g);
    nmd_random_normal2(1, NMD_STREAM_TEST, 6, k, 0, c);
    const double row[M] = {g[0], g[1], -3.0 * g[0], 0.0, g[0] + g[1] + 0.2 * c[0], c[0]};
    for (int m = 0; m < M; m++) {
      d.G[k * M + m] = row[m];
      mean[m] += row[m] / N;
    }
  }
  for (int k = 0; k < N * M; k++) sigma[k % M] += (d.G[k] - mean[k % M]) * (d.G[k] - mean[k % M]) / N;
  for (int k = 0; k < N * M; k++) d.G[k] = sigma[k % M] > 0.0 ? (d.G[k] - mean[k % M]) / sqrt(sigma[k % M]) : 0.0;
  for (int how = NMD_ORDER_PIVOTS; how <= NMD_ORDER_CUR; how++) {
    TEST_OK(nmd_functions_order(&d, 0.99, (nmd_function_order)how, order, merit, &n));
    TEST_EQUAL_INT(n, 3); /* the copy and the constant are gone, and three describe the fourth */
    bool seen[M] = {false};
    for (int k = 0; k < n; k++) seen[order[k]] = true;
    CU_ASSERT(seen[0] + seen[1] + seen[4] + seen[5] == 3 && !seen[2] && !seen[3]);
    if (how == NMD_ORDER_CUR) CU_ASSERT(order[0] == 4); /* along both a and b */
    if (how == NMD_ORDER_PIVOTS) CU_ASSERT(!seen[4]);   /* least of its own beside the others */
    TEST_NEAR(merit[0], 1.0, 1e-12);
    for (int k = 1; k < n; k++) CU_ASSERT(merit[k] < merit[k - 1]);
  }
  nmd_free(d.G);
}

static nmd_status prune(int count, double cost, const nmd_function_options *o, nmd_pruned *pruned, nmd_model **model) {
  nmd_dataset set;
  nmd_ranges ranges;
  nmd_function_set functions;
  const nmd_prune_options options = {.correlation = 0.99, .count = count, .cost = cost, .input = input};
  *model = NULL;
  toy_set_make(16, &set);
  TEST_OK(nmd_ranges_find(TEST_COMM, &set, o->cutoff, &ranges));
  TEST_OK(nmd_functions_generate(&ranges, o, &functions));
  nmd_status status = nmd_functions_prune(TEST_COMM, &set, &ranges, &functions, &options, pruned);
  if (status == NMD_OK) {
    TEST_OK(nmd_functions_model(&functions, pruned->keep, pruned->n, &ranges.species, &input, model));
    double again;
    TEST_OK(nmd_model_cost(*model, &ranges, &again));
    TEST_RELATIVE(again, pruned->cost, 1e-12);
  }
  nmd_function_set_free(&functions);
  nmd_ranges_free(&ranges);
  nmd_dataset_free(&set);
  return status;
}

static void test_count(void) {
  const int64_t before = nmd_memory_in_use();
  nmd_pruned p;
  nmd_model *model;
  TEST_OK(prune(9, 0.0, &usual, &p, &model));
  TEST_EQUAL_INT(p.n, 18);
  CU_ASSERT(nmd_model_element_count(model) == 2 && nmd_model_function_count(model, 0) == 9 &&
            nmd_model_function_count(model, 1) == 9);
  TEST_NEAR(nmd_model_cutoff(model), 6.0, 1e-9);
  CU_ASSERT(p.distinct < p.candidates && p.cost < p.all_cost && p.left[0] > 0.0 && p.left[0] < 0.5);
  nmd_model_destroy(model);
  nmd_pruned_free(&p);
  TEST_EQUAL_INT(nmd_memory_in_use(), before);
}

static void test_cost(void) {
  nmd_pruned all, p;
  nmd_model *model;
  TEST_OK(prune(0, 0.0, &usual, &all, &model));
  nmd_model_destroy(model);
  TEST_OK(prune(0, 0.8 * all.cost, &usual, &p, &model));
  TEST_CHECK(p.cost <= 0.8 * all.cost && p.n < all.n && p.n > 2, "%d of %d functions, %g of %g us", p.n, all.n, p.cost,
             all.cost);
  nmd_model_destroy(model);
  nmd_pruned_free(&p);
  nmd_pruned_free(&all);
  TEST_FAILS(prune(0, 1e-6, &usual, &p, &model), NMD_OUT_OF_RANGE);
  TEST_CONTAINS(nmd_error_text(), "us an atom already; expected a limit above that");
}

/* Every kind of candidate is a line that the reader takes. */
static void test_kinds(void) {
  for (int k = 0; k < 4; k++) {
    nmd_function_options o = usual;
    o.compact = k == 0;
    o.wide = k != 1 && k != 3;
    o.narrow = k == 1 || k == 2;
    nmd_pruned p;
    nmd_model *model;
    TEST_OK(prune(6, 0.0, &o, &p, &model));
    TEST_EQUAL_INT(p.n, 12);
    nmd_model_destroy(model);
    nmd_pruned_free(&p);
  }
}

static void test_text(void) {
  nmd_dataset set;
  nmd_ranges ranges;
  nmd_function_set functions;
  char *text;
  make_crystal(&set);
  TEST_OK(nmd_ranges_find(TEST_COMM, &set, 6.0, &ranges));
  TEST_OK(nmd_functions_generate(&ranges, &usual, &functions));
  const int keep[2] = {0, 3};
  nmd_input_nn_options o = input;
  o.head = "# made for a test\n";
  TEST_OK(nmd_functions_write(&functions, keep, 2, &ranges.species, &o, &text));
  TEST_CONTAINS(text, "# made for a test\nnumber_of_elements           1\n");
  TEST_CONTAINS(text, "global_activation_short      t t l\n");
  TEST_CONTAINS(text, "symfunction_short Au 2 Au 0.0139 0.0 6.0000");
  TEST_CONTAINS(text, "# Au at 2.79 A\n");
  nmd_free(text);
  nmd_function_set_free(&functions);
  nmd_ranges_free(&ranges);
  nmd_dataset_free(&set);
}

TEST_SUITE("dataset/functions", TEST(test_ranges), TEST(test_order), TEST(test_count), TEST(test_cost),
           TEST(test_kinds), TEST(test_text))
