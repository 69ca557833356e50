/* SPDX-License-Identifier: BSD-3-Clause */
/* What the planner chooses: never dearer by its own measure than an algorithm that could be forced, always the same,
 * and described group by group with costs that add up. LINKS: reference */
#include <stdlib.h>
#include <string.h>

#include "support/reference_case.h"
#include "support/test.h"

static const char *const reference_models[] = {
    "002-t3-zetas",
    "003-t9-zetas-alpha",
    "004-t12-t13-weighted",
    "005-t3-t9-rshift-zeta-real",
    "012-all-types-sorted",
    "034-mixed-cutoffs",
    "036-four-elements-oxide",
    "018-cut6-poly2-cluster",
    "016-cut4-exp-alpha-cell2",
    "009-t23-all-subtypes",
    "024-act-e-h-outp",
    "010-t24-all-subtypes",
};

static nmd_model *read_model(const char *name) {
  char folder[512];
  nmd_model *model = NULL;
  snprintf(folder, sizeof folder, "%s/reference/%s", NMD_TEST_DATA, name);
  TEST_OK(nmd_model_read(folder, 1.0, 1.0, &model));
  return model;
}

static double cost_of(const nmd_model *model, nmd_simd simd, nmd_algorithm algorithm, int element) {
  const nmd_evaluator_options options = {.simd = simd, .algorithm = algorithm};
  nmd_evaluator *evaluator;
  if (!TEST_OK(nmd_evaluator_create(model, &options, &evaluator))) return 0.0;
  const double cost = nmd_evaluator_cost(evaluator, element, NULL);
  nmd_evaluator_destroy(evaluator);
  return cost;
}

static void check_cheapest(const char *name) {
  nmd_model *model = read_model(name);
  for (nmd_simd simd = NMD_SIMD_PORTABLE; model != NULL && simd <= NMD_SIMD_AVX512; simd++)
    for (int e = 0; e < nmd_model_element_count(model); e++) {
      const double best = cost_of(model, simd, NMD_ALGORITHM_BEST, e);
      CU_ASSERT(best > 0.0);
      for (nmd_algorithm forced = NMD_ALGORITHM_MOMENTS; forced <= NMD_ALGORITHM_GENERIC; forced++) {
        const double other = cost_of(model, simd, forced, e);
        TEST_CHECK(best <= other * (1.0 + 1e-9), "%s, element %d: %.3f us, forced %d %.3f us", name, e, best,
                   (int)forced, other);
      }
    }
  nmd_model_destroy(model);
}

static void test_cheapest(void) {
  for (int i = 0; i < (int)(sizeof reference_models / sizeof reference_models[0]); i++)
    check_cheapest(reference_models[i]);
}

enum { TEXT_MAX = 32768 };

static void add_text(void *context, const char *text) {
  char *all = context;
  strncat(all, text, TEXT_MAX - 1 - strlen(all));
}

static void describe(const char *name, nmd_algorithm algorithm, char text[TEXT_MAX]) {
  const nmd_evaluator_options options = {.algorithm = algorithm};
  nmd_model *model = read_model(name);
  nmd_evaluator *evaluator;
  text[0] = '\0';
  if (model == NULL || !TEST_OK(nmd_evaluator_create(model, &options, &evaluator))) return;
  TEST_OK(nmd_evaluator_describe(evaluator, NULL, add_text, text));
  nmd_evaluator_destroy(evaluator);
  nmd_model_destroy(model);
}

static void test_same_again(void) {
  static char once[TEXT_MAX], again[TEXT_MAX];
  describe("012-all-types-sorted", NMD_ALGORITHM_BEST, once);
  describe("012-all-types-sorted", NMD_ALGORITHM_BEST, again);
  CU_ASSERT_STRING_EQUAL(once, again);
}

static void test_algorithms_named(void) {
  static char text[TEXT_MAX];
  describe("003-t9-zetas-alpha", NMD_ALGORITHM_MOMENTS, text);
  CU_ASSERT(strstr(text, "by moments to order") != NULL);
  describe("003-t9-zetas-alpha", NMD_ALGORITHM_PAIRS, text);
  CU_ASSERT(strstr(text, "by moments") == NULL);
  CU_ASSERT(strstr(text, "by pairs (moments") != NULL);
  describe("002-t3-zetas", NMD_ALGORITHM_BEST, text);
  CU_ASSERT(strstr(text, "by pairs (generic") != NULL);
  describe("002-t3-zetas", NMD_ALGORITHM_GENERIC, text);
  CU_ASSERT(strstr(text, "generic (pairs") != NULL);
}

/* "  Li: 4.00 us per atom; ..." and then "     1.705  what: ..." */
static void test_costs_add_up(void) {
  static char text[TEXT_MAX];
  double total = 0.0, sum = 0.0;
  int elements = 0;
  describe("012-all-types-sorted", NMD_ALGORITHM_BEST, text);
  for (const char *line = strchr(text, '\n'); line != NULL && line[1] != '\0'; line = strchr(line + 1, '\n')) {
    double value;
    char symbol[4];
    if (sscanf(line + 1, " %3[A-Za-z]: %lf us per atom", symbol, &value) == 2) {
      TEST_NEAR(sum, total, 0.02);
      total = value;
      sum = 0.0;
      elements++;
    } else if (sscanf(line + 1, "%lf", &value) == 1) {
      sum += value;
    }
  }
  TEST_NEAR(sum, total, 0.02);
  CU_ASSERT_EQUAL(elements, 2);
}

TEST_SUITE("nnp/plan", TEST(test_cheapest), TEST(test_same_again), TEST(test_algorithms_named), TEST(test_costs_add_up))
